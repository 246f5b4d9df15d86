//! `[flow_logs]`: what is made where a VPC has no flow log.

use super::draft::Draft;
use super::logging::retention;
use super::name::{LOG_GROUP, ROLE};
use crate::model::{FlowLogSettings, FlowTraffic};
use crate::settings_file::{Entry, Field, Misread};

const TABLE: &[Field<FlowLogSettings>] = &[
    Field { name: "traffic", read: |to, entry| traffic(entry).map(|traffic| to.traffic = traffic) },
    Field {
        name: "log_group",
        read: |to, entry| LOG_GROUP.read(entry).map(|name| to.log_group = name),
    },
    Field {
        name: "retention_days",
        read: |to, entry| retention(entry).map(|days| to.retention_days = days),
    },
    Field { name: "role", read: |to, entry| ROLE.read(entry).map(|name| to.role = name) },
];

/// Reads `[flow_logs]`.
pub(super) fn flow_logs(draft: &mut Draft, entry: &Entry<'_>) -> Result<(), Misread> {
    entry.context.walk(entry.table()?, TABLE, &mut draft.settings.flow_logs)
}

fn traffic(entry: &Entry<'_>) -> Result<FlowTraffic, Misread> {
    match entry.string()? {
        "reject" => Ok(FlowTraffic::Reject),
        "all" => Ok(FlowTraffic::All),
        other => Err(entry.not_a(other, "`reject` or `all`")),
    }
}
