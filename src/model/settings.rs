//! What a baseline settles. Read from files by `baseline`; here only the values.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Cidr, ControlId, SecurityContact};

mod flow_logs;
mod logging;
mod monitoring;

pub use flow_logs::FlowLogSettings;
pub use logging::{ConfigSettings, Exclusions, RETENTION_DAYS, TrailSettings};
pub use monitoring::{MonitoringSettings, Patterns, SnsSettings};

/// The settings of a baseline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// `[password_policy]`
    pub password_policy: PasswordSettings,
    /// `[credentials]`
    #[serde(default)]
    pub credentials: CredentialSettings,
    /// `[contact]`: registered where nobody is.
    pub contact: Option<SecurityContact>,
    /// `[network]`
    pub network: NetworkSettings,
    /// `[plan]`
    pub plan: PlanSettings,
    /// `[trail]`
    #[serde(default)]
    pub trail: TrailSettings,
    /// `[monitoring]`
    #[serde(default)]
    pub monitoring: MonitoringSettings,
    /// `[config]`
    #[serde(default)]
    pub config: ConfigSettings,
    /// `[sns]`
    #[serde(default)]
    pub sns: SnsSettings,
    /// `[flow_logs]`
    #[serde(default)]
    pub flow_logs: FlowLogSettings,
}

/// Floors and a ceiling for the password policy: a stricter account value always survives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordSettings {
    /// Characters, at least (14 to 128).
    pub minimum_length: u16,
    /// Former passwords remembered, at least (24, which is also AWS's most).
    pub reuse_prevention: u16,
    /// Days a password may live, at most (1 to 90).
    pub max_age_days: u16,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self { minimum_length: 14, reuse_prevention: 24, max_age_days: 90 }
    }
}

/// How old credentials may be, and how long unused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialSettings {
    /// Days after which a password or key that nobody used has to go (1 to 90).
    pub max_unused_days: u16,
    /// Days that an access key may be old (1 to 90).
    pub max_key_age_days: u16,
    /// Days for which root has to have rested (1 to 365): the benchmark names no number.
    pub root_max_days: u16,
    /// Keys and passwords that one plan may take away without being asked about their number (0 to 1000).
    pub max_changes: u16,
}

impl Default for CredentialSettings {
    fn default() -> Self {
        Self { max_unused_days: 90, max_key_age_days: 90, root_max_days: 90, max_changes: 10 }
    }
}

/// What counts as open, and what is put in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSettings {
    /// `::/0` counts as open too.
    pub ipv6: bool,
    /// Ranges let in to the closed port before the world is shut out.
    pub trusted_cidrs: Vec<Cidr>,
    /// What happens to rules that open more than the port.
    pub wide_rules: WideRules,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self { ipv6: true, trusted_cidrs: Vec::new(), wide_rules: WideRules::Split }
    }
}

/// What happens to a rule that opens more than the port of the control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WideRules {
    /// The rest of the range is let in first, then the rule is revoked.
    Split,
    /// The whole rule is revoked.
    Revoke,
    /// The rule stays and is reported.
    Hold,
}

/// How plans behave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSettings {
    /// Hours until a saved plan is refused, from 1 to [`Self::MOST_VALID_HOURS`].
    pub valid_hours: u16,
}

impl PlanSettings {
    /// The most hours until a saved plan is refused.
    pub const MOST_VALID_HOURS: u16 = 720;
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self { valid_hours: 24 }
    }
}

/// A finding that somebody accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The control it is about.
    pub control: ControlId,
    /// The resource, as findings name it.
    pub resource: String,
    /// The region; `None`: every region.
    pub region: Option<String>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub owner: String,
    /// The last day it holds.
    pub expires: Date,
}

impl Waiver {
    /// Whether a finding of this control about this resource, in this region, is accepted.
    pub fn covers(&self, control: ControlId, resource: &str, region: Option<&str>) -> bool {
        self.control == control
            && self.resource == resource
            && (self.region.is_none() || self.region.as_deref() == region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_saved_by_an_older_version_are_whole() {
        let mut saved = serde_json::to_value(Settings::default()).unwrap();
        let settings = saved.as_object_mut().unwrap();
        settings.retain(|name, _| {
            ["password_policy", "contact", "network", "plan"].contains(&name.as_str())
        });
        assert_eq!(serde_json::from_value::<Settings>(saved).unwrap(), Settings::default());
    }
}
