//! Where credentials come from.

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

/// What the source of credentials has answered first. A key that is a user's own stays the same for as long
/// as harden runs.
pub(super) type Answered = Arc<OnceLock<SigningKey>>;

/// The access key that calls are signed with, if it is known. Not to be printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SigningKey(Option<AccessKeyId>);

impl SigningKey {
    /// Takes the id of the key.
    pub fn new(id: &str) -> Self {
        Self(Some(AccessKeyId::new(id)))
    }

    /// Whether it is this one.
    pub fn is(&self, id: &AccessKeyId) -> bool {
        self.0.as_ref() == Some(id)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "SigningKey(…)" } else { "SigningKey(unknown)" })
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
            let key = result.as_ref().map(|keys| SigningKey::new(keys.access_key_id()));
            self.answer.get_or_init(|| key.unwrap_or_default());
            result
        })
    }
}
