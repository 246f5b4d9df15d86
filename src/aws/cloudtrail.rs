//! CloudTrail: trails as a region shows them, what they do, and what they record. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector, ReadWriteType};
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::text::one_line;
use super::{Clients, ServiceError};
use crate::model::{
    AccountId, Action, BucketName, Delivery, KeyArn, ManagementEvents, Observed, Region, Trail,
    TrailArn, TrailStatus,
};

const DESCRIBE: &str = "cloudtrail:DescribeTrails";
const STATUS: &str = "cloudtrail:GetTrailStatus";
const SELECTORS: &str = "cloudtrail:GetEventSelectors";

/// The trails that are seen in a region: its own, shadows of others, and those of the organization.
///
/// What they do and record is yet to be read, but for what AWS tells nobody else.
pub(crate) async fn trails(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<TrailArn, Trail>, ServiceError> {
    let answer = clients
        .cloudtrail(region)
        .call(DESCRIBE, |trails| trails.describe_trails().include_shadow_trails(true).send())
        .await?;
    let mut trails = BTreeMap::new();
    for trail in answer.trail_list.unwrap_or_default() {
        let custom = trail.has_custom_event_selectors.unwrap_or(true);
        // Half a trail must not pass for none.
        let (arn, mut trail) = trail_of(trail).ok_or_else(|| {
            ServiceError::ours(Action::new(DESCRIBE), "a trail without its essentials")
        })?;
        if trail.owner != *clients.account() {
            trail.events = events_of_foreign(custom, &trail);
        }
        trails.insert(arn, trail);
    }
    Ok(trails)
}

pub(super) fn trail_of(trail: aws_sdk_cloudtrail::types::Trail) -> Option<(TrailArn, Trail)> {
    let arn = TrailArn::new(trail.trail_arn?);
    let text = |value: Option<String>| value.filter(|text| !text.is_empty());
    let trail = Trail {
        name: trail.name?,
        home: Region::new(trail.home_region?),
        owner: arn.owner()?,
        organization: trail.is_organization_trail.unwrap_or(false),
        multi_region: trail.is_multi_region_trail.unwrap_or(false),
        global_events: trail.include_global_service_events.unwrap_or(false),
        validation: trail.log_file_validation_enabled.unwrap_or(false),
        bucket: BucketName::new(trail.s3_bucket_name?),
        prefix: text(trail.s3_key_prefix),
        log_group: text(trail.cloud_watch_logs_log_group_arn),
        role: text(trail.cloud_watch_logs_role_arn),
        key: text(trail.kms_key_id).map(KeyArn::new),
        status: Observed::Unread,
        events: Observed::Unread,
    };
    Some((arn, trail))
}

/// The selectors of another account's trail are not shown, only whether there are any.
fn events_of_foreign(custom: bool, trail: &Trail) -> Observed<ManagementEvents> {
    if !custom {
        return Observed::Known(ManagementEvents::ALL);
    }
    let reason = format!("only account {} is shown the selectors of its trail", trail.owner);
    Observed::Failed { action: Action::new(SELECTORS), reason }
}

/// What a trail is doing. To be asked in its home region.
pub(crate) async fn status(
    clients: &Clients,
    home: &Region,
    trail: &TrailArn,
) -> Result<TrailStatus, ServiceError> {
    let answer = clients
        .cloudtrail(home)
        .call(STATUS, |trails| trails.get_trail_status().name(trail.as_str()).send())
        .await
        .map_err(|error| whose(error, trail, clients.account()))?;
    let time = |at: Option<DateTime>| Timestamp::from_second(at?.secs()).ok();
    let delivery = |at: Option<DateTime>, error: Option<String>| Delivery {
        at: time(at),
        error: error.map(|error| one_line(&error)).filter(|error| !error.is_empty()),
    };
    Ok(TrailStatus {
        logging: answer.is_logging.unwrap_or(false),
        started: time(answer.start_logging_time),
        delivered: delivery(answer.latest_delivery_time, answer.latest_delivery_error),
        delivered_to_logs: delivery(
            answer.latest_cloud_watch_logs_delivery_time,
            answer.latest_cloud_watch_logs_delivery_error,
        ),
    })
}

/// That another account's trail is not found where it was just seen means that it is not ours to ask.
fn whose(error: ServiceError, trail: &TrailArn, account: &AccountId) -> ServiceError {
    let hidden = matches!(
        error.code.as_deref(),
        Some("TrailNotFoundException" | "CloudTrailARNInvalidException")
    );
    match trail.owner().filter(|owner| hidden && owner != account) {
        Some(owner) => {
            let reason = format!("only account {owner} is shown the status of its trail");
            ServiceError::ours(error.action, reason)
        }
        None => error,
    }
}

/// Which management events a trail of the account records. To be asked in its home region.
pub(crate) async fn events(
    clients: &Clients,
    home: &Region,
    trail: &TrailArn,
) -> Result<ManagementEvents, ServiceError> {
    let answer = clients
        .cloudtrail(home)
        .call(SELECTORS, |trails| trails.get_event_selectors().trail_name(trail.as_str()).send())
        .await?;
    let basic = answer.event_selectors.unwrap_or_default();
    let advanced = answer.advanced_event_selectors.unwrap_or_default();
    if basic.is_empty() && advanced.is_empty() {
        return Err(ServiceError::ours(Action::new(SELECTORS), "an answer without selectors"));
    }
    let parts = basic.iter().map(part_of_basic).chain(advanced.iter().map(part_of_advanced));
    Ok(together(&parts.collect::<Vec<_>>()))
}

fn part_of_basic(selector: &EventSelector) -> ManagementEvents {
    // Both have defaults, which AWS fills in.
    let included = selector.include_management_events.unwrap_or(true);
    let kind = selector.read_write_type.as_ref().unwrap_or(&ReadWriteType::All);
    let either = |half: &ReadWriteType| included && (*kind == ReadWriteType::All || kind == half);
    ManagementEvents {
        read: either(&ReadWriteType::ReadOnly),
        write: either(&ReadWriteType::WriteOnly),
        excluded: selector.exclude_management_event_sources().iter().cloned().collect(),
    }
}

/// A selector that is narrowed in a way that harden does not know counts as recording nothing.
fn part_of_advanced(selector: &AdvancedEventSelector) -> ManagementEvents {
    let mut part = ManagementEvents { read: false, write: false, excluded: BTreeSet::new() };
    let (mut management, mut half) = (false, None);
    for field in selector.field_selectors() {
        let is_only =
            |word: &str| matches!(field.equals(), [one] if one.eq_ignore_ascii_case(word));
        match field.field() {
            "eventCategory" => management = is_only("Management"),
            "readOnly" if is_only("true") => half = Some(true),
            "readOnly" if is_only("false") => half = Some(false),
            "eventSource" if field.equals().is_empty() && !field.not_equals().is_empty() => {
                part.excluded.extend(field.not_equals().iter().cloned());
            }
            _ => return ManagementEvents { excluded: BTreeSet::new(), ..part },
        }
    }
    part.read = management && half != Some(false);
    part.write = management && half != Some(true);
    part
}

/// What several selectors record together: each half is there if one of them has it, and a service is
/// left out if all that have a half leave it out.
fn together(parts: &[ManagementEvents]) -> ManagementEvents {
    let half = |has: fn(&ManagementEvents) -> bool| {
        let mut excluded = parts.iter().filter(|part| has(part)).map(|part| part.excluded.clone());
        let first = excluded.next();
        first.map(|first| excluded.fold(first, |all, one| &all & &one))
    };
    let (read, write) = (half(|part| part.read), half(|part| part.write));
    ManagementEvents {
        read: read.is_some(),
        write: write.is_some(),
        excluded: read.into_iter().chain(write).flatten().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};

    const ARN: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    async fn events_by(
        answer: fn(&str) -> (u16, String),
    ) -> Result<ManagementEvents, ServiceError> {
        let Fake { clients, .. } = fake(answer);
        events(&clients, &home(), &TrailArn::new(ARN)).await
    }

    #[tokio::test]
    async fn foreign_trails_say_whose_they_are_and_not_what_they_record() {
        let fake = fake(|_| {
            let trail = |name: &str, account: &str, custom: bool| {
                format!(
                    r#"{{"Name":"{name}","S3BucketName":"b","HomeRegion":"eu-west-1","IsMultiRegionTrail":true,
                        "TrailARN":"arn:aws:cloudtrail:eu-west-1:{account}:trail/{name}",
                        "HasCustomEventSelectors":{custom},"KmsKeyId":""}}"#
                )
            };
            let trails = [
                trail("ours", "111122223333", true),
                trail("theirs", "444455556666", false),
                trail("custom", "444455556666", true),
            ];
            (200, format!(r#"{{"trailList":[{}]}}"#, trails.join(",")))
        });
        let trails = trails(&fake.clients, &home()).await.unwrap();
        let by_name = |name: &str| trails.values().find(|trail| trail.name == name).unwrap();
        assert_eq!(by_name("ours").events, Observed::Unread);
        assert_eq!(by_name("ours").key, None);
        assert_eq!(by_name("theirs").events, Observed::Known(ManagementEvents::ALL));
        let gap = by_name("custom").events.known().unwrap_err();
        assert_eq!(gap.reason, "only account 444455556666 is shown the selectors of its trail");
        assert_eq!(fake.requests("includeShadowTrails\":true").len(), 1);
    }

    #[tokio::test]
    async fn half_a_trail_is_an_error() {
        let fake = fake(|_| (200, r#"{"trailList":[{"Name":"main"}]}"#.to_owned()));
        let error = trails(&fake.clients, &home()).await.unwrap_err();
        assert_eq!(error.to_string(), "a trail without its essentials");
    }

    #[tokio::test]
    async fn the_status_tells_of_deliveries() {
        let fake = fake(|_| {
            let times = r#""LatestDeliveryTime":1795608000.5,"LatestDeliveryError":"NoSuchBucket""#;
            (200, format!(r#"{{"IsLogging":true,"StartLoggingTime":1795600000.0,{times}}}"#))
        });
        let status = status(&fake.clients, &home(), &TrailArn::new(ARN)).await.unwrap();
        assert!(status.logging);
        assert_eq!(status.started.unwrap().as_second(), 1_795_600_000);
        assert_eq!(status.delivered.at.unwrap().as_second(), 1_795_608_000);
        assert_eq!(status.delivered.error.as_deref(), Some("NoSuchBucket"));
        assert_eq!(status.delivered_to_logs, Delivery::default());
    }

    #[tokio::test]
    async fn a_status_that_is_not_ours_to_see_says_so() {
        let fake = fake(|_| (400, r#"{"__type":"TrailNotFoundException"}"#.to_owned()));
        let foreign = TrailArn::new(ARN.replace("111122223333", "444455556666"));
        let error = status(&fake.clients, &home(), &foreign).await.unwrap_err();
        let reason = "only account 444455556666 is shown the status of its trail";
        assert_eq!(error.to_string(), reason);
        let ours = status(&fake.clients, &home(), &TrailArn::new(ARN)).await.unwrap_err();
        assert_eq!(ours.code.as_deref(), Some("TrailNotFoundException"));
    }

    #[tokio::test]
    async fn selectors_are_taken_together() {
        let basic = events_by(|_| {
            let halves = r#"{"ReadWriteType":"ReadOnly","IncludeManagementEvents":true,
                "ExcludeManagementEventSources":["kms"]},
                {"ReadWriteType":"WriteOnly","IncludeManagementEvents":true},
                {"ReadWriteType":"All","IncludeManagementEvents":false}"#;
            (200, format!(r#"{{"EventSelectors":[{halves}]}}"#))
        });
        let excluded = BTreeSet::from(["kms".to_owned()]);
        let all_but = ManagementEvents { read: true, write: true, excluded };
        assert_eq!(basic.await.unwrap(), all_but);
        let advanced = events_by(|_| {
            let management = r#"{"Field":"eventCategory","Equals":["Management"]}"#;
            let selector = |more: &str| format!(r#"{{"FieldSelectors":[{management}{more}]}}"#);
            let selectors = [
                selector(r#",{"Field":"readOnly","Equals":["false"]}"#),
                selector(r#",{"Field":"eventName","Equals":["RunInstances"]}"#),
                r#"{"FieldSelectors":[{"Field":"eventCategory","Equals":["Data"]}]}"#.to_owned(),
            ];
            (200, format!(r#"{{"AdvancedEventSelectors":[{}]}}"#, selectors.join(",")))
        });
        let events = advanced.await.unwrap();
        assert_eq!((events.read, events.write), (false, true));
        let none = events_by(|_| (200, r#"{"EventSelectors":[]}"#.to_owned()));
        assert_eq!(none.await.unwrap_err().to_string(), "an answer without selectors");
    }

    #[tokio::test]
    async fn an_advanced_selector_may_leave_out_services() {
        let events = events_by(|_| {
            let fields = r#"{"Field":"eventCategory","Equals":["Management"]},
                {"Field":"eventSource","NotEquals":["kms","rdsdata"]}"#;
            (200, format!(r#"{{"AdvancedEventSelectors":[{{"FieldSelectors":[{fields}]}}]}}"#))
        });
        let events = events.await.unwrap();
        assert!(events.read && events.write);
        assert_eq!(events.excluded.len(), 2);
    }
}
