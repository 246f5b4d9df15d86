//! A session in another account, by a role there.
//!
//! The provider of the SDK for this would ask for the caller's own credentials anew for each role: hundreds of
//! times, and where a program gives them, hundreds of runs of it. This one asks over the caller's session, which
//! keeps them.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Provided;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use tokio::time::{Instant, sleep};

use super::session::complete;
use super::{Budget, ErrorKind, ServiceError, Session, connections, identity};
use crate::model::{AccessKeyId, Account, AccountId, Action, Own, Region};

/// How long before their end credentials are renewed: AWS looks at its own clock when a call arrives.
const RENEWAL: Duration = Duration::from_mins(1);

/// What the name of a session begins with, and the most characters it may have.
const PREFIX: &str = "harden";
const LONGEST_NAME: usize = 64;

/// The way into another account.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The account.
    pub account: AccountId,
    /// The name of the role there, with its path if it has one.
    pub role: String,
    /// What the role wants to be told, if it does.
    pub external_id: Option<String>,
    /// What CloudTrail shows there as the name of the session. `harden` is put before it, and what AWS does not
    /// allow is left out.
    pub session_name: String,
    /// How many calls a second the account is asked, from the first one on.
    pub budget: Option<Budget>,
}

/// No session in another account came about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnterError {
    /// Root takes on no roles.
    #[error("the root user of account {account} cannot take on a role")]
    Root {
        /// The account of the caller.
        account: AccountId,
    },
    /// There is no such role, or it lets the caller not in: AWS does not tell the one from the other.
    #[error("cannot take on role `{role}` in account {account}: {error}")]
    Refused {
        /// The account.
        account: AccountId,
        /// The name of the role.
        role: String,
        /// Who was refused.
        caller: String,
        /// What AWS said.
        error: Box<ServiceError>,
    },
    /// STS is off in the region, or the region is.
    #[error("STS does not give credentials for account {account} in {region}: {error}")]
    RegionDisabled {
        /// The account.
        account: AccountId,
        /// The region.
        region: Region,
        /// What AWS said.
        error: Box<ServiceError>,
    },
    /// The role led elsewhere.
    #[error("asked for account {asked}, and came to account {entered}")]
    OtherAccount {
        /// The account asked for.
        asked: AccountId,
        /// The account that the session is in.
        entered: AccountId,
    },
    /// AWS answered with another error, or not at all.
    #[error("cannot enter account {account}: {error}")]
    Service {
        /// The account.
        account: AccountId,
        /// What AWS said.
        error: Box<ServiceError>,
    },
}

impl EnterError {
    /// What the person can do, in one line.
    pub fn hint(&self) -> String {
        match self {
            Self::Root { .. } => "use an IAM user or a role of this account".to_owned(),
            Self::Refused { role, caller, .. } => format!(
                "see that the account has a role `{role}`, that its trust policy lets `{caller}` in \
                 (and what external id it asks for), and that this caller is allowed `sts:AssumeRole` \
                 on it"
            ),
            Self::RegionDisabled { .. } => {
                "pass another region with `--region`, or activate STS for this one in the account \
                 settings of IAM"
                    .to_owned()
            }
            Self::OtherAccount { .. } => "check the endpoint URL".to_owned(),
            Self::Service { error, .. } => match error.kind {
                ErrorKind::Expired | ErrorKind::NoCredentials | ErrorKind::BadCredentials => {
                    "get new credentials the way you got these".to_owned()
                }
                ErrorKind::ClockSkew => "set the clock of this machine".to_owned(),
                ErrorKind::Unreachable | ErrorKind::Timeout => {
                    "check the network, `HTTPS_PROXY`, the region and the endpoint URL".to_owned()
                }
                ErrorKind::Denied
                | ErrorKind::Throttled
                | ErrorKind::NotFound
                | ErrorKind::RegionDisabled
                | ErrorKind::Other => "try again later".to_owned(),
            },
        }
    }
}

/// Takes on the role, and makes sure where it led. The credentials are renewed for as long as the session lives.
pub async fn enter(base: &Session, how: &Entry) -> Result<Session, EnterError> {
    if base.caller.ends_with(":root") {
        return Err(EnterError::Root { account: base.account.id.clone() });
    }
    let role = Role::new(base, how);
    let keys = role.take_on().await.map_err(|error| explain(base, how, error))?;
    let own_key = AccessKeyId::new(keys.access_key_id());
    *role.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    let session = open(base, how, role);
    let failed =
        |error| EnterError::Service { account: how.account.clone(), error: Box::new(error) };
    let who = identity::ask(aws_sdk_sts::Config::new(&session.config)).await.map_err(failed)?;
    if who.account.id != how.account {
        return Err(EnterError::OtherAccount {
            asked: how.account.clone(),
            entered: who.account.id,
        });
    }
    let arns = [role_arn(base, how), who.caller.clone()];
    let session = Session {
        own: Own::of(&who.account, &arns.each_ref().map(String::as_str)),
        account: who.account,
        caller: who.caller,
        own_keys: base.own_keys.and(own_key),
        user_id: who.user_id,
        ..session
    };
    complete(session).await.map_err(failed)
}

