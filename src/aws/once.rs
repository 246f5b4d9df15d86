//! For writes that must not be sent twice.

use super::classify::is_refusal;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

/// Forbids the SDK to repeat a call that AWS may have carried out: one without an answer, or with
/// the answer that something broke inside AWS.
///
/// What AWS has refused, such as one call too many in a second, may be sent again as the person
/// configured it.
#[derive(Debug)]
pub(super) struct Once;

impl ClassifyRetry for Once {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match (context.output_or_error(), context.response()) {
            (Some(Err(_)), Some(response)) if is_refusal(response.status().as_u16()) => {
                RetryAction::NoActionIndicated
            }
            (Some(Err(_)), _) => RetryAction::RetryForbidden,
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "once"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
