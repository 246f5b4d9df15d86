//! What no plan from a baseline does, whatever a file says.

use serde_json::Value;

use crate::change::{Change, Document, RecorderConfig, TrailConfig};
use crate::model::{PasswordPolicy, PolicyText, PublicAccessBlock, Records, Rotation, is_open};

/// Whether a change makes a setting laxer, replaces what somebody chose, or takes something away that
/// only an undo takes away.
pub(super) fn weakens(change: &Change) -> bool {
    if change.operation.facts().only_undo {
        return true;
    }
    match (&change.before, &change.after) {
        (Document::PasswordPolicy(before), Document::PasswordPolicy(after)) => {
            let before = before.as_ref().unwrap_or(&PasswordPolicy::IN_PLACE_OF_NONE);
            after.as_ref().is_some_and(|after| !after.is_as_strict_as(before))
        }
        (Document::KeyRotation(before), Document::KeyRotation(after)) => {
            *before != Rotation::Off && before != after
        }
        (Document::SecurityContact(before), _) => before.is_some(),
        (Document::Policy(before), Document::Policy(after)) => {
            opens(before.as_ref(), after.as_ref())
        }
        (Document::PublicAccess(before), Document::PublicAccess(after)) => {
            let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
            !is_as_closed(after, before)
        }
        (Document::Acl(before), Document::Acl(after)) => {
            after.iter().any(|grant| !before.contains(grant))
        }
        (Document::AccessLog(before), Document::AccessLog(after)) => {
            before.is_some() && before != after
        }
        (Document::Trail(Some(before)), Document::Trail(after)) => {
            after.as_ref().is_none_or(|after| !keeps(before, after))
        }
        (Document::Recording(before), Document::Recording(after)) => *before && !after,
        (Document::Recorder(Some(before)), Document::Recorder(after)) => {
            after.as_ref().is_none_or(|after| !records_as_much(before, after))
        }
        (Document::Channel(Some(before)), Document::Channel(after)) => {
            let bucket = |of: &Option<_>| after.as_ref().is_some_and(|after| after.bucket == *of);
            before.bucket.is_some() && !bucket(&before.bucket)
        }
        _ => false,
    }
}

/// Whether a policy lets in anyone whom it did not let in before, or loses a statement that does not.
/// Statements of our own come and go.
fn opens(before: Option<&PolicyText>, after: Option<&PolicyText>) -> bool {
    let statements = |policy: Option<&PolicyText>| match policy {
        None => Some(Vec::new()),
        Some(policy) => policy.statements(),
    };
    let (Some(was), Some(is)) = (statements(before), statements(after)) else { return true };
    let ours = |statement: &Value| {
        let sid = statement.get("Sid").and_then(Value::as_str);
        sid.is_some_and(|sid| sid.starts_with("Harden"))
    };
    let held = |one: &Value, of: Option<&PolicyText>| {
        of.is_some_and(|of| of.has(std::slice::from_ref(one)))
    };
    was.iter().any(|one| !held(one, after) && !is_open(one) && !ours(one))
        || is.iter().any(|one| !held(one, before) && is_open(one))
}

const fn is_as_closed(after: PublicAccessBlock, before: PublicAccessBlock) -> bool {
    (after.block_acls || !before.block_acls)
        && (after.ignore_acls || !before.ignore_acls)
        && (after.block_policy || !before.block_policy)
        && (after.restrict || !before.restrict)
}

fn keeps(before: &TrailConfig, after: &TrailConfig) -> bool {
    (after.multi_region || !before.multi_region)
        && (after.global_events || !before.global_events)
        && (after.validation || !before.validation)
        && after.bucket == before.bucket
        && after.prefix == before.prefix
        && (before.logs.is_none() || after.logs == before.logs)
        && (before.key.is_none() || after.key == before.key)
}

fn records_as_much(before: &RecorderConfig, after: &RecorderConfig) -> bool {
    (after.records == before.records || after.records == Records::Everything)
        && (after.global_types || !before.global_types)
        && (before.role.is_none() || after.role == before.role)
        && after.mode == before.mode
}
