//! Carrying out plans against an account that misbehaves.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use harden::apply::{Applied, Progress, apply};
use harden::assess::Rules;
use harden::change::{Change, Operation, Risk};
use harden::controls;
use harden::journal::{Event, Outcome};
use harden::model::Snapshot;
use harden::plan::{Plan, build};
use harden::run::{RunOutcome, Verified, outcome_of};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::fake::{Fake, Paper, Twist, approve};
use crate::generate::{rules, snapshots};

fn everything() -> Rules {
    Rules {
        controls: controls::all().map(|control| control.id).collect(),
        settings: harden::model::Settings::default(),
        waivers: Vec::new(),
    }
}

fn run(fake: &Fake, plan: Plan, paper: &Paper) -> (Plan, Applied) {
    watch(fake, plan, paper, &|_| {})
}

fn watch(
    fake: &Fake,
    plan: Plan,
    paper: &Paper,
    progress: &(impl Fn(Progress<'_>) + Sync),
) -> (Plan, Applied) {
    let (plan, approval) = approve(plan);
    let work = apply(&plan, fake, &approval, paper, &fake.stop, progress);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let applied = runtime.block_on(work);
    (plan, applied)
}

/// An account with several changes to make, some of which need others.
fn messy() -> (Snapshot, Plan) {
    let mut runner = TestRunner::deterministic();
    loop {
        let snapshot = snapshots().new_tree(&mut runner).unwrap().current();
        let plan = build(snapshot.clone(), "test", &everything(), Risk::Destructive).unwrap();
        let chained = plan.changes.iter().filter(|change| !change.requires.is_empty()).count();
        if plan.changes.len() >= 5 && chained >= 2 {
            return (snapshot, plan);
        }
    }
}

fn outcomes(applied: &Applied) -> Vec<Outcome> {
    applied.changes.iter().map(|change| change.outcome).collect()
}

#[test]
fn everything_is_made_once_and_a_second_time_nothing() {
    let (snapshot, plan) = messy();
    let fake = Fake::new(&snapshot, []);
    let (plan, applied) = run(&fake, plan, &Paper::default());
    assert!(outcomes(&applied).iter().all(|outcome| *outcome == Outcome::Applied));
    assert_eq!(fake.writes.lock().unwrap().len(), plan.changes.len());
    let (_, again) = run(&fake, plan.clone(), &Paper::default());
    assert!(outcomes(&again).iter().all(|outcome| *outcome == Outcome::Already));
    assert_eq!(fake.writes.lock().unwrap().len(), plan.changes.len(), "a second write");
}

#[test]
fn an_intent_stands_before_each_write_and_an_outcome_after() {
    let (snapshot, plan) = messy();
    let paper = Paper::default();
    let (plan, _) = run(&Fake::new(&snapshot, []), plan, &paper);
    let events = paper.events.into_inner().unwrap();
    for change in &plan.changes {
        let place = |wanted: &dyn Fn(&Event) -> bool| events.iter().position(wanted).unwrap();
        let intent =
            place(&|event| matches!(event, Event::Intent { change: c, .. } if *c == change.id));
        let outcome =
            place(&|event| matches!(event, Event::Outcome { change: c, .. } if *c == change.id));
        assert!(intent < outcome);
    }
}

#[test]
fn a_failure_stops_its_dependents_and_nothing_else() {
    let (snapshot, plan) = messy();
    let first_chained = plan.changes.iter().find(|change| !change.requires.is_empty()).unwrap();
    let needed = first_chained.requires.first().unwrap().clone();
    let calls_before = plan.changes.iter().position(|change| change.id == needed).unwrap();
    // One lane at a time would make the order of calls certain; so try every place.
    for place in 0..plan.changes.len() {
        let twists = (0..place).map(|_| Twist::None).chain([Twist::Denied]);
        let fake = Fake::new(&snapshot, twists);
        let (plan, applied) = run(&fake, plan.clone(), &Paper::default());
        let failed: Vec<_> = applied
            .changes
            .iter()
            .filter(|c| c.outcome == Outcome::Failed)
            .map(|c| &c.id)
            .collect();
        assert_eq!(failed.len(), 1);
        // Those that need it, and those that need these.
        let mut stopped = BTreeSet::from([failed[0].clone()]);
        for (change, result) in plan.changes.iter().zip(&applied.changes) {
            let needs_it = !change.requires.is_disjoint(&stopped);
            if needs_it {
                stopped.insert(change.id.clone());
            }
            let expected = match result.outcome {
                Outcome::Failed => Outcome::Failed,
                _ if needs_it => Outcome::Skipped,
                _ => Outcome::Applied,
            };
            assert_eq!(result.outcome, expected, "{}", change.id);
        }
        assert_eq!(
            outcome_of(&plan, &applied.changes, &Verified::default(), false),
            RunOutcome::Partial
        );
    }
    assert!(calls_before < plan.changes.len());
}

/// What becomes of the first call, and what the journal says of it, when it goes wrong like this.
fn first_call(twists: &[Twist]) -> (Outcome, bool, usize) {
    let (snapshot, plan) = messy();
    // One change alone, so that all twists are about it, and one that may be called again.
    let alone = |change: &&Change| change.requires.is_empty() && change.operation.is_repeatable();
    let plan = plan.only(&[plan.changes.iter().find(alone).unwrap().id.clone()].into());
    let paper = Paper::default();
    let fake = Fake::new(&snapshot, twists.iter().copied());
    let (_, applied) = run(&fake, plan, &paper);
    let events = paper.events.into_inner().unwrap();
    let unsettled = events.iter().any(|e| matches!(e, Event::Outcome { unsettled: true, .. }));
    let intents = events.iter().filter(|e| matches!(e, Event::Intent { .. })).count();
    assert!(intents <= 1);
    let writes = fake.writes.lock().unwrap().len();
    assert!(writes <= 1, "sent twice");
    (applied.changes[0].outcome, unsettled, writes)
}

#[test]
fn a_call_that_goes_wrong_is_settled_by_looking() {
    use Outcome::{Already, Applied, Failed};
    let many = |twist| vec![twist; 12];
    let cases = [
        (vec![Twist::DroppedAfter], (Applied, false, 1)),
        (vec![Twist::DroppedBefore], (Applied, false, 1)),
        (many(Twist::DroppedBefore), (Failed, true, 0)),
        (vec![Twist::Throttled, Twist::Throttled], (Applied, false, 1)),
        (many(Twist::Throttled), (Failed, false, 0)),
        (vec![Twist::Throttled, Twist::DroppedAfter], (Applied, false, 1)),
        (vec![Twist::Denied], (Failed, false, 0)),
        (vec![Twist::DroppedBefore, Twist::Denied], (Failed, true, 0)),
        // Not ours: an undo must leave it alone.
        (vec![Twist::Overtaken], (Already, false, 0)),
        (vec![Twist::Beaten], (Already, false, 0)),
        // Perhaps ours.
        (vec![Twist::DroppedBefore, Twist::Beaten], (Applied, false, 0)),
        (vec![Twist::Busy, Twist::DroppedAfter], (Applied, false, 1)),
        (vec![Twist::DroppedBefore, Twist::Unseen], (Failed, true, 0)),
    ];
    for (twists, expected) in cases {
        assert_eq!(first_call(&twists), expected, "{twists:?}");
    }
}

/// Two changes, one of which needs the other.
fn chained() -> (Snapshot, Plan) {
    let (snapshot, plan) = messy();
    let one = plan.changes.iter().find(|change| change.requires.len() == 1).unwrap();
    let two = plan.only(&[one.id.clone()].into());
    assert_eq!(two.changes.len(), 2);
    (snapshot, two)
}

#[test]
fn what_is_not_seen_yet_is_waited_for() {
    let (snapshot, plan) = chained();
    let fake = Fake::new(&snapshot, [Twist::None, Twist::Unseen, Twist::Unseen]);
    let lefts = Mutex::new(Vec::new());
    let watching = |progress: Progress<'_>| {
        if let Progress::Waiting(change, left) = progress {
            assert!(!change.requires.is_empty());
            lefts.lock().unwrap().push(left);
        }
    };
    let paper = Paper::default();
    let (plan, applied) = watch(&fake, plan, &paper, &watching);
    assert_eq!(outcomes(&applied), [Outcome::Applied; 2]);
    assert_eq!(fake.passed(), Duration::from_secs(1 + 2));
    assert_eq!(
        *fake.writes.lock().unwrap(),
        plan.changes.iter().map(|c| c.operation.clone()).collect::<Vec<_>>()
    );
    let lefts = lefts.into_inner().unwrap();
    assert_eq!(lefts[0], Duration::from_mins(2));
    assert!(lefts.is_sorted_by(|a, b| a > b) && lefts.len() >= 3, "{lefts:?}");
    let intents = paper.events.into_inner().unwrap();
    let intents = intents.iter().filter(|event| matches!(event, Event::Intent { .. }));
    assert_eq!(intents.count(), 2, "one for each change, however often it is tried");
}

#[test]
fn the_waiting_has_an_end() {
    let (snapshot, plan) = chained();
    let fake = Fake::new(&snapshot, std::iter::once(Twist::None).chain([Twist::Unseen; 99]));
    let (_, applied) = run(&fake, plan, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Applied, Outcome::Failed]);
    assert_eq!(applied.changes[1].error.as_deref(), Some("NotYet (for 120 s)"));
    assert_eq!(fake.passed(), Duration::from_mins(2));
    // One for what is required; then at 0, 1, 3, 7, 15, 25, 35 … 115 and 120 seconds.
    assert_eq!(fake.calls.into_inner(), 1 + 16);
    assert!(!applied.interrupted);
}

