//! Many plans on one page: what is the same in all, and where some differ.

use std::collections::BTreeMap;

use serde::Serialize;

use super::general::general;
use crate::change::{Change, Risk, Row};
use crate::controls::Why;
use crate::model::{AccountId, ControlId};
use crate::plan::{Plan, cents};

/// Plans while they are gathered. Keeps of each only what the page shows.
#[derive(Debug, Default)]
pub struct Gathering {
    accounts: Vec<AccountId>,
    groups: BTreeMap<GroupKey, Gathered>,
    left: BTreeMap<LeftKey, Vec<usize>>,
    totals: Totals,
}

/// What equal changes have in common, in the order of the page.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey {
    controls: Vec<ControlId>,
    title: String,
    risk: Risk,
    operation: &'static str,
    resource: String,
    creates: bool,
}

#[derive(Debug)]
struct Gathered {
    /// The earliest place in any of the plans: steps are shown in the order they are made in.
    place: usize,
    changes: usize,
    usd_per_month: f64,
    accounts: Vec<usize>,
    lines: Placed<LineText>,
    impact: Placed<String>,
}

/// What changes say, each once; in another account it may stand at another place. The earliest keeps them as plans
/// show them.
type Placed<K> = BTreeMap<K, (usize, Vec<usize>)>;

/// The name of a value, and the value before and after.
type LineText = (String, Option<String>, Option<String>);

type LeftKey = (Why, ControlId, String);

/// Many plans, gathered.
#[derive(Debug, Serialize)]
pub struct Review {
    /// Equal changes, in the order of the benchmark.
    pub groups: Vec<Group>,
    /// What is not planned.
    pub not_planned: Vec<Left>,
    /// Over all plans.
    pub totals: Totals,
}

/// Sums over all plans.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Accounts that were planned.
    pub accounts: usize,
    /// Of these, those with changes.
    pub accounts_with_changes: usize,
    /// How many changes there are of each risk.
    pub by_risk: BTreeMap<Risk, usize>,
    /// US dollars a month, an estimate from list prices.
    pub usd_per_month: f64,
    /// Access keys and passwords that go.
    pub credentials: usize,
    /// Accounts in which something could not be read.
    pub incomplete: usize,
}

/// Equal changes of several accounts.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The controls they serve.
    pub controls: Vec<ControlId>,
    /// What people call the resource.
    pub title: String,
    /// What the changes can do to people and workloads.
    pub risk: Risk,
    /// The call.
    pub operation: &'static str,
    /// The resource, without what only one account has.
    pub resource: String,
    /// Whether the resource is not there before.
    pub creates: bool,
    /// How many changes there are in all.
    pub changes: usize,
    /// US dollars a month, an estimate from list prices.
    pub usd_per_month: f64,
    /// Whose changes they are.
    pub accounts: Vec<AccountId>,
    /// What changes, line by line, and where.
    pub lines: Vec<Line>,
    /// What it means for people and workloads, and where.
    pub impact: Vec<Said>,
}

/// A value that changes in the same way in several accounts.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What the value is called.
    pub name: String,
    /// The value as it is; none where it is added.
    pub before: Option<String>,
    /// The value as it will be; none where it is taken away.
    pub after: Option<String>,
    /// Where.
    pub accounts: Vec<AccountId>,
}

/// A sentence that is true of several accounts.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The sentence.
    pub text: String,
    /// Where it is true.
    pub accounts: Vec<AccountId>,
}

/// What is not planned in several accounts, for the same reason.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// The control.
    pub control: ControlId,
    /// The kind of reason.
    pub why: Why,
    /// The reason.
    pub detail: String,
    /// Where.
    pub accounts: Vec<AccountId>,
}

/// What the page needs of one plan, in the words of any account.
#[derive(Debug)]
pub struct Condensed {
    account: AccountId,
    changes: Vec<Told>,
    left: Vec<LeftKey>,
    totals: Totals,
}

/// One change of a plan.
#[derive(Debug)]
struct Told {
    key: GroupKey,
    usd_per_month: f64,
    lines: Vec<LineText>,
    impact: Vec<String>,
}

impl Condensed {
    /// Of this plan.
    pub fn of(plan: &Plan) -> Self {
        let account = &plan.head.account.id;
        let left = plan.not_planned.iter().map(|entry| {
            let detail = general(&entry.detail, account);
            (entry.why, entry.control, detail)
        });
        Self {
            account: account.clone(),
            changes: plan.changes.iter().map(|change| Told::of(change, account)).collect(),
            left: left.collect(),
            totals: Totals {
                accounts: 1,
                accounts_with_changes: usize::from(!plan.changes.is_empty()),
                by_risk: plan.by_risk(),
                usd_per_month: plan.usd_per_month(),
                credentials: plan.credential_changes(),
                incomplete: usize::from(plan.unread() > 0),
            },
        }
    }
}

impl Told {
    fn of(change: &Change, account: &AccountId) -> Self {
        let before = change.before.rows();
        let key = GroupKey {
            controls: change.controls.iter().copied().collect(),
            title: general(&change.title, account),
            risk: change.risk,
            operation: change.operation.name(),
            resource: general(&change.resource, account),
            creates: before.is_empty(),
        };
        let value = |value: Option<String>| value.map(|value| general(&value, account));
        let lines = differences(before, change.after.rows());
        let lines = lines.map(|(name, before, after)| (name, value(before), value(after)));
        let impact = change.impact.iter().map(|line| general(line, account));
        Self {
            key,
            usd_per_month: change.cost.as_ref().map_or(0.0, |cost| cost.usd_per_month),
            lines: lines.collect(),
            impact: impact.collect(),
        }
    }
}