/// As `enter`, but for an account that is new: its role may need minutes to be there. Only a refusal is waited
/// out, until `deadline` from now. Whoever drops the future ends the wait.
pub async fn enter_patiently(
    base: &Session,
    how: &Entry,
    deadline: Duration,
    pause: Duration,
) -> Result<Session, EnterError> {
    let start = Instant::now();
    loop {
        let result = enter(base, how).await;
        let refused = matches!(result, Err(EnterError::Refused { .. }));
        if !refused || start.elapsed() + pause > deadline {
            return result;
        }
        sleep(pause).await;
    }
}

fn explain(base: &Session, how: &Entry, error: ServiceError) -> EnterError {
    let (account, error) = (how.account.clone(), Box::new(error));
    if error.kind == ErrorKind::Denied {
        let (role, caller) = (how.role.clone(), base.caller.clone());
        EnterError::Refused { account, role, caller, error }
    } else if error.kind == ErrorKind::RegionDisabled {
        EnterError::RegionDisabled { account, region: base.region.clone(), error }
    } else {
        EnterError::Service { account, error }
    }
}

/// The session as far as it is known before anybody has asked. Nothing of the environment comes in: all that
/// the caller's session was configured with stays, but the credentials.
fn open(base: &Session, how: &Entry, role: Role) -> Session {
    let cache = IdentityCache::lazy().buffer_time(RENEWAL).build();
    let config = base.config.clone().into_builder();
    let config = config
        .credentials_provider(SharedCredentialsProvider::new(role))
        .identity_cache(cache)
        .http_client(connections::shared());
    let session = Session { config: config.build(), budget: None, through: None, ..base.clone() };
    match &how.budget {
        Some(budget) => session.within(budget),
        None => session,
    }
}

fn role_arn(base: &Session, how: &Entry) -> String {
    let account = Account { id: how.account.clone(), alias: None, ..base.account.clone() };
    account.arn("iam", "", &format!("role/{}", how.role))
}

/// A name that AWS takes, by which people find the calls in CloudTrail.
fn session_name(wanted: &str) -> String {
    let prefix = if wanted.starts_with(PREFIX) { "" } else { "harden-" };
    let fits = |c: &char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(*c);
    prefix.chars().chain(wanted.chars()).filter(fits).take(LONGEST_NAME).collect()
}

/// The credentials of a role in another account.
struct Role {
    sts: aws_sdk_sts::Client,
    arn: String,
    name: String,
    external_id: Option<String>,
    /// Had when it was tried whether the role lets us in, and not used yet.
    first: Mutex<Option<Credentials>>,
}

impl Role {
    fn new(base: &Session, how: &Entry) -> Self {
        // The caller's session may have no budget, and so no share in the connections.
        let client = base.config.http_client().unwrap_or_else(connections::shared);
        let config = aws_sdk_sts::config::Builder::from(&base.config).http_client(client);
        Self {
            sts: aws_sdk_sts::Client::from_conf(config.build()),
            arn: role_arn(base, how),
            name: session_name(&how.session_name),
            external_id: how.external_id.clone(),
            first: Mutex::default(),
        }
    }

    async fn take_on(&self) -> Result<Credentials, ServiceError> {
        let action = Action::new("sts:AssumeRole");
        let call = self
            .sts
            .assume_role()
            .role_arn(&self.arn)
            .role_session_name(&self.name)
            .set_external_id(self.external_id.clone());
        let answer = Box::pin(call.send()).await;
        let answer = answer.map_err(|error| ServiceError::of(action.clone(), &error))?;
        let keys = answer.credentials.and_then(|keys| {
            // Credentials that never end would never be renewed.
            let end = SystemTime::try_from(keys.expiration).ok()?;
            let token = Some(keys.session_token);
            Some(Credentials::new(
                keys.access_key_id,
                keys.secret_access_key,
                token,
                Some(end),
                PREFIX,
            ))
        });
        keys.ok_or_else(|| ServiceError::ours(action, "an answer without credentials"))
    }
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> Provided<'a>
    where
        Self: 'a,
    {
        Provided::new(async {
            let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
            match first {
                Some(keys) => Ok(keys),
                None => self.take_on().await.map_err(CredentialsError::provider_error),
            }
        })
    }
}

impl fmt::Debug for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Role").field("arn", &self.arn).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