/// Whatever it rests on has been there for long: then AWS means what it says.
#[test]
fn without_something_fresh_nothing_is_waited_for() {
    let (snapshot, plan) = chained();
    let alone = plan.only(&[plan.changes[0].id.clone()].into());
    let fake = Fake::new(&snapshot, [Twist::Unseen; 9]);
    let (_, applied) = run(&fake, alone, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Failed]);
    assert_eq!(applied.changes[0].error.as_deref(), Some("NotYet"));
    assert_eq!((fake.calls.load(Ordering::SeqCst), fake.passed()), (1, Duration::ZERO));
    // What an earlier run has made is not fresh.
    let fake = Fake::new(&snapshot, [Twist::Unseen; 9]);
    plan.changes[0].operation.simulate(&mut fake.state.lock().unwrap()).unwrap();
    let (_, applied) = run(&fake, plan, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Already, Outcome::Failed]);
    assert_eq!((fake.calls.load(Ordering::SeqCst), fake.passed()), (1, Duration::ZERO));
}

#[test]
fn what_is_busy_is_waited_for_in_any_case() {
    let (snapshot, plan) = chained();
    let alone = plan.only(&[plan.changes[0].id.clone()].into());
    let fake = Fake::new(&snapshot, [Twist::Busy, Twist::Busy, Twist::Busy]);
    let (_, applied) = run(&fake, alone.clone(), &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Applied]);
    assert_eq!(fake.passed(), Duration::from_secs(1 + 2 + 4));
    let fake = Fake::new(&snapshot, [Twist::Busy; 99]);
    let (_, applied) = run(&fake, alone, &Paper::default());
    assert_eq!(applied.changes[0].error.as_deref(), Some("Busy (for 120 s)"));
}

