//! CloudTrail: makes, changes and deletes trails, and starts and stops them. Only in their home region.

use std::error::Error;

use aws_sdk_cloudtrail::types::Tag;

use super::cloudtrail::trail_of;
use super::{Clients, ErrorKind, Handle, Reread, ServiceError, kms};
use crate::approval::Approval;
use crate::change::{AliasOf, Document, Operation, Tags, TrailConfig};
use crate::model::{Action, KeyId, Region, Trail};

const DESCRIBE: &str = "cloudtrail:DescribeTrails";
const STATUS: &str = "cloudtrail:GetTrailStatus";
const CREATE: &str = "cloudtrail:CreateTrail";

/// Reads the target of an operation of CloudTrail.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other operation is one of CloudTrail")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    match operation {
        Operation::CreateTrail { region, name, to, .. }
        | Operation::UpdateTrail { region, name, to, .. } => {
            reread_trail(operation.key_alias(), clients, (region, name), Some(to)).await
        }
        Operation::DeleteTrail { region, name, .. } => {
            reread_trail(operation.key_alias(), clients, (region, name), None).await
        }
        Operation::StartLogging { region, name } | Operation::StopLogging { region, name } => {
            Ok(Reread::of(Document::Recording(is_logging(clients, region, name).await?)))
        }
        other => Err(ServiceError::ours(other.action(), "CloudTrail has no such call")),
    }
}

/// The trail as the operation knows it, and the ARN of the key that it knows by an alias.
async fn reread_trail(
    alias: Option<&AliasOf>,
    clients: &Clients,
    (region, name): (&Region, &str),
    to: Option<&TrailConfig>,
) -> Result<Reread, ServiceError> {
    let trail = trail(clients, region, name).await?;
    let has_key = trail.as_ref().is_some_and(|trail| trail.key.is_some());
    let by_alias = |alias: &AliasOf| to.and_then(|to| to.key.as_ref()) == Some(&alias.name);
    let arn = match alias.filter(|alias| has_key || by_alias(alias)) {
        Some(alias) => arn_of(clients, alias).await?,
        None => None,
    };
    let config = trail.as_ref().map(|trail| {
        let mut config = TrailConfig::of(trail);
        if let Some(alias) = alias.filter(|_| arn.is_some() && config.key == arn) {
            config.key = Some(alias.name.clone());
        }
        config
    });
    let handle = arn.map_or(Handle::None, Handle::Id);
    Ok(Reread { document: Document::Trail(config), handle })
}

