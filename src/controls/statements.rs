//! The statements that harden adds to policies, each under a `Sid` of its own. Where several trails or
//! buckets share one, it lists all of them.

use serde_json::{Value, json};

use super::words;
use crate::model::{Account, BucketName, PolicyText, Region, Service, is_open};

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

fn with(mut list: Vec<String>, more: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    list.extend(more.into_iter().map(Into::into));
    list.sort();
    list.dedup();
    list
}

fn source_arns(operator: &'static str) -> impl for<'a> Fn(&'a Value) -> Option<&'a Value> {
    move |one| one.get("Condition")?.get(operator)?.get("aws:SourceArn")
}

/// A trail, as statements about it need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrailOf<'a> {
    pub(super) arn: &'a str,
    /// Whether it delivers for every account of an organization.
    pub(super) organization: bool,
}

/// Lets a trail deliver to a bucket.
pub(super) fn trail_bucket(
    account: &Account,
    (bucket, prefix): (&BucketName, Option<&str>),
    trail: TrailOf<'_>,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let arn = bucket_arn(account, bucket);
    let path = prefix.map_or(String::new(), |prefix| format!("{prefix}/"));
    let principal = json!({"Service": Service::CloudTrail.principal()});
    let trails = |sid| with(listed(policy, sid, source_arns("StringEquals")), [trail.arn]);
    let own = format!("{arn}/{path}AWSLogs/{}/*", account.id);
    // The id of the organization is not known here, and the trail is.
    let all = trail.organization.then(|| format!("{arn}/{path}AWSLogs/o-*"));
    let objects = [own].into_iter().chain(all);
    let objects = with(listed(policy, TRAIL_WRITE, |one| one.get("Resource")), objects);
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
    (bucket, prefix): (&BucketName, Option<&str>),
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const PUT: &str = "HardenConfigPut";
    let arn = bucket_arn(account, bucket);
    let path = prefix.map_or(String::new(), |prefix| format!("{prefix}/"));
    let principal = json!({"Service": Service::Config.principal()});
    let ours = json!({"AWS:SourceAccount": account.id});
    let objects = format!("{arn}/{path}AWSLogs/{}/Config/*", account.id);
    // Regions may deliver under prefixes of their own.
    let objects = with(listed(policy, PUT, |one| one.get("Resource")), [objects]);
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
            "Sid": PUT,
            "Effect": "Allow",
            "Principal": principal,
            "Action": "s3:PutObject",
            "Resource": objects,
            "Condition": {"StringEquals": {
                "AWS:SourceAccount": account.id,
                "s3:x-amz-acl": "bucket-owner-full-control",
            }},
        }),
    ]
}

/// Lets S3 write the access logs of buckets into another.
pub(super) fn access_logs(
    account: &Account,
    target: &BucketName,
    sources: &[BucketName],
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const SID: &str = "HardenAccessLogs";
    let sources = sources.iter().map(|source| bucket_arn(account, source));
    let sources = with(listed(policy, SID, source_arns("ArnLike")), sources);
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
    (region, group): (&Region, &str),
    organization: bool,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const SID: &str = "HardenTrailLogs";
    let streams = |begin: &str| {
        account.arn("logs", region.as_str(), &format!("log-group:{group}:log-stream:{begin}*"))
    };
    let own = streams(&format!("{}_CloudTrail_{region}", account.id));
    let arns = [own].into_iter().chain(organization.then(|| streams("o-")));
    let arns = with(listed(policy, SID, |one| one.get("Resource")), arns);
    vec![json!({
        "Sid": SID,
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": arns,
    })]
}

