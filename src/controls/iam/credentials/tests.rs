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
    snapshot.iam.credentials.get_mut("al").unwrap().keys = Observed::Denied { action: denied() };
    let proposal = proposed(&snapshot, &[&idle::CONTROL]);
    let told = "the state of the access keys of al could not be read: iam:ListAccessKeys is denied";
    assert_eq!(the_entry(&proposal), (Why::Unknown, told));
    assert_eq!(proposed(&snapshot, &BOTH).not_planned.len(), 2);
    // Without the last use nothing is known.
    let mut half = with_key(ago(400, 0), Some(ago(200, 0)));
    let user = half.iam.credentials.get_mut("al").unwrap();
    let key = user.keys.ok_mut().unwrap().values_mut().next().unwrap();
    key.last_used = Observed::Denied { action: Action::new("iam:GetAccessKeyLastUsed") };
    let proposal = proposed(&half, &[&key_age::CONTROL]);
    let (why, told) = the_entry(&proposal);
    assert!(why == Why::Unknown && told.ends_with("iam:GetAccessKeyLastUsed is denied"), "{told}");
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
