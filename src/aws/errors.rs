//! One error for every call to every service.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_types::request_id::RequestId;

use super::text::{one_line, plain, root_cause};
use super::{classify, credentials};
use crate::model::{Action, Observed};

/// A call to AWS that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceError {
    /// The permission the call takes.
    pub action: Action,
    /// What it means.
    pub kind: ErrorKind,
    /// The code AWS gave, if it answered.
    pub code: Option<String>,
    /// What AWS or the network said, in one line.
    pub message: String,
    /// The id by which AWS support finds the call.
    pub request_id: Option<String>,
    /// The answer did not arrive or told of a fault inside AWS: the call may have been carried out
    /// all the same, and only reading again tells.
    pub ambiguous: bool,
}

/// What a failed call means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A permission is missing, or a policy denies the call.
    Denied,
    /// The credentials were good once.
    Expired,
    /// AWS does not know the credentials.
    BadCredentials,
    /// There are no credentials to sign with.
    NoCredentials,
    /// The clock of this machine is too far off.
    ClockSkew,
    /// Too many calls, still so after the SDK's retries.
    Throttled,
    /// What the call is about does not exist.
    NotFound,
    /// No connection, or it broke.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The region is not enabled for the account.
    RegionDisabled,
    /// Anything else.
    Other,
}

impl ServiceError {
    /// An error that harden found by itself: an answer that lacks something, a call that would be
    /// wrong to make.
    pub(super) fn ours(action: Action, message: impl Into<String>) -> Self {
        Self {
            action,
            kind: ErrorKind::Other,
            code: None,
            message: message.into(),
            request_id: None,
            ambiguous: false,
        }
    }

    /// An answer of success that does not say what it should: the call had some effect, or none.
    pub(super) fn doubtful(action: Action, message: impl Into<String>) -> Self {
        Self { ambiguous: true, ..Self::ours(action, message) }
    }

    /// A refusal that comes without words.
    pub(super) fn denied(action: Action) -> Self {
        Self { kind: ErrorKind::Denied, ..Self::ours(action, "access denied") }
    }

    /// Tells what went wrong with a call that takes the permission `action`.
    pub(super) fn of<E>(action: Action, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let request_id = error.request_id().map(one_line);
        match error {
            SdkError::ServiceError(context) => {
                let status = context.raw().status().as_u16();
                let answer = Self::answered(action, context.err().meta(), status);
                // Faults of AWS may come after the deed; too many calls is how some services use 503.
                let refused = (400..500).contains(&status) || answer.kind == ErrorKind::Throttled;
                Self { request_id, ambiguous: !refused, ..answer }
            }
            SdkError::TimeoutError(_) => {
                Self::unanswered(action, ErrorKind::Timeout, "no answer in time")
            }
            SdkError::ResponseError(_) => {
                let text = format!("the answer broke off: {}", root_cause(error));
                Self { request_id, ..Self::unanswered(action, ErrorKind::Unreachable, text) }
            }
            SdkError::DispatchFailure(failure) => Self::unsent(action, error, failure.is_timeout()),
            // Never sent: harden or its configuration is at fault.
            SdkError::ConstructionFailure(_) | _ => Self::ours(action, root_cause(error)),
        }
    }

    fn answered(action: Action, said: &ErrorMetadata, status: u16) -> Self {
        let Some(code) = said.code() else {
            // Not AWS: a proxy, or whatever listens at the endpoint.
            return Self::ours(
                action,
                format!("an answer that is not from AWS, with HTTP status {status}"),
            );
        };
        Self::refused(action, code, said.message())
    }

    /// A refusal by its code, which an answer of success may hold as well.
    pub(super) fn refused(action: Action, code: &str, message: Option<&str>) -> Self {
        let message = plain(message.unwrap_or("no message"));
        let kind = classify::kind(code, &message);
        let refusal = classify::refusal(&message).filter(|_| kind == ErrorKind::Denied);
        let message = one_line(&refusal.unwrap_or(message));
        Self { kind, code: Some(one_line(code)), ..Self::ours(action, message) }
    }

    fn unanswered(action: Action, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, ambiguous: true, ..Self::ours(action, message) }
    }

    /// Failures before the first byte of an answer: signing, connecting, sending.
    fn unsent(action: Action, error: &(dyn Error + 'static), timeout: bool) -> Self {
        if let Some((kind, message)) = credentials::classify(error) {
            return Self { kind, ..Self::ours(action, message) };
        }
        let kind = if timeout { ErrorKind::Timeout } else { ErrorKind::Unreachable };
        Self::unanswered(action, kind, format!("the connection failed: {}", root_cause(error)))
    }

    /// The part of a snapshot that this error leaves unknown.
    pub fn observed<T>(self) -> Observed<T> {
        if self.kind == ErrorKind::Denied {
            return Observed::Denied { action: self.action };
        }
        let reason = format!("{} failed: {self}", self.action);
        Observed::Failed { action: self.action, reason }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Error for ServiceError {}

/// The part of a snapshot that a read gives.
pub(crate) fn observed<T>(result: Result<T, ServiceError>) -> Observed<T> {
    result.map_or_else(ServiceError::observed, Observed::Known)
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    type AnyError = SdkError<ErrorMetadata, HttpResponse>;

    fn read() -> Action {
        Action::new("iam:GetAccountPasswordPolicy")
    }

    fn answered(status: u16, code: &str, message: &str) -> ServiceError {
        let metadata = ErrorMetadata::builder().code(code).message(message).build();
        let status = StatusCode::try_from(status).unwrap();
        let mut response = HttpResponse::new(status, SdkBody::empty());
        response.headers_mut().insert("x-amzn-requestid", "1-2-3");
        ServiceError::of(read(), &AnyError::service_error(metadata, response))
    }

    #[test]
    fn an_answer_gives_code_reason_and_request() {
        let error = answered(
            403,
            "AccessDenied",
            "User: arn:aws:iam::111122223333:user/a is not authorized to perform: \
             iam:GetAccountPasswordPolicy on resource: *\nwith an explicit deny in a service \
             control policy",
        );
        assert_eq!(
            error.to_string(),
            "AccessDenied: not authorized to perform iam:GetAccountPasswordPolicy with an explicit \
             deny in a service control policy"
        );
        assert_eq!(error.request_id.as_deref(), Some("1-2-3"));
        assert!(!error.ambiguous);
        assert_eq!(error.observed::<()>(), Observed::Denied { action: read() });
    }

    #[test]
    fn other_errors_leave_the_part_failed() {
        assert!(!answered(503, "RequestLimitExceeded", "").ambiguous);
        assert!(answered(503, "DependencyTimeoutException", "").ambiguous);
        let error = answered(500, "InternalError", "later\u{1b}[0m");
        assert!(error.ambiguous);
        let reason = "iam:GetAccountPasswordPolicy failed: InternalError: later [0m".to_owned();
        assert_eq!(error.observed::<()>(), Observed::Failed { action: read(), reason });
    }

    #[test]
    fn no_answer_is_ambiguous() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error: AnyError = SdkError::dispatch_failure(ConnectorError::io(refused.into()));
        let error = ServiceError::of(read(), &error);
        assert_eq!((error.kind, error.ambiguous), (ErrorKind::Unreachable, true));
        assert_eq!(error.to_string(), "the connection failed: connection refused");

        let error: AnyError = SdkError::timeout_error("30 s");
        let error = ServiceError::of(read(), &error);
        assert_eq!((error.kind, error.ambiguous), (ErrorKind::Timeout, true));
    }
}
