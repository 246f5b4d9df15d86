//! Why there are no credentials, in words.
//!
//! The SDK keeps most reasons in private types: beyond the outermost, their words are all there is.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_types::error::metadata::ErrorMetadata;

use super::text::{chain, one_line};
use super::{ErrorKind, ServiceError};

/// What causes say when a session is over, in lower case.
const OVER: [&str; 7] = [
    "token has expired",
    "token is expired",
    "included in the request is expired",
    "failed to load the cached sso token",
    "failed to refresh cached login token",
    "cached login token",
    // The SSO portal.
    "session token not found or invalid",
];

/// What the identity cache of the SDK says when it gives up.
const GAVE_UP: &str = "identity resolver timed out";

/// What the chain of sources says when it comes to its end, before a list of them all.
const NOWHERE: &str = "no credentials found in chain";

/// What a failure to get credentials means, if that is what it is.
pub(super) fn classify(error: &(dyn Error + 'static)) -> Option<(ErrorKind, String)> {
    if let Some(cause) = chain(error).find_map(|e| e.downcast_ref::<CredentialsError>()) {
        return Some(reason(cause));
    }
    chain(error)
        .any(|cause| cause.to_string().starts_with(GAVE_UP))
        .then(|| (ErrorKind::Timeout, "credentials did not arrive in time".to_owned()))
}

fn reason(error: &CredentialsError) -> (ErrorKind, String) {
    if let Some(cause) = chain(error).find_map(|cause| cause.downcast_ref::<ServiceError>()) {
        return (renewal(cause.kind), cause.to_string());
    }
    let message = answer(error).unwrap_or_else(|| innermost(error));
    let said = chain(error).map(|cause| cause.to_string().to_ascii_lowercase());
    let over = said.chain([message.to_ascii_lowercase()]).any(|cause| is_over(&cause));
    let kind = if over {
        ErrorKind::Expired
    } else if matches!(error, CredentialsError::ProviderTimedOut(_)) {
        ErrorKind::Timeout
    } else {
        ErrorKind::NoCredentials
    };
    (kind, message)
}

/// What it means for a call that a role of harden's own could not be taken on again for it. A refusal is one of
/// the role, and not of the call.
fn renewal(kind: ErrorKind) -> ErrorKind {
    match kind {
        ErrorKind::Expired
        | ErrorKind::ClockSkew
        | ErrorKind::Throttled
        | ErrorKind::Unreachable
        | ErrorKind::Timeout => kind,
        ErrorKind::Denied
        | ErrorKind::BadCredentials
        | ErrorKind::NoCredentials
        | ErrorKind::NotFound
        | ErrorKind::RegionDisabled
        | ErrorKind::Other => ErrorKind::NoCredentials,
    }
}

/// The last two causes that say more than that there are no credentials.
fn innermost(error: &CredentialsError) -> String {
    let specific: Vec<String> = chain(error)
        .filter(|cause| !cause.is::<CredentialsError>())
        .map(|cause| one_line(&cause.to_string()))
        .collect();
    match specific.as_slice() {
        [] => "it has none".to_owned(),
        [only] if only.starts_with(NOWHERE) => {
            "neither the environment nor the profile nor a metadata service has any".to_owned()
        }
        [.., before, last] => format!("{before}: {last}"),
        [only] => only.clone(),
    }
}

fn is_over(said: &str) -> bool {
    OVER.iter().any(|words| said.contains(words))
}

/// What a service said that was asked for credentials, such as STS for a role.
fn answer(error: &CredentialsError) -> Option<String> {
    let metadata = chain(error).find_map(|cause| cause.downcast_ref::<ErrorMetadata>())?;
    Some(one_line(&match (metadata.code(), metadata.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_cause_tell_an_expired_session() {
        let over = CredentialsError::provider_error("the SSO token has expired and …");
        let never = CredentialsError::provider_error("failed to load the cached SSO token");
        let other = CredentialsError::provider_error("the command exited with status 1");
        assert_eq!(reason(&over).0, ErrorKind::Expired);
        assert_eq!(reason(&never).0, ErrorKind::Expired);
        assert_eq!(
            reason(&other),
            (ErrorKind::NoCredentials, "the command exited with status 1".to_owned())
        );
        let none = (ErrorKind::NoCredentials, "it has none".to_owned());
        assert_eq!(reason(&CredentialsError::not_loaded_no_source()), none);
    }

    #[test]
    fn a_role_that_may_not_be_assumed_is_explained_in_the_words_of_sts() {
        let metadata = ErrorMetadata::builder()
            .code("AccessDenied")
            .message("User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole")
            .build();
        let (kind, message) = reason(&CredentialsError::provider_error(metadata));
        assert_eq!(kind, ErrorKind::NoCredentials);
        assert!(message.starts_with("AccessDenied: User: "), "{message}");
    }

    #[test]
    fn other_errors_are_not_about_credentials() {
        assert_eq!(classify(&std::io::Error::other("connection refused")), None);
    }
}
