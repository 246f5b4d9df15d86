use super::*;
use crate::change::{Change, Operation};
use crate::model::{AccessKeyId, KeyStatus, UserName};
use crate::plan::Origin;
use crate::plan::tests_support::plan_of_two;

struct Person {
    answer: Answer,
    types: &'static str,
    number: &'static str,
    asked: usize,
}

/// The account's id, and these answers to the rest.
fn person(answer: Answer, number: &'static str) -> Person {
    Person { answer, types: "111122223333", number, asked: 0 }
}

impl Ask for Person {
    type Error = std::convert::Infallible;

    fn which(&mut self, _: &Plan) -> Result<Answer, Self::Error> {
        Ok(self.answer.clone())
    }

    fn name(&mut self, _: &Plan, _: &Account) -> Result<String, Self::Error> {
        Ok(self.types.to_owned())
    }

    fn number(&mut self, _: &Plan) -> Result<String, Self::Error> {
        self.asked += 1;
        Ok(self.number.to_owned())
    }
}

fn confirm(answer: Answer, types: &'static str) -> Confirmed {
    let plan = plan_of_two();
    let account = plan.head.account.clone();
    let mut who = Person { types, ..person(answer, "") };
    let Ok(confirmed) = ask(plan, &account, &mut who);
    assert_eq!(who.asked, 0, "asked for a number of nothing");
    confirmed
}

#[test]
fn the_name_of_the_account_must_be_typed() {
    let wrong = confirm(Answer::All, "production");
    assert!(matches!(wrong, Confirmed::Declined(Refusal::WrongName)));
    let Confirmed::Go(plan, approval) = confirm(Answer::All, " 111122223333\n") else {
        panic!("declined")
    };
    assert!(approval.is_for(&plan));
}

#[test]
fn what_a_picked_change_requires_comes_along() {
    let plan = plan_of_two();
    let last = plan.changes.last().unwrap().id.clone();
    let Confirmed::Go(picked, approval) = confirm(Answer::Pick([last].into()), "111122223333")
    else {
        panic!("declined")
    };
    assert_eq!(picked.changes.len(), 2);
    let first = plan.changes.first().unwrap().id.clone();
    let Confirmed::Go(other, _) = confirm(Answer::Pick([first].into()), "111122223333") else {
        panic!("declined")
    };
    assert_eq!(other.changes.len(), 1);
    assert!(!approval.is_for(&other));
}

#[test]
fn consent_is_a_yes_and_for_one_user() {
    assert!(Consent::given("al", false).is_none());
    assert_eq!(Consent::given("al", true).unwrap().user(), "al");
}

#[test]
fn nothing_is_nothing() {
    for answer in [Answer::Nothing, Answer::Pick(BTreeSet::new())] {
        let declined = confirm(answer, "111122223333");
        assert!(matches!(declined, Confirmed::Declined(Refusal::NothingChosen)));
    }
}

/// A plan that takes away so many keys where no more than two may go unasked.
fn plan_of_keys(number: usize) -> Plan {
    let mut plan = plan_of_two();
    let Origin::Baseline(rules) = &mut plan.origin else { panic!() };
    rules.settings.credentials.max_changes = 2;
    let first = plan.changes.remove(0);
    let key = |number| Change {
        id: ChangeId::new(format!("key-{number}")),
        operation: Operation::UpdateAccessKey {
            user: UserName::new("al"),
            key: AccessKeyId::new(format!("AKIA{number}")),
            to: KeyStatus::Inactive,
            unused_since: None,
        },
        ..first.clone()
    };
    plan.changes = (0..number).map(key).collect();
    plan.sealed()
}

#[test]
fn many_keys_go_only_if_their_number_is_typed() {
    let ask_for = |number, answer, types| {
        let plan = plan_of_keys(number);
        let account = plan.head.account.clone();
        let mut who = person(answer, types);
        let Ok(confirmed) = ask(plan, &account, &mut who);
        (matches!(confirmed, Confirmed::Go(..)), who.asked)
    };
    assert_eq!(ask_for(2, Answer::All, ""), (true, 0));
    assert_eq!(ask_for(3, Answer::All, " 3\n"), (true, 1));
    for wrong in ["", "2", "three", "yes"] {
        assert_eq!(ask_for(3, Answer::All, wrong), (false, 1));
    }
    // The number of those that are picked is what counts.
    let two = ["key-0", "key-2"].map(ChangeId::new).into();
    assert_eq!(ask_for(3, Answer::Pick(two), ""), (true, 0));
}

#[test]
fn many_keys_go_unasked_only_if_the_flag_allows_it() {
    let goes = |number, most| matches!(by_flag(plan_of_keys(number), most), Confirmed::Go(..));
    assert!(goes(2, None) && goes(3, Some(3)) && goes(0, Some(0)));
    assert!(!goes(3, None) && !goes(3, Some(2)));
    // The flag takes the place of the setting.
    assert!(!goes(2, Some(1)));
    let plan = plan_of_two();
    assert!(matches!(by_flag(plan, None), Confirmed::Go(..)));
}

/// Somebody who types these numbers of accounts and of keys.
struct Many(&'static str, &'static str);

impl AskMany for Many {
    type Error = std::convert::Infallible;

    fn accounts(&mut self, _: usize) -> Result<String, Self::Error> {
        Ok(self.0.to_owned())
    }

    fn credentials(&mut self, _: usize) -> Result<String, Self::Error> {
        Ok(self.1.to_owned())
    }
}

fn planned(plan: &Plan) -> Planned {
    let (credentials, limit) = (plan.credential_changes(), plan.credential_limit());
    Planned { plan: plan.digest.clone(), credentials, limit }
}

#[test]
fn the_number_of_accounts_must_be_typed() {
    let plans = [planned(&plan_of_two()), planned(&plan_of_keys(1))];
    let ask = |types| {
        let Ok(answer) = ask_many(&plans, 2, &mut Many(types, ""));
        answer.map(|_| ())
    };
    assert_eq!(ask(" 2\n"), Ok(()));
    for wrong in ["", "1", "two", "y"] {
        assert_eq!(ask(wrong), Err(Refusal::WrongName));
    }
}

#[test]
fn many_keys_in_one_account_go_only_if_the_number_of_all_is_typed() {
    let plans = [planned(&plan_of_keys(1)), planned(&plan_of_keys(3))];
    let ask = |types| {
        let Ok(answer) = ask_many(&plans, 2, &mut Many("2", types));
        answer.map(|_| ())
    };
    assert_eq!(ask("4"), Ok(()));
    assert_eq!(ask("3"), Err(Refusal::WrongNumber));
    assert!(matches!(many_by_flag(&plans, None), Err(Refusal::TooManyCredentials)));
    assert!(many_by_flag(&plans, Some(3)).is_ok());
}

#[test]
fn a_mandate_is_for_its_plans_and_once_for_each() {
    let (plan, other) = (plan_of_two(), plan_of_keys(1));
    let mandate = many_by_flag(&[planned(&plan)], None).unwrap();
    assert!(mandate.approval(&other).is_none());
    assert!(mandate.approval(&plan).unwrap().is_for(&plan));
    assert!(mandate.approval(&plan).is_none());
}
