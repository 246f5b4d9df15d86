//! What is done about access keys and passwords that nobody uses or that are too old (1.3, 1.4): one by
//! one, by their state of just now, and never those of whoever runs harden.

pub(super) mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use self::words::{key_impact, key_title, password_impact, password_title};
use super::live::as_now;
use super::report::{Look, Now, active_keys, days};
use super::{idle, key_age};
use crate::change::{Operation, Risk};
use crate::controls::{Bundle, Case, Fix, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    AccessKey, AccessKeyId, ControlId, CredentialReport, CredentialSettings, Gap, KeyRow,
    KeyStatus, Observed, Password, Principal, Read, ReportRow, UserCredentials, UserName, When,
};

const NAME: &str = "credentials";
/// After all that adds, and before ports are closed.
const TURN: u8 = 70;

/// 1.3. Both are one fix, for one key may have both faults.
pub(super) static IDLE: Fix = Fix {
    name: NAME,
    turn: TURN,
    reads: &[Read::IdleKeys, Read::IdlePasswords],
    changes: "iam:UpdateAccessKey with status inactive for each active key that nobody has used for \
              `credentials.max_unused_days`, and iam:DeleteLoginProfile for each such password. The last \
              use is read again just before. Nothing of whoever runs harden is changed. More than \
              `credentials.max_changes` in one plan need their number typed, or \
              `--max-credential-changes`.",
    breaks: "Whatever uses a key less often than that, such as a yearly report. Whoever signs in as \
             rarely needs a new password from an administrator; access keys of the user keep working.",
    undo: "Keys are active again. A password cannot be given back: an administrator can only set a new \
           one.",
    propose,
};

/// 1.4
pub(super) static OLD: Fix = Fix {
    name: NAME,
    turn: TURN,
    reads: &[Read::OldKeys],
    changes: "iam:UpdateAccessKey with status inactive for each active key that is older than \
              `credentials.max_key_age_days`, or was never used since it was made. No new key is made: \
              its secret would need a keeper. It is destructive where the key was used when it was too old \
              already, or within a week. Nothing of whoever runs harden is changed. More than \
              `credentials.max_changes` in one plan need their number typed, or \
              `--max-credential-changes`.",
    breaks: "Whatever uses the key, at once. Make a new key, move its users there, and let harden turn \
             off the old one when it rests.",
    undo: "Keys are active again.",
    propose,
};

/// A user with credentials that a plan has to know more of than the report tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspect {
    /// Who.
    pub user: UserName,
    /// An active key that nobody uses.
    pub idle_keys: bool,
    /// An active key that is too old.
    pub old_keys: bool,
    /// A password that nobody uses.
    pub idle_password: bool,
}

/// Those whom the report tells of, and nobody else.
pub fn suspects(
    report: &CredentialReport,
    limits: &CredentialSettings,
    at: Timestamp,
) -> Vec<Suspect> {
    let now = Now { at, limits };
    let suspect = |row: &ReportRow| Suspect {
        user: row.name(),
        idle_keys: has_key(row, now, idle::key_fault),
        old_keys: has_key(row, now, key_age::key_fault),
        idle_password: has_password(row, now),
    };
    let all = report.users.iter().map(suspect);
    all.filter(|one| one.idle_keys || one.old_keys || one.idle_password).collect()
}

/// What is wrong with an active key, by one of the controls.
type KeyFault = fn(Now<'_>, u8, &KeyRow) -> Result<Option<String>, Gap>;

fn has_key(row: &ReportRow, now: Now<'_>, fault: KeyFault) -> bool {
    let keys = active_keys(row, &mut Look::default());
    keys.into_iter().any(|(number, key)| is_at_fault(now, number, key, fault))
}

fn is_at_fault(now: Now<'_>, number: u8, key: &KeyRow, fault: KeyFault) -> bool {
    matches!(fault(now, number, key), Ok(Some(_)))
}

fn has_password(row: &ReportRow, now: Now<'_>) -> bool {
    row.password_enabled == Some(true) && matches!(idle::password(now, row), Ok(Some(_)))
}

/// The controls by what they find wrong with keys.
const OF_KEYS: [(ControlId, KeyFault); 2] =
    [(idle::ID, idle::key_fault), (key_age::ID, key_age::key_fault)];

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, _: &Scope<'_>) -> Proposal {
    let mut users: BTreeMap<&str, BTreeMap<ControlId, &str>> = BTreeMap::new();
    for (control, findings) in wanted {
        for finding in findings {
            let of_user = users.entry(&finding.resource).or_default();
            of_user.insert(*control, &finding.summary);
        }
    }
    let iam = &case.snapshot.iam;
    let rows = iam.credential_report.ok().into_iter().flat_map(|report| &report.users);
    let mut proposal = Proposal::default();
    let unread = UserCredentials::default();
    for row in rows {
        let Some(found) = users.get(row.user.as_str()) else { continue };
        let user = row.name();
        if case.snapshot.is_own(Principal::User(user.name())) {
            proposal
                .not_planned
                .extend(found.iter().map(|(id, found)| words::own(*id, &user, found)));
            continue;
        }
        let live = iam.credentials.get(&row.user).unwrap_or(&unread);
        let row = as_now(iam, row);
        let controls = found.keys().copied().collect();
        Work { now: Now::of(case), user, controls, row: &row, live }.propose(&mut proposal);
    }
    proposal
}

