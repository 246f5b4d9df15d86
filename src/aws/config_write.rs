//! AWS Config: sets up recorders and delivery channels, and starts and stops recorders.

use std::collections::BTreeSet;

use aws_sdk_config::error::BuildError;
use aws_sdk_config::types::{
    ConfigSnapshotDeliveryProperties, ConfigurationRecorder, ExclusionByResourceTypes,
    RecordingGroup, RecordingMode, RecordingModeOverride, RecordingStrategy, RecordingStrategyType,
    ResourceType,
};

use super::{Clients, ErrorKind, Reread, ServiceError, config};
use crate::approval::Approval;
use crate::change::{Document, Operation, RecorderConfig};
use crate::model::{Action, DeliveryChannel, Records, Region};

const STATUS: &str = "config:DescribeConfigurationRecorderStatus";
const PUT_RECORDER: &str = "config:PutConfigurationRecorder";

/// Reads the target of an operation of AWS Config.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other operation is one of AWS Config")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    let document = match operation {
        Operation::PutConfigurationRecorder { region, name, .. }
        | Operation::DeleteConfigurationRecorder { region, name } => {
            let recorders = config::recorders(clients, region).await?;
            Document::Recorder(recorders.get(name).map(RecorderConfig::of))
        }
        Operation::PutDeliveryChannel { region, name, .. }
        | Operation::DeleteDeliveryChannel { region, name } => {
            Document::Channel(config::channels(clients, region).await?.remove(name))
        }
        Operation::StartConfigurationRecorder { region, name }
        | Operation::StopConfigurationRecorder { region, name } => {
            Document::Recording(is_recording(clients, region, name).await?)
        }
        other => return Err(ServiceError::ours(other.action(), "AWS Config has no such call")),
    };
    Ok(Reread::of(document))
}

/// Whether a recorder records. One that is not there records nothing.
async fn is_recording(
    clients: &Clients,
    region: &Region,
    name: &str,
) -> Result<bool, ServiceError> {
    let answer = clients
        .config(region)
        .call(STATUS, |config| {
            config
                .describe_configuration_recorder_status()
                .configuration_recorder_names(name)
                .send()
        })
        .await;
    let answer = match answer {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(false),
        answer => answer?,
    };
    let mut statuses = answer.configuration_recorders_status().iter();
    let status = statuses.find(|status| status.name() == Some(name));
    let unsaid = || ServiceError::ours(Action::new(STATUS), "an answer without a status");
    status.map(|status| status.recording).ok_or_else(unsaid)
}

/// Carries out an operation of AWS Config.
#[expect(clippy::wildcard_enum_match_arm, reason = "no other operation is one of AWS Config")]
pub(super) async fn execute(
    operation: &Operation,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    match operation {
        Operation::PutConfigurationRecorder { region, name, to } => {
            put_recorder(clients, (region, name), to, approval).await
        }
        Operation::DeleteConfigurationRecorder { region, name } => {
            delete_recorder(clients, (region, name), approval).await
        }
        Operation::PutDeliveryChannel { region, name, to } => {
            put_channel(clients, (region, name), to, approval).await
        }
        Operation::DeleteDeliveryChannel { region, name } => {
            delete_channel(clients, (region, name), approval).await
        }
        Operation::StartConfigurationRecorder { region, name } => {
            start(clients, (region, name), approval).await
        }
        Operation::StopConfigurationRecorder { region, name } => {
            stop(clients, (region, name), approval).await
        }
        other => Err(ServiceError::ours(other.action(), "AWS Config has no such call")),
    }
}

/// Sets up a recorder, in place of the one of this name.
async fn put_recorder(
    clients: &Clients,
    (region, name): (&Region, &str),
    to: &RecorderConfig,
    _: &Approval,
) -> Result<(), ServiceError> {
    let wrong =
        |error: BuildError| ServiceError::ours(Action::new(PUT_RECORDER), error.to_string());
    let recorder = ConfigurationRecorder::builder()
        .name(name)
        .set_role_arn(to.role.clone())
        .recording_group(group(to))
        .set_recording_mode(to.mode.as_ref().map(mode).transpose().map_err(wrong)?)
        .build();
    clients
        .config(region)
        .call(PUT_RECORDER, |config| {
            config.put_configuration_recorder().configuration_recorder(recorder).send()
        })
        .await
        .map(drop)
}

