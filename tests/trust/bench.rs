//! An account behind a proxy, harden run on it, and many cases side by side.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;

use crate::accounts::Kind;
use crate::answers::{call_of, count};
use crate::counts::Counts;
use crate::normal::normal;
use crate::proxy::{Fault, Proxy, Seen};
use crate::support::emulator::Emulator;
use crate::world::{Answer, World};

/// An emulator makes one call at a time.
static EMULATORS: [OnceLock<Emulator>; 2] = [OnceLock::new(), OnceLock::new()];
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// How many cases of a subject run at once.
const AT_ONCE: usize = 4;

/// Whether every case is tried, not only a sample.
pub(crate) fn is_whole() -> bool {
    std::env::var_os("HARDEN_TRUST").is_some_and(|value| value == "whole")
}

/// An account, and the proxy before it.
pub(crate) struct Bench {
    pub(crate) kind: Kind,
    pub(crate) world: World,
    pub(crate) proxy: Proxy,
}

/// How often each call, such as `iam:CreateRole`, took effect.
pub(crate) type Effects = BTreeMap<String, usize>;

impl Bench {
    /// A new account, as it is before anything goes wrong.
    pub(crate) fn open(kind: Kind) -> Self {
        let next = NEXT.fetch_add(1, Ordering::SeqCst) % EMULATORS.len();
        let emulator = &EMULATORS[next].get_or_init(Emulator::start).url;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = runtime.block_on(kind.open(emulator));
        let proxy = Proxy::start(emulator);
        world.endpoint.clone_from(&proxy.url);
        Self { kind, world, proxy }
    }

    /// A command with the flags of the kind of account, in JSON.
    pub(crate) fn ask(&self, verb: &[&str]) -> Value {
        self.world.ask(&[verb, self.kind.flags()].concat())
    }

    /// Starts an apply at which signals are aimed, and waits for its end.
    pub(crate) fn apply_as_victim(&self) -> Answer {
        let child = self.world.begin(&[&["apply", "--yes"], self.kind.flags()].concat());
        self.proxy.aim(child.id());
        child.wait_with_output().unwrap().into()
    }

    /// What harden can read, as in any account of the kind.
    pub(crate) fn reading(&self) -> Value {
        normal(&self.world.reading(), &self.world.account.id)
    }

    /// What took effect since the proxy was last cleared.
    pub(crate) fn effects(&self) -> Effects {
        let seen = self.proxy.seen().into_iter();
        count(seen.filter(|one| one.call.is_write && one.call.succeeded).map(|one| one.call.name()))
    }

    /// How many writes took effect of which the journal of a run does not tell.
    pub(crate) fn lost(run: &Path, effects: &Effects) -> usize {
        let text = std::fs::read_to_string(run.join("journal.jsonl")).unwrap();
        let plan = std::fs::read_to_string(run.join("plan.json")).unwrap();
        let plan: Value = serde_json::from_str(&plan).unwrap();
        let changes = plan["changes"].as_array().unwrap().iter();
        let calls: BTreeMap<&str, String> = changes
            .map(|one| {
                (one["id"].as_str().unwrap(), call_of(one["operation"]["op"].as_str().unwrap()))
            })
            .collect();
        let whole = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let intents = whole.filter(|entry| entry["event"] == "intent");
        let told = count(intents.map(|entry| calls[entry["change"].as_str().unwrap()].clone()));
        let untold = effects.iter().map(|(name, times)| {
            let (_, operation) = name.split_once(':').unwrap();
            times.saturating_sub(told.get(operation).copied().unwrap_or(0))
        });
        untold.sum()
    }

    /// Takes back all runs, the newest first.
    pub(crate) fn undo_all(&self) {
        self.kind.confirm(&self.world.account);
        for run in self.world.runs().iter().rev() {
            let name = name_of(run);
            let undone = self.world.json(["undo", name, "--yes"]);
            let changes = undone["changes"].as_array().unwrap_or_else(|| panic!("{undone:#}"));
            let bad = |one: &&Value| one["outcome"] != "applied" && one["outcome"] != "already";
            let bad: Vec<&Value> = changes.iter().filter(bad).collect();
            assert!(bad.is_empty(), "undo of {name}: {bad:#?}");
        }
        self.kind.confirm_again(&self.world.account);
    }
}

/// How often something took effect that was not asked for.
pub(crate) fn too_often(effects: &Effects, expected: &Effects) -> usize {
    let over = |(name, times): (&String, &usize)| {
        times.saturating_sub(expected.get(name).copied().unwrap_or(0))
    };
    effects.iter().map(over).sum()
}

/// A reading without what nothing brings back or takes away: keys stay, and passwords that are gone are gone.
pub(crate) fn that_comes_back(mut reading: Value) -> Value {
    reading["logging"]["keys"] = Value::Null;
    for regional in reading["regional"].as_object_mut().unwrap().values_mut() {
        regional["keys"] = Value::Null;
    }
    for user in
        reading["iam"]["credentials"].as_object_mut().into_iter().flat_map(|all| all.values_mut())
    {
        user["password"] = Value::Null;
    }
    reading
}

/// How a run is called: by its folder.
pub(crate) fn name_of(run: &Path) -> &str {
    run.file_name().unwrap().to_str().unwrap()
}

/// An account on which nothing went wrong.
pub(crate) struct Undisturbed {
    /// The plan.
    pub(crate) plan: Value,
    /// The account after it was applied.
    pub(crate) after: Value,
    /// The calls of the apply, in order.
    pub(crate) calls: Vec<Seen>,
    /// What took effect.
    pub(crate) effects: Effects,
}

static UNDISTURBED: [OnceLock<Undisturbed>; 3] = [const { OnceLock::new() }; 3];

/// What becomes of a kind of account on which nothing goes wrong.
pub(crate) fn undisturbed(kind: Kind) -> &'static Undisturbed {
    let place = Kind::ALL.iter().position(|one| *one == kind).unwrap();
    UNDISTURBED[place].get_or_init(|| {
        let bench = Bench::open(kind);
        let plan = bench.ask(&["plan"]);
        bench.proxy.clear();
        let result = bench.ask(&["apply", "--yes"]);
        assert_eq!(result["outcome"], "complete", "{result:#}");
        let (calls, effects) = (bench.proxy.seen(), bench.effects());
        Undisturbed { plan, after: bench.reading(), calls, effects }
    })
}

/// Runs cases side by side; what one of them panics with is a failure of it.
pub(crate) fn side_by_side<T: Sync + std::fmt::Debug>(
    cases: &[T],
    run: impl Fn(&T) -> Counts + Sync,
) -> (Counts, Vec<String>) {
    let (next, all) = (AtomicUsize::new(0), Mutex::new((Counts::default(), Vec::new())));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let result = catch_unwind(AssertUnwindSafe(|| run(case)));
                    let mut all = all.lock().unwrap();
                    match result {
                        Ok(counts) => all.0.add(counts),
                        Err(panic) => {
                            let text = panic.downcast_ref::<String>().map(String::as_str);
                            let text = text.or(panic.downcast_ref::<&str>().copied());
                            all.1.push(format!("{case:?}: {}", text.unwrap_or_default()));
                        }
                    }
                }
            });
        }
    });
    all.into_inner().unwrap()
}

/// How many calls went wrong since the proxy was last cleared.
pub(crate) fn hit(seen: &[Seen], is: impl Fn(&Fault) -> bool) -> usize {
    seen.iter().filter(|one| one.fault.as_ref().is_some_and(&is)).count()
}
