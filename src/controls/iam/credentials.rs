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
mod tests {
    use super::super::report::tests_support::{account, ago, key, row};
    use super::*;
    use crate::controls::{Check, Control, Finding, Outcome};
    use crate::model::{Action, KeyUse, Settings, Snapshot, UsedFor};

    /// A snapshot of one user, by what the report tells and what was read since.
    fn of(row: ReportRow, live: UserCredentials) -> Snapshot {
        let name = row.user.clone();
        let mut snapshot = account(None, vec![row]);
        snapshot.iam.credentials.insert(name, live);
        snapshot
    }

    fn active(made: &When, last: Option<&When>) -> AccessKey {
        let used_for = UsedFor { service: "s3".to_owned(), region: "eu-west-1".to_owned() };
        let used = |at: &When| KeyUse { at: at.at().unwrap(), used_for: Some(used_for) };
        AccessKey {
            status: KeyStatus::Active,
            made: made.at().unwrap(),
            last_used: Observed::Known(last.map(used)),
            signs: false,
        }
    }

    fn keys<const N: usize>(keys: [AccessKey; N]) -> UserCredentials {
        let named = |(number, key)| (AccessKeyId::new(format!("AKIA{number}")), key);
        let keys = Observed::Known((1..).zip(keys).map(named).collect());
        UserCredentials { keys, password: Observed::Unread }
    }

    /// With one key, as the report tells of it.
    fn with_key(made: When, last: Option<When>) -> Snapshot {
        let live = keys([active(&made, last.as_ref())]);
        let told = key(made, last.unwrap_or(When::NotApplicable));
        of(ReportRow { access_keys: [told, KeyRow::NONE], ..row() }, live)
    }

    fn with_password(last: &When, read: Observed<Option<Password>>) -> Snapshot {
        let told = ReportRow {
            password_enabled: Some(true),
            password_last_used: last.clone(),
            password_last_changed: ago(300, 0),
            ..row()
        };
        of(told, UserCredentials { keys: Observed::Unread, password: read })
    }

    fn password(last: &When) -> Observed<Option<Password>> {
        let made = ago(400, 0).at().unwrap();
        Observed::Known(Some(Password { made, last_used: last.at() }))
    }

    fn findings(control: &Control, snapshot: &Snapshot, settings: &Settings) -> Vec<Finding> {
        let crate::controls::Assess::Automatic { check, .. } = control.assess else { panic!() };
        let check: &dyn Check = check;
        match check.assess(&Case { snapshot, settings }) {
            Outcome::Judged { findings, .. } => findings,
            Outcome::NotApplicable { reason } | Outcome::Manual { reason, .. } => {
                panic!("{reason}")
            }
            Outcome::Inherited { from, .. } => panic!("{from}"),
        }
    }

    fn proposed(snapshot: &Snapshot, controls: &[&Control]) -> Proposal {
        let settings = Settings::default();
        let found: Vec<(ControlId, Vec<Finding>)> =
            controls.iter().map(|one| (one.id, findings(one, snapshot, &settings))).collect();
        let wanted: Wanted<'_> = found
            .iter()
            .filter(|(_, found)| !found.is_empty())
            .map(|(id, found)| (*id, found.iter().collect()))
            .collect();
        propose(&Case { snapshot, settings: &settings }, &wanted, &Scope::whole())
    }

    const BOTH: [&Control; 2] = [&idle::CONTROL, &key_age::CONTROL];

    #[track_caller]
    fn the_step(proposal: &Proposal) -> (&[ControlId], &Step) {
        assert_eq!(proposal.not_planned, []);
        let [bundle] = proposal.bundles.as_slice() else { panic!("{proposal:?}") };
        let [step] = bundle.steps.as_slice() else { panic!("{bundle:?}") };
        (&bundle.controls, step)
    }

    #[track_caller]
    fn the_entry(proposal: &Proposal) -> (Why, &str) {
        assert!(proposal.bundles.is_empty(), "{proposal:?}");
        let [entry] = proposal.not_planned.as_slice() else { panic!("{proposal:?}") };
        assert_eq!(entry.resource.as_deref(), Some("al"));
        (entry.why, &entry.detail)
    }

    #[test]
    fn a_key_that_nobody_uses_is_turned_off_for_both_controls() {
        let mut snapshot = with_key(ago(400, 0), Some(ago(200, 0)));
        let proposal = proposed(&snapshot, &BOTH);
        let (controls, step) = the_step(&proposal);
        // It was used when it was too old, but nobody does any more.
        assert_eq!((controls, step.risk), ([idle::ID, key_age::ID].as_slice(), Risk::Restrictive));
        let Operation::UpdateAccessKey { to, unused_since, .. } = &step.operation else { panic!() };
        assert_eq!((*to, *unused_since), (KeyStatus::Inactive, ago(200, 0).at()));
        assert_eq!(
            step.impact[0],
            "last used on 2026-05-09, 200 days ago, for s3 in eu-west-1; made on 2025-10-21, 400 days ago"
        );
        step.operation.simulate(&mut snapshot).unwrap();
        for control in BOTH {
            assert_eq!(findings(control, &snapshot, &Settings::default()), []);
        }
    }

