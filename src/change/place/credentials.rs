//! Access keys and passwords of users, and access keys of root.

use super::{Document, Operation, Target, part, part_of};
use crate::model::{AccessKey, Observed, Snapshot, UserCredentials, UserName};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(operation: &Operation, on: &Snapshot) -> Result<Document, String> {
    match operation.target() {
        Target::AccessKey(user, id) => {
            let keys = of(on, &user)?.keys.known().map_err(|gap| gap.reason)?;
            key(operation, keys.get(&id))
        }
        Target::RootKey(id) => key(operation, part_of(&on.iam.root_keys)?.get(&id)),
        Target::Password(user) => {
            let password = of(on, &user)?.password.known().map_err(|gap| gap.reason)?;
            let state = |password| operation.document_of_password(password);
            Ok(Document::Password(password.as_ref().map(state)))
        }
        other => Err(format!("{} is no credential", other.resource())),
    }
}

fn key(operation: &Operation, key: Option<&AccessKey>) -> Result<Document, String> {
    let Some(key) = key else { return Ok(Document::AccessKey(None)) };
    let asks = key.is_active() && operation.asks_for_use_since().is_some();
    let last_used = if asks { part(&key.last_used)? } else { None };
    Ok(Document::AccessKey(Some(operation.document_of_key(key.status, last_used))))
}

pub(super) fn set(target: &Target, on: &mut Snapshot, to: Document) -> Result<(), String> {
    match (target, to) {
        (Target::AccessKey(user, id), Document::AccessKey(Some(to))) => {
            let user = on.iam.credentials.get_mut(user.name()).map(|user| &mut user.keys);
            let key = user.and_then(Observed::ok_mut).and_then(|keys| keys.get_mut(id));
            let key: &mut AccessKey = key.ok_or_else(|| format!("access key {id}"))?;
            key.status = to.status;
            Ok(())
        }
        (Target::RootKey(id), Document::AccessKey(None)) => {
            let keys = on.iam.root_keys.ok_mut().ok_or("the access keys of root")?;
            keys.remove(id);
            let is_bare = keys.is_empty();
            if let Some(summary) = on.iam.summary.ok_mut().filter(|_| is_bare) {
                summary.root_access_key_present = false;
            }
            Ok(())
        }
        (Target::Password(user), Document::Password(None)) => {
            let part = on.iam.credentials.get_mut(user.name()).map(|user| &mut user.password);
            let password = part.and_then(Observed::ok_mut);
            *password.ok_or_else(|| format!("the password of {}", user.name()))? = None;
            Ok(())
        }
        (target, _) => Err(format!("another kind of document for {}", target.resource())),
    }
}

fn of<'a>(on: &'a Snapshot, user: &UserName) -> Result<&'a UserCredentials, String> {
    let name = user.name();
    on.iam.credentials.get(name).ok_or_else(|| format!("the credentials of {name}"))
}
