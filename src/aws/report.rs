//! IAM: has a credential report made, waits for it, and takes it.

use std::time::Duration;

use aws_sdk_iam::types::ReportStateType;
use jiff::Timestamp;
use tokio::time::{sleep, timeout};

use super::report_csv::parse;
use super::text::one_line;
use super::{Clients, ServiceError};
use crate::model::{Action, CredentialReport};

/// How often harden asks whether the report is there.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a report may take.
const PATIENCE: Duration = Duration::from_mins(1);

const GENERATE: &str = "iam:GenerateCredentialReport";
const GET: &str = "iam:GetCredentialReport";

/// The credential report; AWS may serve one that is up to four hours old.
pub(crate) async fn credential_report(clients: &Clients) -> Result<CredentialReport, ServiceError> {
    timeout(PATIENCE, wait_for(clients)).await.unwrap_or_else(|_| {
        let message = format!("the report was not ready within {} seconds", PATIENCE.as_secs());
        Err(ServiceError::ours(Action::new(GENERATE), message))
    })
}

async fn wait_for(clients: &Clients) -> Result<CredentialReport, ServiceError> {
    loop {
        let answer = clients.iam().call(GENERATE, |iam| iam.generate_credential_report().send());
        if answer.await?.state == Some(ReportStateType::Complete) {
            match get(clients).await {
                // It grew too old in this very moment, or another region of IAM lags behind.
                Err(error) if is_not_there(&error) => {}
                result => return result,
            }
        }
        sleep(PAUSE).await;
    }
}

fn is_not_there(error: &ServiceError) -> bool {
    // IAM spells some codes with a prefix or a suffix.
    ["ReportNotPresent", "ReportExpired", "ReportInProgress"]
        .iter()
        .any(|code| error.code.as_deref().is_some_and(|given| given.contains(code)))
}

async fn get(clients: &Clients) -> Result<CredentialReport, ServiceError> {
    let answer = clients.iam().call(GET, |iam| iam.get_credential_report().send()).await?;
    let error = |message: &str| ServiceError::ours(Action::new(GET), one_line(message));
    let content = answer.content.ok_or_else(|| error("an answer without a report"))?;
    let generated_at = answer
        .generated_time
        .and_then(|time| Timestamp::from_second(time.secs()).ok())
        .ok_or_else(|| error("an answer without the time of the report"))?;
    parse(content.as_ref(), generated_at).map_err(|cause| error(&cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_is_not_there_yet_is_no_failure() {
        let error = |code: &str| ServiceError {
            code: Some(code.to_owned()),
            ..ServiceError::ours(Action::new(GET), "")
        };
        assert!(is_not_there(&error("ReportNotPresent")));
        assert!(is_not_there(&error("CredentialReportNotPresentException")));
        assert!(!is_not_there(&error("AccessDenied")));
    }
}
