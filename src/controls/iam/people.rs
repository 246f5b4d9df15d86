//! 1.1 to 1.4 and 1.15: who signs in, with what, and where their rights come from.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 1.1
pub(super) const ROOT_USE: Control = Control {
    id: ControlId::new(1, 1),
    level: Level::One,
    scored: true,
    title: "Root is not used for daily work",
    why: "Root can do anything and no IAM policy holds it back. Nothing tells which person was at \
          work.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 1.2
pub(super) const CONSOLE_MFA: Control = Control {
    id: ControlId::new(1, 2),
    level: Level::One,
    scored: true,
    title: "Console users sign in with a second factor",
    why: "With a second factor, a guessed or stolen password alone opens nothing.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 1.3
pub(super) const UNUSED_CREDENTIALS: Control = Control {
    id: ControlId::new(1, 3),
    level: Level::One,
    scored: true,
    title: "No active credential has been idle for 90 days",
    why: "A forgotten password or key still opens the account, and nobody watches for its misuse.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 1.4
pub(super) const KEY_AGE: Control = Control {
    id: ControlId::new(1, 4),
    level: Level::One,
    scored: true,
    title: "Active access keys are at most 90 days old",
    why: "Keys leak into code, logs and laptops. The older a key, the more copies of it there are.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};

/// 1.15
pub(super) const DIRECT_POLICIES: Control = Control {
    id: ControlId::new(1, 15),
    level: Level::One,
    scored: true,
    title: "No policy sits directly on a user",
    why: "Rights given person by person are hard to review, and outlive the work they were given \
          for.",
    assess: Assess::NotInThisVersion,
    remedy: Remedy::NotInThisVersion,
};
