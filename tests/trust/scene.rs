//! Accounts in which nothing changes any more, and what harden says of them while one read goes wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::accounts::Kind;
use crate::bench::{Bench, is_whole};
use crate::counts::Counts;
use crate::proxy::{Fault, Proxy, Rule};
use crate::world::{Answer, run};

/// An account, and what harden says of it while all can be read.
pub(crate) struct Scene {
    pub(crate) bench: Bench,
    pub(crate) verdicts: BTreeMap<String, String>,
    pub(crate) changes: BTreeSet<String>,
    /// The reads of an assessment and a plan, each with its regions.
    pub(crate) reads: BTreeMap<String, BTreeSet<String>>,
}

/// A read that goes wrong, where, and how.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) read: String,
    pub(crate) region: Option<String>,
    pub(crate) fault: Fault,
}

/// The permission that a call takes, where its name is another.
pub(crate) fn action_of(call: &str) -> &str {
    match call {
        "s3:HeadBucket" => "s3:ListBucket",
        "s3:GetPublicAccessBlock" => "s3:GetBucketPublicAccessBlock",
        other => other,
    }
}

impl Scene {
    fn of(bench: Bench) -> Self {
        bench.proxy.clear();
        let assessed = bench.world.json(["assess"]);
        let plan = bench.ask(&["plan"]);
        let mut reads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in bench.proxy.seen() {
            assert!(!one.call.is_write, "{one:?}");
            reads.entry(one.call.name()).or_default().insert(one.call.region);
        }
        let (verdicts, changes) = (verdicts(&assessed), changes(&plan));
        Self { bench, verdicts, changes, reads }
    }

    /// An account of a kind as it is found, or as harden leaves it.
    fn open((kind, is_done): (Kind, bool)) -> Self {
        let bench = Bench::open(kind);
        if is_done {
            bench.ask(&["apply", "--yes"]);
            kind.confirm(&bench.world.account);
        }
        Self::of(bench)
    }
}

pub(crate) fn verdicts(assessed: &Value) -> BTreeMap<String, String> {
    let controls = assessed["controls"].as_array().unwrap_or_else(|| panic!("{assessed:#}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    controls.iter().map(|one| (text(&one["id"]), text(&one["verdict"]))).collect()
}

pub(crate) fn changes(plan: &Value) -> BTreeSet<String> {
    let changes = plan["changes"].as_array().unwrap_or_else(|| panic!("{plan:#}"));
    changes.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The accounts: as they are found there is something to make, as they are left all passes.
pub(crate) fn scenes() -> Vec<Scene> {
    let mut kinds = vec![(Kind::Unset, false), (Kind::Unset, true), (Kind::HalfDone, false)];
    kinds.push((Kind::People, false));
    if is_whole() {
        kinds.push((Kind::HalfDone, true));
    }
    std::thread::scope(|scope| {
        let all: Vec<_> =
            kinds.into_iter().map(|kind| scope.spawn(move || Scene::open(kind))).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

/// In each of the accounts until one misses it; whole: in all of them. Whether one did.
pub(crate) fn in_turn(scenes: &[Scene], case: &Case) -> (Counts, bool) {
    let (mut counts, mut missed) = (Counts::default(), false);
    for scene in scenes {
        let regions = scene.reads.get(&case.read);
        let is_read = |regions: &BTreeSet<String>| {
            case.region.as_ref().is_none_or(|region| regions.contains(region))
        };
        if regions.is_some_and(is_read) && (is_whole() || !missed) {
            missed |= unread(scene, case, &mut counts);
            if matches!(case.fault, Fault::Refused("deny")) {
                counts.reads_denied += 1;
            } else {
                counts.answers_garbled += 1;
            }
        }
    }
    (counts, missed)
}

/// Asks in the same account while one read goes wrong, by a proxy of its own. Whether it is missed.
fn unread(scene: &Scene, case: &Case, counts: &mut Counts) -> bool {
    let proxy = Proxy::start(&scene.bench.world.account.url);
    let rule = Rule::new(case.fault).on(&case.read);
    proxy.rule(case.region.iter().fold(rule, |rule, region| rule.region(region)));
    let ask = |verb: &str, flags: &[&str]| {
        let mut command = scene.bench.world.command();
        command.env("AWS_ENDPOINT_URL", &proxy.url);
        run(command.arg(verb).args(flags).args(["--output", "json", "--detailed-exitcode"]))
    };
    let assess = ask("assess", &[]);
    let plan = ask("plan", scene.bench.kind.flags());
    if case.read == "sts:GetCallerIdentity" {
        for answer in [assess, plan] {
            assert_eq!(answer.code, Some(1), "{answer:?}");
            assert!(answer.stderr.starts_with("error: "), "{answer:?}");
        }
        return true;
    }
    let json = |answer: &Answer| -> Value {
        serde_json::from_str(&answer.stdout).unwrap_or_else(|e| panic!("{e}: {answer:?}"))
    };
    let (assessed, planned) = (json(&assess), json(&plan));
    let (now, made) = (verdicts(&assessed), changes(&planned));
    let at = format!("{:?}", scene.bench.kind);
    let is_worse = |id: &String| scene.verdicts[id] != "pass";
    let passes = now.iter().filter(|(id, verdict)| *verdict == "pass" && is_worse(id));
    let passes: Vec<&String> = passes.map(|(id, _)| id).collect();
    let more: Vec<&String> = made.difference(&scene.changes).collect();
    counts.false_passes += passes.len();
    counts.false_changes += more.len();
    assert!(passes.is_empty() && more.is_empty(), "{at}: {passes:?} pass; planned: {more:?}");
    are_told(case, &assessed, &assess);
    let action = action_of(&case.read);
    let missed = [&assessed, &planned].iter().any(|all| all.to_string().contains(action));
    // What nothing tells of was of no account.
    assert!(missed || (&now, &made) == (&scene.verdicts, &scene.changes), "{at}: nothing tells");
    missed
}

/// The controls that became unknown name what is missing; that there are such is told, too.
fn are_told(case: &Case, assessed: &Value, answer: &Answer) {
    let action = action_of(&case.read);
    let controls = assessed["controls"].as_array().unwrap().iter();
    let dark: Vec<&Value> = controls.filter(|one| one["verdict"] == "unknown").collect();
    for control in &dark {
        let reason = control["reason"].as_str().unwrap();
        assert!(reason.contains(action), "{}: {reason}", control["id"]);
        if let (Some(region), "ec2") = (&case.region, &action[..3]) {
            assert!(reason.contains(region), "{}: {reason}", control["id"]);
        }
    }
    if !dark.is_empty() {
        assert_eq!(answer.code, Some(2), "{answer:?}");
        let scored = dark.iter().filter(|control| control["scored"] == true).count();
        assert_eq!(assessed["score"]["unknown"], scored, "{:#}", assessed["score"]);
    }
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.bench.kind)
    }
}
