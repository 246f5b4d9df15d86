//! Whom alarms tell, and what they listen for.

use serde::{Deserialize, Serialize};

use super::super::{Subscriber, SubscriberPattern};

/// How alarms are set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitoringSettings {
    /// The topic that is made where none can be adopted.
    pub topic: String,
    /// Whom the topic tells, in the order written.
    pub notify: Vec<Subscriber>,
    /// The namespace of the metrics.
    pub namespace: String,
    /// Which patterns the filters have.
    pub patterns: Patterns,
}

impl Default for MonitoringSettings {
    fn default() -> Self {
        Self {
            topic: "harden-alarms".to_owned(),
            notify: Vec::new(),
            namespace: "CISBenchmark".to_owned(),
            patterns: Patterns::Repaired,
        }
    }
}

/// Which patterns metric filters are judged by, and made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patterns {
    /// Those of the benchmark without its slips.
    Repaired,
    /// Those of the benchmark to the letter.
    Literal,
}

/// What is asked of topics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnsSettings {
    /// The subscribers that are fine; `None`: a person has to judge.
    pub allowed: Option<Vec<SubscriberPattern>>,
}