    #[test]
    fn an_old_key_is_restrictive_only_if_it_rests_since_it_was_too_old() {
        let risk = |last| {
            let proposal = proposed(&with_key(ago(150, 0), last), &[&key_age::CONTROL]);
            let (controls, step) = the_step(&proposal);
            assert_eq!(controls, [key_age::ID]);
            // Whoever uses it all the time has used it since.
            let looks = step.operation.asks_for_use_since().is_some();
            assert_eq!(looks, step.risk == Risk::Restrictive);
            assert_eq!(step.impact[1].starts_with("it is in use"), !looks);
            step.risk
        };
        // It turned ninety days sixty days ago.
        assert_eq!(risk(None), Risk::Restrictive);
        assert_eq!(risk(Some(ago(61, 0))), Risk::Restrictive);
        assert_eq!(risk(Some(ago(60, 0))), Risk::Restrictive);
        assert_eq!(risk(Some(ago(59, 23))), Risk::Destructive);
        assert_eq!(risk(Some(ago(0, 1))), Risk::Destructive);
        // It has only just turned ninety days.
        for (hours, least) in [(1, Risk::Destructive), (7 * 24, Risk::Restrictive)] {
            let just = with_key(ago(90, 1), Some(ago(0, hours)));
            let proposal = proposed(&just, &[&key_age::CONTROL]);
            assert_eq!(the_step(&proposal).1.risk, least, "{hours}");
        }
        // One that rests for long, and was used when it was too old.
        let broken = proposed(&with_key(ago(400, 0), Some(ago(200, 0))), &[&key_age::CONTROL]);
        let (_, step) = the_step(&broken);
        assert_eq!(step.risk, Risk::Destructive);
        assert_eq!(step.operation.asks_for_use_since(), ago(200, 0).at());
        assert!(step.impact[1].starts_with("it was used when it was too old"), "{:?}", step.impact);
        assert_eq!(
            proposed(&with_key(ago(150, 0), Some(ago(1, 0))), &[&idle::CONTROL]).bundles.len(),
            0
        );
        // One that was never used, and is not old.
        let young = with_key(ago(30, 0), None);
        let proposal = proposed(&young, &BOTH);
        let (controls, step) = the_step(&proposal);
        assert_eq!((controls, step.risk), ([key_age::ID].as_slice(), Risk::Restrictive));
        assert!(step.impact[0].starts_with("never used; made on "), "{:?}", step.impact);
    }

    #[test]
    fn of_two_keys_only_the_one_at_fault_goes() {
        let told = [key(ago(10, 0), ago(1, 0)), key(ago(200, 0), ago(150, 0))];
        // The report numbers them as it likes.
        let (new, old) = ((ago(10, 0), ago(1, 0)), (ago(200, 0), ago(150, 0)));
        let live = keys([active(&old.0, Some(&old.1)), active(&new.0, Some(&new.1))]);
        let snapshot = of(ReportRow { access_keys: told, ..row() }, live);
        let proposal = proposed(&snapshot, &BOTH);
        let (_, step) = the_step(&proposal);
        assert_eq!(step.operation.access_key(), Some(&AccessKeyId::new("AKIA1")));
    }

    #[test]
    fn what_was_used_since_the_report_is_left_alone() {
        let mut snapshot = with_key(ago(80, 0), Some(ago(80, 0)));
        snapshot.iam.credential_report.ok_mut().unwrap().users[0].access_keys[0].last_used =
            ago(120, 0);
        let user = snapshot.iam.credentials.get_mut("al").unwrap();
        user.keys = keys([active(&ago(80, 0), Some(&ago(0, 2)))]).keys;
        let proposal = proposed(&snapshot, &BOTH);
        assert!(proposal.bundles.is_empty() && proposal.not_planned.is_empty(), "{proposal:?}");
        let signed_in = with_password(&ago(200, 0), password(&ago(1, 0)));
        assert!(proposed(&signed_in, &BOTH).bundles.is_empty());
    }

