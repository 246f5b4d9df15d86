use super::*;
use crate::journal::Outcome;
use crate::rollout::manifest::tests::rollout;

const A: &str = "111111111111";
const B: &str = "222222222222";

fn begun(account: &str, work: Work, run: &str) -> Event {
    Event::Begun { account: AccountId::new(account), work, run: run.to_owned() }
}

fn ended(account: &str, work: Work, outcome: Option<RunOutcome>, held: usize) -> Event {
    let changes = [(Outcome::Applied, held), (Outcome::Failed, 1)];
    let changes = changes.into_iter().filter(|(_, number)| *number > 0).collect();
    let end = End { outcome, changes, score: None, reason: None };
    Event::Ended { account: AccountId::new(account), work, end }
}

fn after(events: Vec<Event>) -> Progress {
    let mut progress = Progress::default();
    for event in events {
        progress.note(event);
    }
    progress
}

/// How the account stands after these events.
fn standing(events: Vec<Event>) -> Standing {
    let manifest = rollout(&[("rest", &[A])]);
    after(events).standing(&manifest.accounts[0])
}

#[test]
fn accounts_stand_as_the_log_tells() {
    use RunOutcome::{Complete, Interrupted, Partial};
    use Work::{Apply, Undo};
    let run = || begun(A, Apply, "r1");
    let end = |outcome, held| ended(A, Apply, outcome, held);
    assert_eq!(standing(vec![]), Standing::Waiting);
    assert_eq!(standing(vec![run()]), Standing::BrokenOff);
    assert_eq!(standing(vec![run(), end(Some(Complete), 2)]), Standing::Done);
    assert_eq!(standing(vec![run(), end(Some(Partial), 1)]), Standing::Partial);
    assert_eq!(standing(vec![run(), end(Some(Partial), 0)]), Standing::Failed);
    assert_eq!(standing(vec![run(), end(Some(Interrupted), 1)]), Standing::BrokenOff);
    assert_eq!(standing(vec![end(None, 0)]), Standing::Failed);
    let done = || vec![run(), end(Some(Complete), 2)];
    let then = |events: Vec<Event>| standing([done(), events].concat());
    assert_eq!(then(vec![begun(A, Undo, "u1")]), Standing::PartlyUndone);
    assert_eq!(
        then(vec![begun(A, Undo, "u1"), ended(A, Undo, Some(Complete), 2)]),
        Standing::Undone
    );
    assert_eq!(then(vec![ended(A, Undo, Some(Partial), 1)]), Standing::PartlyUndone);
    // What did not begin has changed nothing; what did, and got no further, may have.
    assert_eq!(then(vec![begun(A, Undo, "u1"), ended(A, Undo, None, 0)]), Standing::PartlyUndone);
    let partly = vec![run(), end(Some(Partial), 1), end(None, 0)];
    assert_eq!(standing(partly), Standing::Partial);
    assert_eq!(then(vec![ended(A, Undo, None, 0)]), Standing::Done);
}

#[test]
fn how_it_ended_before_is_not_told_of_what_has_begun_since() {
    let apply = Work::Apply;
    let once = vec![begun(A, apply, "r1"), ended(A, apply, Some(RunOutcome::Partial), 1)];
    let account = AccountId::new(A);
    assert_eq!(after(once.clone()).last(&account).map(End::held), Some(1));
    let again = [once, vec![begun(A, apply, "r2")]].concat();
    assert_eq!(after(again).last(&account), None);
}

#[test]
fn runs_are_taken_back_the_last_first_and_once() {
    use Work::{Apply, Undo};
    let runs = |progress: &Progress| progress.runs(&AccountId::new(A)).cloned().collect::<Vec<_>>();
    let mut progress =
        after(vec![begun(A, Apply, "r1"), begun(A, Apply, "r2"), begun(B, Apply, "r3")]);
    assert_eq!(runs(&progress), ["r2", "r1"]);
    progress.note(ended(A, Undo, Some(RunOutcome::Partial), 1));
    assert_eq!(runs(&progress), ["r2", "r1"]);
    progress.note(ended(A, Undo, Some(RunOutcome::Complete), 1));
    assert_eq!(runs(&progress), [""; 0]);
}

#[test]
fn a_log_is_of_one_rollout_and_may_break_off() {
    let manifest = rollout(&[("rest", &[A])]);
    let line = |event| {
        let at = "2026-11-25T12:00:00Z".parse().unwrap();
        serde_json::to_string(&LogLine { at, event }).unwrap() + "\n"
    };
    let start = |rollout: &Manifest| {
        let (format, rollout) = (LOG_FORMAT.to_owned(), rollout.digest.clone());
        line(Event::Start { format, rollout, work: Work::Apply })
    };
    let begin = line(begun(A, Work::Apply, "r1"));
    let whole = start(&manifest) + &begin;
    let stands = |text: &str| {
        let progress = Progress::parse(text, &manifest)?;
        Ok::<_, LogError>(progress.standing(&manifest.accounts[0]))
    };
    assert_eq!(stands(&whole).unwrap(), Standing::BrokenOff);
    assert_eq!(stands(whole.get(..whole.len() - 9).unwrap()).unwrap(), Standing::Waiting);
    assert_eq!(stands(&format!("{{\n{whole}")).unwrap_err().to_string(), "line 1 is none of a log");
    let other = start(&rollout(&[("rest", &[B])]));
    assert_eq!(stands(&other).unwrap_err().to_string(), "it tells of another rollout");
    // Without its first line it would tell of whatever rollout has the account.
    assert_eq!(stands(&begin).unwrap_err().to_string(), "line 1 is none of a log");
    let newer = whole.replace(LOG_FORMAT, "harden.rollout-log/2");
    assert_eq!(
        stands(&newer).unwrap_err().to_string(),
        "it has the format `harden.rollout-log/2`, which this version does not know"
    );
}

#[test]
fn the_worse_of_two_ends_is_that_of_both() {
    use RunOutcome::{Complete, NothingToDo, Partial};
    let end = |outcome| {
        let changes = [(Outcome::Applied, 2)].into();
        End { outcome: Some(outcome), changes, score: None, reason: None }
    };
    let both = |first, second| end(first).and(end(second)).outcome.unwrap();
    assert_eq!(both(Complete, Complete), Complete);
    assert_eq!(both(NothingToDo, Partial), Partial);
    assert_eq!(both(Partial, Complete), Partial);
    assert_eq!(end(Complete).and(end(Complete)).held(), 4);
}

#[test]
fn what_is_done_or_taken_back_is_not_done_again() {
    let manifest = rollout(&[("canary", &[A]), ("rest", &[B])]);
    let mut progress = after(vec![ended(A, Work::Apply, Some(RunOutcome::Complete), 2)]);
    assert_eq!(progress.standing(&manifest.accounts[0]), Standing::Done);
    assert_eq!(progress.failed_of(&manifest.waves[0], &manifest), 0);
    progress.note(ended(B, Work::Apply, None, 0));
    assert_eq!(progress.failed_of(&manifest.waves[1], &manifest), 1);
    for standing in [Standing::Done, Standing::Undone, Standing::PartlyUndone, Standing::NotPlanned]
    {
        assert!(!standing.is_open() && !standing.has_failed(), "{standing:?}");
    }
}
