use super::*;
use crate::aws::ErrorKind;
use crate::aws::fake::fake;
use crate::model::{BucketName, ModeOverride};

fn home() -> Region {
    Region::new("eu-west-1")
}

fn recorder(records: Records) -> RecorderConfig {
    let role = Some("arn:role".to_owned());
    RecorderConfig { role, records, global_types: false, mode: None }
}

fn putting(to: RecorderConfig) -> Operation {
    Operation::PutConfigurationRecorder { region: home(), name: "default".to_owned(), to }
}

fn channelling(to: DeliveryChannel) -> Operation {
    Operation::PutDeliveryChannel { region: home(), name: "default".to_owned(), to }
}

fn empty_channel() -> DeliveryChannel {
    DeliveryChannel { bucket: None, prefix: None, topic: None, key: None, frequency: None }
}

fn error(code: &str) -> (u16, String) {
    (400, format!(r#"{{"__type":"{code}","message":"no"}}"#))
}

async fn document(
    answer: fn(&str) -> (u16, String),
    operation: &Operation,
) -> Result<Document, ServiceError> {
    reread(operation, &fake(answer).clients).await.map(|now| now.document)
}

/// The body of the one request.
async fn sent(operation: &Operation, call: &str) -> String {
    let fake = fake(|_| (200, "{}".to_owned()));
    execute(operation, &fake.clients, &Approval::for_test()).await.unwrap();
    let request = fake.requests(&format!("StarlingDoveService.{call}")).pop().unwrap();
    request.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[tokio::test]
async fn each_strategy_has_its_fields() {
    let volumes = || BTreeSet::from(["AWS::EC2::Volume".to_owned()]);
    let everything = RecorderConfig { global_types: true, ..recorder(Records::Everything) };
    let body = sent(&putting(everything), "PutConfigurationRecorder").await;
    for field in [
        r#""name":"default""#,
        r#""roleARN":"arn:role""#,
        r#""allSupported":true"#,
        r#""includeGlobalResourceTypes":true"#,
        r#""recordingStrategy":{"useOnly":"ALL_SUPPORTED_RESOURCE_TYPES"}"#,
    ] {
        assert!(body.contains(field), "{field} in {body}");
    }
    assert!(!body.contains("recordingMode") && !body.contains("esourceTypes\":["), "{body}");
    let all_but = recorder(Records::AllBut(volumes()));
    let body = sent(&putting(all_but), "PutConfigurationRecorder").await;
    for field in [
        r#""exclusionByResourceTypes":{"resourceTypes":["AWS::EC2::Volume"]}"#,
        r#""recordingStrategy":{"useOnly":"EXCLUSION_BY_RESOURCE_TYPES"}"#,
    ] {
        assert!(body.contains(field), "{field} in {body}");
    }
    assert!(!body.contains(r#""allSupported":true"#), "{body}");
    let only = recorder(Records::Only(volumes()));
    let body = sent(&putting(only), "PutConfigurationRecorder").await;
    for field in [
        r#""resourceTypes":["AWS::EC2::Volume"]"#,
        r#""recordingStrategy":{"useOnly":"INCLUSION_BY_RESOURCE_TYPES"}"#,
    ] {
        assert!(body.contains(field), "{field} in {body}");
    }
    assert!(!body.contains("exclusionByResourceTypes"), "{body}");
}

/// What is written is what is read.
#[tokio::test]
async fn a_recorder_survives_the_way_there_and_back() {
    let mode = crate::model::RecordingMode {
        frequency: "DAILY".to_owned(),
        overrides: vec![ModeOverride {
            description: Some("busy".to_owned()),
            types: BTreeSet::from(["AWS::EC2::Volume".to_owned()]),
            frequency: "CONTINUOUS".to_owned(),
        }],
    };
    let to = RecorderConfig { mode: Some(mode), ..recorder(Records::Everything) };
    let body = sent(&putting(to.clone()), "PutConfigurationRecorder").await;
    for field in [
        r#""recordingFrequency":"DAILY""#,
        r#""description":"busy""#,
        r#""recordingFrequency":"CONTINUOUS""#,
    ] {
        assert!(body.contains(field), "{field} in {body}");
    }
    let operation = putting(to.clone());
    let read = document(
        |_| {
            let mode = r#"{"recordingFrequency":"DAILY","recordingModeOverrides":[{"description":"busy",
                    "resourceTypes":["AWS::EC2::Volume"],"recordingFrequency":"CONTINUOUS"}]}"#;
            let group = r#"{"allSupported":true,"includeGlobalResourceTypes":false,"resourceTypes":[],
                    "exclusionByResourceTypes":{"resourceTypes":[]},
                    "recordingStrategy":{"useOnly":"ALL_SUPPORTED_RESOURCE_TYPES"}}"#;
            let recorder = format!(
                r#"{{"name":"default","roleARN":"arn:role","recordingGroup":{group},"recordingMode":{mode}}}"#
            );
            (200, format!(r#"{{"ConfigurationRecorders":[{recorder}]}}"#))
        },
        &operation,
    );
    assert_eq!(read.await, Ok(Document::Recorder(Some(to))));
}

#[tokio::test]
async fn a_channel_is_sent_whole() {
    let to = DeliveryChannel {
        bucket: Some(BucketName::new("b")),
        prefix: Some("p".to_owned()),
        topic: Some("arn:topic".to_owned()),
        key: Some("arn:key".to_owned()),
        frequency: Some("TwentyFour_Hours".to_owned()),
    };
    let body = sent(&channelling(to), "PutDeliveryChannel").await;
    for field in [
        r#""name":"default""#,
        r#""s3BucketName":"b""#,
        r#""s3KeyPrefix":"p""#,
        r#""s3KmsKeyArn":"arn:key""#,
        r#""snsTopicARN":"arn:topic""#,
        r#""configSnapshotDeliveryProperties":{"deliveryFrequency":"TwentyFour_Hours"}"#,
    ] {
        assert!(body.contains(field), "{field} in {body}");
    }
    let body = sent(&channelling(empty_channel()), "PutDeliveryChannel").await;
    assert_eq!(body, r#"{"DeliveryChannel":{"name":"default"}}"#);
}

#[tokio::test]
async fn what_is_not_listed_is_not_there() {
    let nothing = |_: &str| (200, "{}".to_owned());
    let putting = putting(recorder(Records::Everything));
    assert_eq!(document(nothing, &putting).await, Ok(Document::Recorder(None)));
    let channelling = channelling(empty_channel());
    assert_eq!(document(nothing, &channelling).await, Ok(Document::Channel(None)));
    let denied = |_: &str| error("AccessDeniedException");
    for operation in [putting, channelling] {
        assert_eq!(document(denied, &operation).await.unwrap_err().kind, ErrorKind::Denied);
    }
}

#[tokio::test]
async fn whether_a_recorder_records_is_asked_by_its_name() {
    let starting =
        Operation::StartConfigurationRecorder { region: home(), name: "default".to_owned() };
    let on = fake(|_| {
        let status = r#"{"name":"default","recording":true}"#;
        (200, format!(r#"{{"ConfigurationRecordersStatus":[{status}]}}"#))
    });
    let now = reread(&starting, &on.clients).await.unwrap();
    assert_eq!(now.document, Document::Recording(true));
    assert_eq!(on.requests(r#"{"ConfigurationRecorderNames":["default"]}"#).len(), 1);
    assert!(document(|_| (200, "{}".to_owned()), &starting).await.is_err());
    let gone = |_: &str| error("NoSuchConfigurationRecorderException");
    assert_eq!(document(gone, &starting).await, Ok(Document::Recording(false)));
}

#[tokio::test]
async fn the_other_calls_name_what_they_are_about() {
    let (region, name) = (home(), "default".to_owned());
    let recorder = r#"{"ConfigurationRecorderName":"default"}"#;
    let channel = r#"{"DeliveryChannelName":"default"}"#;
    let calls = [
        (
            Operation::StartConfigurationRecorder { region: home(), name: name.clone() },
            "StartConfigurationRecorder",
            recorder,
        ),
        (
            Operation::StopConfigurationRecorder { region: home(), name: name.clone() },
            "StopConfigurationRecorder",
            recorder,
        ),
        (
            Operation::DeleteConfigurationRecorder { region: home(), name: name.clone() },
            "DeleteConfigurationRecorder",
            recorder,
        ),
        (Operation::DeleteDeliveryChannel { region, name }, "DeleteDeliveryChannel", channel),
    ];
    for (operation, call, body) in calls {
        assert_eq!(sent(&operation, call).await, body);
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_code() {
    let fake = fake(|_| error("InsufficientDeliveryPolicyException"));
    let operation = channelling(empty_channel());
    let error = execute(&operation, fake.clients.once(), &Approval::for_test()).await.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("InsufficientDeliveryPolicyException"));
    assert!(!error.ambiguous);
    assert_eq!(fake.requests("PutDeliveryChannel").len(), 1);
}
