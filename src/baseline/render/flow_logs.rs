//! `[flow_logs]`.

use std::fmt::{self, Write};

use super::string;
use crate::model::{FlowLogSettings, RETENTION_DAYS};

pub(super) fn flow_logs(f: &mut impl Write, flow_logs: &FlowLogSettings) -> fmt::Result {
    let FlowLogSettings { traffic, log_group, retention_days, role } = flow_logs;
    let days: Vec<String> = RETENTION_DAYS.iter().map(ToString::to_string).collect();
    write!(
        f,
        r#"
[flow_logs]
# What the flow logs record that are made for VPCs without one (reject or all).
traffic = "{}"
# The log group they deliver to, one in each region (1 to 512 letters, digits, and _ / . # -).
log_group = {}
# Days that a log group that is made keeps records ({}).
retention_days = {retention_days}
# The role with which they write there (1 to 64 letters, digits, and _ + = , . @ -).
role = {}
"#,
        traffic.word(),
        string(log_group),
        days.join(", "),
        string(role),
    )
}
