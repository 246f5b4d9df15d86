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
mod tests;