/// Lets flow logs of the account take on a role.
pub(super) fn flow_log_trust(account: &Account) -> Value {
    json!({
        "Sid": "HardenFlowLogs",
        "Effect": "Allow",
        "Principal": {"Service": Service::VpcFlowLogs.principal()},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": account.arn("ec2", "*", "vpc-flow-log/*")},
        },
    })
}

/// Lets a role write what flow logs deliver to the log groups of a name, in every region. It cannot make the
/// group: one that is deleted does not come back without its retention.
pub(super) fn flow_log_streams(
    account: &Account,
    group: &str,
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    const SID: &str = "HardenFlowLogs";
    let group = account.arn("logs", "*", &format!("log-group:{group}:*"));
    let groups = with(listed(policy, SID, |one| one.get("Resource")), [group]);
    vec![
        json!({
            "Sid": SID,
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": groups,
        }),
        // What is looked for by a name is no resource yet.
        json!({
            "Sid": "HardenFlowLogGroups",
            "Effect": "Allow",
            "Action": "logs:DescribeLogGroups",
            "Resource": "*",
        }),
    ]
}

/// Lets trails encrypt with a key.
pub(super) fn trail_key(
    account: &Account,
    trails: &[String],
    policy: Option<&PolicyText>,
) -> Vec<Value> {
    let principal = json!({"Service": Service::CloudTrail.principal()});
    let trails = |sid| {
        let trails = trails.iter().map(String::as_str);
        with(listed(policy, sid, source_arns("StringEquals")), trails)
    };
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
        // Where the bucket has a key of its own below this one, CloudTrail has to open that first. What
        // it gives as its source then is not documented.
        json!({
            "Sid": "HardenTrailBucketKey",
            "Effect": "Allow",
            "Principal": principal,
            "Action": "kms:Decrypt",
            "Resource": "*",
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

/// Whether a policy lets a service do something on behalf of a thing, by its ARN. Of the conditions only
/// those on the source are looked at.
pub(super) fn lets_in(policy: &PolicyText, service: Service, action: &str, source: &str) -> bool {
    policy.statements().unwrap_or_default().iter().any(|one| {
        let named = one.get("Principal").and_then(|who| who.get("Service"));
        let named = each(named).any(|name| name == service.principal());
        one.get("Effect").is_some_and(|effect| effect == "Allow")
            && (named || is_open(one))
            && each(one.get("Action")).any(|name| globs(name, action))
            && is_for(one, source)
    })
}

/// Whether no condition of a statement asks for another source.
fn is_for(statement: &Value, source: &str) -> bool {
    let conditions = statement.get("Condition").and_then(Value::as_object);
    let keys = conditions.into_iter().flatten().filter_map(|(_, keys)| keys.as_object()).flatten();
    let mut sources = keys.filter(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"));
    sources.all(|(_, arns)| {
        each(Some(arns)).any(|arn| arn.as_str().is_some_and(|arn| words::likes(arn, source)))
    })
}

/// Policies write a list of one without brackets.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value
        .into_iter()
        .flat_map(|one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice))
}

fn globs(pattern: &Value, text: &str) -> bool {
    pattern.as_str().is_some_and(|pattern| words::globs(pattern, text))
}

fn bucket_arn(account: &Account, bucket: &BucketName) -> String {
    format!("arn:{}:s3:::{bucket}", account.partition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::unread;

    fn trail(arn: &str) -> TrailOf<'_> {
        TrailOf { arn, organization: false }
    }

    fn statements(arn: &str, policy: Option<&PolicyText>) -> Vec<Value> {
        trail_bucket(&unread().account, (&BucketName::new("b"), None), trail(arn), policy)
    }

    #[test]
    fn a_second_trail_joins_the_first() {
        let first = PolicyText::of(&statements("arn:x:one", None));
        let both = first.with(&statements("arn:x:two", Some(&first))).unwrap();
        assert_eq!(both.statements().unwrap().len(), 2);
        assert!(both.as_str().contains(r#""aws:SourceArn":["arn:x:one","arn:x:two"]"#));
        // Joining again changes nothing.
        assert!(both.has(&statements("arn:x:one", Some(&both))));
    }

    #[test]
    fn an_organization_delivers_under_its_own_id() {
        let organization = TrailOf { arn: "arn:x:org", organization: true };
        let account = unread().account;
        let bucket = (&BucketName::new("b"), Some("logs"));
        let text = PolicyText::of(&trail_bucket(&account, bucket, organization, None));
        assert!(text.as_str().contains(r#""arn:aws:s3:::b/logs/AWSLogs/111122223333/*""#));
        assert!(text.as_str().contains(r#""arn:aws:s3:::b/logs/AWSLogs/o-*""#));
        let region = Region::new("eu-west-1");
        let streams = trail_log_streams(&account, (&region, "g"), true, None);
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:g:log-stream:o-*";
        assert!(streams[0].to_string().contains(arn));
    }

    #[test]
    fn services_are_let_in_by_name() {
        let policy = PolicyText::of(&statements("arn:x:one", None));
        assert!(lets_in(&policy, Service::CloudTrail, "s3:PutObject", "arn:x:one"));
        assert!(!lets_in(&policy, Service::Config, "s3:PutObject", "arn:x:one"));
        assert!(!lets_in(&policy, Service::CloudTrail, "s3:ListBucket", "arn:x:one"));
        let open = json!({"Effect": "Allow", "Principal": "*", "Action": ["s3:Put*"]});
        assert!(lets_in(&PolicyText::of(&[open]), Service::Config, "s3:PutObject", "arn:x"));
    }

    #[test]
    fn a_condition_lets_in_what_it_names() {
        let lets = |policy: &PolicyText, source| {
            lets_in(policy, Service::CloudTrail, "s3:PutObject", source)
        };
        let policy = PolicyText::of(&statements("arn:x:one", None));
        assert!(lets(&policy, "arn:x:one"));
        assert!(!lets(&policy, "arn:x:two"));
        let like =
            policy.as_str().replace("arn:x:one", "arn:x:*").replace("StringEquals", "ArnLike");
        assert!(lets(&PolicyText::new(like), "arn:x:two"));
        let anyone = policy.as_str().replace("aws:SourceArn", "aws:Other");
        assert!(lets(&PolicyText::new(anyone), "arn:x:two"));
    }
}
