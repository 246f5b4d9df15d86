//! Where credentials come from.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::future::ProvideCredentials as Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::model::AccessKeyId;

/// The credentials of one profile and no others.
///
/// The SDK's own chain would prefer keys in the environment even to a profile that was asked for by
/// name, and so write to another account than the one meant.
pub(super) fn of_profile(name: &str, region: Region) -> ProfileFileCredentialsProvider {
    let config = ProviderConfig::without_region().with_region(Some(region));
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build()
}

/// Remembers whether the source of credentials has given an answer at all: after a timeout, this
/// tells a silent source from a silent STS. And with which access key calls are signed.
#[derive(Debug)]
pub(super) struct Noting {
    source: SharedCredentialsProvider,
    answer: Answered,
}

/// The access key that the source of credentials has answered first; `None`: it had none. A key that is a
/// user's own stays the same for as long as harden runs.
pub(super) type Answered = Arc<OnceLock<Option<AccessKeyId>>>;

/// The access keys that calls are signed with, or by which the right to sign was had, as far as they are
/// known. Not to be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OwnKeys(BTreeSet<AccessKeyId>);

impl OwnKeys {
    /// Takes their ids.
    pub fn new(ids: impl IntoIterator<Item = AccessKeyId>) -> Self {
        Self(ids.into_iter().collect())
    }

    /// The same, and this one.
    pub(super) fn and(&self, id: AccessKeyId) -> Self {
        Self(self.0.iter().cloned().chain([id]).collect())
    }

    /// Those that are users' own; all others are of sessions.
    pub(super) fn of_users(&self) -> impl Iterator<Item = &AccessKeyId> {
        self.0.iter().filter(|id| id.as_str().starts_with("AKIA"))
    }

    /// Whether it is one of them.
    pub fn has(&self, id: &AccessKeyId) -> bool {
        self.0.contains(id)
    }
}

impl fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnKeys({})", self.0.len())
    }
}

impl Noting {
    /// Puts itself in front of the credentials of `config`; the second value is set when they have
    /// answered.
    pub(super) fn wrap(config: SdkConfig) -> (SdkConfig, Answered) {
        let answer = Answered::default();
        let Some(source) = config.credentials_provider() else { return (config, answer) };
        let noting = Self { source, answer: Arc::clone(&answer) };
        let provider = SharedCredentialsProvider::new(noting);
        (config.into_builder().credentials_provider(provider).build(), answer)
    }
}

impl ProvideCredentials for Noting {
    fn provide_credentials<'a>(&'a self) -> Credentials<'a>
    where
        Self: 'a,
    {
        Credentials::new(async {
            let result = self.source.provide_credentials().await;
            let key = result.as_ref().ok().map(|keys| AccessKeyId::new(keys.access_key_id()));
            self.answer.get_or_init(|| key);
            result
        })
    }
}
