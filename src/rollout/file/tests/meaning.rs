//! What the file means for each account.

use super::read;
use crate::change::Risk;
use crate::model::{AccountId, OuId, Region};
use crate::rollout::{RolloutFile, Target, Unmatched, Way};

const FILE: &str = r#"
baseline = "level-2"
regions = ["eu-west-1", "eu-central-1"]
max_risk = "additive"

[[baseline_for]]
units = ["ou-ab12-11111111"]
baseline = "./mine.toml"
regions = ["us-west-2"]

[[baseline_for]]
units = ["r-ab12"]
accounts = ["111122223333"]
baseline = "mine.toml"
max_risk = "destructive"

[[waiver]]
accounts = ["111122223333", "444455556666"]
control = "4.1"
resource = "sg-0abc"
reason = "bastion"
owner = "network team"
expires = 2027-03-31

[[waiver]]
accounts = ["111122223333"]
control = "4.1"
resource = "sg-0abc"
region = "eu-west-1"
reason = "bastion"
owner = "network team"
expires = "2026-12-01"

[[wave]]
name = "first"
accounts = ["444455556666"]
"#;

fn target(id: &str, units: &[&str]) -> Target {
    let units = units.iter().map(|unit| OuId::new(*unit)).collect();
    Target { id: AccountId::new(id), name: None, units, way: Way::Own }
}

/// Baseline, regions, risk and waivers in one line.
fn held(file: &RolloutFile, target: &Target) -> String {
    let held = file.for_account(target).unwrap();
    let regions: Vec<&str> = held.regions.iter().map(Region::as_str).collect();
    let risk = held.max_risk.map_or("-", Risk::word);
    format!("{} {} {risk} {}", held.baseline.source, regions.join(","), held.waivers.len())
}

#[test]
fn the_more_exact_baseline_wins() {
    let file = read(FILE).unwrap();
    let cases: [(&str, &[&str], &str); 4] = [
        (
            "111122223333",
            &["ou-ab12-11111111", "r-ab12"],
            "conf/./mine.toml eu-west-1,eu-central-1 destructive 2",
        ),
        ("444455556666", &["ou-ab12-11111111", "r-ab12"], "conf/./mine.toml us-west-2 additive 1"),
        (
            "777788889999",
            &["ou-ab12-22222222", "r-ab12"],
            "conf/./mine.toml eu-west-1,eu-central-1 destructive 0",
        ),
        ("777788889999", &[], "level-2 eu-west-1,eu-central-1 additive 0"),
    ];
    for (id, units, expected) in cases {
        assert_eq!(held(&file, &target(id, units)), expected);
    }
}

#[test]
fn each_baseline_is_loaded_once() {
    let file = read(FILE).unwrap();
    let shown = |of: &RolloutFile| {
        let all = of.baselines();
        let place = |place: &Option<_>| place.as_ref().map(ToString::to_string).unwrap_or_default();
        all.iter().map(|b| format!("{} {}", b.source, place(&b.place))).collect::<Vec<_>>()
    };
    assert_eq!(
        shown(&file),
        [
            "level-2 conf/rollout.toml:2: baseline",
            "conf/./mine.toml conf/rollout.toml:8: baseline_for.baseline"
        ]
    );
    assert!(RolloutFile::default().baselines().is_empty());
}

#[test]
fn who_is_not_there_and_who_has_no_baseline_is_told() {
    let file = read(FILE).unwrap();
    let there = [target("444455556666", &["r-ab12"]), target("777788889999", &[])];
    let told: Vec<String> = file
        .check_against(&there)
        .into_iter()
        .map(|unmatched| match unmatched {
            Unmatched::Account { id, place } => format!("{place} {id}"),
            Unmatched::Unit { id, place } => format!("{place} {id}"),
            Unmatched::NoBaseline { id } => format!("- {id}"),
        })
        .collect();
    assert_eq!(told, ["conf/rollout.toml:7 ou-ab12-11111111", "conf/rollout.toml:13 111122223333"]);
    let bare = RolloutFile { baseline: None, ..file };
    let unheld = Unmatched::NoBaseline { id: AccountId::new("777788889999") };
    assert_eq!(bare.check_against(&there).last(), Some(&unheld));
    assert_eq!(bare.for_account(&there[1]), None);
}

#[test]
fn waves_of_the_file_replace_the_canary() {
    let there = [target("444455556666", &[]), target("777788889999", &[])];
    let names = |file: &RolloutFile| {
        file.waves(&there).into_iter().map(|wave| wave.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&read(FILE).unwrap()), ["first", "rest"]);
    assert_eq!(names(&read("").unwrap()), ["canary", "rest"]);
}
