//! The statements that harden adds to policies, each under a `Sid` of its own. Where several trails or
//! buckets share one, it lists all of them.

use serde_json::{Value, json};

use crate::model::{Account, BucketName, PolicyText, Region, Service};

/// The ARNs that a statement of ours already lists, so that another can be added.
fn listed(
    policy: Option<&PolicyText>,
    sid: &str,
    find: impl Fn(&Value) -> Option<&Value>,
) -> Vec<String> {
    let statements = policy.and_then(PolicyText::statements).unwrap_or_default();
    let ours = statements.iter().find(|one| one.get("Sid").is_some_and(|other| other == sid));
    let list = match ours.and_then(find) {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    list.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect()
}

fn with<'a, I: IntoIterator<Item = &'a String>>(mut list: Vec<String>, more: I) -> Vec<String> {
    list.extend(more.into_iter().cloned());
    list.sort();
    list.dedup();
    list
}

fn source_arns(operator: &'static str) -> impl for<'a> Fn(&'a Value) -> Option<&'a Value> {
    move |one| one.get("Condition")?.get(operator)?.get("aws:SourceArn")
}

/// Lets trails deliver to a bucket.
pub(super) fn trail_bucket(
    account: &Account,
    bucket: &BucketName,
    prefix: Option<&str>,
    trail: &String,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let arn = bucket_arn(account, bucket);
    let path = prefix.map_or(String::new(), |prefix| format!("{prefix}/"));
    let principal = json!({"Service": Service::CloudTrail.principal()});
    let trails = |sid| with(listed(policy, sid, source_arns("StringEquals")), [trail]);
    let object = format!("{arn}/{path}AWSLogs/{}/*", account.id);
    let objects = with(listed(policy, TRAIL_WRITE, |one| one.get("Resource")), [&object]);
    vec![
        json!({
            "Sid": TRAIL_ACL,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:GetBucketAcl",
            "Resource": arn,
            "Condition": {"StringEquals": {"aws:SourceArn": trails(TRAIL_ACL)}},
        }),
        json!({
            "Sid": TRAIL_WRITE,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": objects,
            "Condition": {"StringEquals": {
                "aws:SourceArn": trails(TRAIL_WRITE),
                "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

const TRAIL_ACL: &str = "HardenTrailAcl";
const TRAIL_WRITE: &str = "HardenTrailWrite";

/// Lets AWS Config deliver to a bucket.
pub(super) fn config_bucket(
    account: &Account,
    bucket: &BucketName,
    prefix: Option<&str>,
) -> Vec<Value> {
    let arn = bucket_arn(account, bucket);
    let path = prefix.map_or(String::new(), |prefix| format!("{prefix}/"));
    let principal = json!({"Service": Service::Config.principal()});
    let ours = json!({"AWS:SourceAccount": account.id});
    let look = |sid: &str, action: &str| {
        json!({
            "Sid": sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": action,
            "Resource": arn,
            "Condition": {"StringEquals": ours},
        })
    };
    vec![
        look("HardenConfigAcl", "s3:GetBucketAcl"),
        look("HardenConfigList", "s3:ListBucket"),
        json!({
            "Sid": "HardenConfigPut",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": format!("{arn}/{path}AWSLogs/{}/Config/*", account.id),
            "Condition": {"StringEquals": {
                "AWS:SourceAccount": account.id,
                "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

/// Lets S3 write the access logs of a bucket into another.
pub(super) fn access_logs(
    account: &Account,
    target: &BucketName,
    source: &BucketName,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const SID: &str = "HardenAccessLogs";
    let source = bucket_arn(account, source);
    let sources = with(listed(policy, SID, source_arns("ArnLike")), [&source]);
    vec![json!({
        "Sid": SID,
        "Effect": "Allow",
        "Principal": {"Service": Service::S3Logging.principal()},
        "Action": "s3:PutObject",
        "Resource": format!("{}/*", bucket_arn(account, target)),
        "Condition": {
            "ArnLike": {"aws:SourceArn": sources},
            "StringEquals": {"aws:SourceAccount": account.id},
        },
    })]
}

/// Lets CloudTrail take on a role.
pub(super) fn trail_trust() -> Value {
    json!({
        "Sid": "HardenTrail",
        "Effect": "Allow",
        "Principal": {"Service": Service::CloudTrail.principal()},
        "Action": "sts:AssumeRole",
    })
}

/// Lets a role write what trails of a region deliver to a log group.
pub(super) fn trail_log_streams(
    account: &Account,
    region: &Region,
    group: &str,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const SID: &str = "HardenTrailLogs";
    let streams = format!("log-group:{group}:log-stream:{}_CloudTrail_{region}*", account.id);
    let arn = account.arn("logs", region.as_str(), &streams);
    let arns = with(listed(policy, SID, |one| one.get("Resource")), [&arn]);
    vec![json!({
        "Sid": SID,
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": arns,
    })]
}

/// Lets trails encrypt with a key.
pub(super) fn trail_key(
    account: &Account,
    trails: &[String],
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let principal = json!({"Service": Service::CloudTrail.principal()});
    let trails = |sid| with(listed(policy, sid, source_arns("StringEquals")), trails);
    let any = account.arn("cloudtrail", "*", "trail/*");
    vec![
        json!({
            "Sid": KEY_ENCRYPT,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "kms:GenerateDataKey*",
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceArn": trails(KEY_ENCRYPT)},
                "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": any},
            },
        }),
        json!({
            "Sid": KEY_DESCRIBE,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "kms:DescribeKey",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": trails(KEY_DESCRIBE)}},
        }),
    ]
}

const KEY_ENCRYPT: &str = "HardenTrailEncrypt";
const KEY_DESCRIBE: &str = "HardenTrailDescribe";

/// Keeps a key in the hands of its account: without it nobody could manage the key.
pub(super) fn key_owner(account: &Account) -> Value {
    json!({
        "Sid": "HardenKeyOwner",
        "Effect": "Allow",
        "Principal": {"AWS": account.arn("iam", "", "root")},
        "Action": "kms:*",
        "Resource": "*",
    })
}

/// Lets the alarms of a region publish to a topic.
pub(super) fn alarm_topic(account: &Account, region: &Region, topic: &str) -> Value {
    json!({
        "Sid": "HardenAlarms",
        "Effect": "Allow",
        "Principal": {"Service": Service::CloudWatch.principal()},
        "Action": "sns:Publish",
        "Resource": account.arn("sns", region.as_str(), topic),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": account.arn("cloudwatch", region.as_str(), "alarm:*")},
        },
    })
}

/// Whether a policy lets a service do something, under whatever conditions.
pub(super) fn lets_in(policy: &PolicyText, service: Service, action: &str) -> bool {
    let any = |value: Option<&Value>, test: &dyn Fn(&str) -> bool| match value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(test),
        Some(one) => one.as_str().is_some_and(test),
        None => false,
    };
    let principal = |name: &str| name == service.principal();
    let does = |name: &str| crate::controls::words::globs(name, action);
    policy.statements().unwrap_or_default().iter().any(|one| {
        one.get("Effect").is_some_and(|effect| effect == "Allow")
            && any(one.get("Principal").and_then(|who| who.get("Service")), &principal)
            && any(one.get("Action"), &does)
    })
}

fn bucket_arn(account: &Account, bucket: &BucketName) -> String {
    format!("arn:{}:s3:::{bucket}", account.partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::unread;

    #[test]
    fn a_second_trail_joins_the_first() {
        let account = unread().account;
        let bucket = BucketName::new("b");
        let (one, two) = ("arn:x:one".to_owned(), "arn:x:two".to_owned());
        let first = PolicyText::of(&trail_bucket(&account, &bucket, None, &one, None));
        let both = trail_bucket(&account, &bucket, None, &two, Some(&first));
        let both = first.with(&both).unwrap();
        assert_eq!(both.statements().unwrap().len(), 2);
        assert!(both.as_str().contains(r#""aws:SourceArn":["arn:x:one","arn:x:two"]"#));
        // Joining again changes nothing.
        let again = trail_bucket(&account, &bucket, None, &one, Some(&both));
        assert!(both.has(&again));
    }

    #[test]
    fn services_are_let_in_by_name() {
        let account = unread().account;
        let bucket = BucketName::new("b");
        let trail = "arn:x:one".to_owned();
        let policy = PolicyText::of(&trail_bucket(&account, &bucket, None, &trail, None));
        assert!(lets_in(&policy, Service::CloudTrail, "s3:PutObject"));
        assert!(!lets_in(&policy, Service::Config, "s3:PutObject"));
        assert!(!lets_in(&policy, Service::CloudTrail, "s3:ListBucket"));
    }
}
