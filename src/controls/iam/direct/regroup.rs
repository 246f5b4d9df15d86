//! The remedy of 1.15: what sits on a user is given to a group of the same policies, the user joins it, and
//! only then loses what sat there. Rights are the same before, in between and after.

use std::collections::BTreeMap;

use super::ID;
use super::name::{group_name, names};
use super::quota::{fits_groups, fits_policies, fits_user};
use crate::change::{Operation, Risk};
use crate::controls::obstacle::Obstacle;
use crate::controls::words::list;
use crate::controls::{Bundle, Case, Fix, NotPlanned, Proposal, Scope, Step, Wanted, Why};
use crate::model::{IamQuotas, People, Policies, Principal, Read, User};

/// The remedy of 1.15.
pub(super) static REGROUP: Fix = Fix {
    name: "user-policies",
    turn: 70,
    reads: &[Read::AccountSummary],
    changes: "For each distinct set of policies on users, one group that is named after it: \
              iam:CreateGroup, iam:AttachGroupPolicy for what is attached and iam:PutGroupPolicy for \
              copies of inline policies. Then iam:AddUserToGroup for each user with that set; and once \
              IAM shows the user in the group with the same policies, and 15 seconds have passed, \
              iam:DetachUserPolicy and iam:DeleteUserPolicy. Groups of others stay as they are, and so \
              do permissions boundaries.",
    breaks: "Nothing: each user may do the same before, in between and after. Whoever looks for the \
             policies on the users, such as a template that made them there, finds them on the groups.",
    undo: "The policies are put back on the users, each as it was written; then the users leave the \
           groups, and the groups that were made are deleted.",
    propose,
};

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let Some(people) = case.snapshot.iam.people.ok() else { return Proposal::default() };
    let quotas = case.snapshot.iam.summary.known().map(|summary| &summary.quotas);
    let quotas = quotas.map_err(|gap| Obstacle::unread("how much IAM lets the account have", &gap));
    let mut work = Work { people, quotas, groups: BTreeMap::new() };
    let mut proposal = Proposal::default();
    let (mut joins, mut leaves) = (Vec::new(), Vec::new());
    for finding in wanted.get(&ID).into_iter().flatten() {
        let name = finding.resource.as_str();
        let Some(user) = people.users.get(name) else { continue };
        let own = case.snapshot.is_own(Principal::User(name)).then(|| own(name, user));
        match own.map_or_else(|| work.home(name, user), Err) {
            Ok(Home { group, joins: is_new }) => {
                if is_new {
                    joins.push(join(name, &group));
                }
                leaves.extend(leave(name, user, &group));
            }
            Err(Obstacle { why, detail }) => proposal.not_planned.push(NotPlanned {
                control: ID,
                resource: Some(name.to_owned()),
                region: None,
                why,
                detail,
            }),
        }
    }
    // What comes before has no use without the last: all of it is held back together.
    if scope.max_risk >= Risk::Restrictive {
        proposal.bundles.extend(work.groups.into_values().filter_map(|group| group.bundle()));
        proposal.bundles.extend(joins);
    }
    proposal.bundles.extend(leaves);
    proposal
}

/// Nothing is changed about who runs harden.
fn own(name: &str, user: &User) -> Obstacle {
    let held: Vec<String> = names(&user.policies).map(str::to_owned).collect();
    let detail = format!(
        "harden runs as {name}, and leaves whoever runs it alone: somebody else has to run it, or to \
         give {} to a group that {name} is in and take it off {name}",
        list(&held)
    );
    Obstacle::new(Why::Caller, detail)
}

/// The group by which a user keeps what sits on the user now.
struct Home {
    group: String,
    /// Whether the user has yet to join it.
    joins: bool,
}

/// A group that users are to join.
struct Planned<'a> {
    name: String,
    /// What it has to have.
    policies: &'a Policies,
    /// What it has; `None`: it is yet to be made.
    there: Option<&'a Policies>,
}

struct Work<'a> {
    people: &'a People,
    quotas: Result<&'a IamQuotas, Obstacle>,
    /// By their names.
    groups: BTreeMap<String, Planned<'a>>,
}

impl<'a> Work<'a> {
    fn home(&mut self, name: &str, user: &'a User) -> Result<Home, Obstacle> {
        // A run that was cut short has left the user in the group, with some of it.
        let done = user.groups.iter().find(|group| {
            self.is_ours(group)
                && self.policies(group).is_some_and(|held| held.has_all_of(&user.policies))
        });
        if let Some(group) = done {
            return Ok(Home { group: group.clone(), joins: false });
        }
        let quotas = self.quotas.clone()?;
        let group = group_name(&user.policies);
        let planned = self.plan(name, group.clone(), &user.policies, quotas)?;
        fits_user(name, user, quotas)?;
        if let Some(planned) = planned {
            self.groups.insert(group.clone(), planned);
        }
        Ok(Home { group, joins: true })
    }

