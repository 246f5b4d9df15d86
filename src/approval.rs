//! The authority to write, as a value: nothing is written without it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::change::ChangeId;
use crate::model::Account;
use crate::plan::{Digest, Origin, Plan};

/// Somebody agreed to exactly this plan. Made only here; not to be copied.
#[derive(Debug)]
pub struct Approval {
    plan: Digest,
    takes_back: bool,
}

impl Approval {
    /// An approval of no plan in particular, for tests of single calls.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self { plan: Digest::unset(), takes_back: false }
    }

    fn of(plan: &Plan, agreed: Digest) -> Self {
        Self { plan: agreed, takes_back: matches!(plan.origin, Origin::UndoOf(_)) }
    }

    /// Whether this is about that plan.
    pub fn is_for(&self, plan: &Plan) -> bool {
        self.plan == plan.digest
    }

    /// Whether it is about taking back a run: putting back what was, laxer or not.
    pub(crate) const fn takes_back(&self) -> bool {
        self.takes_back
    }
}

/// What a person says to a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Everything.
    All,
    /// These, and what they require.
    Pick(BTreeSet<ChangeId>),
    /// Nothing.
    Nothing,
}

/// Somebody who can be asked.
pub trait Ask {
    /// What goes wrong in asking.
    type Error;

    /// Asks which changes shall be made.
    fn which(&mut self, plan: &Plan) -> Result<Answer, Self::Error>;

    /// Asks for the name of the account to be typed.
    fn name(&mut self, plan: &Plan, account: &Account) -> Result<String, Self::Error>;

    /// Asks for the number of the keys and passwords that go to be typed.
    fn number(&mut self, plan: &Plan) -> Result<String, Self::Error>;
}

/// What came of asking.
#[derive(Debug)]
pub enum Confirmed {
    /// Go on, with this plan and no other.
    Go(Box<Plan>, Approval),
    /// Nobody agreed.
    Declined(Refusal),
}

/// How somebody declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// By choosing no change.
    NothingChosen,
    /// By typing another name than the account's.
    WrongName,
    /// By typing another number than that of the keys and passwords that go.
    WrongNumber,
    /// By allowing fewer of them beforehand.
    TooManyCredentials,
}

/// Asks a person.
///
/// The name to type is that of the account that the credentials are of, whatever the plan says: its alias or
/// its id.
pub fn ask<A: Ask>(plan: Plan, account: &Account, who: &mut A) -> Result<Confirmed, A::Error> {
    let plan = match who.which(&plan)? {
        Answer::All => plan,
        Answer::Pick(picked) => plan.only(&picked),
        Answer::Nothing => return Ok(Confirmed::Declined(Refusal::NothingChosen)),
    };
    if plan.changes.is_empty() {
        return Ok(Confirmed::Declined(Refusal::NothingChosen));
    }
    let going = plan.credential_changes();
    if going > plan.credential_limit() && who.number(&plan)?.trim() != going.to_string() {
        return Ok(Confirmed::Declined(Refusal::WrongNumber));
    }
    let typed = who.name(&plan, account)?;
    if ![account.confirmation(), account.id.as_str()].contains(&typed.trim()) {
        return Ok(Confirmed::Declined(Refusal::WrongName));
    }
    Ok(grant(plan))
}

/// Takes `--yes` on the command line for an answer. `most`: how many keys and passwords may go, in place of
/// what the plan's baseline says.
pub fn by_flag(plan: Plan, most: Option<usize>) -> Confirmed {
    if plan.credential_changes() > most.unwrap_or_else(|| plan.credential_limit()) {
        return Confirmed::Declined(Refusal::TooManyCredentials);
    }
    grant(plan)
}

/// Somebody agreed to exactly these plans of a rollout, each for its own account. Made only here; not to be
/// copied, and each plan's approval is given out once.
#[derive(Debug)]
pub struct Mandate {
    plans: Mutex<BTreeSet<Digest>>,
}

impl Mandate {
    /// The approval of one of the plans; none the second time, and none for any other plan.
    pub fn approval(&self, plan: &Plan) -> Option<Approval> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let agreed = plans.take(&plan.digest)?;
        Some(Approval::of(plan, agreed))
    }
}

/// A plan of a rollout, as far as somebody has to know it to agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The plan.
    pub plan: Digest,
    /// How many keys and passwords go.
    pub credentials: usize,
    /// The most that go without being asked about their number.
    pub limit: usize,
}

/// Somebody who can be asked about many accounts at once.
pub trait AskMany {
    /// What goes wrong in asking.
    type Error;

    /// Asks for the number of the accounts to be typed.
    fn accounts(&mut self, number: usize) -> Result<String, Self::Error>;

    /// Asks for the number of the keys and passwords that go, in all of them, to be typed.
    fn credentials(&mut self, number: usize) -> Result<String, Self::Error>;
}

/// Asks a person once, for all of them, in so many accounts.
pub fn ask_many<A: AskMany>(
    plans: &[Planned],
    accounts: usize,
    who: &mut A,
) -> Result<Result<Mandate, Refusal>, A::Error> {
    let going: usize = plans.iter().map(|plan| plan.credentials).sum();
    let many = plans.iter().any(|plan| plan.credentials > plan.limit);
    if many && who.credentials(going)?.trim() != going.to_string() {
        return Ok(Err(Refusal::WrongNumber));
    }
    if who.accounts(accounts)?.trim() != accounts.to_string() {
        return Ok(Err(Refusal::WrongName));
    }
    Ok(Ok(mandate(plans)))
}

/// Takes `--yes` on the command line for an answer. `most`: how many keys and passwords may go in each account,
/// in place of what its baseline says.
pub fn many_by_flag(plans: &[Planned], most: Option<usize>) -> Result<Mandate, Refusal> {
    if plans.iter().any(|plan| plan.credentials > most.unwrap_or(plan.limit)) {
        return Err(Refusal::TooManyCredentials);
    }
    Ok(mandate(plans))
}

fn mandate(plans: &[Planned]) -> Mandate {
    Mandate { plans: Mutex::new(plans.iter().map(|plan| plan.plan.clone()).collect()) }
}

/// Somebody at the terminal agreed to a new MFA device for exactly this user. Made only here; not to be copied.
///
/// No plan holds an enrolment: it takes a person, and what only the person has.
#[derive(Debug)]
pub struct Consent {
    user: String,
}

impl Consent {
    /// What a person says to the question whether the user shall have a device.
    pub fn given(user: &str, says: bool) -> Option<Self> {
        says.then(|| Self { user: user.to_owned() })
    }

    /// The user whose device it will be.
    pub fn user(&self) -> &str {
        &self.user
    }
}

fn grant(plan: Plan) -> Confirmed {
    let approval = Approval::of(&plan, plan.digest.clone());
    Confirmed::Go(Box::new(plan), approval)
}

#[cfg(test)]
mod tests {
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
}
