//! Trails, their buckets, and AWS Config, as they should be and as they are found.

use aws_sdk_cloudtrail::operation::create_trail::builders::CreateTrailFluentBuilder;
use aws_sdk_config::types::{ConfigurationRecorder, DeliveryChannel, RecordingGroup};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketLoggingStatus, CreateBucketConfiguration, LoggingEnabled,
};
use serde_json::{Value, json};

use super::account::Account;

/// The home of every trail.
pub(crate) const HOME: &str = "eu-west-1";

/// A trail that has everything, with a bucket in another region than its own.
pub(crate) async fn good_trail(account: &Account, name: &str) {
    let far = "us-east-1";
    let bucket = bucket(account, far, &format!("{name}-{}", account.id), &[(account, name)]).await;
    log_access(account, far, &bucket).await;
    let key = key(account, far).await;
    let (group, role) = log_group(account, name).await;
    create(account, name, &bucket)
        .is_multi_region_trail(true)
        .enable_log_file_validation(true)
        .kms_key_id(key)
        .cloud_watch_logs_log_group_arn(group)
        .cloud_watch_logs_role_arn(role)
        .send()
        .await
        .unwrap();
    start(account, name).await;
}

/// A trail that is yet to be sent.
pub(crate) fn create(account: &Account, name: &str, bucket: &str) -> CreateTrailFluentBuilder {
    account.cloudtrail(HOME).create_trail().name(name).s3_bucket_name(bucket)
}

/// Makes a trail record.
pub(crate) async fn start(account: &Account, name: &str) {
    account.cloudtrail(HOME).start_logging().name(name).send().await.unwrap();
}

/// A bucket that lets trails in, of whichever accounts.
pub(crate) async fn bucket(
    owner: &Account,
    region: &str,
    name: &str,
    trails: &[(&Account, &str)],
) -> String {
    let statements = trails.iter().flat_map(|(account, trail)| {
        let source = json!({ "aws:SourceArn": arn(account, trail) });
        let write = json!({
            "s3:x-amz-acl": "bucket-owner-full-control",
            "aws:SourceArn": arn(account, trail),
        });
        let objects = format!("arn:aws:s3:::{name}/AWSLogs/{}/*", account.id);
        let bucket = format!("arn:aws:s3:::{name}");
        [
            allow("cloudtrail", "s3:GetBucketAcl", &bucket, json!({ "StringEquals": source })),
            allow("cloudtrail", "s3:PutObject", &objects, json!({ "StringEquals": write })),
        ]
    });
    make(owner, region, name, statements.collect()).await;
    name.to_owned()
}

async fn make(owner: &Account, region: &str, name: &str, statements: Vec<Value>) {
    let s3 = owner.s3(region);
    let mut call = s3.create_bucket().bucket(name);
    if region != "us-east-1" {
        let there = BucketLocationConstraint::from(region);
        let place = CreateBucketConfiguration::builder().location_constraint(there);
        call = call.create_bucket_configuration(place.build());
    }
    call.send().await.unwrap();
    if statements.is_empty() {
        return;
    }
    let policy = document(&statements);
    s3.put_bucket_policy().bucket(name).policy(policy).send().await.unwrap();
}

async fn log_access(account: &Account, region: &str, bucket: &str) {
    let target = format!("access-{bucket}");
    let objects = format!("arn:aws:s3:::{target}/*");
    let may = allow("logging.s3", "s3:PutObject", &objects, json!({}));
    make(account, region, &target, vec![may]).await;
    let enabled = LoggingEnabled::builder().target_bucket(target).target_prefix("s3/");
    let status = BucketLoggingStatus::builder().logging_enabled(enabled.build().unwrap()).build();
    let s3 = account.s3(region);
    s3.put_bucket_logging().bucket(bucket).bucket_logging_status(status).send().await.unwrap();
}

async fn key(account: &Account, region: &str) -> String {
    let root = json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", account.id) },
        "Action": "kms:*",
        "Resource": "*",
    });
    let describe = allow("cloudtrail", "kms:DescribeKey", "*", json!({}));
    let encrypt = allow("cloudtrail", "kms:GenerateDataKey*", "*", json!({}));
    let kms = account.kms(region);
    let key = kms.create_key().policy(document(&[root, describe, encrypt])).send().await;
    let id = key.unwrap().key_metadata.unwrap();
    kms.enable_key_rotation().key_id(&id.key_id).send().await.unwrap();
    id.arn.unwrap()
}

