//! What goes wrong with which calls.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::account::Call;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The emulator refuses it, in the service's own words: `deny`, `throttle`, `error500`, `expired`.
    Refused(&'static str),
    /// Something before the service answers 503, with a page for people.
    Unavailable,
    /// The connection is closed before the call is executed.
    DropBefore,
    /// The connection is closed once the call has been executed.
    DropAfter,
    /// No answer comes until the client hangs up.
    Hang,
    /// The connection is closed in the middle of the answer.
    Truncate,
    /// The answer says that all is well, and then nothing that can be read.
    Garble,
    /// Pages of one item.
    ShortPages,
    /// The binary gets this signal once the call has been executed, and no answer.
    SignalBeforeAnswer(&'static str),
    /// The binary gets the answer, and then this signal.
    SignalAfterAnswer(&'static str),
}

/// Which calls go wrong, and how.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    fault: Fault,
    service: Option<String>,
    region: Option<String>,
    operation: Option<String>,
    /// `None`: whatever the name.
    among: Option<BTreeSet<String>>,
    writes_only: bool,
    /// How many that fit are let through first.
    skip: usize,
    /// How many go wrong after that.
    times: usize,
    chance: Option<Chance>,
}

/// Of calls of the same name in the same region, this many go wrong in a row by chance: a test is to fail for
/// a reason.
const MOST_IN_A_ROW: u8 = 6;

/// So many of a hundred, by a generator that begins at the same place each time, and no more than
/// [`MOST_IN_A_ROW`]: whoever asks often enough is answered.
#[derive(Clone, Debug)]
struct Chance {
    percent: u64,
    state: u64,
    in_a_row: BTreeMap<(String, String), u8>,
}

impl Rule {
    /// Every call.
    pub(crate) fn new(fault: Fault) -> Self {
        let (service, region, operation, among, chance) = (None, None, None, None, None);
        let (writes_only, skip, times) = (false, 0, usize::MAX);
        Self { fault, service, region, operation, among, writes_only, skip, times, chance }
    }

    /// Calls of this name, such as `iam:GetRole`.
    pub(crate) fn on(mut self, call: &str) -> Self {
        let (service, operation) = call.split_once(':').unwrap();
        (self.service, self.operation) = (Some(service.to_owned()), Some(operation.to_owned()));
        self
    }

    /// Calls of these names.
    pub(crate) fn among(mut self, calls: &BTreeSet<String>) -> Self {
        self.among = Some(calls.clone());
        self
    }

    /// Only those of a region.
    pub(crate) fn region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Only those that write.
    pub(crate) fn writes(mut self) -> Self {
        self.writes_only = true;
        self
    }

    /// Only the n-th, counted from one.
    pub(crate) fn nth(mut self, n: usize) -> Self {
        (self.skip, self.times) = (n - 1, 1);
        self
    }

    /// All from the n-th on, counted from one.
    pub(crate) fn from(mut self, n: usize) -> Self {
        self.skip = n - 1;
        self
    }

    /// Only so many of a hundred.
    pub(crate) fn chance(mut self, percent: u64, seed: u64) -> Self {
        self.chance = Some(Chance { percent, state: seed, in_a_row: BTreeMap::new() });
        self
    }

    /// What goes wrong with a call; that it fits is counted.
    pub(super) fn take(&mut self, call: &Call) -> Option<Fault> {
        let fits =
            |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|name| name == is);
        let fits = fits(&self.service, &call.service)
            && fits(&self.region, &call.region)
            && fits(&self.operation, &call.operation)
            && self.among.as_ref().is_none_or(|names| names.contains(&call.name()))
            && (!self.writes_only || call.is_write);
        if !fits || self.times == 0 {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if self.chance.as_mut().is_some_and(|chance| !chance.falls_on(call)) {
            return None;
        }
        self.times = self.times.saturating_sub(1);
        Some(self.fault)
    }
}

impl Chance {
    fn falls_on(&mut self, call: &Call) -> bool {
        let row = self.in_a_row.entry((call.name(), call.region.clone())).or_default();
        let falls = random(&mut self.state) % 100 < self.percent && *row < MOST_IN_A_ROW;
        *row = if falls { *row + 1 } else { 0 };
        falls
    }
}

/// The next number of a generator that is good enough to choose by (`SplitMix64`).
pub(crate) fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, region: &str) -> Call {
        let (service, operation) = name.split_once(':').unwrap();
        let (service, operation) = (service.to_owned(), operation.to_owned());
        let is_write = !operation.starts_with("List");
        Call { service, region: region.to_owned(), operation, is_write, succeeded: false }
    }

    fn hits(mut rule: Rule) -> String {
        let calls = [
            ("kms:ListKeys", "a"),
            ("kms:CreateKey", "a"),
            ("kms:CreateKey", "b"),
            ("sns:CreateTopic", "a"),
            ("kms:CreateKey", "a"),
        ];
        let hit = |(name, region)| if rule.take(&call(name, region)).is_some() { 'x' } else { '.' };
        calls.map(hit).iter().collect()
    }

    #[test]
    fn a_rule_hits_what_it_names() {
        let rule = || Rule::new(Fault::DropAfter);
        assert_eq!(hits(rule()), "xxxxx");
        assert_eq!(hits(rule().writes()), ".xxxx");
        assert_eq!(hits(rule().on("kms:CreateKey")), ".xx.x");
        assert_eq!(hits(rule().on("kms:CreateKey").region("a")), ".x..x");
        let among = BTreeSet::from(["sns:CreateTopic".to_owned(), "kms:ListKeys".to_owned()]);
        assert_eq!(hits(rule().among(&among)), "x..x.");
        assert_eq!(hits(rule().writes().nth(2)), "..x..");
        assert_eq!(hits(rule().writes().from(2)), "..xxx");
        assert_eq!(hits(rule().chance(0, 1)), ".....");
        assert_eq!(hits(rule().chance(100, 1)), "xxxxx", "no seven of a name in a row");
    }

    #[test]
    fn chance_is_fair_and_the_same_each_time_and_lets_whoever_asks_often_through() {
        let hits = |percent, seed| {
            let mut rule = Rule::new(Fault::DropBefore).chance(percent, seed);
            let call = call("kms:ListKeys", "a");
            (0..10_000).map(|_| rule.take(&call).is_some()).collect::<Vec<bool>>()
        };
        assert_eq!(hits(30, 7), hits(30, 7));
        let often = hits(30, 7).into_iter().filter(|hit| *hit).count();
        assert!((2_700..3_200).contains(&often), "{often}");
        assert_eq!(hits(100, 7)[..8], [true, true, true, true, true, true, false, true]);
    }
}
