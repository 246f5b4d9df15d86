//! Who is asking, of which account, and from which region.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, SdkConfig};
use aws_smithy_types::retry::RetryConfig;
use futures::future::{join, join_all};
use tokio::time::timeout;

use super::identity::{self, Identity};
use super::limits::Limited;
use super::profile::{self, Profile};
use super::provider::{Noting, OwnKeys, of_profile};
use super::text::one_line;
use super::{
    Budget, Clients, ErrorKind, Renewal, ServiceError, SessionError, connections, user_credentials,
};
use crate::model::{Account, AccountId, Own, Principal, Region, UserName};

/// How long the instance metadata service may take to tell the region. It is next door or absent.
const REGION_PATIENCE: Duration = Duration::from_secs(1);
/// How long finding out who is asking may take, credentials included.
const IDENTITY_PATIENCE: Duration = Duration::from_secs(4);
/// How long the alias may take: it is only a convenience.
const ALIAS_PATIENCE: Duration = Duration::from_secs(3);
/// How long one attempt of any call may take: the SDK alone would wait for ever.
const ATTEMPT_PATIENCE: Duration = Duration::from_secs(30);

/// How often a read is made until it is given up: where other tools use up the account's rate, three times,
/// as the SDK has it, are too few for all of the hundreds of reads that a plan takes.
const ATTEMPTS: u32 = 10;
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long one call may take with all its attempts.
const CALL_PATIENCE: Duration = Duration::from_mins(2);

/// What a person asked for; all else is up to the AWS configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The profile asked for by name: its credentials, and no others. Without one the SDK looks at
    /// the environment, `AWS_PROFILE` included.
    pub profile: Option<String>,
    /// The region asked for.
    pub region: Option<String>,
    /// The endpoint asked for, for every service.
    pub endpoint_url: Option<String>,
    /// The version of harden, for the user agent that CloudTrail shows.
    pub version: String,
}

/// A session with an account whose credentials have been proven.
#[derive(Clone, Debug)]
pub struct Session {
    /// The account.
    pub account: Account,
    /// The ARN of whoever is asking.
    pub caller: String,
    /// Whose session it is, and who stands behind it.
    pub own: Own,
    /// The access keys behind the session.
    pub own_keys: OwnKeys,
    /// The unique id of whoever is asking (`aws:userid`).
    pub user_id: String,
    /// The region of global and first calls.
    pub region: Region,
    pub(super) config: SdkConfig,
    pub(super) budget: Option<Budget>,
    pub(super) through: Option<Clients>,
}

impl Session {
    /// Clients for every service and region, with the credentials of this session.
    pub fn clients(&self) -> Clients {
        Clients::new(self.clone())
    }

    /// The same, with no more calls a second than the budget says, over the connections that all such sessions
    /// share.
    #[must_use]
    pub fn within(self, budget: &Budget) -> Self {
        // Whose session it is, the alias, and whose key it was had by.
        budget.charge(3);
        let client = budget.client(connections::shared());
        let config = self.config.into_builder().http_client(client).build();
        Self { config, budget: Some(budget.clone()), ..self }
    }

    /// The same, for a member of the organization that `above` manages, or administers for the account
    /// `management`: the member's contacts and its root are within reach of that account too. Its own are not,
    /// nor are those of the managing account, so that nothing changes there.
    #[must_use]
    pub fn of_member(self, above: &Clients, management: &AccountId) -> Self {
        let is_member = ![above.account(), management].contains(&&self.account.id);
        Self { through: is_member.then(|| above.clone()), ..self }
    }

    /// A client of a service, with a queue in front of it.
    pub(super) fn limited<C>(&self, client: C, at_once: usize) -> Limited<C> {
        Limited::new(client, at_once, self.budget.clone())
    }
}

