//! Clients for every service and region.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;

use super::Session;
use super::limits::{
    ACCOUNT, CLOUDTRAIL, CLOUDWATCH, CONFIG, EC2, IAM, KMS, LOGS, Limited, S3, SNS,
};
use crate::model::{AccountId, Own, Region};

/// A client of one service in one region.
type Shared<C> = Arc<Limited<C>>;

/// Clients for every service and region, made when first needed and kept. Cheap to clone.
#[derive(Clone)]
pub struct Clients(Arc<Inner>);

struct Inner {
    session: Session,
    once: OnceLock<Clients>,
    /// Makes tokens: other ones in each session.
    tokens: RandomState,
    iam: Shared<aws_sdk_iam::Client>,
    contacts: Shared<aws_sdk_account::Client>,
    kms: PerRegion<aws_sdk_kms::Client>,
    ec2: PerRegion<aws_sdk_ec2::Client>,
    cloudtrail: PerRegion<aws_sdk_cloudtrail::Client>,
    config_service: PerRegion<aws_sdk_config::Client>,
    s3: PerRegion<aws_sdk_s3::Client>,
    logs: PerRegion<aws_sdk_cloudwatchlogs::Client>,
    cloudwatch: PerRegion<aws_sdk_cloudwatch::Client>,
    sns: PerRegion<aws_sdk_sns::Client>,
}

impl Clients {
    pub(super) fn new(session: Session) -> Self {
        let iam = session.limited(aws_sdk_iam::Client::new(&session.config), IAM);
        let contacts = session.limited(aws_sdk_account::Client::new(&session.config), ACCOUNT);
        Self(Arc::new(Inner {
            session,
            once: OnceLock::new(),
            tokens: RandomState::new(),
            iam: Arc::new(iam),
            contacts: Arc::new(contacts),
            kms: PerRegion::default(),
            ec2: PerRegion::default(),
            cloudtrail: PerRegion::default(),
            config_service: PerRegion::default(),
            s3: PerRegion::default(),
            logs: PerRegion::default(),
            cloudwatch: PerRegion::default(),
            sns: PerRegion::default(),
        }))
    }

    /// The same, but for writes: each call is sent once. Whoever wants to send it again must read first,
    /// for meanwhile somebody may have changed what it is about.
    pub(super) fn once(&self) -> &Self {
        self.0.once.get_or_init(|| {
            let session = self.0.session.clone();
            let config = session.config.into_builder().retry_config(RetryConfig::disabled());
            let through = session.through.map(|through| through.once().clone());
            Self::new(Session { config: config.build(), through, ..session })
        })
    }

    /// A token by which AWS knows a call again that is repeated: for the same call the same, as long as this
    /// session lives. Another session may make again what has been deleted since, so its tokens differ.
    pub(super) fn token(&self, call: impl Hash) -> String {
        format!("harden-{:016x}", self.0.tokens.hash_one(call))
    }

    /// The region of the session.
    pub fn home(&self) -> &Region {
        &self.0.session.region
    }

    /// The account of the session.
    pub fn account(&self) -> &AccountId {
        &self.0.session.account.id
    }

    /// Whoever runs harden.
    pub(super) fn own(&self) -> &Own {
        &self.0.session.own
    }

    /// The ARN of something in the account of the session.
    pub(crate) fn arn(&self, service: &str, region: &Region, resource: &str) -> String {
        self.0.session.account.arn(service, region.as_str(), resource)
    }

    /// The clients of the account that manages its organization, or of a delegated administrator, where the
    /// session knows them.
    pub(super) fn through(&self) -> Option<&Self> {
        self.0.session.through.as_ref()
    }

    /// The session whose clients these are.
    pub(super) fn session(&self) -> &Session {
        &self.0.session
    }

    fn sdk_config(&self) -> &SdkConfig {
        &self.0.session.config
    }

    /// IAM is global: the SDK finds the endpoint of the partition.
    pub(super) fn iam(&self) -> &Limited<aws_sdk_iam::Client> {
        &self.0.iam
    }

