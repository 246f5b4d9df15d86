//! An account of the emulator that nobody else uses.

use std::collections::BTreeSet;

use aws_sdk_sts::config::{BehaviorVersion, Credentials, Region, retry::RetryConfig};
use serde_json::{Value, json};

use super::http::send;

/// Credentials for one account, and the emulator it lives in.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) id: String,
    pub(crate) key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
}

macro_rules! client {
    ($name:ident, $sdk:ident) => {
        pub(crate) fn $name(&self, region: &str) -> $sdk::Client {
            let config = $sdk::config::Builder::new()
                .behavior_version(BehaviorVersion::latest())
                .endpoint_url(&self.url)
                .region(Region::new(region.to_owned()))
                .retry_config(RetryConfig::disabled())
                .credentials_provider(self.credentials());
            $sdk::Client::from_conf(config.build())
        }
    };
}

impl Account {
    /// Takes possession of an account. Accounts of the emulator come into being when used.
    pub(crate) async fn open(url: &str, id: &str) -> Self {
        let config = aws_sdk_sts::config::Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(url)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("AKIAEXAMPLE", "example", None, None, "test"));
        let role = aws_sdk_sts::Client::from_conf(config.build())
            .assume_role()
            .role_arn(format!("arn:aws:iam::{id}:role/engineer"))
            .role_session_name("harden")
            .send()
            .await
            .unwrap();
        let credentials = role.credentials.unwrap();
        Self {
            url: url.to_owned(),
            id: id.to_owned(),
            key_id: credentials.access_key_id,
            secret: credentials.secret_access_key,
            token: credentials.session_token,
        }
    }

    client!(contacts, aws_sdk_account);
    client!(ec2, aws_sdk_ec2);
    client!(iam, aws_sdk_iam);
    client!(kms, aws_sdk_kms);
    client!(cloudtrail, aws_sdk_cloudtrail);
    client!(cloudwatch, aws_sdk_cloudwatch);
    client!(config, aws_sdk_config);
    client!(logs, aws_sdk_cloudwatchlogs);
    client!(organizations, aws_sdk_organizations);
    client!(sns, aws_sdk_sns);

    /// Buckets have no host names on loopback.
    pub(crate) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.url)
            .force_path_style(true)
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::disabled())
            .credentials_provider(self.credentials());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn credentials(&self) -> Credentials {
        let token = Some(self.token.clone());
        Credentials::new(self.key_id.clone(), self.secret.clone(), token, None, "test")
    }

    /// Settles what no AWS call can: root, ages, the alias.
    pub(crate) fn settle(&self, mut settings: Value) {
        settings["account"] = self.id.clone().into();
        send(&self.url, "POST", "/_emulator/account", Some(&settings));
    }

    /// Makes calls go wrong.
    pub(crate) fn fault(&self, mut fault: Value) {
        fault["account"] = self.id.clone().into();
        send(&self.url, "POST", "/_emulator/faults", Some(&fault));
    }

    /// Makes calls go right again.
    pub(crate) fn no_faults(&self) {
        send(&self.url, "DELETE", &format!("/_emulator/faults?account={}", self.id), None);
    }

    /// Confirms what is pending, as if the mail's link were clicked.
    pub(crate) fn confirm(&self, region: &str, endpoint: &str) {
        let who = json!({ "account": self.id, "region": region, "endpoint": endpoint });
        let confirmed = send(&self.url, "POST", "/_emulator/sns/confirm", Some(&who));
        assert_ne!(confirmed["confirmed"], json!([]), "nothing of {endpoint} is pending");
    }

    /// The calls made since the last forgetting.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let path = format!("/_emulator/calls?account={}", self.id);
        let calls = send(&self.url, "GET", &path, None);
        let text = |call: &Value, field: &str| call[field].as_str().unwrap_or_default().to_owned();
        calls
            .as_array()
            .unwrap()
            .iter()
            .map(|call| Call {
                service: text(call, "service"),
                region: text(call, "region"),
                operation: text(call, "operation"),
                is_write: call["kind"] == json!("write"),
                succeeded: call["status"].as_u64().is_some_and(|status| status / 100 == 2),
            })
            .collect()
    }

    /// The permissions that calls have needed since `policies` were set.
    pub(crate) fn used_actions(&self) -> BTreeSet<String> {
        let path = format!("/_emulator/used-actions?account={}", self.id);
        let actions = send(&self.url, "GET", &path, None);
        actions.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    }

    /// Forgets the calls made so far.
    pub(crate) fn forget_calls(&self) {
        send(&self.url, "DELETE", &format!("/_emulator/calls?account={}", self.id), None);
    }
}

/// A call that the emulator saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: String,
    pub(crate) region: String,
    pub(crate) operation: String,
    pub(crate) is_write: bool,
    pub(crate) succeeded: bool,
}

impl Call {
    /// Such as `iam:CreateRole`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}
