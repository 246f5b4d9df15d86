//! What is denied is never taken for well, nor for nothing: each read in turn, everywhere and in one region.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use crate::bench::{is_whole, side_by_side};
use crate::counts::told;
use crate::proxy::Fault;
use crate::scene::{Case, Scene, action_of, in_turn, scenes};

/// Reads that tell names for people, or what decides nothing in these accounts.
const NEEDED_BY_NONE: [&str; 4] = [
    "iam:GetRolePolicy",
    "iam:ListAccountAliases",
    "kms:ListAliases",
    "s3:GetBucketOwnershipControls",
];

/// Calls that `harden policy --read` allows and that these accounts are not asked for.
const ASKED_FOR_ELSEWHERE: [&str; 0] = [];

#[test]
fn a_denied_read_is_no_pass_and_no_reason_to_make_anything() {
    let scenes = scenes();
    every_read_occurs(&scenes);
    let cases = cases(&scenes);
    let mut missed = Mutex::new(BTreeSet::new());
    let (counts, failures) = side_by_side(&cases, |case| {
        let (counts, is_missed) = in_turn(&scenes, case);
        if is_missed {
            missed.lock().unwrap().insert(case.read.clone());
        }
        counts
    });
    told("denied", counts, &failures);
    let reads: BTreeSet<String> = cases.into_iter().map(|case| case.read).collect();
    let mut never = reads.difference(missed.get_mut().unwrap());
    let odd = never.find(|read| !NEEDED_BY_NONE.contains(&read.as_str()));
    assert_eq!(odd, None, "nobody misses it");
}

/// Each read everywhere, and in a region besides where there are several; whole: in each of them.
fn cases(scenes: &[Scene]) -> Vec<Case> {
    let mut places = BTreeSet::new();
    for (read, regions) in scenes.iter().flat_map(|scene| &scene.reads) {
        let each = regions.iter().take(if is_whole() { usize::MAX } else { 1 }).map(Some);
        let each = each.filter(|_| regions.len() > 1);
        places.extend(each.chain([None]).map(|region| (read.clone(), region.cloned())));
    }
    let denied = Fault::Refused("deny");
    places.into_iter().map(|(read, region)| Case { read, region, fault: denied }).collect()
}

/// All that the printed policy lets harden read is read in one of these accounts.
fn every_read_occurs(scenes: &[Scene]) {
    let read: BTreeSet<&str> =
        scenes.iter().flat_map(|scene| scene.reads.keys()).map(|read| action_of(read)).collect();
    let answer = scenes[0].bench.world.harden(["policy", "--read"]).expect(0);
    let policy: Value = serde_json::from_str(&answer.stdout).unwrap();
    // Who is asking, AWS tells everybody.
    let read: BTreeSet<&str> =
        read.into_iter().filter(|action| *action != "sts:GetCallerIdentity").collect();
    let allowed = policy["Statement"][0]["Action"].as_array().unwrap();
    let allowed: BTreeSet<&str> = allowed.iter().map(|action| action.as_str().unwrap()).collect();
    let never: Vec<&str> = allowed.difference(&read).copied().collect();
    assert_eq!(never, ASKED_FOR_ELSEWHERE, "allowed, and in none of these accounts");
    assert!(read.is_subset(&allowed), "{:?}", read.difference(&allowed));
}