#[test]
fn somebody_may_make_the_change_while_it_waits() {
    let (snapshot, plan) = chained();
    let fake = Fake::new(&snapshot, [Twist::None, Twist::Unseen, Twist::Overtaken]);
    let (_, applied) = run(&fake, plan, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Applied, Outcome::Already]);
}

#[test]
fn ctrl_c_ends_the_waiting_without_another_call() {
    let (snapshot, plan) = chained();
    let twists = std::iter::once(Twist::None).chain([Twist::Unseen; 99]);
    let fake = Fake::new(&snapshot, twists).stopped_after(Duration::from_secs(20));
    let (plan, applied) = run(&fake, plan, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Applied, Outcome::Failed]);
    assert_eq!(applied.changes[1].error.as_deref(), Some("NotYet; the run was stopped"));
    // The pause from 15 to 25 seconds was cut short.
    assert!(fake.passed() < Duration::from_secs(21), "{:?}", fake.passed());
    assert_eq!(fake.calls.into_inner(), 1 + 5);
    // It was the last change, and yet the run did not come to its end.
    assert!(applied.interrupted);
    assert_eq!(
        outcome_of(&plan, &applied.changes, &Verified::default(), true),
        RunOutcome::Interrupted
    );
}

/// The first change is read once before its call: then the second is not seen.
#[test]
fn a_target_that_is_not_seen_yet_is_waited_for() {
    let (snapshot, plan) = chained();
    let second = plan.changes[1].id.clone();
    let reads = |unread| {
        let fake = Fake::new(&snapshot, []);
        let hiding = |progress: Progress<'_>| {
            if matches!(progress, Progress::Started(change) if change.id == second) {
                fake.unread.store(unread, Ordering::SeqCst);
            }
        };
        let (_, applied) = watch(&fake, plan.clone(), &Paper::default(), &hiding);
        (outcomes(&applied)[1], fake.passed().as_secs())
    };
    assert_eq!(reads(3), (Outcome::Applied, 1 + 2 + 4));
    assert_eq!(reads(99), (Outcome::Failed, 120));
    let fake = Fake::new(&snapshot, []);
    fake.unread.store(9, Ordering::SeqCst);
    let alone = plan.only(&[plan.changes[0].id.clone()].into());
    let (_, applied) = run(&fake, alone, &Paper::default());
    assert_eq!(applied.changes[0].error.as_deref(), Some("not read again: NotYet"));
    assert_eq!(fake.passed(), Duration::ZERO);
}