impl Gathering {
    /// Adds the plan of another account.
    pub fn add(&mut self, plan: Condensed) {
        let account = self.accounts.len();
        self.accounts.push(plan.account);
        for (place, change) in plan.changes.into_iter().enumerate() {
            let group = self.groups.entry(change.key).or_insert_with(|| Gathered::at(place));
            group.place = group.place.min(place);
            group.changes += 1;
            group.usd_per_month += change.usd_per_month;
            note(&mut group.accounts, account);
            place_all(&mut group.lines, change.lines, account);
            place_all(&mut group.impact, change.impact, account);
        }
        for entry in plan.left {
            note(self.left.entry(entry).or_default(), account);
        }
        self.totals.add(&plan.totals);
    }

    /// What they have in common.
    pub fn finish(self) -> Review {
        let Self { accounts, groups, left, totals } = self;
        let named = |places: Vec<usize>| -> Vec<AccountId> {
            let mut named: Vec<AccountId> =
                places.iter().filter_map(|at| accounts.get(*at)).cloned().collect();
            // Several plans may be of one account.
            named.sort();
            named.dedup();
            named
        };
        let mut groups: Vec<(GroupKey, Gathered)> = groups.into_iter().collect();
        groups.sort_by(|(a, of_a), (b, of_b)| {
            let order = |key: &GroupKey| (key.controls.first().copied(), key.controls.clone());
            (order(a), &a.title, of_a.place, a).cmp(&(order(b), &b.title, of_b.place, b))
        });
        let groups = groups.into_iter().map(|(key, group)| group.shown(key, &named)).collect();
        let not_planned = left.into_iter().map(|((why, control, detail), places)| Left {
            control,
            why,
            detail,
            accounts: named(places),
        });
        let usd_per_month = cents(totals.usd_per_month);
        let totals = Totals { usd_per_month, ..totals };
        Review { groups, not_planned: not_planned.collect(), totals }
    }
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.accounts_with_changes += other.accounts_with_changes;
        for (risk, number) in &other.by_risk {
            *self.by_risk.entry(*risk).or_default() += number;
        }
        self.usd_per_month += other.usd_per_month;
        self.credentials += other.credentials;
        self.incomplete += other.incomplete;
    }
}

impl Gathered {
    fn at(place: usize) -> Self {
        Self {
            place,
            changes: 0,
            usd_per_month: 0.0,
            accounts: Vec::new(),
            lines: BTreeMap::new(),
            impact: BTreeMap::new(),
        }
    }

    fn shown(self, key: GroupKey, named: &impl Fn(Vec<usize>) -> Vec<AccountId>) -> Group {
        let line =
            |((name, before, after), places)| Line { name, before, after, accounts: named(places) };
        let lines = in_order(self.lines).map(line).collect();
        let said = |(text, places)| Said { text, accounts: named(places) };
        let impact = in_order(self.impact).map(said).collect();
        Group {
            controls: key.controls,
            title: key.title,
            risk: key.risk,
            operation: key.operation,
            resource: key.resource,
            creates: key.creates,
            changes: self.changes,
            usd_per_month: cents(self.usd_per_month),
            accounts: named(self.accounts),
            lines,
            impact,
        }
    }
}

/// Notes what a change of an account says.
fn place_all<K: Ord>(placed: &mut Placed<K>, said: Vec<K>, account: usize) {
    for (place, key) in said.into_iter().enumerate() {
        let (first, accounts) = placed.entry(key).or_insert_with(|| (place, Vec::new()));
        *first = place.min(*first);
        note(accounts, account);
    }
}

/// By their places.
fn in_order<K: Ord>(placed: Placed<K>) -> impl Iterator<Item = (K, Vec<usize>)> {
    let mut all: Vec<_> = placed.into_iter().collect();
    all.sort_by_key(|(_, (place, _))| *place);
    all.into_iter().map(|(key, (_, accounts))| (key, accounts))
}

/// Notes an account, once.
fn note(places: &mut Vec<usize>, account: usize) {
    if places.last() != Some(&account) {
        places.push(account);
    }
}

/// The rows that are not on both sides; old and new values of one name together.
fn differences(
    before: Vec<Row>,
    after: Vec<Row>,
) -> impl Iterator<Item = (String, Option<String>, Option<String>)> {
    let mut come: Vec<Row> = after;
    let mut gone = Vec::new();
    for row in before {
        match come.iter().position(|other| *other == row) {
            Some(at) => drop(come.remove(at)),
            None => gone.push(row),
        }
    }
    let mut pairs = Vec::new();
    for Row { name, value } in gone {
        let new = come.iter().position(|other| other.name == name).map(|at| come.remove(at).value);
        pairs.push((name, Some(value), new));
    }
    let added = come.into_iter().map(|Row { name, value }| (name, None, Some(value)));
    pairs.into_iter().chain(added)
}

#[cfg(test)]
mod tests;
