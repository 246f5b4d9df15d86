//! Why no session came about, and what to do.

use super::{ErrorKind, ServiceError};

/// No session with an AWS account came about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// The AWS configuration files do not parse.
    #[error("cannot read the AWS configuration: {reason}")]
    BadConfig {
        /// Where and why.
        reason: String,
    },
    /// There is no such profile.
    #[error("there is no profile `{name}`")]
    UnknownProfile {
        /// The name.
        name: String,
    },
    /// No region is set anywhere.
    #[error("no region is set")]
    NoRegion {
        /// The profile that could set one.
        profile: String,
    },
    /// What is set is no region code.
    #[error("`{region}` is not a region")]
    BadRegion {
        /// What is set.
        region: String,
    },
    /// The endpoint URL is none.
    #[error("`{url}` is not an endpoint URL")]
    BadEndpoint {
        /// What is set.
        url: String,
    },
    /// Nothing gave credentials.
    #[error("no credentials for profile `{profile}`: {reason}")]
    NoCredentials {
        /// The profile.
        profile: String,
        /// What the last source said.
        reason: String,
        /// How to get some, if the profile tells.
        renewal: Renewal,
    },
    /// The profile wants an MFA code, which the SDK for Rust cannot ask for.
    #[error("profile `{profile}` needs an MFA code, which harden cannot ask for: {reason}")]
    NeedsMfa {
        /// The profile.
        profile: String,
        /// What AWS said without the code.
        reason: String,
    },
    /// The credentials were good once.
    #[error("the credentials of profile `{profile}` have expired: {reason}")]
    Expired {
        /// The profile.
        profile: String,
        /// What AWS or the SDK said.
        reason: String,
        /// How to get new ones.
        renewal: Renewal,
    },
    /// AWS does not accept the credentials.
    #[error("AWS does not accept the credentials of profile `{profile}`: {error}")]
    Rejected {
        /// The profile.
        profile: String,
        /// What AWS said.
        error: ServiceError,
    },
    /// The clock is off.
    #[error("the clock of this machine differs too much from that of AWS: {error}")]
    ClockSkew {
        /// What AWS said.
        error: ServiceError,
    },
    /// No connection.
    #[error("cannot reach {target}: {error}")]
    Unreachable {
        /// The endpoint, or the service and region.
        target: String,
        /// What the network said.
        error: ServiceError,
    },
    /// No answer.
    #[error("no answer from {target} within {seconds} seconds")]
    TimedOut {
        /// The endpoint, or the service and region.
        target: String,
        /// How long harden waited.
        seconds: u64,
    },
    /// AWS answered with another error.
    #[error("cannot find out which account this is: {0}")]
    Service(ServiceError),
}

/// How the credentials of a profile are renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// By signing in to IAM Identity Center, with this profile.
    Sso(String),
    /// By signing in to the console, with this profile.
    Login(String),
    /// In a way that the profile does not tell.
    Unknown,
}

impl SessionError {
    /// What the person can do, in one line.
    pub fn hint(&self) -> String {
        match self {
            Self::BadConfig { .. } => {
                "mend the file, or name another with `AWS_CONFIG_FILE`".to_owned()
            }
            Self::UnknownProfile { .. } => {
                "`aws configure list-profiles` shows the profiles of `~/.aws/config`; \
                 `AWS_CONFIG_FILE` names another file"
                    .to_owned()
            }
            Self::NoRegion { profile } => format!(
                "pass `--region`, set `AWS_REGION`, or add `region` to the profile `{profile}`"
            ),
            Self::BadRegion { .. } => "region codes look like `eu-west-1`".to_owned(),
            Self::BadEndpoint { .. } => {
                "endpoint URLs look like `https://host:port`; see `--endpoint-url`, \
                 `AWS_ENDPOINT_URL` and `endpoint_url` in the profile"
                    .to_owned()
            }
            Self::NoCredentials { renewal: Renewal::Unknown, .. } => {
                "pass `--profile NAME`, sign in with `aws sso login` or `aws login`, or set \
                 `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"
                    .to_owned()
            }
            Self::NeedsMfa { profile, .. } => format!(
                "run `aws configure export-credentials --profile {profile} --format env` and set \
                 what it prints"
            ),
            Self::Expired { renewal, .. } | Self::NoCredentials { renewal, .. } => renewal.hint(),
            Self::Rejected { .. } => {
                "check with `aws sts get-caller-identity`; a key may be deleted, inactive, or of \
                 another partition than the region"
                    .to_owned()
            }
            Self::ClockSkew { .. } => "set the clock of this machine".to_owned(),
            Self::Unreachable { .. } | Self::TimedOut { .. } => {
                "check the network, `HTTPS_PROXY`, the region and the endpoint URL".to_owned()
            }
            Self::Service(error) if error.kind == ErrorKind::RegionDisabled => {
                "enable the region for the account, or pass another with `--region`".to_owned()
            }
            Self::Service(error) if error.kind == ErrorKind::Throttled => {
                "try again later; `AWS_RETRY_MODE` and `AWS_MAX_ATTEMPTS` say how often to try"
                    .to_owned()
            }
            Self::Service(_) => "check with `aws sts get-caller-identity`".to_owned(),
        }
    }
}

impl Renewal {
    fn hint(&self) -> String {
        match self {
            Self::Sso(profile) => format!("run `aws sso login --profile {profile}`"),
            Self::Login(profile) => format!("run `aws login --profile {profile}`"),
            Self::Unknown => "get new credentials the way you got these".to_owned(),
        }
    }
}
