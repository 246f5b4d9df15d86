//! `[trail]` and `[config]`: what is made where nothing can be adopted.

use super::BaselineProblem;
use super::draft::Draft;
use super::name::{ALIAS, LOG_GROUP, ROLE, TRAIL, template};
use crate::model::{ConfigSettings, Exclusions, RETENTION_DAYS, TrailSettings};
use crate::settings_file::{Entry, Field, Misread};

const TRAIL_TABLE: &[Field<TrailSettings>] = &[
    Field { name: "name", read: |to, entry| TRAIL.read(entry).map(|name| to.name = name) },
    Field { name: "bucket", read: |to, entry| template(entry).map(|name| to.bucket = name) },
    Field {
        name: "access_log_bucket",
        read: |to, entry| template(entry).map(|name| to.access_log_bucket = name),
    },
    Field {
        name: "log_group",
        read: |to, entry| LOG_GROUP.read(entry).map(|name| to.log_group = name),
    },
    Field {
        name: "retention_days",
        read: |to, entry| retention(entry).map(|days| to.retention_days = days),
    },
    Field { name: "role", read: |to, entry| ROLE.read(entry).map(|name| to.role = name) },
    Field {
        name: "key_alias",
        read: |to, entry| ALIAS.read(entry).map(|alias| to.key_alias = alias),
    },
];

const CONFIG_TABLE: &[Field<ConfigSettings>] = &[
    Field { name: "bucket", read: |to, entry| template(entry).map(|name| to.bucket = name) },
    Field {
        name: "exclusions",
        read: |to, entry| exclusions(entry).map(|choice| to.exclusions = choice),
    },
];

/// Reads `[trail]`.
pub(super) fn trail(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    let trail = &mut draft.settings.trail;
    entry.context.walk(entry.table()?, TRAIL_TABLE, trail)?;
    // S3 would log its own writing of logs, without end.
    if trail.bucket == trail.access_log_bucket {
        return Err(entry.wrong(BaselineProblem::LogsOfItself));
    }
    Ok(())
}

/// Reads `[config]`.
pub(super) fn config(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    entry.context.walk(entry.table()?, CONFIG_TABLE, &mut draft.settings.config)
}

pub(super) fn retention(entry: &Entry<'_>) -> Result<u16, Misread> {
    let days = entry.integer()?;
    let known = RETENTION_DAYS.iter().find(|known| i64::from(**known) == days);
    known.copied().ok_or_else(|| entry.wrong(BaselineProblem::Retention(days)))
}

fn exclusions(entry: &Entry<'_>) -> Result<Exclusions, Misread> {
    match entry.string()? {
        "fail" => Ok(Exclusions::Fail),
        "warn" => Ok(Exclusions::Warn),
        other => Err(entry.not_a(other, "`fail` or `warn`")),
    }
}
