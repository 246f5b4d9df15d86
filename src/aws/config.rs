//! AWS Config: recorders and delivery channels. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_config::types::{
    ConfigurationRecorder, ConfigurationRecorderStatus, ExclusionByResourceTypes, RecordingGroup,
    RecordingStrategyType, ResourceType,
};

use super::{Clients, ServiceError};
use crate::model::{
    Action, BucketName, DeliveryChannel, LastStatus, ModeOverride, Observed, Recorder,
    RecorderStatus, RecordingMode, Records, Region,
};

const STATUS: &str = "config:DescribeConfigurationRecorderStatus";
/// The names of recorders that AWS services keep begin with this. Their settings are not ours.
const SERVICE_LINKED: &str = "AWSConfigurationRecorderFor";
/// The types of resources that have no region.
const GLOBAL_TYPES: [ResourceType; 4] =
    [ResourceType::Group, ResourceType::Policy, ResourceType::Role, ResourceType::User];

/// The account's own recorders of a region. What they do is yet to be read.
pub(crate) async fn recorders(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<String, Recorder>, ServiceError> {
    let answer = clients
        .config(region)
        .call("config:DescribeConfigurationRecorders", |config| {
            config.describe_configuration_recorders().send()
        })
        .await?;
    let recorders = answer.configuration_recorders.unwrap_or_default();
    Ok(recorders
        .into_iter()
        .filter(|one| !is_service_linked(one.name.as_deref(), one.service_principal.as_deref()))
        .map(|one| (one.name.clone().unwrap_or_else(|| "default".to_owned()), recorder_of(one)))
        .collect())
}

fn is_service_linked(name: Option<&str>, service: Option<&str>) -> bool {
    service.is_some() || name.is_some_and(|name| name.starts_with(SERVICE_LINKED))
}

/// What differs from recording everything continuously, which AWS writes out or leaves unsaid.
fn mode_of(mode: aws_sdk_config::types::RecordingMode) -> Option<RecordingMode> {
    let frequency = mode.recording_frequency.as_str().to_owned();
    let overrides = mode.recording_mode_overrides.unwrap_or_default().into_iter();
    let overrides: Vec<ModeOverride> = overrides
        .map(|one| ModeOverride {
            description: one.description,
            types: one.resource_types.iter().map(|kind| kind.as_str().to_owned()).collect(),
            frequency: one.recording_frequency.as_str().to_owned(),
        })
        .collect();
    let usual = frequency == "CONTINUOUS" && overrides.is_empty();
    (!usual).then_some(RecordingMode { frequency, overrides })
}

fn recorder_of(recorder: ConfigurationRecorder) -> Recorder {
    let group = recorder.recording_group;
    let records = group.as_ref().map_or(Records::Only(BTreeSet::new()), records);
    Recorder {
        role: recorder.role_arn,
        global_types: match &records {
            Records::Everything => group.is_some_and(|group| group.include_global_resource_types),
            Records::AllBut(types) => {
                GLOBAL_TYPES.iter().all(|global| !types.contains(global.as_str()))
            }
            Records::Only(types) => GLOBAL_TYPES.iter().all(|one| types.contains(one.as_str())),
        },
        records,
        mode: recorder.recording_mode.and_then(mode_of),
        status: Observed::Unread,
    }
}

fn records(group: &RecordingGroup) -> Records {
    let names = |types: &[ResourceType]| {
        types.iter().map(|one| one.as_str().to_owned()).collect::<BTreeSet<String>>()
    };
    let strategy =
        group.recording_strategy.as_ref().and_then(|strategy| strategy.use_only.as_ref());
    let excluded =
        group.exclusion_by_resource_types.as_ref().map(ExclusionByResourceTypes::resource_types);
    let everything =
        group.all_supported || strategy == Some(&RecordingStrategyType::AllSupportedResourceTypes);
    let excluding = strategy == Some(&RecordingStrategyType::ExclusionByResourceTypes);
    match excluded {
        Some(types) if excluding || !types.is_empty() => Records::AllBut(names(types)),
        None if excluding => Records::AllBut(BTreeSet::new()),
        _ if everything => Records::Everything,
        _ => Records::Only(names(group.resource_types())),
    }
}

/// What the recorders of a region are doing.
pub(crate) async fn recorder_status(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<String, RecorderStatus>, ServiceError> {
    let answer = clients
        .config(region)
        .call(STATUS, |config| config.describe_configuration_recorder_status().send())
        .await?;
    let statuses = answer.configuration_recorders_status.unwrap_or_default();
    Ok(statuses
        .into_iter()
        .map(|one| (one.name.clone().unwrap_or_else(|| "default".to_owned()), status_of(one)))
        .collect())
}

fn status_of(status: ConfigurationRecorderStatus) -> RecorderStatus {
    // The documentation and the service disagree about capital letters.
    let last = status.last_status.map(|last| last.as_str().to_ascii_lowercase());
    RecorderStatus {
        recording: status.recording,
        last: match last.as_deref() {
            Some("success") => LastStatus::Success,
            Some("pending") => LastStatus::Pending,
            Some("failure") => LastStatus::Failure,
            _ => LastStatus::Other,
        },
        error: status.last_error_code.filter(|code| !code.is_empty()),
    }
}

/// The recorders with what they are doing.
pub(crate) fn with_status(
    recorders: Result<BTreeMap<String, Recorder>, ServiceError>,
    statuses: &Result<BTreeMap<String, RecorderStatus>, ServiceError>,
) -> Observed<BTreeMap<String, Recorder>> {
    let mut recorders = match recorders {
        Ok(recorders) => recorders,
        Err(error) => return error.observed(),
    };
    for (name, recorder) in &mut recorders {
        recorder.status = match statuses {
            Ok(statuses) => statuses.get(name).cloned().map_or_else(
                || ServiceError::ours(Action::new(STATUS), "an answer without a status").observed(),
                Observed::Known,
            ),
            Err(error) => error.clone().observed(),
        };
    }
    Observed::Known(recorders)
}

/// The delivery channels of a region.
pub(crate) async fn channels(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<String, DeliveryChannel>, ServiceError> {
    let answer = clients
        .config(region)
        .call("config:DescribeDeliveryChannels", |config| {
            config.describe_delivery_channels().send()
        })
        .await?;
    let text = |value: Option<String>| value.filter(|text| !text.is_empty());
    let channels = answer.delivery_channels.unwrap_or_default().into_iter().map(|channel| {
        let name = channel.name.unwrap_or_else(|| "default".to_owned());
        let channel = DeliveryChannel {
            bucket: text(channel.s3_bucket_name).map(BucketName::new),
            prefix: text(channel.s3_key_prefix),
            topic: text(channel.sns_topic_arn),
            key: text(channel.s3_kms_key_arn),
            frequency: channel
                .config_snapshot_delivery_properties
                .and_then(|properties| properties.delivery_frequency)
                .map(|frequency| frequency.as_str().to_owned()),
        };
        (name, channel)
    });
    Ok(channels.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::fake;

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    #[tokio::test]
    async fn recorders_of_services_are_not_ours() {
        let fake = fake(|_| {
            let ours = r#"{"name":"default","roleARN":"r","recordingGroup":
                {"allSupported":true,"includeGlobalResourceTypes":true}}"#;
            let named = r#"{"name":"AWSConfigurationRecorderForX_1"}"#;
            let linked = r#"{"name":"x","servicePrincipal":"x.example"}"#;
            (200, format!(r#"{{"ConfigurationRecorders":[{ours},{named},{linked}]}}"#))
        });
        let recorders = recorders(&fake.clients, &home()).await.unwrap();
        let [(name, recorder)] = recorders.iter().collect::<Vec<_>>()[..] else { panic!() };
        assert_eq!((name.as_str(), &recorder.records), ("default", &Records::Everything));
        assert!(recorder.global_types);
    }

    #[test]
    fn groups_and_strategies_say_what_is_recorded() {
        use aws_sdk_config::types::RecordingStrategy;
        let strategy = |kind: &str| RecordingStrategy::builder().use_only(kind.into()).build();
        let volumes = || BTreeSet::from(["AWS::EC2::Volume".to_owned()]);
        let excluded = ExclusionByResourceTypes::builder().resource_types(ResourceType::Volume);
        let group = RecordingGroup::builder;
        let table = [
            (group().all_supported(true), Records::Everything),
            (
                group().recording_strategy(strategy("ALL_SUPPORTED_RESOURCE_TYPES")),
                Records::Everything,
            ),
            (
                group()
                    .recording_strategy(strategy("EXCLUSION_BY_RESOURCE_TYPES"))
                    .exclusion_by_resource_types(excluded.build()),
                Records::AllBut(volumes()),
            ),
            (
                group()
                    .recording_strategy(strategy("INCLUSION_BY_RESOURCE_TYPES"))
                    .resource_types(ResourceType::Volume),
                Records::Only(volumes()),
            ),
            (group(), Records::Only(BTreeSet::new())),
        ];
        for (group, expected) in table {
            assert_eq!(records(&group.build()), expected);
        }
    }

    #[tokio::test]
    async fn each_recorder_has_a_status_or_a_reason_for_none() {
        let fake = fake(|_| {
            let status = r#"{"name":"default","recording":true,"lastStatus":"SUCCESS"}"#;
            (200, format!(r#"{{"ConfigurationRecordersStatus":[{status}]}}"#))
        });
        let statuses = recorder_status(&fake.clients, &home()).await;
        let recorder = || recorder_of(ConfigurationRecorder::builder().build());
        let both = ["default", "other"].map(|name| (name.to_owned(), recorder()));
        let with = with_status(Ok(both.into()), &statuses);
        let recorders = with.ok().unwrap();
        let status = recorders["default"].status.ok().unwrap();
        assert_eq!((status.recording, status.last), (true, LastStatus::Success));
        assert_eq!(
            recorders["other"].status.known().unwrap_err().reason,
            "config:DescribeConfigurationRecorderStatus failed: an answer without a status"
        );
        let denied = Err(ServiceError::denied(Action::new(STATUS)));
        let with = with_status(Ok([("default".to_owned(), recorder())].into()), &denied);
        assert!(with.ok().unwrap()["default"].status.is_gap());
    }

    #[tokio::test]
    async fn a_channel_may_lack_a_bucket() {
        let fake = fake(|_| {
            let channels = r#"{"name":"default","s3BucketName":"b","snsTopicARN":""},{"name":"x"}"#;
            (200, format!(r#"{{"DeliveryChannels":[{channels}]}}"#))
        });
        let channels = channels(&fake.clients, &home()).await.unwrap();
        assert_eq!(channels["default"].bucket, Some(BucketName::new("b")));
        assert_eq!((&channels["default"].topic, &channels["x"].bucket), (&None, &None));
    }
}