/// The account's own trail of this name and home, if there is one.
async fn trail(
    clients: &Clients,
    region: &Region,
    name: &str,
) -> Result<Option<Trail>, ServiceError> {
    let answer = clients
        .cloudtrail(region)
        .call(DESCRIBE, |trails| {
            trails.describe_trails().trail_name_list(name).include_shadow_trails(false).send()
        })
        .await;
    let listed = match answer {
        Ok(answer) => answer.trail_list.unwrap_or_default(),
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let half = || ServiceError::ours(Action::new(DESCRIBE), "a trail without its essentials");
    for one in listed {
        let (_, trail) = trail_of(one).ok_or_else(half)?;
        // One of the organization may have the same name.
        if trail.name == name && trail.home == *region && trail.owner == *clients.account() {
            return Ok(Some(trail));
        }
    }
    Ok(None)
}

/// The ARN of the key that an alias names, if there is such an alias.
async fn arn_of(clients: &Clients, alias: &AliasOf) -> Result<Option<String>, ServiceError> {
    match kms::describe(clients, &alias.region, &KeyId::new(alias.name.as_str())).await {
        Ok(key) => {
            let action = Action::new("kms:DescribeKey");
            let missing = || ServiceError::ours(action, "an answer without the key's ARN");
            key.arn.map(Some).ok_or_else(missing)
        }
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a trail records. One that is not there records nothing.
async fn is_logging(clients: &Clients, region: &Region, name: &str) -> Result<bool, ServiceError> {
    let trails = clients.cloudtrail(region);
    let answer = trails.call(STATUS, |trails| trails.get_trail_status().name(name).send()).await;
    let answer = match answer {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(false),
        answer => answer?,
    };
    let unsaid = || ServiceError::ours(Action::new(STATUS), "an answer without a status");
    answer.is_logging.ok_or_else(unsaid)
}

/// Carries out an operation of CloudTrail.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other operation is one of CloudTrail")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    match operation {
        Operation::CreateTrail { region, name, to, tags, .. } => {
            let to = with_key(operation.key_alias(), to, now);
            create(clients, (region, name), &to, tags, approval).await
        }
        Operation::UpdateTrail { region, name, to, .. } => {
            let to = with_key(operation.key_alias(), to, now);
            update(clients, (region, name), &to, approval).await
        }
        Operation::DeleteTrail { region, name, .. } => {
            delete(clients, (region, name), approval).await
        }
        Operation::StartLogging { region, name } => start(clients, (region, name), approval).await,
        Operation::StopLogging { region, name } => stop(clients, (region, name), approval).await,
        other => Err(ServiceError::ours(other.action(), "CloudTrail has no such call")),
    }
}

/// The settings with the ARN of the key: CloudTrail looks for an alias in the region of the trail, and the
/// key is in that of the bucket. An alias that could not be resolved is CloudTrail's to refuse.
fn with_key(alias: Option<&AliasOf>, to: &TrailConfig, now: &Reread) -> TrailConfig {
    let is_alias = alias.is_some_and(|alias| to.key.as_ref() == Some(&alias.name));
    match &now.handle {
        Handle::Id(arn) if is_alias => TrailConfig { key: Some(arn.clone()), ..to.clone() },
        Handle::None | Handle::Rules(_) | Handle::Id(_) | Handle::Made(_) => to.clone(),
    }
}

/// Makes a trail. It does not record yet.
async fn create(
    clients: &Clients,
    (region, name): (&Region, &str),
    to: &TrailConfig,
    tags: &Tags,
    _: &Approval,
) -> Result<(), ServiceError> {
    let wrong = |error: &dyn Error| ServiceError::ours(Action::new(CREATE), error.to_string());
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags: Vec<Tag> = tags.collect::<Result<_, _>>().map_err(|error| wrong(&error))?;
    let logs = to.logs.as_ref();
    clients
        .cloudtrail(region)
        .call(CREATE, |trails| {
            trails
                .create_trail()
                .name(name)
                .s3_bucket_name(to.bucket.as_str())
                .set_s3_key_prefix(to.prefix.clone())
                .is_multi_region_trail(to.multi_region)
                .include_global_service_events(to.global_events)
                .enable_log_file_validation(to.validation)
                .set_cloud_watch_logs_log_group_arn(logs.map(|logs| logs.group.clone()))
                .set_cloud_watch_logs_role_arn(logs.and_then(|logs| logs.role.clone()))
                .set_kms_key_id(to.key.clone())
                .set_tags_list((!tags.is_empty()).then_some(tags))
                .send()
        })
        .await
        .map(drop)
}

/// Sets what harden sets of a trail. What is left unsaid stays, so that nothing is left unsaid: empty text
/// takes a value away. Whether it is the organization's is nothing that harden sets.
async fn update(
    clients: &Clients,
    (region, name): (&Region, &str),
    to: &TrailConfig,
    _: &Approval,
) -> Result<(), ServiceError> {
    let logs = to.logs.as_ref();
    let or_empty = |value: Option<&String>| value.cloned().unwrap_or_default();
    clients
        .cloudtrail(region)
        .call("cloudtrail:UpdateTrail", |trails| {
            trails
                .update_trail()
                .name(name)
                .s3_bucket_name(to.bucket.as_str())
                .s3_key_prefix(or_empty(to.prefix.as_ref()))
                .is_multi_region_trail(to.multi_region)
                .include_global_service_events(to.global_events)
                .enable_log_file_validation(to.validation)
                .cloud_watch_logs_log_group_arn(or_empty(logs.map(|logs| &logs.group)))
                .cloud_watch_logs_role_arn(or_empty(logs.and_then(|logs| logs.role.as_ref())))
                .kms_key_id(or_empty(to.key.as_ref()))
                .send()
        })
        .await
        .map(drop)
}

/// Deletes a trail. What it has delivered stays.
async fn delete(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    let trails = clients.cloudtrail(region);
    let action = "cloudtrail:DeleteTrail";
    trails.call(action, |trails| trails.delete_trail().name(name).send()).await.map(drop)
}

/// Lets a trail record.
async fn start(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    let trails = clients.cloudtrail(region);
    let action = "cloudtrail:StartLogging";
    trails.call(action, |trails| trails.start_logging().name(name).send()).await.map(drop)
}

/// Keeps a trail from recording.
async fn stop(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    let trails = clients.cloudtrail(region);
    let action = "cloudtrail:StopLogging";
    trails.call(action, |trails| trails.stop_logging().name(name).send()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};
    use crate::change::LogDelivery;
    use crate::model::BucketName;

    const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1";
    const ALIAS: &str = "alias/harden-cloudtrail";

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    /// What is set, with a key or without.
    fn config(key: Option<&str>) -> TrailConfig {
        TrailConfig {
            bucket: BucketName::new("logs"),
            prefix: None,
            multi_region: true,
            global_events: true,
            validation: true,
            logs: None,
            key: key.map(str::to_owned),
        }
    }

    fn alias() -> AliasOf {
        AliasOf { region: Region::new("eu-central-1"), name: ALIAS.to_owned() }
    }

    fn updating(to: TrailConfig, alias: Option<AliasOf>) -> Operation {
        Operation::UpdateTrail { region: home(), name: "main".to_owned(), to, alias }
    }

    fn listed(account: &str, more: &str) -> (u16, String) {
        let trail = format!(
            r#"{{"Name":"main","S3BucketName":"logs","S3KeyPrefix":"","HomeRegion":"eu-west-1",
                "TrailARN":"arn:aws:cloudtrail:eu-west-1:{account}:trail/main",
                "IsMultiRegionTrail":true,"IncludeGlobalServiceEvents":true,
                "LogFileValidationEnabled":true{more}}}"#
        );
        (200, format!(r#"{{"trailList":[{trail}]}}"#))
    }

    fn with_key(request: &str) -> (u16, String) {
        if request.contains("TrentService.DescribeKey") {
            return (200, format!(r#"{{"KeyMetadata":{{"KeyId":"1","Arn":"{KEY}"}}}}"#));
        }
        listed("111122223333", &format!(r#","KmsKeyId":"{KEY}""#))
    }

    fn error(code: &str) -> (u16, String) {
        (400, format!(r#"{{"__type":"{code}","message":"no"}}"#))
    }

    async fn document(fake: &Fake, operation: &Operation) -> Result<Document, ServiceError> {
        reread(operation, &fake.clients).await.map(|now| now.document)
    }

    async fn sent(operation: &Operation, handle: Handle, call: &str) -> String {
        let fake = fake(|_| (200, "{}".to_owned()));
        let now = Reread { document: Document::Trail(None), handle };
        execute(operation, &now, &fake.clients, &Approval::for_test()).await.unwrap();
        fake.requests(call).pop().unwrap()
    }

    #[tokio::test]
    async fn a_key_is_known_by_the_alias_that_names_it() {
        let fake = fake(with_key);
        let operation = updating(config(Some(ALIAS)), Some(alias()));
        let now = reread(&operation, &fake.clients).await.unwrap();
        assert_eq!(now.document, Document::Trail(Some(config(Some(ALIAS)))));
        assert_eq!(now.handle, Handle::Id(KEY.to_owned()));
        let asked = &fake.requests("DescribeTrails")[0];
        assert!(asked.contains(r#""trailNameList":["main"]"#), "{asked}");
        assert!(asked.contains(r#""includeShadowTrails":false"#), "{asked}");
        // Without an alias nothing is asked for, and nothing renamed.
        let plain = document(&fake, &updating(config(None), None)).await.unwrap();
        assert_eq!(plain, Document::Trail(Some(config(Some(KEY)))));
        assert_eq!(fake.requests("DescribeKey").len(), 1);
    }

    #[tokio::test]
    async fn an_alias_that_names_another_key_or_none_says_nothing() {
        let operation = updating(config(Some(ALIAS)), Some(alias()));
        let by_arn = Document::Trail(Some(config(Some(KEY))));
        let other = fake(|request| {
            let (status, answer) = with_key(request);
            let is_key = request.contains("DescribeKey");
            (status, if is_key { answer.replace("key/1", "key/2") } else { answer })
        });
        assert_eq!(document(&other, &operation).await.unwrap(), by_arn);
        let gone = fake(|request| {
            if request.contains("DescribeKey") {
                error("NotFoundException")
            } else {
                with_key(request)
            }
        });
        assert_eq!(document(&gone, &operation).await.unwrap(), by_arn);
        let denied = fake(|request| {
            let refused = error("AccessDeniedException");
            if request.contains("DescribeKey") { refused } else { with_key(request) }
        });
        assert_eq!(document(&denied, &operation).await.unwrap_err().kind, ErrorKind::Denied);
    }

    #[tokio::test]
    async fn a_trail_that_is_not_ours_or_not_there_is_none() {
        let operation = Operation::DeleteTrail {
            region: home(),
            name: "main".to_owned(),
            alias: Some(alias()),
        };
        let none = Ok(Document::Trail(None));
        for answer in [
            |_: &str| (200, r#"{"trailList":[]}"#.to_owned()),
            |_: &str| error("TrailNotFoundException"),
            |_: &str| listed("444455556666", ""),
        ] {
            assert_eq!(document(&fake(answer), &operation).await, none);
        }
        let half = fake(|_| (200, r#"{"trailList":[{"Name":"main"}]}"#.to_owned()));
        assert!(document(&half, &operation).await.is_err());
        let denied = fake(|_| error("AccessDeniedException"));
        assert_eq!(document(&denied, &operation).await.unwrap_err().kind, ErrorKind::Denied);
    }

    #[tokio::test]
    async fn whether_a_trail_records_is_asked_by_its_name() {
        let starting = Operation::StartLogging { region: home(), name: "main".to_owned() };
        let off = fake(|_| (200, r#"{"IsLogging":false}"#.to_owned()));
        assert_eq!(document(&off, &starting).await, Ok(Document::Recording(false)));
        assert!(off.requests("GetTrailStatus")[0].ends_with(r#"{"Name":"main"}"#));
        let silent = fake(|_| (200, "{}".to_owned()));
        assert!(document(&silent, &starting).await.is_err());
        let gone = fake(|_| error("TrailNotFoundException"));
        assert_eq!(document(&gone, &starting).await, Ok(Document::Recording(false)));
    }

    #[tokio::test]
    async fn a_new_trail_gets_its_settings_and_tags() {
        let logs = LogDelivery { group: "g:*".to_owned(), role: Some("r".to_owned()) };
        let to =
            TrailConfig { prefix: Some("p".to_owned()), logs: Some(logs), ..config(Some(ALIAS)) };
        let tags = Tags::from([("harden:baseline".to_owned(), "level-2".to_owned())]);
        let operation = Operation::CreateTrail {
            region: home(),
            name: "main".to_owned(),
            to,
            alias: Some(alias()),
            tags,
        };
        let request = sent(&operation, Handle::Id(KEY.to_owned()), "CreateTrail").await;
        for field in [
            r#""Name":"main""#.to_owned(),
            r#""S3BucketName":"logs""#.to_owned(),
            r#""S3KeyPrefix":"p""#.to_owned(),
            r#""IsMultiRegionTrail":true"#.to_owned(),
            r#""IncludeGlobalServiceEvents":true"#.to_owned(),
            r#""EnableLogFileValidation":true"#.to_owned(),
            r#""CloudWatchLogsLogGroupArn":"g:*""#.to_owned(),
            r#""CloudWatchLogsRoleArn":"r""#.to_owned(),
            r#""TagsList":[{"Key":"harden:baseline","Value":"level-2"}]"#.to_owned(),
            // The key, for CloudTrail would look for the alias in its own region.
            format!(r#""KmsKeyId":"{KEY}""#),
        ] {
            assert!(request.contains(&field), "{field} in {request}");
        }
        assert!(!request.contains("Organization"), "{request}");
        let unresolved = sent(&operation, Handle::None, "CreateTrail").await;
        assert!(unresolved.contains(&format!(r#""KmsKeyId":"{ALIAS}""#)), "{unresolved}");
    }

    #[tokio::test]
    async fn what_a_new_trail_lacks_is_left_unsaid() {
        let operation = Operation::CreateTrail {
            region: home(),
            name: "main".to_owned(),
            to: config(None),
            alias: None,
            tags: Tags::new(),
        };
        let request = sent(&operation, Handle::None, "CreateTrail").await;
        for field in ["S3KeyPrefix", "KmsKeyId", "CloudWatchLogs", "TagsList"] {
            assert!(!request.contains(field), "{field} in {request}");
        }
    }

    #[tokio::test]
    async fn an_update_says_everything_and_takes_away_by_empty_text() {
        let to = TrailConfig { validation: false, ..config(None) };
        let request = sent(&updating(to, None), Handle::None, "UpdateTrail").await;
        for field in [
            r#""Name":"main""#,
            r#""S3BucketName":"logs""#,
            r#""S3KeyPrefix":"""#,
            r#""IsMultiRegionTrail":true"#,
            r#""IncludeGlobalServiceEvents":true"#,
            r#""EnableLogFileValidation":false"#,
            r#""CloudWatchLogsLogGroupArn":"""#,
            r#""CloudWatchLogsRoleArn":"""#,
            r#""KmsKeyId":"""#,
        ] {
            assert!(request.contains(field), "{field} in {request}");
        }
        assert!(!request.contains("Organization"), "{request}");
        // Back to the key of before, whatever the alias names.
        let before = updating(config(Some("arn:old")), Some(alias()));
        let request = sent(&before, Handle::Id(KEY.to_owned()), "UpdateTrail").await;
        assert!(request.contains(r#""KmsKeyId":"arn:old""#), "{request}");
    }

    #[tokio::test]
    async fn the_other_calls_name_the_trail() {
        let (region, name) = (home(), "main".to_owned());
        let calls = [
            (Operation::StartLogging { region: home(), name: name.clone() }, "StartLogging"),
            (Operation::StopLogging { region: home(), name: name.clone() }, "StopLogging"),
            (Operation::DeleteTrail { region, name, alias: None }, "DeleteTrail"),
        ];
        for (operation, call) in calls {
            let request = sent(&operation, Handle::None, call).await;
            assert!(request.ends_with(r#"{"Name":"main"}"#), "{request}");
        }
    }

    #[tokio::test]
    async fn a_refusal_keeps_its_code() {
        let fake = fake(|_| error("InsufficientS3BucketPolicyException"));
        let now = Reread::of(Document::Trail(None));
        let operation = updating(config(None), None);
        let error = execute(&operation, &now, fake.clients.once(), &Approval::for_test())
            .await
            .unwrap_err();
        assert_eq!(error.code.as_deref(), Some("InsufficientS3BucketPolicyException"));
        assert!(!error.ambiguous);
        assert_eq!(fake.requests("UpdateTrail").len(), 1);
    }
}