    #[test]
    fn a_password_goes_for_good() {
        let snapshot = with_password(&ago(200, 0), password(&ago(200, 0)));
        let proposal = proposed(&snapshot, &BOTH);
        let (controls, step) = the_step(&proposal);
        assert_eq!((controls, step.risk), ([idle::ID].as_slice(), Risk::Destructive));
        let since = ago(200, 0).at().unwrap();
        let Operation::DeleteLoginProfile { unused_since, .. } = &step.operation else { panic!() };
        assert_eq!(*unused_since, since);
        assert!(step.impact[1].contains("cannot be given back"), "{:?}", step.impact);
        let mut after = snapshot;
        step.operation.simulate(&mut after).unwrap();
        assert_eq!(findings(&idle::CONTROL, &after, &Settings::default()), []);
        // One that was never used is as old as its last change.
        let never = with_password(&When::NoInformation, password(&When::NoInformation));
        let proposal = proposed(&never, &BOTH);
        let Operation::DeleteLoginProfile { unused_since, .. } = &the_step(&proposal).1.operation
        else {
            panic!()
        };
        assert_eq!(Some(*unused_since), ago(300, 0).at());
    }

    #[test]
    fn what_cannot_be_read_is_not_touched() {
        let denied = || Action::new("iam:ListAccessKeys");
        let mut snapshot = with_key(ago(400, 0), Some(ago(200, 0)));
        snapshot.iam.credentials.get_mut("al").unwrap().keys =
            Observed::Denied { action: denied() };
        let proposal = proposed(&snapshot, &[&idle::CONTROL]);
        let told =
            "the state of the access keys of al could not be read: iam:ListAccessKeys is denied";
        assert_eq!(the_entry(&proposal), (Why::Unknown, told));
        assert_eq!(proposed(&snapshot, &BOTH).not_planned.len(), 2);
        // Without the last use nothing is known.
        let mut half = with_key(ago(400, 0), Some(ago(200, 0)));
        let user = half.iam.credentials.get_mut("al").unwrap();
        let key = user.keys.ok_mut().unwrap().values_mut().next().unwrap();
        key.last_used = Observed::Denied { action: Action::new("iam:GetAccessKeyLastUsed") };
        let proposal = proposed(&half, &[&key_age::CONTROL]);
        let (why, told) = the_entry(&proposal);
        assert!(
            why == Why::Unknown && told.ends_with("iam:GetAccessKeyLastUsed is denied"),
            "{told}"
        );
        half.iam.credentials.clear();
        let proposal = proposed(&half, &[&key_age::CONTROL]);
        assert_eq!(
            the_entry(&proposal).1,
            "the state of the access keys of al was not read for a plan with these settings"
        );
        let blind =
            with_password(&ago(200, 0), Observed::Denied { action: Action::new("iam:GetUser") });
        let proposal = proposed(&blind, &BOTH);
        let told = "the password of al could not be read: iam:GetUser is denied";
        assert_eq!(the_entry(&proposal), (Why::Unknown, told));
    }

    #[test]
    fn whoever_runs_harden_keeps_everything() {
        let mut snapshot = with_key(ago(120, 0), Some(ago(0, 1)));
        // IAM knows no case in names.
        snapshot.caller = snapshot.account.arn("iam", "", "user/team/AL");
        let proposal = proposed(&snapshot, &BOTH);
        let (why, told) = the_entry(&proposal);
        assert_eq!(why, Why::Caller);
        assert!(told.starts_with("al: access key 1 made 120 days ago, on "), "{told}");
        assert!(told.contains("harden runs as al") && told.contains("--control 1.4"), "{told}");
        // By the key that signs, whoever the caller says to be.
        snapshot.caller = snapshot.account.arn("sts", "", "federated-user/x");
        let user = snapshot.iam.credentials.get_mut("al").unwrap();
        user.keys.ok_mut().unwrap().values_mut().for_each(|key| key.signs = true);
        let proposal = proposed(&snapshot, &BOTH);
        let (why, told) = the_entry(&proposal);
        assert!(why == Why::Caller && told.contains("signs with an access key of al"), "{told}");
        // A role of the same name is somebody else.
        snapshot.caller = snapshot.account.arn("sts", "", "assumed-role/user/al");
        let user = snapshot.iam.credentials.get_mut("al").unwrap();
        user.keys.ok_mut().unwrap().values_mut().for_each(|key| key.signs = false);
        assert_eq!(proposed(&snapshot, &BOTH).bundles.len(), 1);
    }

    #[test]
    fn users_are_named_with_their_paths() {
        let mut snapshot = with_key(ago(400, 0), None);
        let arn = snapshot.account.arn("iam", "", "user/team/al");
        snapshot.iam.credential_report.ok_mut().unwrap().users[0].arn = Some(arn.clone());
        let proposal = proposed(&snapshot, &BOTH);
        let (_, step) = the_step(&proposal);
        let target = step.operation.target();
        assert_eq!((target.resource(), target.arn(&snapshot.account)), ("al", arn));
    }
}
