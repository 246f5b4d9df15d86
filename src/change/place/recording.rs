//! Trails, and the recorders and delivery channels of AWS Config.

use super::{Document, Operation, Target, keys, regional, regional_mut};
use crate::change::{AliasOf, LogDelivery, RecorderConfig, TrailConfig};
use crate::model::{
    Delivery, KeyArn, LastStatus, ManagementEvents, Observed, Recorder, RecorderStatus, Region,
    Snapshot, Trail, TrailArn, TrailStatus,
};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(
    operation: &Operation,
    target: &Target,
    on: &Snapshot,
) -> Result<Document, String> {
    match target {
        Target::Trail(region, name) => {
            let trail = on.logging.trails.get(&arn(on, region, name));
            Ok(Document::Trail(trail.map(|trail| config(operation, on, trail))))
        }
        Target::TrailLogging(region, name) => {
            // What is not there records nothing.
            let Some(trail) = on.logging.trails.get(&arn(on, region, name)) else {
                return Ok(Document::Recording(false));
            };
            let status = trail.status.known().map_err(|gap| gap.reason)?;
            Ok(Document::Recording(status.logging))
        }
        Target::Recorder(region, name) => {
            let recorders = super::part(&regional(on, region)?.recorders)?;
            Ok(Document::Recorder(recorders.get(name).map(RecorderConfig::of)))
        }
        Target::Channel(region, name) => {
            let channels = super::part(&regional(on, region)?.channels)?;
            Ok(Document::Channel(channels.get(name).cloned()))
        }
        Target::Recording(region, name) => {
            let recorders = super::part(&regional(on, region)?.recorders)?;
            let Some(recorder) = recorders.get(name) else {
                return Ok(Document::Recording(false));
            };
            let status = recorder.status.known().map_err(|gap| gap.reason)?;
            Ok(Document::Recording(status.recording))
        }
        other => Err(format!("{} records nothing", other.resource())),
    }
}

pub(super) fn set(
    operation: &Operation,
    target: &Target,
    on: &mut Snapshot,
    to: Document,
) -> Result<(), String> {
    match (target, to) {
        (Target::Trail(region, name), Document::Trail(to)) => {
            set_trail(operation, on, (region, name), to);
        }
        (Target::TrailLogging(region, name), Document::Recording(to)) => {
            let (arn, now) = (arn(on, region, name), on.taken_at);
            let trail = on.logging.trails.get_mut(&arn);
            let status = trail.and_then(|trail| trail.status.ok_mut());
            let status = status.ok_or_else(|| format!("trail {name}"))?;
            if to && !status.logging {
                status.started = Some(now);
            }
            status.logging = to;
        }
        (Target::Recorder(region, name), Document::Recorder(to)) => {
            let recorders = regional_mut(on, region)?.recorders.ok_mut();
            let recorders = recorders.ok_or_else(|| format!("recorders in {region}"))?;
            match to {
                None => {
                    recorders.remove(name);
                }
                Some(to) => {
                    let status = match recorders.remove(name) {
                        Some(was) => was.status,
                        None => Observed::Known(stopped()),
                    };
                    recorders.insert(name.clone(), to.with(status));
                }
            }
        }
        (Target::Channel(region, name), Document::Channel(to)) => {
            let channels = regional_mut(on, region)?.channels.ok_mut();
            let channels = channels.ok_or_else(|| format!("channels in {region}"))?;
            match to {
                Some(to) => channels.insert(name.clone(), to),
                None => channels.remove(name),
            };
        }
        (Target::Recording(region, name), Document::Recording(to)) => {
            let recorders = regional_mut(on, region)?.recorders.ok_mut();
            let status = recorders.and_then(|all| all.get_mut(name)?.status.ok_mut());
            let status = status.ok_or_else(|| format!("recorder {name}"))?;
            *status = RecorderStatus { recording: to, ..stopped() };
        }
        (other, _) => return Err(format!("another kind of document for {}", other.resource())),
    }
    Ok(())
}

fn arn(on: &Snapshot, region: &Region, name: &str) -> TrailArn {
    TrailArn::new(on.account.arn("cloudtrail", region.as_str(), &format!("trail/{name}")))
}

fn stopped() -> RecorderStatus {
    RecorderStatus { recording: false, last: LastStatus::Pending, error: None }
}