/// A log group and the role to write there, by ARN.
pub(crate) async fn log_group(account: &Account, name: &str) -> (String, String) {
    let trust = json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudtrail.amazonaws.com" },
        "Action": "sts:AssumeRole",
    });
    let may = json!({
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "*",
    });
    let iam = account.iam("us-east-1");
    let role = iam.create_role().role_name(name).assume_role_policy_document(document(&[trust]));
    let role = role.send().await.unwrap().role.unwrap().arn;
    let policy = iam.put_role_policy().role_name(name).policy_name("logs");
    policy.policy_document(document(&[may])).send().await.unwrap();
    account.logs(HOME).create_log_group().log_group_name(name).send().await.unwrap();
    (format!("arn:aws:logs:{HOME}:{}:log-group:{name}:*", account.id), role)
}

/// A recorder that records everything and delivers to a bucket of its own.
pub(crate) async fn recorder(account: &Account, region: &str, global: bool) {
    let group = RecordingGroup::builder().all_supported(true).include_global_resource_types(global);
    put_recorder(account, region, group.build()).await;
    let bucket = config_bucket(account, region).await;
    put_channel(account, region, &bucket).await;
    start_recorder(account, region).await;
}

/// A recorder of these types, which delivers nowhere and is stopped.
pub(crate) async fn put_recorder(account: &Account, region: &str, group: RecordingGroup) {
    let recorder = ConfigurationRecorder::builder()
        .name("default")
        .role_arn(config_role(account).await)
        .recording_group(group)
        .build();
    let config = account.config(region);
    config.put_configuration_recorder().configuration_recorder(recorder).send().await.unwrap();
}

/// A bucket that lets AWS Config in.
pub(crate) async fn config_bucket(account: &Account, region: &str) -> String {
    let name = format!("config-{region}-{}", account.id);
    let (bucket, objects) = (format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*"));
    let statements = vec![
        allow("config", "s3:GetBucketAcl", &bucket, json!({})),
        allow("config", "s3:PutObject", &objects, json!({})),
    ];
    make(account, region, &name, statements).await;
    name
}

/// Makes a recorder deliver to a bucket.
pub(crate) async fn put_channel(account: &Account, region: &str, bucket: &str) {
    let channel = DeliveryChannel::builder().name("default").s3_bucket_name(bucket).build();
    let config = account.config(region);
    config.put_delivery_channel().delivery_channel(channel).send().await.unwrap();
}

/// Makes a recorder record.
pub(crate) async fn start_recorder(account: &Account, region: &str) {
    let config = account.config(region);
    let start = config.start_configuration_recorder().configuration_recorder_name("default");
    start.send().await.unwrap();
}

async fn config_role(account: &Account) -> String {
    let iam = account.iam("us-east-1");
    let name = "config.amazonaws.com";
    // There is one for all regions: a second time it is there already.
    let _ = iam.create_service_linked_role().aws_service_name(name).send().await;
    let id = &account.id;
    format!("arn:aws:iam::{id}:role/aws-service-role/{name}/AWSServiceRoleForConfig")
}

/// A member of the organization of an account, which is founded for it.
pub(crate) async fn member(management: &Account) -> Account {
    let organizations = management.organizations("us-east-1");
    organizations.create_organization().send().await.unwrap();
    let made = organizations.create_account().email("m@example.org").account_name("m");
    let status = made.send().await.unwrap().create_account_status.unwrap();
    Account::open(&management.url, &status.account_id.unwrap()).await
}

/// The ARN of a trail at home.
pub(crate) fn arn(account: &Account, trail: &str) -> String {
    format!("arn:aws:cloudtrail:{HOME}:{}:trail/{trail}", account.id)
}

fn allow(service: &str, action: &str, resource: &str, condition: Value) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": format!("{service}.amazonaws.com") },
        "Action": action,
        "Resource": resource,
    });
    if condition != json!({}) {
        statement["Condition"] = condition;
    }
    statement
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}