#[test]
fn what_somebody_else_changed_is_already_or_stale() {
    let (snapshot, plan) = messy();
    let change = plan.changes.iter().find(|change| change.requires.is_empty()).unwrap();
    // Somebody did the same.
    let fake = Fake::new(&snapshot, []);
    change.operation.simulate(&mut fake.state.lock().unwrap()).unwrap();
    let (_, applied) = run(&fake, plan.clone(), &Paper::default());
    let outcome_of =
        |applied: &Applied, id| applied.changes.iter().find(|c| c.id == id).unwrap().outcome;
    assert_eq!(outcome_of(&applied, change.id.clone()), Outcome::Already);
    // Somebody did something else.
    let policy = plan.changes.iter().find(|change| change.resource == "password-policy");
    let Some(policy) = policy else { return };
    let fake = Fake::new(&snapshot, []);
    let Operation::UpdateAccountPasswordPolicy { policy: planned } = &policy.operation else {
        panic!("{policy:?}")
    };
    let mut other = planned.clone();
    other.minimum_length = 99;
    fake.state.lock().unwrap().iam.password_policy =
        harden::model::Observed::Known(Some(other.clone()));
    let (_, applied) = run(&fake, plan.clone(), &Paper::default());
    assert_eq!(outcome_of(&applied, policy.id.clone()), Outcome::Stale);
    let state = fake.state.lock().unwrap();
    assert_eq!(state.iam.password_policy.ok().unwrap().as_ref(), Some(&other), "overwritten");
}

#[test]
fn ctrl_c_ends_after_the_call_in_flight() {
    let (snapshot, plan) = messy();
    let fake = Fake::new(&snapshot, [Twist::None, Twist::Stop]);
    let (plan, applied) = run(&fake, plan, &Paper::default());
    let made = outcomes(&applied).iter().filter(|o| **o == Outcome::Applied).count();
    assert!(applied.interrupted && made >= 2 && made < plan.changes.len());
    assert_eq!(
        outcome_of(&plan, &applied.changes, &Verified::default(), applied.interrupted),
        RunOutcome::Interrupted
    );
    assert_eq!(fake.writes.lock().unwrap().len(), made);
}

#[test]
fn without_a_journal_nothing_is_written() {
    let (snapshot, plan) = messy();
    for room in 0..6 {
        let fake = Fake::new(&snapshot, []);
        let paper = Paper { room: Some(room), ..Paper::default() };
        let (_, applied) = run(&fake, plan.clone(), &paper);
        assert!(applied.journal_error.is_some());
        let intents: BTreeSet<_> = paper
            .events
            .into_inner()
            .unwrap()
            .into_iter()
            .filter_map(|event| match event {
                Event::Intent { change, .. } => Some(change),
                _ => None,
            })
            .collect();
        let writes = fake.writes.lock().unwrap().len();
        assert!(writes <= intents.len(), "{writes} writes, {} intents", intents.len());
    }
}

