//! 2.3 and 2.6: the bucket that the trails write to.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 2.3
pub(super) const NOT_PUBLIC: Control = Control {
    id: ControlId::new(2, 3),
    level: Level::One,
    scored: true,
    title: "The bucket of the trails is closed to the public",
    why: "The logs tell who does what and from where: a map for anyone who plans an attack.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 2.6
pub(super) const ACCESS_LOGGING: Control = Control {
    id: ControlId::new(2, 6),
    level: Level::One,
    scored: true,
    title: "Requests to the bucket of the trails are logged",
    why: "Only this shows who read, overwrote or deleted the logs themselves.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
