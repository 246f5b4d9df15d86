//! Strings of every kind that some wildcards tell apart.
//!
//! All the automata read the same text at once, and breadth comes first, so each combination of answers
//! that any string gives is found, with a shortest string for it. Texts without a wildcard share one
//! automaton, the tree of their beginnings: in it a string is at one place, and once off the tree it is none
//! of them. Of all the characters that no text holds one is enough: none is told from another.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use super::automaton::{Automaton, State};
use super::budget::{Budget, Exhausted};
use super::glob::Glob;

/// A string for each combination of "matches" and "does not match" that a string can have.
pub(super) fn witnesses(texts: &[&Glob], budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    let (literals, globs): (Vec<&Glob>, Vec<&Glob>) =
        texts.iter().copied().partition(|text| text.is_literal());
    let symbols: BTreeSet<char> =
        globs.iter().flat_map(|glob| glob.as_str().chars()).filter(|c| *c != '*').collect();
    let tree = Prefixes::of(&literals);
    let fresh = fresh(&symbols, &tree);
    let automata = globs.iter().map(|glob| Automaton::new(glob)).collect();
    let symbols = symbols.into_iter().chain([fresh]).collect();
    Product { tree, automata, symbols }.explore(budget)
}

/// A character that stands for all that are in no text.
fn fresh(symbols: &BTreeSet<char>, tree: &Prefixes) -> char {
    let is_new =
        |c: &char| !symbols.contains(c) && tree.nodes.iter().all(|n| !n.next.contains_key(c));
    let readable = "xyz".chars().chain('a'..='z').chain('A'..='Z').chain('0'..='9');
    readable.chain('\u{a1}'..=char::MAX).find(is_new).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The beginnings of some texts.
struct Prefixes {
    nodes: Vec<Prefix>,
}

#[derive(Default)]
struct Prefix {
    next: BTreeMap<char, usize>,
    is_whole: bool,
}

impl Prefixes {
    fn of(texts: &[&Glob]) -> Self {
        let mut nodes = vec![Prefix::default()];
        for text in texts {
            let mut at = 0;
            for c in text.as_str().chars() {
                let new = nodes.len();
                let known = nodes.get_mut(at).map(|node| *node.next.entry(c).or_insert(new));
                at = known.unwrap_or(new);
                if at == new {
                    nodes.push(Prefix::default());
                }
            }
            if let Some(node) = nodes.get_mut(at) {
                node.is_whole = true;
            }
        }
        Self { nodes }
    }
}

/// Where all the automata are.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    /// In the tree of beginnings, if not off it.
    prefix: Option<usize>,
    states: Vec<State>,
}

/// A place, and the way to it: the place before, and the character that led from there.
struct Step {
    place: Rc<Place>,
    from: Option<(usize, char)>,
}

/// What tells a string from others: which of the texts it is, and which wildcards match.
type Answers = (Option<usize>, Vec<bool>);

struct Product {
    tree: Prefixes,
    automata: Vec<Automaton>,
    /// The characters that some wildcard text holds, and one that no text holds.
    symbols: Vec<char>,
}

