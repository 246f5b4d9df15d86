use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::rollout::Way;

const UNITS: [&str; 4] = ["ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333", "r-ab12"];

fn account(number: u64) -> AccountId {
    AccountId::new(format!("{number:012}"))
}

/// An account in a unit and in those above it.
fn target(number: u64, units: &[&str]) -> Target {
    let units = units.iter().map(|unit| OuId::new(*unit)).collect();
    Target { id: account(number), name: None, units, way: Way::Own }
}

fn rule(name: &str, accounts: &[u64], units: &[&str], share: Option<Share>) -> WaveRule {
    WaveRule {
        name: name.to_owned(),
        accounts: accounts.iter().map(|number| account(*number)).collect(),
        units: units.iter().map(|unit| OuId::new(*unit)).collect(),
        share,
    }
}

fn sizes(waves: &[Wave]) -> Vec<(&str, usize)> {
    waves.iter().map(|wave| (wave.name.as_str(), wave.accounts.len())).collect()
}

#[test]
fn one_account_goes_first() {
    let many: Vec<Target> = (0..7).map(|number| target(number, &[])).collect();
    assert_eq!(sizes(&split(&default_rules(), &many)), [("canary", 1), (REST, 6)]);
    assert_eq!(sizes(&split(&default_rules(), &many[..1])), [("canary", 1)]);
    assert_eq!(split(&default_rules(), &[]), []);
}

#[test]
fn shares_are_of_all_accounts_and_rounded_up() {
    let share = |percent| Some(Share::Percent(percent));
    let rules = [
        rule("a", &[], &[], share(1)),
        rule("b", &[0], &[], share(50)),
        rule("c", &[], &[], share(60)),
    ];
    let many: Vec<Target> = (0..11).map(|number| target(number, &[])).collect();
    assert_eq!(sizes(&split(&rules, &many)), [("a", 1), ("b", 7), ("c", 3)]);
}

#[test]
fn the_more_exact_wave_wins() {
    let [inner, outer, _, root] = UNITS;
    let rules = [
        rule("all", &[], &[root], None),
        rule("inner", &[], &[inner], None),
        rule("one", &[3], &[], None),
    ];
    let targets =
        [target(1, &[outer, root]), target(2, &[inner, outer, root]), target(3, &[inner, root])];
    let waves = split(&rules, &targets);
    let of = |at: usize| waves[at].accounts.clone();
    assert_eq!(waves.len(), 3);
    assert_eq!([of(0), of(1), of(2)], [vec![account(1)], vec![account(2)], vec![account(3)]]);
}

#[test]
fn a_share_picks_neither_the_oldest_nor_the_newest() {
    let rules = [rule("tenth", &[], &[], Some(Share::Percent(10)))];
    let many: Vec<Target> = (0..1000).map(|number| target(number, &[])).collect();
    let tenth = split(&rules, &many).remove(0).accounts;
    let old = tenth.iter().filter(|id| **id < account(500)).count();
    assert!((35..=65).contains(&old), "{old} of {} are old", tenth.len());
}

/// Up to 60 accounts, each in some of the units, near ones first.
fn targets() -> impl Strategy<Value = Vec<Target>> {
    let units = subsequence(UNITS.to_vec(), 0..=UNITS.len());
    proptest::collection::btree_map(0..100_u64, units, 0..60)
        .prop_map(|all| all.into_iter().map(|(number, units)| target(number, &units)).collect())
}

/// Waves as the file allows them: no account and no unit in two of them.
fn rules() -> impl Strategy<Value = Vec<WaveRule>> {
    let share = prop_oneof![
        Just(None),
        (1..=100_u16).prop_map(|percent| Some(Share::Percent(percent))),
        (1..5_usize).prop_map(|count| Some(Share::Count(count))),
    ];
    let wave_of = select(vec![0, 1, 2, 3]);
    let accounts = proptest::collection::vec((0..100_u64, wave_of.clone()), 0..8);
    let units = proptest::collection::vec(wave_of, UNITS.len());
    (proptest::collection::vec(share, 0..4), accounts, units).prop_map(
        |(shares, accounts, units)| {
            let accounts: BTreeMap<u64, usize> = accounts.into_iter().collect();
            let of = |at: usize, share| {
                let accounts: Vec<u64> = accounts
                    .iter()
                    .filter(|(_, wave)| **wave == at)
                    .map(|(number, _)| *number)
                    .collect();
                let units: Vec<&str> = UNITS
                    .iter()
                    .zip(&units)
                    .filter(|(_, wave)| **wave == at)
                    .map(|(unit, _)| *unit)
                    .collect();
                rule(&format!("w{at}"), &accounts, &units, share)
            };
            shares.into_iter().enumerate().map(|(at, share)| of(at, share)).collect()
        },
    )
}

proptest! {
    #[test]
    fn every_account_is_in_one_wave(rules in rules(), targets in targets()) {
        let waves = split(&rules, &targets);
        prop_assert!(waves.iter().all(|wave| !wave.accounts.is_empty()));
        let mut all: Vec<AccountId> = waves.into_iter().flat_map(|wave| wave.accounts).collect();
        all.sort();
        let expected: Vec<AccountId> = targets.into_iter().map(|target| target.id).collect();
        prop_assert_eq!(all, expected);
    }

    #[test]
    fn the_order_of_the_accounts_does_not_matter(
        rules in rules(),
        (targets, shuffled) in targets()
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(split(&rules, &targets), split(&rules, &shuffled));
    }

    #[test]
    fn waves_come_in_the_order_of_their_rules(rules in rules(), targets in targets()) {
        let waves = split(&rules, &targets);
        let names: Vec<&str> =
            rules.iter().map(|rule| rule.name.as_str()).chain([REST]).collect();
        let at: Vec<_> = waves.iter().map(|wave| names.iter().position(|n| *n == wave.name)).collect();
        prop_assert!(at.is_sorted() && at.iter().all(Option::is_some), "{:?}", at);
        prop_assert!(waves.iter().all(|wave| wave.accounts.is_sorted()));
    }

    #[test]
    fn whom_a_wave_names_by_id_is_in_it(rules in rules(), targets in targets()) {
        for wave in split(&rules, &targets) {
            for id in &wave.accounts {
                let named = rules.iter().find(|rule| rule.accounts.contains(id));
                prop_assert!(named.is_none_or(|rule| rule.name == wave.name));
            }
        }
    }

    #[test]
    fn a_share_is_as_large_as_it_can_be(percent in 1..=100_u16, targets in targets()) {
        let waves = split(&[rule("a", &[], &[], Some(Share::Percent(percent)))], &targets);
        let least = targets.len() * usize::from(percent);
        let size = waves.first().map_or(0, |wave| wave.accounts.len() * 100);
        prop_assert!(size >= least && size < least + 100);
    }
}
