//! Where credentials come from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::future::ProvideCredentials as Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::region::Region;

/// The credentials of one profile and no others.
///
/// The SDK's own chain would prefer keys in the environment even to a profile that was asked for by
/// name, and so write to another account than the one meant.
pub(super) fn of_profile(name: &str, region: Region) -> ProfileFileCredentialsProvider {
    let config = ProviderConfig::without_region().with_region(Some(region));
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build()
}

/// Remembers whether the source of credentials has given an answer at all: after a timeout, this
/// tells a silent source from a silent STS.
#[derive(Debug)]
pub(super) struct Noting {
    source: SharedCredentialsProvider,
    answered: Arc<AtomicBool>,
}

impl Noting {
    /// Puts itself in front of the credentials of `config`; the second value becomes true when
    /// they have answered.
    pub(super) fn wrap(config: SdkConfig) -> (SdkConfig, Arc<AtomicBool>) {
        let answered = Arc::new(AtomicBool::new(false));
        let Some(source) = config.credentials_provider() else { return (config, answered) };
        let noting = Self { source, answered: Arc::clone(&answered) };
        let provider = SharedCredentialsProvider::new(noting);
        (config.into_builder().credentials_provider(provider).build(), answered)
    }
}

impl ProvideCredentials for Noting {
    fn provide_credentials<'a>(&'a self) -> Credentials<'a>
    where
        Self: 'a,
    {
        Credentials::new(async {
            let result = self.source.provide_credentials().await;
            self.answered.store(true, Ordering::Relaxed);
            result
        })
    }
}
