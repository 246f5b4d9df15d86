//! `[trail]` and `[config]`.

use std::fmt::{self, Write};

use super::string;
use crate::model::{ConfigSettings, Exclusions, RETENTION_DAYS, TrailSettings};

pub(super) fn trail(f: &mut impl Write, trail: &TrailSettings) -> fmt::Result {
    let TrailSettings { name, bucket, access_log_bucket, log_group, retention_days, role, .. } =
        trail;
    let days: Vec<String> = RETENTION_DAYS.iter().map(ToString::to_string).collect();
    write!(
        f,
        r"
[trail]
# The trail that is made where none can be adopted (3 to 128 letters, digits, and . _ -).
name = {}
# Its bucket, with `{{account}}` and `{{region}}` filled in (3 to 63 lower-case letters, digits, and . -).
bucket = {}
# The bucket for the access logs of that one.
access_log_bucket = {}
# The log group it delivers to (1 to 512 letters, digits, and _ / . # -).
log_group = {}
# Days that the log group keeps events ({}).
retention_days = {retention_days}
# The role with which it writes there (1 to 64 letters, digits, and _ + = , . @ -).
role = {}
# The alias of the key it encrypts with (`alias/` and letters, digits, / _ -).
key_alias = {}
",
        string(name),
        string(bucket.as_str()),
        string(access_log_bucket.as_str()),
        string(log_group),
        days.join(", "),
        string(role),
        string(&trail.key_alias),
    )
}

pub(super) fn config(f: &mut impl Write, config: &ConfigSettings) -> fmt::Result {
    let exclusions = match config.exclusions {
        Exclusions::Fail => "fail",
        Exclusions::Warn => "warn",
    };
    write!(
        f,
        r#"
[config]
# The bucket of AWS Config where there is none, with `{{account}}` and `{{region}}` filled in.
bucket = {}
# Recorders that leave out types (fail or warn).
exclusions = "{exclusions}"
"#,
        string(config.bucket.as_str()),
    )
}
