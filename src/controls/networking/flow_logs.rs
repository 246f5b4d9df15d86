//! 4.3: flow logs.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 4.3
pub(super) const FLOW_LOGS: Control = Control {
    id: ControlId::new(4, 3),
    level: Level::Two,
    scored: true,
    title: "Every VPC has a flow log",
    why: "Without one, nobody can tell afterwards who tried to reach what in the network.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