impl Product {
    fn explore(&self, budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
        let states = vec![Automaton::START; self.automata.len()];
        let start = Rc::new(Place { prefix: Some(0), states });
        let mut seen = HashSet::from([Rc::clone(&start)]);
        let mut steps = vec![Step { place: start, from: None }];
        let mut known: BTreeSet<Answers> = BTreeSet::new();
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            let place = Rc::clone(&step.place);
            // The empty string is the least readable example of its kind: it comes last.
            if at > 0 && known.insert(self.answers(&place)) {
                found.push(text(&steps, at));
            }
            for c in self.characters(&place) {
                budget.spend(COST + self.automata.len())?;
                let next = self.next(&place, c);
                if !seen.contains(&next) {
                    budget.spend(NEW * (COST + self.automata.len()))?;
                    let next = Rc::new(next);
                    seen.insert(Rc::clone(&next));
                    steps.push(Step { place: next, from: Some((at, c)) });
                }
            }
            at += 1;
        }
        if let Some(start) = steps.first()
            && known.insert(self.answers(&start.place))
        {
            found.push(String::new());
        }
        Ok(found)
    }

    /// The characters worth reading at a place; all others lead where the fresh one leads.
    fn characters(&self, place: &Place) -> BTreeSet<char> {
        let node = place.prefix.and_then(|prefix| self.tree.nodes.get(prefix));
        let on_tree = node.into_iter().flat_map(|node| node.next.keys());
        on_tree.chain(&self.symbols).copied().collect()
    }

    fn next(&self, place: &Place, c: char) -> Place {
        let node = place.prefix.and_then(|prefix| self.tree.nodes.get(prefix));
        let prefix = node.and_then(|node| node.next.get(&c)).copied();
        let states = self.automata.iter().zip(&place.states);
        Place {
            prefix,
            states: states.map(|(automaton, state)| automaton.next(*state, c)).collect(),
        }
    }

    fn answers(&self, place: &Place) -> Answers {
        let is_whole = |at: &usize| self.tree.nodes.get(*at).is_some_and(|node| node.is_whole);
        let states = self.automata.iter().zip(&place.states);
        let matching = states.map(|(automaton, state)| automaton.accepts(*state)).collect();
        (place.prefix.filter(is_whole), matching)
    }
}

/// What looking at a place costs beside its automata, in steps.
const COST: usize = 8;

/// How much more a new place costs, which is kept and looked up by its hash.
const NEW: usize = 8;

/// The characters on the way to a place.
fn text(steps: &[Step], mut at: usize) -> String {
    let mut reversed = Vec::new();
    while let Some((before, c)) = steps.get(at).and_then(|step| step.from) {
        reversed.push(c);
        at = before;
    }
    reversed.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{Budget, Glob, witnesses};

    fn found(texts: &[&str]) -> Vec<String> {
        let globs: Vec<Glob> = texts.iter().map(|text| Glob::new(text)).collect();
        let globs: Vec<&Glob> = globs.iter().collect();
        witnesses(&globs, &mut Budget::new()).unwrap()
    }

    fn answers(texts: &[String], string: &str) -> Vec<bool> {
        texts.iter().map(|text| Glob::new(text).matches(string)).collect()
    }

    #[test]
    fn each_kind_of_string_has_a_shortest_witness() {
        assert_eq!(found(&[]), ["x"]);
        assert_eq!(found(&["*"]), ["x"]);
        assert_eq!(found(&["", "ab"]), ["a", "ab", ""]);
        assert_eq!(found(&["Delete*"]), ["D", "Delete"]);
        // The only string that begins and ends with `ab`, but not with one each.
        assert!(found(&["ab*", "*ab", "ab*ab"]).contains(&"ab".to_owned()));
        // None but the texts themselves begins with `x` and is not longer.
        assert_eq!(found(&["x*", "x*x", "xx", "x"]).len(), 5);
    }

    #[test]
    fn too_many_wildcards_exhaust_the_budget() {
        let texts: Vec<Glob> =
            ('a'..='z').map(|c| Glob::new(&format!("*{c}{c}{c}{c}{c}*"))).collect();
        let texts: Vec<&Glob> = texts.iter().collect();
        assert!(witnesses(&texts, &mut Budget::of(1_000_000)).is_err());
        assert!(witnesses(&texts[..2], &mut Budget::of(1_000_000)).is_ok());
    }

    proptest! {
        #[test]
        fn every_string_has_a_witness_of_its_kind(
            texts in prop::collection::vec("[ab*]{0,4}", 0..5),
            strings in prop::collection::vec("[abc]{0,7}", 20),
        ) {
            let shown: Vec<&str> = texts.iter().map(String::as_str).collect();
            let kinds: Vec<Vec<bool>> =
                found(&shown).iter().map(|witness| answers(&texts, witness)).collect();
            let distinct: BTreeSet<_> = kinds.iter().cloned().collect();
            prop_assert_eq!(distinct.len(), kinds.len(), "two witnesses of one kind");
            for string in strings {
                prop_assert!(distinct.contains(&answers(&texts, &string)), "{} {:?}", string, texts);
            }
        }
    }
}
