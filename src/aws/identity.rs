//! Whose credentials these are, as AWS says.

use super::ServiceError;
use crate::model::{Account, AccountId, Action, Partition};

/// Whoever is asking, and the account. Its alias is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) account: Account,
    pub(super) caller: String,
    pub(super) user_id: String,
}

/// Asks STS. Nobody may be refused the answer.
pub(super) async fn ask(config: aws_sdk_sts::Config) -> Result<Identity, ServiceError> {
    let action = Action::new("sts:GetCallerIdentity");
    let sts = aws_sdk_sts::Client::from_conf(config);
    let answer = Box::pin(sts.get_caller_identity().send()).await;
    let answer = answer.map_err(|error| ServiceError::of(action.clone(), &error))?;
    let caller = answer.arn.unwrap_or_default();
    let (Some(partition), Some(id)) = (Partition::of_arn(&caller), answer.account) else {
        return Err(ServiceError::ours(action, "AWS did not say which account this is"));
    };
    let account = Account { id: AccountId::new(id), alias: None, partition };
    Ok(Identity { account, caller, user_id: answer.user_id.unwrap_or_default() })
}
