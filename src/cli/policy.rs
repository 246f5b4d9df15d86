//! `harden policy`: the least IAM policy, from what controls and operations declare.

mod document;

use std::collections::{BTreeMap, BTreeSet};

use self::document::{Condition, Document, Statement, statement};
use super::args::Policy as Args;
use super::context::Context;
use super::entry::Ended;
use super::show::read_plan;
use crate::aws;
use crate::change::{ALL_FACTS, Change, Inverse, Operation, PASS_ROLE, Target};
use crate::controls;
use crate::exit::Exit;
use crate::model::{ASSUME_ROOT, Action, Principal, Read, RootTask, Service};
use crate::plan::Plan;

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let plan = args.plan.as_deref().map(read_plan).transpose()?;
    let (statements, elsewhere) = match &plan {
        Some(plan) => (for_plan(plan), as_root_by(plan)),
        None if args.write => (for_all_writes(), Some(as_root_of_any(RootTask::Delete))),
        None if args.mfa => (for_mfa(), None),
        None => (for_reads(), Some(as_root_of_any(RootTask::Audit))),
    };
    let documents = Document::of(statements);
    // A policy is JSON whatever form answers have.
    for document in &documents {
        context.terminal.document(document)?;
    }
    if documents.is_empty() {
        let nothing = match elsewhere {
            None => "the plan changes nothing, and takes no permission",
            Some(_) => "the plan takes no permission in the account",
        };
        context.terminal.note(nothing)?;
    }
    if documents.len() > 1 {
        let count = documents.len();
        let most = document::MOST_CHARACTERS;
        context.terminal.note(&format!(
            "{count} policies, since IAM takes {most} characters in one: all of them are needed"
        ))?;
    }
    if let Some(told) = elsewhere {
        context.terminal.note(&told)?;
    }
    Ok(Exit::Done)
}

/// What being root of members takes. It is no permission of a role in them, and so in none of these policies.
fn as_root_of_any(task: RootTask) -> String {
    let policy = task.policy();
    format!(
        "1.12 in a rollout: {ASSUME_ROOT} is for whoever rolls out, in the account that manages the organization, \
         on the root of its members, with {policy} as `sts:TaskPolicyArn`; it is not in this policy"
    )
}

/// The same for one plan, if it takes it.
fn as_root_by(plan: &Plan) -> Option<String> {
    let mut from_above = plan.changes.iter().filter(|change| is_from_above(&change.operation));
    let account = &plan.head.account;
    let root = from_above.next()?.operation.target().arn(account);
    let [audit, delete] =
        [RootTask::Audit, RootTask::Delete].map(|task| task.arn(&account.partition));
    Some(format!(
        "1.12: {ASSUME_ROOT} on {root} is for whoever rolls out, in the account that manages the organization, with \
         {audit} and {delete} as `sts:TaskPolicyArn`; it is not in this policy, which is for the role in the \
         account"
    ))
}

fn is_from_above(operation: &Operation) -> bool {
    operation.facts().is_from_above()
}

/// Everything that assess, plan and snapshot read.
fn for_reads() -> Vec<Statement> {
    let reads = controls::all()
        .flat_map(|control| [control.reads(), control.context(), control.remedy_reads()].concat());
    let actions = reads.flat_map(Read::actions).chain(Read::ALWAYS).cloned().collect();
    vec![statement("HardenRead", actions, everything(), None)]
}

/// Everything that apply and undo may ever write.
fn for_all_writes() -> Vec<Statement> {
    let (pass, actions) = Operation::all_permissions().cloned().partition(passes_role);
    let services = ALL_FACTS.iter().filter_map(|facts| facts.passes_role_to());
    vec![
        statement("HardenWrite", actions, everything(), None),
        statement("HardenPassRole", pass, everything(), Some(handed_to(services))),
    ]
}

fn everything() -> BTreeSet<String> {
    BTreeSet::from(["*".to_owned()])
}

fn passes_role(action: &Action) -> bool {
    action.as_str() == PASS_ROLE
}

/// That a role is handed to these services and to no other.
fn handed_to(services: impl IntoIterator<Item = Service>) -> Condition {
    let services = services.into_iter().map(Service::principal).collect();
    [("StringEquals", [("iam:PassedToService", services)].into())].into()
}

/// What `harden mfa` calls: apart from the rest, for no plan takes the right to
/// enrol devices.
fn for_mfa() -> Vec<Statement> {
    let always = Read::ALWAYS.iter().filter(|action| !action.as_str().starts_with("ec2:"));
    let reads = Read::CredentialReport.actions().iter().chain(always);
    let actions = aws::mfa::ACTIONS.iter().chain(reads).cloned().collect();
    vec![statement("HardenMfa", actions, everything(), None)]
}

/// What a change makes that was not there.
fn makes(change: &Change) -> Option<Target> {
    change.before.is_absent().then(|| change.operation.target())
}

/// What one plan, and taking it back, calls in its account, on the resources that it is about.
fn for_plan(plan: &Plan) -> Vec<Statement> {
    let made: BTreeSet<Target> = plan.changes.iter().filter_map(makes).collect();
    let mut by_resource: BTreeMap<(String, Option<Service>), BTreeSet<Action>> = BTreeMap::new();
    for change in plan.changes.iter().filter(|change| !is_from_above(&change.operation)) {
        let inverse = match &change.undo {
            // Its undo goes with that of what it was made on.
            _ if change.operation.goes_with().is_some_and(|with| made.contains(&with)) => None,
            Inverse::Run(inverse) => Some(inverse),
            Inverse::Impossible { .. } => None,
        };
        for operation in std::iter::once(&change.operation).chain(inverse) {
            let target = operation.target().arn(&plan.head.account);
            for (action, resource) in operation.permissions(&plan.head.account) {
                let service = operation.facts().passes_role_to().filter(|_| passes_role(&action));
                by_resource.entry((resource, service)).or_default().insert(action);
            }
            for action in operation.recheck_actions() {
                // Calls that describe or list know no resource, but for those of a few kinds of things.
                let (service, name) = action.as_str().split_once(':').unwrap_or_default();
                let some = [
                    "DescribeKey",
                    "DescribeMetricFilters",
                    "ListAccessKeys",
                    "ListBucket",
                    "ListSubscriptionsByTopic",
                ];
                let any = (name.starts_with("Describe") || name.starts_with("List"))
                    && !some.contains(&name);
                // What a trail names is looked up too, in its own service.
                let other = target.split(':').nth(2) != Some(service);
                let resource = if any || other { "*".to_owned() } else { target.clone() };
                by_resource.entry((resource, None)).or_default().insert(action.clone());
            }
        }
    }
    // Whoever runs harden by a role is left alone, too: whose the key is that took it on has to be known.
    let is_of_user =
        |change: &Change| matches!(change.operation.principal(), Some(Principal::User(_)));
    if plan.changes.iter().any(is_of_user) {
        let everybody = by_resource.entry(("*".to_owned(), None)).or_default();
        everybody.insert(Action::new("iam:GetAccessKeyLastUsed"));
    }
    // Resources that need the same actions share a statement.
    let mut by_actions: BTreeMap<(BTreeSet<Action>, Option<Service>), BTreeSet<String>> =
        BTreeMap::new();
    for ((resource, service), actions) in by_resource {
        by_actions.entry((actions, service)).or_default().insert(resource);
    }
    let statements = by_actions.into_iter().zip(1..).map(|(((actions, service), on), number)| {
        statement(&format!("HardenPlan{number}"), actions, on, service.map(|to| handed_to([to])))
    });
    statements.collect()
}
