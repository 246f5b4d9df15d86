//! Log groups, their retention and their metric filters.

use std::collections::BTreeMap;

use super::{Document, Target, regional, regional_mut};
use crate::model::{LogGroup, Observed, Region, Snapshot};

pub(super) fn get(target: &Target, on: &Snapshot) -> Result<Document, String> {
    let (region, name) = named(target)?;
    let group = regional(on, region)?.log_groups.get(name);
    let group = group.ok_or_else(|| format!("log group {name} in {region}"))?;
    let group = group.known().map_err(|gap| gap.reason)?.as_ref();
    if let Target::LogGroup(..) = target {
        return Ok(Document::Presence(group.is_some()));
    }
    // With a group goes all that was set on it.
    match (target, group) {
        (Target::Filter(..), None) => Ok(Document::Filter(None)),
        (Target::Filter(_, _, filter), Some(group)) => {
            let filters = group.filters.known().map_err(|gap| gap.reason)?;
            Ok(Document::Filter(filters.get(filter).cloned()))
        }
        (_, group) => Ok(Document::Retention(group.and_then(|group| group.retention_days))),
    }
}

pub(super) fn set(target: &Target, on: &mut Snapshot, to: Document) -> Result<(), String> {
    let (region, name) = named(target)?;
    let groups = &mut regional_mut(on, region)?.log_groups;
    if let Document::Presence(there) = to {
        groups.insert(name.to_owned(), Observed::Known(there.then(fresh)));
        return Ok(());
    }
    let group = groups.get_mut(name).and_then(Observed::ok_mut).and_then(Option::as_mut);
    let group = group.ok_or_else(|| format!("log group {name} in {region}"))?;
    match (target, to) {
        (Target::Filter(_, _, filter), Document::Filter(to)) => {
            let filters = group.filters.ok_mut().ok_or_else(|| format!("filters of {name}"))?;
            match to {
                Some(to) => filters.insert(filter.clone(), to),
                None => filters.remove(filter),
            };
        }
        (_, Document::Retention(days)) => group.retention_days = days,
        _ => return Err(format!("another kind of document for log group {name}")),
    }
    Ok(())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
fn named(target: &Target) -> Result<(&Region, &str), String> {
    match target {
        Target::LogGroup(region, group)
        | Target::Retention(region, group)
        | Target::Filter(region, group, _) => Ok((region, group)),
        other => Err(format!("{} is no log group", other.resource())),
    }
}

/// A log group as CloudWatch Logs makes it.
fn fresh() -> LogGroup {
    let filters = Observed::Known(BTreeMap::new());
    LogGroup { class: "STANDARD".to_owned(), retention_days: None, filters }
}
