//! What is made where no trail, bucket, log group, role, key or recorder can be adopted.

use serde::{Deserialize, Serialize};

use super::super::NameTemplate;

/// Names of what harden makes where nothing can be adopted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailSettings {
    /// The trail.
    pub name: String,
    /// The bucket it delivers to.
    pub bucket: NameTemplate,
    /// The bucket for the access logs of that one.
    pub access_log_bucket: NameTemplate,
    /// The log group it delivers to.
    pub log_group: String,
    /// Days that the log group keeps events, one of [`RETENTION_DAYS`].
    pub retention_days: u16,
    /// The role with which it writes there.
    pub role: String,
    /// The alias of the key it encrypts with.
    pub key_alias: String,
}

/// The numbers of days that CloudWatch Logs can keep events.
pub const RETENTION_DAYS: &[u16] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

impl Default for TrailSettings {
    fn default() -> Self {
        Self {
            name: "harden".to_owned(),
            bucket: NameTemplate::ours("harden-trail-{account}-{region}"),
            access_log_bucket: NameTemplate::ours("harden-access-logs-{account}-{region}"),
            log_group: "harden/cloudtrail".to_owned(),
            retention_days: 365,
            role: "harden-cloudtrail".to_owned(),
            key_alias: "alias/harden-cloudtrail".to_owned(),
        }
    }
}

/// How AWS Config is set up, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigSettings {
    /// The bucket it delivers to where there is none.
    pub bucket: NameTemplate,
    /// What a recorder that leaves out types is.
    pub exclusions: Exclusions,
}

impl Default for ConfigSettings {
    fn default() -> Self {
        Self {
            bucket: NameTemplate::ours("harden-config-{account}-{region}"),
            exclusions: Exclusions::Fail,
        }
    }
}

/// What a recorder is that records every type but some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exclusions {
    /// A finding.
    Fail,
    /// Worth a note.
    Warn,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_templates_are_good() {
        let TrailSettings { bucket, access_log_bucket, .. } = TrailSettings::default();
        for template in [bucket, access_log_bucket, ConfigSettings::default().bucket] {
            assert_eq!(template.as_str().parse(), Ok(template));
        }
    }
}
