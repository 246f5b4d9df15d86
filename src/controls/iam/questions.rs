//! 1.14: the account's security questions, which AWS has retired.

use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level};

/// 1.14
pub(super) const SECURITY_QUESTIONS: Control = Control {
    id: ControlId::new(1, 14),
    level: Level::One,
    scored: false,
    title: "The account has security questions",
    why: "By their answers AWS could recognise an owner who had lost access to the account.",
    assess: Assess::Manual {
        reason: "AWS has retired security questions, and there is nothing left to register or read",
    },
    remedy: Remedy::Manual(
        "Keep the root e-mail address and phone number current, and register a security contact \
         (3.15).",
    ),
};