    /// The Account service, global as IAM is, and used for contacts only.
    pub(super) fn contacts(&self) -> &Limited<aws_sdk_account::Client> {
        &self.0.contacts
    }

    pub(super) fn kms(&self, region: &Region) -> Shared<aws_sdk_kms::Client> {
        self.0.kms.get(region, || {
            let config = aws_sdk_kms::config::Builder::from(self.sdk_config()).region(sdk(region));
            self.0.session.limited(aws_sdk_kms::Client::from_conf(config.build()), KMS)
        })
    }

    pub(super) fn ec2(&self, region: &Region) -> Shared<aws_sdk_ec2::Client> {
        self.0.ec2.get(region, || {
            let config = aws_sdk_ec2::config::Builder::from(self.sdk_config()).region(sdk(region));
            self.0.session.limited(aws_sdk_ec2::Client::from_conf(config.build()), EC2)
        })
    }

    pub(super) fn cloudtrail(&self, region: &Region) -> Shared<aws_sdk_cloudtrail::Client> {
        self.0.cloudtrail.get(region, || {
            let config = aws_sdk_cloudtrail::config::Builder::from(self.sdk_config());
            let client = aws_sdk_cloudtrail::Client::from_conf(config.region(sdk(region)).build());
            self.0.session.limited(client, CLOUDTRAIL)
        })
    }

    pub(super) fn config(&self, region: &Region) -> Shared<aws_sdk_config::Client> {
        self.0.config_service.get(region, || {
            let config = aws_sdk_config::config::Builder::from(self.sdk_config());
            let client = aws_sdk_config::Client::from_conf(config.region(sdk(region)).build());
            self.0.session.limited(client, CONFIG)
        })
    }

    pub(super) fn s3(&self, region: &Region) -> Shared<aws_sdk_s3::Client> {
        self.0.s3.get(region, || {
            // At an endpoint of the person's own there are no host names for buckets.
            let custom = self.sdk_config().endpoint_url().is_some();
            let config = aws_sdk_s3::config::Builder::from(self.sdk_config())
                .region(sdk(region))
                .force_path_style(custom);
            self.0.session.limited(aws_sdk_s3::Client::from_conf(config.build()), S3)
        })
    }

    pub(super) fn logs(&self, region: &Region) -> Shared<aws_sdk_cloudwatchlogs::Client> {
        self.0.logs.get(region, || {
            let config = aws_sdk_cloudwatchlogs::config::Builder::from(self.sdk_config());
            let config = config.region(sdk(region)).build();
            self.0.session.limited(aws_sdk_cloudwatchlogs::Client::from_conf(config), LOGS)
        })
    }

    pub(super) fn cloudwatch(&self, region: &Region) -> Shared<aws_sdk_cloudwatch::Client> {
        self.0.cloudwatch.get(region, || {
            let config = aws_sdk_cloudwatch::config::Builder::from(self.sdk_config());
            let client = aws_sdk_cloudwatch::Client::from_conf(config.region(sdk(region)).build());
            self.0.session.limited(client, CLOUDWATCH)
        })
    }

    pub(super) fn sns(&self, region: &Region) -> Shared<aws_sdk_sns::Client> {
        self.0.sns.get(region, || {
            let config = aws_sdk_sns::config::Builder::from(self.sdk_config()).region(sdk(region));
            self.0.session.limited(aws_sdk_sns::Client::from_conf(config.build()), SNS)
        })
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("home", &self.0.session.region).finish_non_exhaustive()
    }
}

fn sdk(region: &Region) -> aws_config::Region {
    aws_config::Region::new(region.as_str().to_owned())
}

/// The clients of one service.
struct PerRegion<C>(Mutex<BTreeMap<Region, Shared<C>>>);

impl<C> Default for PerRegion<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C> PerRegion<C> {
    fn get(&self, region: &Region, make: impl FnOnce() -> Limited<C>) -> Shared<C> {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(clients.entry(region.clone()).or_insert_with(|| Arc::new(make())))
    }
}
