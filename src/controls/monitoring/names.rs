//! What the filters and alarms are called that harden makes. What has such a name is harden's to put right;
//! no other filter, alarm or topic is touched, but for the topic that the baseline names.

use super::Alarm;

/// The name of the metric filter for an alarm of the benchmark.
pub(super) fn filter(alarm: &Alarm) -> String {
    format!("harden-{}", alarm.metric)
}

/// The name of the alarm itself.
pub(super) fn alarm(alarm: &Alarm) -> String {
    format!("harden-{}", alarm.metric)
}