/// AWS takes a strategy only with the fields that belong to it.
fn group(to: &RecorderConfig) -> RecordingGroup {
    let strategy = |only| RecordingStrategy::builder().use_only(only).build();
    let group = RecordingGroup::builder();
    match &to.records {
        Records::Everything => group
            .all_supported(true)
            .include_global_resource_types(to.global_types)
            .recording_strategy(strategy(RecordingStrategyType::AllSupportedResourceTypes)),
        Records::AllBut(types) => {
            let excluded = ExclusionByResourceTypes::builder();
            group
                .exclusion_by_resource_types(
                    excluded.set_resource_types(Some(kinds(types))).build(),
                )
                .recording_strategy(strategy(RecordingStrategyType::ExclusionByResourceTypes))
        }
        Records::Only(types) => group
            .set_resource_types(Some(kinds(types)))
            .recording_strategy(strategy(RecordingStrategyType::InclusionByResourceTypes)),
    }
    .build()
}

fn kinds(types: &BTreeSet<String>) -> Vec<ResourceType> {
    types.iter().map(|one| ResourceType::from(one.as_str())).collect()
}

fn mode(mode: &crate::model::RecordingMode) -> Result<RecordingMode, BuildError> {
    let overrides = mode.overrides.iter().map(|one| {
        RecordingModeOverride::builder()
            .set_description(one.description.clone())
            .set_resource_types(Some(kinds(&one.types)))
            .recording_frequency(one.frequency.as_str().into())
            .build()
    });
    let overrides: Vec<_> = overrides.collect::<Result<_, _>>()?;
    RecordingMode::builder()
        .recording_frequency(mode.frequency.as_str().into())
        .set_recording_mode_overrides((!overrides.is_empty()).then_some(overrides))
        .build()
}

/// Takes a recorder away. What it has recorded stays.
async fn delete_recorder(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .config(region)
        .call("config:DeleteConfigurationRecorder", |config| {
            config.delete_configuration_recorder().configuration_recorder_name(name).send()
        })
        .await
        .map(drop)
}

/// Sets up a delivery channel, in place of the one of this name.
async fn put_channel(
    clients: &Clients,
    (region, name): (&Region, &str),
    to: &DeliveryChannel,
    _: &Approval,
) -> Result<(), ServiceError> {
    let snapshots = to.frequency.as_deref().map(|frequency| {
        ConfigSnapshotDeliveryProperties::builder().delivery_frequency(frequency.into()).build()
    });
    let channel = aws_sdk_config::types::DeliveryChannel::builder()
        .name(name)
        .set_s3_bucket_name(to.bucket.as_ref().map(ToString::to_string))
        .set_s3_key_prefix(to.prefix.clone())
        .set_s3_kms_key_arn(to.key.clone())
        .set_sns_topic_arn(to.topic.clone())
        .set_config_snapshot_delivery_properties(snapshots)
        .build();
    clients
        .config(region)
        .call("config:PutDeliveryChannel", |config| {
            config.put_delivery_channel().delivery_channel(channel).send()
        })
        .await
        .map(drop)
}

/// Takes a delivery channel away, which AWS refuses while anything records. What it has delivered stays.
async fn delete_channel(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .config(region)
        .call("config:DeleteDeliveryChannel", |config| {
            config.delete_delivery_channel().delivery_channel_name(name).send()
        })
        .await
        .map(drop)
}

/// Lets a recorder record.
async fn start(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .config(region)
        .call("config:StartConfigurationRecorder", |config| {
            config.start_configuration_recorder().configuration_recorder_name(name).send()
        })
        .await
        .map(drop)
}

/// Keeps a recorder from recording.
async fn stop(
    clients: &Clients,
    (region, name): (&Region, &str),
    _: &Approval,
) -> Result<(), ServiceError> {
    clients
        .config(region)
        .call("config:StopConfigurationRecorder", |config| {
            config.stop_configuration_recorder().configuration_recorder_name(name).send()
        })
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
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
        let error =
            execute(&operation, fake.clients.once(), &Approval::for_test()).await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("InsufficientDeliveryPolicyException"));
        assert!(!error.ambiguous);
        assert_eq!(fake.requests("PutDeliveryChannel").len(), 1);
    }
}