/// The settings of a trail, its key by the alias that the operation knows it by.
fn config(operation: &Operation, on: &Snapshot, trail: &Trail) -> TrailConfig {
    let key = trail.key.as_ref().map(|arn| match operation.key_alias() {
        Some(AliasOf { region, name }) if keys::arn_of(on, region, name).as_ref() == Some(arn) => {
            name.clone()
        }
        _ => arn.to_string(),
    });
    TrailConfig { key, ..TrailConfig::of(trail) }
}

fn set_trail(
    operation: &Operation,
    on: &mut Snapshot,
    (region, name): (&Region, &String),
    to: Option<TrailConfig>,
) {
    let arn = arn(on, region, name);
    let Some(to) = to else {
        on.logging.trails.remove(&arn);
        for regional in on.regional.values_mut() {
            if let Some(seen) = regional.trails.ok_mut() {
                seen.remove(&arn);
            }
        }
        return;
    };
    let key = to.key.as_ref().map(|key| {
        let alias = operation.key_alias().filter(|alias| alias.name == *key);
        let named = alias.and_then(|alias| keys::arn_of(on, &alias.region, &alias.name));
        named.unwrap_or_else(|| KeyArn::new(key.clone()))
    });
    let was = on.logging.trails.remove(&arn);
    let mut trail = was.unwrap_or_else(|| fresh(on, region, name, &to));
    let logs = to.logs.as_ref();
    if trail.log_group.as_ref() != logs.map(|logs| &logs.group)
        && let Some(status) = trail.status.ok_mut()
    {
        status.delivered_to_logs = Delivery::default();
    }
    trail.bucket = to.bucket;
    trail.prefix = to.prefix;
    trail.multi_region = to.multi_region;
    trail.global_events = to.global_events;
    trail.validation = to.validation;
    trail.log_group = to.logs.as_ref().map(|logs| logs.group.clone());
    trail.role = to.logs.and_then(|logs| logs.role);
    trail.key = key;
    for (at, regional) in &mut on.regional {
        if let Some(seen) = regional.trails.ok_mut() {
            if trail.multi_region || at == region {
                seen.insert(arn.clone());
            } else {
                seen.remove(&arn);
            }
        }
    }
    on.logging.trails.insert(arn, trail);
}

/// A trail as CloudTrail makes it: it does not record yet.
fn fresh(on: &Snapshot, region: &Region, name: &str, to: &TrailConfig) -> Trail {
    Trail {
        name: name.to_owned(),
        home: region.clone(),
        owner: on.account.id.clone(),
        organization: false,
        multi_region: to.multi_region,
        global_events: to.global_events,
        validation: to.validation,
        bucket: to.bucket.clone(),
        prefix: to.prefix.clone(),
        log_group: None,
        role: None,
        key: None,
        status: Observed::Known(TrailStatus {
            logging: false,
            started: None,
            delivered: Delivery::default(),
            delivered_to_logs: Delivery::default(),
        }),
        events: Observed::Known(ManagementEvents::ALL),
    }
}

impl TrailConfig {
    /// The settings of a trail, its key by its ARN.
    pub fn of(trail: &Trail) -> Self {
        Self {
            bucket: trail.bucket.clone(),
            prefix: trail.prefix.clone(),
            multi_region: trail.multi_region,
            global_events: trail.global_events,
            validation: trail.validation,
            logs: trail
                .log_group
                .clone()
                .map(|group| LogDelivery { group, role: trail.role.clone() }),
            key: trail.key.as_ref().map(ToString::to_string),
        }
    }
}

impl RecorderConfig {
    /// The settings of a recorder.
    pub fn of(recorder: &Recorder) -> Self {
        Self {
            role: recorder.role.clone(),
            records: recorder.records.clone(),
            global_types: recorder.global_types,
            mode: recorder.mode.clone(),
        }
    }

    /// The recorder with these settings.
    fn with(self, status: Observed<RecorderStatus>) -> Recorder {
        let Self { role, records, global_types, mode } = self;
        Recorder { role, records, global_types, mode, status }
    }
}

impl Operation {
    /// The alias by which an operation on a trail knows the key.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
    pub const fn key_alias(&self) -> Option<&AliasOf> {
        match self {
            Self::CreateTrail { alias, .. }
            | Self::UpdateTrail { alias, .. }
            | Self::DeleteTrail { alias, .. } => alias.as_ref(),
            _ => None,
        }
    }
}
