//! 2.5: AWS Config.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 2.5
pub(super) const RECORDER: Control = Control {
    id: ControlId::new(2, 5),
    level: Level::One,
    scored: true,
    title: "AWS Config records every region",
    why: "A history of how each resource was set up shows what an incident changed, and when.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
