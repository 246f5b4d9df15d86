//! 4.4: default security groups.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 4.4
pub(super) const DEFAULT_GROUP: Control = Control {
    id: ControlId::new(4, 4),
    level: Level::Two,
    scored: true,
    title: "Default security groups let nothing through",
    why: "What is started without naming a group lands in the default one: without rules there, \
          nothing is exposed by oversight.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
