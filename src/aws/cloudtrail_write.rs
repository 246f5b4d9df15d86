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
mod tests;