/// A key that was used within so many days is in use, however short it has been too old.
const IN_USE_DAYS: u16 = 7;

/// How an access key rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    /// Nobody uses it, or nobody has used it since it was too old.
    Long,
    /// It was used when it was too old, and not for long now.
    Broken,
    /// It is in use.
    None,
}

/// What is to be done about one user.
struct Work<'a> {
    now: Now<'a>,
    user: UserName,
    controls: BTreeSet<ControlId>,
    row: &'a ReportRow,
    live: &'a UserCredentials,
}

impl Work<'_> {
    fn propose(&self, proposal: &mut Proposal) {
        let of_keys: Vec<(ControlId, KeyFault)> = OF_KEYS
            .into_iter()
            .filter(|(id, fault)| self.controls.contains(id) && has_key(self.row, self.now, *fault))
            .collect();
        if !of_keys.is_empty() {
            match known_keys(&self.live.keys) {
                Ok(keys) => {
                    for (id, key) in keys {
                        self.key(id, key, &of_keys, proposal);
                    }
                }
                Err(gap) => proposal.not_planned.extend(
                    of_keys
                        .iter()
                        .map(|(id, _)| self.unread(*id, "state of the access keys", &gap)),
                ),
            }
        }
        if self.controls.contains(&idle::ID) && has_password(self.row, self.now) {
            match self.live.password.known() {
                Ok(Some(password)) => proposal.bundles.push(self.password(password)),
                // The row would say so.
                Ok(None) => {}
                Err(gap) => {
                    proposal.not_planned.push(self.unread(idle::ID, "password", &gap));
                }
            }
        }
    }

    /// Turns off a key, if one of the controls finds something wrong with it.
    fn key(
        &self,
        id: &AccessKeyId,
        key: &AccessKey,
        of_keys: &[(ControlId, KeyFault)],
        proposal: &mut Proposal,
    ) {
        let Some(row) = key.row().filter(|_| key.is_active()) else { return };
        let controls: Vec<ControlId> = of_keys
            .iter()
            .filter(|(_, fault)| is_at_fault(self.now, 1, &row, *fault))
            .map(|(id, _)| *id)
            .collect();
        if controls.is_empty() {
            return;
        }
        if key.signs {
            let own = controls.into_iter().map(|id| words::signs(id, &self.user));
            proposal.not_planned.extend(own);
            return;
        }
        let last = key.last_used.ok().and_then(Option::as_ref);
        let rest = self.rest(&controls, key.made, last.map(|last| last.at));
        let operation = Operation::UpdateAccessKey {
            user: self.user.clone(),
            key: id.clone(),
            to: KeyStatus::Inactive,
            // What is used all the time will have been used since.
            unused_since: (rest != Rest::None).then(|| last.map_or(key.made, |last| last.at)),
        };
        let step = Step {
            operation,
            risk: if rest == Rest::Long { Risk::Restrictive } else { Risk::Destructive },
            impact: key_impact(self.now, &self.user, key.made, last, rest),
            cost: None,
        };
        let title = key_title(&self.user, id);
        proposal.bundles.push(Bundle { controls, title, steps: vec![step] });
    }

    /// How a key rests, by what its controls go by.
    fn rest(&self, controls: &[ControlId], made: Timestamp, used: Option<Timestamp>) -> Rest {
        let limits = self.now.limits;
        let idle = controls.contains(&idle::ID);
        let too_old = |used: Timestamp| used.duration_since(made) > days(limits.max_key_age_days);
        match used {
            // It has only just become too old.
            Some(used) if !idle && self.now.age(used) < days(IN_USE_DAYS) => Rest::None,
            Some(used) if !idle && too_old(used) => {
                let rests = self.now.age(used) >= days(limits.max_unused_days);
                if rests { Rest::Broken } else { Rest::None }
            }
            Some(_) | None => Rest::Long,
        }
    }

    fn password(&self, password: &Password) -> Bundle {
        // Whatever is known of it: the report may know of a change that the profile does not tell.
        let told = [&self.row.password_last_used, &self.row.password_last_changed];
        let known = told.into_iter().filter_map(When::at).chain([password.made]);
        let unused_since = known.fold(password.made, Ord::max);
        let operation = Operation::DeleteLoginProfile { user: self.user.clone(), unused_since };
        let impact = password_impact(self.now, &self.user, self.row);
        let step = Step { operation, risk: Risk::Destructive, impact, cost: None };
        let title = password_title(&self.user);
        Bundle { controls: vec![idle::ID], title, steps: vec![step] }
    }

    fn unread(&self, control: ControlId, what: &str, gap: &Gap) -> NotPlanned {
        let name = self.user.name();
        NotPlanned {
            control,
            resource: Some(name.to_owned()),
            region: None,
            why: Why::Unknown,
            detail: match gap.action {
                Some(_) => format!("the {what} of {name} could not be read: {}", gap.reason),
                // The snapshot was taken for other settings, or by an older version.
                None => format!("the {what} of {name} was not read for a plan with these settings"),
            },
        }
    }
}

/// The keys, if everything is known of those that are active.
fn known_keys(
    keys: &Observed<BTreeMap<AccessKeyId, AccessKey>>,
) -> Result<&BTreeMap<AccessKeyId, AccessKey>, Gap> {
    let keys = keys.known()?;
    for key in keys.values().filter(|key| key.is_active()) {
        key.last_used.known()?;
    }
    Ok(keys)
}

#[cfg(test)]
mod tests;
