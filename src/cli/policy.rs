//! `harden policy`: the least IAM policy, from what controls and operations declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::args::Policy as Args;
use super::context::Context;
use super::entry::Ended;
use super::show::read_plan;
use crate::aws;
use crate::change::{ALL_FACTS, Inverse, Operation, PASS_ROLE};
use crate::controls;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::model::{Action, Read, Service};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let document = match &args.plan {
        Some(path) => for_plan(path)?,
        None if args.write => for_all_writes(),
        None if args.mfa => for_mfa(),
        None => for_reads(),
    };
    // A policy is JSON whatever form answers have.
    context.terminal.document(&document)?;
    Ok(Exit::Done)
}

/// Everything that assess, plan and snapshot read.
fn for_reads() -> Document {
    let reads = controls::all()
        .flat_map(|control| [control.reads(), control.context(), control.remedy_reads()].concat());
    let actions = reads.flat_map(Read::actions).chain(Read::ALWAYS).cloned().collect();
    document(vec![statement("HardenRead", actions, everything(), None)])
}

/// Everything that apply and undo may ever write.
fn for_all_writes() -> Document {
    let (pass, actions) = Operation::all_permissions().cloned().partition(passes_role);
    let services = ALL_FACTS.iter().filter_map(|facts| facts.passes_role_to());
    document(vec![
        statement("HardenWrite", actions, everything(), None),
        statement("HardenPassRole", pass, everything(), Some(handed_to(services))),
    ])
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
fn for_mfa() -> Document {
    let always = Read::ALWAYS.iter().filter(|action| !action.as_str().starts_with("ec2:"));
    let reads = Read::CredentialReport.actions().iter().chain(always);
    let actions = aws::mfa::ACTIONS.iter().chain(reads).cloned().collect();
    document(vec![statement("HardenMfa", actions, everything(), None)])
}

/// What one plan, and taking it back, calls, on the resources that it is about.
fn for_plan(path: &Path) -> Result<Document, CommandError> {
    let plan = read_plan(path)?;
    let mut by_resource: BTreeMap<(String, Option<Service>), BTreeSet<Action>> = BTreeMap::new();
    for change in &plan.changes {
        let mut operations = vec![&change.operation];
        if let Inverse::Run(inverse) = &change.undo {
            operations.push(inverse);
        }
        for operation in operations {
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
    // Resources that need the same actions share a statement.
    let mut by_actions: BTreeMap<(BTreeSet<Action>, Option<Service>), BTreeSet<String>> =
        BTreeMap::new();
    for ((resource, service), actions) in by_resource {
        by_actions.entry((actions, service)).or_default().insert(resource);
    }
    let statements = by_actions.into_iter().zip(1..).map(|(((actions, service), on), number)| {
        statement(&format!("HardenPlan{number}"), actions, on, service.map(|to| handed_to([to])))
    });
    Ok(document(statements.collect()))
}

/// A policy, in the order people write one.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: String,
    effect: &'static str,
    action: BTreeSet<Action>,
    resource: BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
}

/// Values by key by operator.
type Condition = BTreeMap<&'static str, BTreeMap<&'static str, BTreeSet<&'static str>>>;

fn statement(
    sid: &str,
    action: BTreeSet<Action>,
    resource: BTreeSet<String>,
    condition: Option<Condition>,
) -> Statement {
    Statement { sid: sid.to_owned(), effect: "Allow", action, resource, condition }
}

fn document(statement: Vec<Statement>) -> Document {
    Document { version: "2012-10-17", statement }
}