#[test]
fn an_approval_is_good_for_its_own_plan_only() {
    let (snapshot, plan) = messy();
    let picked = plan.only(&[plan.changes[0].id.clone()].into());
    let (_, approval) = approve(picked);
    let fake = Fake::new(&snapshot, []);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let paper = Paper::default();
    let applied = runtime.block_on(apply(&plan, &fake, &approval, &paper, &fake.stop, &|_| {}));
    assert!(outcomes(&applied).iter().all(|outcome| *outcome == Outcome::Skipped));
    assert!(fake.writes.lock().unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Whatever goes wrong: a second run finishes the work, and the end is that of an undisturbed run.
    #[test]
    fn a_second_run_finishes_what_the_first_could_not(
        snapshot in snapshots(),
        rules in rules(),
        twists in prop::collection::vec(prop_oneof![
            Just(Twist::None), Just(Twist::Denied), Just(Twist::DroppedBefore),
            Just(Twist::DroppedAfter), Just(Twist::Throttled), Just(Twist::Beaten),
            Just(Twist::Overtaken), Just(Twist::Stop), Just(Twist::Unseen), Just(Twist::Busy),
        ], 0..8),
    ) {
        let plan = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
        let undisturbed = Fake::new(&snapshot, []);
        run(&undisturbed, plan.clone(), &Paper::default());
        let fake = Fake::new(&snapshot, twists);
        run(&fake, plan.clone(), &Paper::default());
        fake.twists.lock().unwrap().clear();
        fake.stop.store(false, Ordering::SeqCst);
        let (_, applied) = run(&fake, plan, &Paper::default());
        prop_assert!(applied.changes.iter().all(|change| change.outcome.holds()));
        let (end, expected) = (fake.state.lock().unwrap(), undisturbed.state.lock().unwrap());
        prop_assert_eq!(&*end, &*expected);
    }
}

/// A user with a policy, and the plan for it: a group, its policy, the user in it, and the policy off the user.
fn regrouped() -> (Snapshot, Plan) {
    let mut snapshot = crate::account::new();
    let mut user = harden::model::User::default();
    user.policies.attached.insert("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
    snapshot.iam.people.ok_mut().unwrap().users.insert("al".to_owned(), user);
    let rules = crate::account::only(&["1.15"]);
    let plan = build(snapshot.clone(), "test", &rules, Risk::Restrictive).unwrap();
    assert_eq!(plan.changes.len(), 4);
    (snapshot, plan)
}

#[test]
fn a_right_is_taken_only_once_iam_has_had_time_to_go_by_the_other() {
    let (snapshot, plan) = regrouped();
    let fake = Fake::new(&snapshot, []);
    let waited = Mutex::new(Vec::new());
    let (plan, applied) = watch(&fake, plan, &Paper::default(), &|progress| {
        if let Progress::Waiting(change, left) = progress {
            waited.lock().unwrap().push((change.operation.name(), left));
        }
    });
    assert!(outcomes(&applied).iter().all(|outcome| *outcome == Outcome::Applied));
    assert_eq!(fake.passed(), Duration::from_secs(15));
    let waited = waited.into_inner().unwrap();
    assert!(waited.iter().all(|(name, _)| *name == "detach-user-policy"), "{waited:?}");
    assert_eq!(waited[0].1, Duration::from_secs(15));
    // What was made in an earlier run has had its time.
    let (_, again) = run(&fake, plan, &Paper::default());
    assert!(outcomes(&again).iter().all(|outcome| *outcome == Outcome::Already));
    assert_eq!(fake.passed(), Duration::from_secs(15));
}

/// A run was killed after the user had joined the group: the next one knows nothing of when that was.
#[test]
fn a_right_is_not_taken_just_after_a_run_that_was_killed() {
    let (snapshot, plan) = regrouped();
    let mut joined = snapshot;
    for change in &plan.changes[..3] {
        change.operation.simulate(&mut joined).unwrap();
    }
    let rules = crate::account::only(&["1.15"]);
    let rest = build(joined.clone(), "test", &rules, Risk::Restrictive).unwrap();
    assert_eq!(rest.changes.len(), 1);
    let fake = Fake::new(&joined, []);
    let (_, applied) = run(&fake, rest, &Paper::default());
    assert_eq!(outcomes(&applied), [Outcome::Applied]);
    assert_eq!(fake.passed(), Duration::from_secs(15));
}

#[test]
fn whoever_ends_the_run_while_it_waits_leaves_the_right_where_it_is() {
    let (snapshot, plan) = regrouped();
    let fake = Fake::new(&snapshot, []).stopped_after(Duration::from_secs(5));
    let paper = Paper::default();
    let (plan, applied) = run(&fake, plan, &paper);
    let (made, left) = (Outcome::Applied, Outcome::Skipped);
    assert_eq!(outcomes(&applied), [made, made, made, left]);
    assert!(applied.interrupted && fake.passed() < Duration::from_secs(6));
    let begun = |event: &Event| matches!(event, Event::Intent { change, .. } if *change == plan.changes[3].id);
    assert!(!paper.events.lock().unwrap().iter().any(begun));
    let state = fake.state.lock().unwrap();
    let user = &state.iam.people.ok().unwrap().users["al"];
    assert_eq!((user.policies.attached.len(), user.groups.len()), (1, 1));
}
