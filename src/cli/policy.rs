//! `harden policy`: the least IAM policy, from what controls and operations declare.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::args::Policy as Args;
use super::context::Context;
use super::entry::Ended;
use super::show::read_plan;
use crate::change::{Inverse, Operation};
use crate::controls;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::model::{Action, Read};

pub(super) fn run(context: &Context, args: &Args) -> Ended {
    let document = match &args.plan {
        Some(path) => for_plan(path)?,
        None if args.write => for_all_writes(),
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
    document(vec![statement("HardenRead", actions, BTreeSet::from(["*".to_owned()]))])
}

/// Everything that apply and undo may ever write.
fn for_all_writes() -> Document {
    let actions = Operation::all_permissions().cloned().collect();
    document(vec![statement("HardenWrite", actions, BTreeSet::from(["*".to_owned()]))])
}

/// What one plan, and taking it back, calls, on the resources that it is about.
fn for_plan(path: &Path) -> Result<Document, CommandError> {
    let plan = read_plan(path)?;
    let mut by_resource: BTreeMap<String, BTreeSet<Action>> = BTreeMap::new();
    for change in &plan.changes {
        let mut operations = vec![&change.operation];
        if let Inverse::Run(inverse) = &change.undo {
            operations.push(inverse);
        }
        for operation in operations {
            let target = operation.target().arn(&plan.head.account);
            for (action, resource) in operation.permissions(&plan.head.account) {
                by_resource.entry(resource).or_default().insert(action);
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
                by_resource.entry(resource).or_default().insert(action.clone());
            }
        }
    }
    // Resources that need the same actions share a statement.
    let mut by_actions: BTreeMap<BTreeSet<Action>, BTreeSet<String>> = BTreeMap::new();
    for (resource, actions) in by_resource {
        by_actions.entry(actions).or_default().insert(resource);
    }
    let statements = by_actions.into_iter().zip(1..).map(|((actions, resources), number)| {
        statement(&format!("HardenPlan{number}"), actions, resources)
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
}

fn statement(sid: &str, action: BTreeSet<Action>, resource: BTreeSet<String>) -> Statement {
    Statement { sid: sid.to_owned(), effect: "Allow", action, resource }
}

fn document(statement: Vec<Statement>) -> Document {
    Document { version: "2012-10-17", statement }
}
