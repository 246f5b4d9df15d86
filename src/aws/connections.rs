//! One pool of connections for all accounts of a run.
//!
//! A client of the SDK that is given nothing opens a pool of its own: with hundreds of accounts, a dozen services
//! and as many regions that is a file of certificates parsed and a handful of sockets kept for each.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

static SHARED: LazyLock<SharedHttpClient> =
    LazyLock::new(|| SharedHttpClient::new(Pool::default()));

/// The one pool. It outlives every session: what a session holds is no more than the way to it.
pub(super) fn shared() -> SharedHttpClient {
    SHARED.clone()
}

/// What makes a connector differ from another.
type Key = (Option<Duration>, Option<Duration>);

/// A connector for each pair of timeouts, of which there is one: every session has the same.
#[derive(Debug, Default)]
struct Pool(Mutex<HashMap<Key, SharedHttpConnector>>);

impl HttpClient for Pool {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry(key).or_insert_with(|| open(settings, components)).clone()
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("hyper", Some("1.x".into())))
    }
}

/// As the SDK makes its own: the same TLS, the certificates of the system, the proxy of the environment.
fn open(settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
    let mut builder: ConnectorBuilder<_> = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .connector_settings(settings.clone())
        .proxy_config(ProxyConfig::from_env());
    builder.set_sleep_impl(components.sleep_impl());
    SharedHttpConnector::new(builder.build())
}
