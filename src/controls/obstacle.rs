//! What stands in the way of a change.

use super::{Case, Why};
use crate::model::{Gap, PolicyText, Principal};

/// Why something cannot be planned.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    pub(super) why: Why,
    pub(super) detail: String,
}

impl Obstacle {
    pub(super) fn new(why: Why, detail: impl Into<String>) -> Self {
        Self { why, detail: detail.into() }
    }

    pub(super) fn unread(what: &str, gap: &Gap) -> Self {
        Self::new(Why::Unknown, format!("{what} could not be read: {}", gap.reason))
    }
}

/// Of a role that lacks something, and that harden runs as.
pub(super) fn not_own(case: &Case<'_>, role: &str, setting: &str) -> Result<(), Obstacle> {
    if !case.snapshot.is_own(Principal::Role(role)) {
        return Ok(());
    }
    let detail = format!(
        "harden runs as role {role}, and leaves whoever runs it alone: name another in `{setting}`, or have \
         somebody else run it"
    );
    Err(Obstacle::new(Why::Caller, detail))
}

/// What is no policy is not to be merged with.
pub(super) fn not_a_policy(whose: &str) -> Obstacle {
    Obstacle::new(Why::Unsupported, format!("the policy of {whose} cannot be read as one"))
}

/// Whether AWS takes a policy that is made of one it has.
pub(super) fn takes(policy: &PolicyText, whose: &str) -> Result<(), Obstacle> {
    let Some(who) = policy.deleted_principal() else { return Ok(()) };
    let detail = format!(
        "the policy of {whose} names {who}, which is deleted: AWS takes no policy that does. Take it out \
         of its statement first"
    );
    Err(Obstacle::new(Why::Manual, detail))
}
