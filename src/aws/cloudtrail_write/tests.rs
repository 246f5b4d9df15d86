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
        if request.contains("DescribeKey") { error("NotFoundException") } else { with_key(request) }
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
    let operation =
        Operation::DeleteTrail { region: home(), name: "main".to_owned(), alias: Some(alias()) };
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
    let to = TrailConfig { prefix: Some("p".to_owned()), logs: Some(logs), ..config(Some(ALIAS)) };
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
    let error =
        execute(&operation, &now, fake.clients.once(), &Approval::for_test()).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InsufficientS3BucketPolicyException"));
    assert!(!error.ambiguous);
    assert_eq!(fake.requests("UpdateTrail").len(), 1);
}
