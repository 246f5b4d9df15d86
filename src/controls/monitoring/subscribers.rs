//! 3.16: who receives what SNS topics send.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 3.16
pub(super) const SUBSCRIBERS: Control = Control {
    id: ControlId::new(3, 16),
    level: Level::One,
    scored: false,
    title: "SNS topics have only intended subscribers",
    why: "A forgotten or foreign subscriber reads every message of the topic, alarms included.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