    fn policies(&self, group: &str) -> Option<&'a Policies> {
        self.people.groups.get(group).map(|group| &group.policies)
    }

    /// Whether a group is as harden made it: its name tells what it has.
    fn is_ours(&self, group: &str) -> bool {
        self.policies(group).is_some_and(|held| group_name(held) == group)
    }

    /// The group of these policies, unless it is planned already.
    fn plan(
        &self,
        user: &str,
        name: String,
        policies: &'a Policies,
        quotas: &IamQuotas,
    ) -> Result<Option<Planned<'a>>, Obstacle> {
        if self.groups.contains_key(&name) {
            return Ok(None);
        }
        let there = self.there(&name, policies)?;
        fits_policies(user, policies, quotas)?;
        if there.is_none() {
            let made = self.groups.values().filter(|group| group.there.is_none()).count();
            fits_groups(self.people.groups.len() + made, quotas)?;
        }
        Ok(Some(Planned { name, policies, there }))
    }

    /// What a group of that name has, if there is one and nobody has changed it but a run that was cut short.
    fn there(&self, name: &str, policies: &Policies) -> Result<Option<&'a Policies>, Obstacle> {
        let shared = |what: &str| {
            let detail = format!("{what}: rename it, or put it right by hand");
            Err(Obstacle::new(Why::Shared, detail))
        };
        let Some(held) = self.policies(name) else {
            return match self.people.group_like(name) {
                Some(other) => shared(&format!("IAM takes group {other} for {name}")),
                None => Ok(None),
            };
        };
        if !policies.has_all_of(held) {
            return shared(&format!("group {name} has other policies than its name says"));
        }
        if !held.has_all_of(policies) && self.people.members(name).next().is_some() {
            return shared(&format!(
                "group {name} lacks policies that its name says, and has users who would win them"
            ));
        }
        Ok(Some(held))
    }
}

impl Planned<'_> {
    /// The steps that it takes, if any.
    fn bundle(&self) -> Option<Bundle> {
        let (group, none) = (&self.name, Policies::default());
        let held = self.there.unwrap_or(&none);
        let make = || Operation::CreateGroup { group: group.clone() };
        let attach = |policy: &String| Operation::AttachGroupPolicy {
            group: group.clone(),
            policy: policy.clone(),
        };
        let lacking =
            self.policies.inline.iter().filter(|(name, _)| !held.inline.contains_key(*name));
        let put = lacking.map(|(name, text)| Operation::PutGroupPolicy {
            group: group.clone(),
            name: name.clone(),
            policy: text.clone(),
        });
        let steps: Vec<Step> = (self.there.is_none().then(make).into_iter())
            .chain(self.policies.attached.difference(&held.attached).map(attach))
            .chain(put)
            .map(|operation| step(operation, Risk::Additive, Vec::new()))
            .collect();
        (!steps.is_empty()).then(|| bundle(format!("group {group}"), steps))
    }
}

fn join(user: &str, group: &str) -> Bundle {
    let operation = Operation::AddUserToGroup { user: user.to_owned(), group: group.to_owned() };
    bundle(title(user), vec![step(operation, Risk::Additive, Vec::new())])
}

/// Each policy by itself: none needs that another is gone.
fn leave<'a>(name: &'a str, user: &'a User, group: &'a str) -> impl Iterator<Item = Bundle> + 'a {
    let Policies { attached, inline } = &user.policies;
    let detach = attached.iter().map(|policy| Operation::DetachUserPolicy {
        user: name.to_owned(),
        policy: policy.clone(),
        group: group.to_owned(),
    });
    let delete = inline.keys().map(|policy| Operation::DeleteUserPolicy {
        user: name.to_owned(),
        name: policy.clone(),
        group: group.to_owned(),
    });
    let impact = format!("{name} keeps the same rights through group {group}");
    detach.chain(delete).map(move |operation| {
        bundle(title(name), vec![step(operation, Risk::Restrictive, vec![impact.clone()])])
    })
}

fn title(user: &str) -> String {
    format!("user {user}")
}

fn step(operation: Operation, risk: Risk, impact: Vec<String>) -> Step {
    Step { operation, risk, impact, cost: None }
}

fn bundle(title: String, steps: Vec<Step>) -> Bundle {
    Bundle { controls: vec![ID], title, steps }
}
