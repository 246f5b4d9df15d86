//! Several machines plan a part each, and the parts become one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::fleet::Fleet;
use crate::world::run;

/// The folders of the shards.
const FOLDERS: [&str; 3] = ["fleet/1-of-3", "fleet/2-of-3", "fleet/3-of-3"];

fn accounts(manifest: &Value) -> Vec<String> {
    let accounts = manifest["accounts"].as_array().unwrap().iter();
    accounts.map(|account| account["id"].as_str().unwrap().to_owned()).collect()
}

fn manifest(fleet: &Fleet, folder: &str) -> Value {
    let path = fleet.manager.path(folder).join("rollout.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Plans every part, and gives the accounts of each.
fn parts(fleet: &Fleet) -> Vec<Vec<String>> {
    let plan = |(number, folder): (usize, &&str)| {
        let shard = format!("{}/3", number + 1);
        let plan = fleet.plan("fleet", &["--shard", &shard]).expect(0);
        plan.says(&format!("shard {shard}"));
        let manifest = manifest(fleet, folder);
        assert_eq!(manifest["shard"], shard);
        accounts(&manifest)
    };
    FOLDERS.iter().enumerate().map(plan).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_account_is_in_one_part_and_the_parts_become_one() {
    let fleet = Fleet::new(6).await;
    fleet.forget_calls();
    let parts = parts(&fleet);
    let mut all: Vec<&str> = fleet.all().map(|world| world.account.id.as_str()).collect();
    all.sort_unstable();
    let mut planned: Vec<&String> = parts.iter().flatten().collect();
    planned.sort();
    assert_eq!(planned, all);
    // A job tells which part it is.
    for (index, part) in parts.iter().enumerate() {
        let job = |arguments: &[&str]| {
            let mut command = fleet.command(arguments);
            command.args(["--shard", "auto/3"]).env("JOB_COMPLETION_INDEX", index.to_string());
            run(&mut command)
        };
        job(&["plan", "--organization", "--out", "jobs"]).expect(0);
        let folder = format!("jobs/{}-of-3", index + 1);
        assert_eq!(accounts(&manifest(&fleet, &folder)), *part);
    }
    assert_eq!(fleet.writes(), [].into());

    // The largest part is done before they are joined.
    let largest = (0..3).max_by_key(|part| parts[*part].len()).unwrap();
    let shard = format!("{}/3", largest + 1);
    fleet.rollout(&["apply", "fleet", "--shard", &shard, "--yes"]).expect(0);
    let done: BTreeSet<String> = fleet.writes().keys().map(|id| (*id).to_owned()).collect();
    assert_eq!(done, parts[largest].iter().cloned().collect());

    let [one, two, three] = FOLDERS;
    let merged = fleet.rollout(&["merge", one, two, three, "--out", "whole"]).expect(0);
    let merged =
        merged.says(&format!("rollout to 7 accounts of organization {}", fleet.organization));
    merged.says("waves canary (").says(", rest (6)").says("in 7 of 7 accounts");
    assert_eq!(accounts(&manifest(&fleet, "whole")), all);
    assert_eq!(manifest(&fleet, "whole")["shard"], Value::Null);
    // The folder that they are in says the same.
    fleet.rollout(&["merge", "fleet", "--out", "again"]).expect(0);
    assert_eq!(manifest(&fleet, "again"), manifest(&fleet, "whole"));
    let (of_part, others) = (done.len(), 7 - done.len());
    let counts = fleet.counts("whole");
    assert_eq!(counts["done"], of_part);
    // By chance all may be in one part.
    assert_eq!(counts["waiting"].as_u64().unwrap_or_default(), u64::try_from(others).unwrap());
    fleet.forget_calls();
    fleet.rollout(&["apply", "whole", "--yes"]).expect(0).says("7 accounts: 7 done.");
    let touched: BTreeSet<String> = fleet.writes().keys().map(|id| (*id).to_owned()).collect();
    assert!(touched.is_disjoint(&done));
    assert_eq!(touched.len(), others);
    fleet.rollout(&["undo", "whole", "--yes"]).expect(0).says("7 accounts: 7 undone.");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_different_wholes_are_not_joined() {
    let (fleet, other) = (Fleet::new(2).await, Fleet::new(1).await);
    parts(&fleet);
    let [one, two, three] = FOLDERS;
    other.plan("fleet", &["--shard", "1/3"]).expect(0);
    fleet.plan("half", &["--shard", "1/2"]).expect(0);
    fleet.write("slow.toml", "calls_per_second = 5\n");
    fleet.plan("slow", &["--file", "slow.toml", "--shard", "3/3"]).expect(0);
    fleet.write("waves.toml", &format!("[[wave]]\nname = \"a\"\naccounts = {}\n", fleet.ids(&[0])));
    fleet.plan("waves", &["--file", "waves.toml", "--shard", "3/3"]).expect(0);
    let elsewhere = other.manager.path(FOLDERS[0]);
    let elsewhere = elsewhere.to_str().unwrap();
    std::fs::create_dir(fleet.manager.path("empty")).unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&[one, elsewhere], "they differ in the organization"),
        (&[one, two, "slow/3-of-3"], "they differ in the pace"),
        (&[one, two, "waves/3-of-3"], "they differ in their waves"),
        (&[two, "half/1-of-2"], "they differ in the number of shards"),
        (&[one, "empty"], "`empty`"),
        (&[one, "nowhere"], "nowhere"),
        (&[one, two, three, one, two, three], "in two of them"),
    ];
    for (folders, sentence) in cases {
        let arguments = [&["merge", "--out", "whole"], folders].concat();
        let answer = fleet.rollout(&arguments).expect(64);
        assert!(answer.stderr.lines().count() <= 6, "{}", answer.stderr);
        assert_eq!(answer.stdout, "");
        answer.says(sentence);
        assert!(!fleet.manager.path("whole").exists());
    }
    let answer = fleet.rollout(&["merge", one, two, three, "--out", one]).expect(64);
    answer.says("it is not empty");
    // A part that is left out is told of.
    let answer = fleet.rollout(&["merge", one, three, "--out", "whole"]).expect(3);
    answer.says("note: 1 shard is not among these folders: 2/3");
}
