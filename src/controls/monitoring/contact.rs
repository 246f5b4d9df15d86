//! 3.15: the security contact.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 3.15
pub(super) const SECURITY_CONTACT: Control = Control {
    id: ControlId::new(3, 15),
    level: Level::One,
    scored: true,
    title: "AWS knows whom to tell about security",
    why: "Otherwise a warning of abuse or of a leaked key goes only to the mailbox of root.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