/// Finds credentials and region, and asks AWS whose they are. Ends within seconds; only whose key took a role on is
/// waited for as any other read is.
pub async fn connect(options: &Options) -> Result<Session, SessionError> {
    let profile = profile::load(options.profile.as_deref()).await?;
    if let Some(url) = options.endpoint_url.as_ref().or(profile.endpoint_url.as_ref())
        && !profile::is_url(url)
    {
        return Err(SessionError::BadEndpoint { url: one_line(url) });
    }
    let region = region(options, &profile).await?;
    let config = configure(options, &profile, &region).await;
    let session = identify(config, &profile, region).await?;
    complete(session).await.map_err(SessionError::Service)
}

/// Adds what is asked of the account itself: its alias, and the users that stand behind the session.
pub(super) async fn complete(mut session: Session) -> Result<Session, ServiceError> {
    let clients = session.clients();
    let alias = timeout(ALIAS_PATIENCE, super::iam::alias(&clients));
    let (alias, behind) = join(alias, owners(&session, &clients)).await;
    session.account.alias = alias.ok().and_then(Result::ok).flatten();
    let behind = behind?;
    let users = behind.iter().map(|user| Principal::User(user.name()));
    session.own = users.fold(session.own, Own::and);
    Ok(session)
}

/// The users of the account by whose own keys a session of a role or of a federated user was had. Of keys of
/// other accounts AWS tells nobody anything, and where asking is not allowed the owner stays unknown; the key
/// itself is left alone anyway. Any other failure may pass: whoever runs harden is not left to chance.
async fn owners(session: &Session, clients: &Clients) -> Result<Vec<UserName>, ServiceError> {
    if !session.own.is_without_user() {
        return Ok(Vec::new());
    }
    let asked = session.own_keys.of_users().map(|key| user_credentials::owner(clients, key));
    let mut owners = Vec::new();
    for answer in join_all(asked).await {
        match answer {
            Ok(owner) => owners.extend(owner),
            Err(error) if matches!(error.kind, ErrorKind::Denied | ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(owners)
}

async fn region(options: &Options, profile: &Profile) -> Result<Region, SessionError> {
    let found = if let Some(region) = &options.region {
        Some(region.clone())
    } else {
        let mut chain = aws_config::default_provider::region::Builder::default();
        if let Some(name) = &options.profile {
            chain = chain.profile_name(name);
        }
        let found = timeout(REGION_PATIENCE, chain.build().region()).await;
        found.ok().flatten().map(|region| region.to_string())
    };
    let Some(region) = found.filter(|region| !region.is_empty()) else {
        return Err(SessionError::NoRegion { profile: profile.name.clone() });
    };
    region.parse().map_err(|_| SessionError::BadRegion { region: one_line(&region) })
}

async fn configure(options: &Options, profile: &Profile, region: &Region) -> SdkConfig {
    let sdk_region = aws_config::Region::new(region.as_str().to_owned());
    let mut loader =
        aws_config::defaults(BehaviorVersion::latest()).region(sdk_region.clone()).timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_PATIENCE)
                .operation_timeout(CALL_PATIENCE)
                .build(),
        );
    if !profile.says_retries {
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        loader = loader.retry_config(retries.with_max_backoff(LONGEST_PAUSE));
    }
    if let Ok(name) = AppName::new(format!("harden-{}", options.version)) {
        loader = loader.app_name(name);
    }
    if let Some(name) = &options.profile {
        loader = loader.profile_name(name).credentials_provider(of_profile(name, sdk_region));
    }
    if let Some(url) = &options.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

async fn identify(
    config: SdkConfig,
    profile: &Profile,
    region: Region,
) -> Result<Session, SessionError> {
    let target = config.endpoint_url().map_or_else(|| format!("STS in {region}"), one_line);
    let (config, answer) = Noting::wrap(config);
    // Several attempts, close together: the second is signed with the time of AWS if the first told that ours
    // is wrong, and where AWS says that there are too many calls, that passes.
    let retries = RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_millis(400));
    let sts = aws_sdk_sts::config::Builder::from(&config).retry_config(retries);
    let Ok(result) = timeout(IDENTITY_PATIENCE, identity::ask(sts.build())).await else {
        let seconds = IDENTITY_PATIENCE.as_secs();
        return Err(if answer.get().is_some() {
            SessionError::TimedOut { target, seconds }
        } else {
            let reason = format!("no source of credentials answered within {seconds} seconds");
            no_credentials(profile, reason)
        });
    };
    let Identity { account, caller, user_id } =
        result.map_err(|error| explain(error, profile, target))?;
    let arns: Vec<&str> = profile.roles.iter().chain([&caller]).map(String::as_str).collect();
    Ok(Session {
        own: Own::of(&account, &arns),
        account,
        caller,
        own_keys: OwnKeys::new(
            answer.get().cloned().flatten().into_iter().chain(profile.keys.clone()),
        ),
        user_id,
        region,
        config,
        budget: None,
        through: None,
    })
}

fn explain(error: ServiceError, profile: &Profile, target: String) -> SessionError {
    let name = profile.name.clone();
    let reason = error.to_string();
    match error.kind {
        ErrorKind::NoCredentials if profile.mfa && reason.contains("AccessDenied") => {
            SessionError::NeedsMfa { profile: name, reason }
        }
        ErrorKind::Expired => {
            SessionError::Expired { profile: name, reason, renewal: profile.renewal.clone() }
        }
        ErrorKind::BadCredentials => SessionError::Rejected { profile: name, error },
        ErrorKind::ClockSkew => SessionError::ClockSkew { error },
        ErrorKind::Unreachable => SessionError::Unreachable { target, error },
        ErrorKind::Timeout if error.ambiguous => SessionError::Unreachable { target, error },
        // Not STS was too slow, but the source of credentials.
        ErrorKind::Timeout | ErrorKind::NoCredentials => no_credentials(profile, reason),
        ErrorKind::Denied
        | ErrorKind::Throttled
        | ErrorKind::NotFound
        | ErrorKind::RegionDisabled
        | ErrorKind::Other => SessionError::Service(error),
    }
}

fn no_credentials(profile: &Profile, reason: String) -> SessionError {
    // Whoever may not assume a role has signed in already.
    let refused = reason.contains("AccessDenied");
    let renewal = if refused { Renewal::Unknown } else { profile.renewal.clone() };
    SessionError::NoCredentials { profile: profile.name.clone(), reason, renewal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Action;

    fn explained(kind: ErrorKind, mfa: bool, message: &str) -> SessionError {
        let renewal = Renewal::Sso("audit".to_owned());
        let profile = Profile {
            name: "audit".to_owned(),
            renewal,
            mfa,
            endpoint_url: None,
            keys: Vec::new(),
            roles: Vec::new(),
            says_retries: false,
        };
        let error = ServiceError::ours(Action::new("sts:GetCallerIdentity"), message);
        explain(ServiceError { kind, ..error }, &profile, "STS in eu-west-1".to_owned())
    }

    #[test]
    fn an_expired_session_says_how_to_renew_it() {
        let error = explained(ErrorKind::Expired, false, "the SSO token has expired");
        assert_eq!(
            error.to_string(),
            "the credentials of profile `audit` have expired: the SSO token has expired"
        );
        assert_eq!(error.hint(), "run `aws sso login --profile audit`");
    }

    #[test]
    fn a_refused_role_is_not_a_matter_of_signing_in() {
        let refused = "AccessDenied: not authorized to perform sts:AssumeRole";
        let error = explained(ErrorKind::NoCredentials, false, refused);
        assert!(!error.hint().starts_with("run `aws sso login"), "{}", error.hint());
        let error = explained(ErrorKind::NoCredentials, true, refused);
        assert!(matches!(error, SessionError::NeedsMfa { .. }));
    }

    #[test]
    fn a_wrong_clock_is_named() {
        let error = explained(ErrorKind::ClockSkew, false, "Signature expired");
        assert_eq!(error.hint(), "set the clock of this machine");
    }
}
