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
mod tests;
