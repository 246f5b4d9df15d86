//! What may stand where in an event.
//!
//! Something stands below a value only if the value is an object (for a name) or an array (for an index),
//! and an entry of an array only after all those before it. Given for each place the classes that its value
//! may still be of, [`Fit::settle`] takes out those to which nothing below fits, from the leaves up. What is
//! left at a place can then always be completed below it: [`Fit::choose`] goes down once and never back.

use super::set::Set;
use super::tree::{Node, Tree};
use super::values::{Classes, Kind};

/// For each place, the classes its value may still be of.
pub(super) type Domains = Vec<Set>;

/// The rules of a tree.
#[derive(Debug)]
pub(super) struct Fit<'a> {
    tree: &'a Tree,
    masks: Vec<Masks>,
}

/// The classes of a place by what they allow below.
#[derive(Debug)]
struct Masks {
    missing: Set,
    flat: Set,
    object: Set,
    array: Set,
}

impl<'a> Fit<'a> {
    pub(super) fn new(tree: &'a Tree, classes: &[Classes]) -> Self {
        let mask = |classes: &Classes| Masks {
            missing: classes.set(|kind| *kind == Kind::Missing),
            flat: classes.set(|kind| matches!(kind, Kind::Flat(_))),
            object: classes.set(|kind| *kind == Kind::Object),
            array: classes.set(|kind| *kind == Kind::Array),
        };
        Self { tree, masks: classes.iter().map(mask).collect() }
    }

    /// Everything that an event may be before anything is asked of it: it is an object.
    pub(super) fn all(&self, classes: &[Classes]) -> Domains {
        let event = self.masks.first().map(|masks| masks.object.clone());
        let rest = classes.iter().skip(1).map(|classes| classes.set(|_| true));
        event.into_iter().chain(rest).collect()
    }

    fn places(&self) -> impl DoubleEndedIterator<Item = (usize, &Node, &Masks)> {
        let places = self.tree.nodes.iter().zip(&self.masks).enumerate();
        places.map(|(at, (node, masks))| (at, node, masks))
    }

    fn may_be_missing(&self, domains: &Domains, at: usize) -> bool {
        self.both(domains, at).is_some_and(|(domain, masks)| domain.meets(&masks.missing))
    }

    fn may_be_present(&self, domains: &Domains, at: usize) -> bool {
        self.both(domains, at).is_some_and(|(domain, masks)| !domain.is_within(&masks.missing))
    }

    fn both<'d>(&self, domains: &'d Domains, at: usize) -> Option<(&'d Set, &Masks)> {
        domains.get(at).zip(self.masks.get(at))
    }

    /// How many entries an array must have of those that are asked about.
    fn needed(&self, domains: &Domains, node: &Node) -> usize {
        let last = node.item_places().rposition(|item| !self.may_be_missing(domains, item));
        last.map_or(0, |last| last + 1)
    }

    /// Takes out what fits to nothing. False if nothing is left for some place.
    pub(super) fn settle(&self, domains: &mut Domains) -> bool {
        let fits = self.settle_up(domains);
        if fits {
            self.settle_down(domains);
        }
        fits
    }

    fn settle_up(&self, domains: &mut Domains) -> bool {
        for (at, node, masks) in self.places().rev() {
            let no_names = node.names.iter().all(|below| self.may_be_missing(domains, *below));
            let needed = self.needed(domains, node);
            let mut entries = node.item_places().take(needed);
            let gapless = entries.all(|item| self.may_be_present(domains, item));
            let Some(domain) = domains.get_mut(at) else { continue };
            if !no_names || needed > 0 {
                domain.remove(&masks.missing);
                domain.remove(&masks.flat);
            }
            if needed > 0 {
                domain.remove(&masks.object);
            }
            if !no_names || !gapless {
                domain.remove(&masks.array);
            }
            if domain.is_empty() {
                return false;
            }
        }
        true
    }

    /// Takes out what fits to nothing above. Only shortens the search: nothing becomes empty by it.
    fn settle_down(&self, domains: &mut Domains) {
        for (at, node, masks) in self.places() {
            let Some(domain) = domains.get(at) else { continue };
            let (object, array) = (domain.meets(&masks.object), domain.meets(&masks.array));
            let only_array = domain.is_within(&masks.array);
            let needed = self.needed(domains, node);
            for below in node.names.iter().filter(|_| !object) {
                self.set_missing(domains, *below);
            }
            let mut ended = !array;
            for (count, item) in node.item_places().enumerate() {
                ended = ended || !self.may_be_present(domains, item);
                if ended {
                    self.set_missing(domains, item);
                } else if only_array && count < needed {
                    self.set_present(domains, item);
                }
            }
        }
    }

    fn set_missing(&self, domains: &mut Domains, at: usize) {
        if let (Some(domain), Some(masks)) = (domains.get_mut(at), self.masks.get(at)) {
            domain.keep(&masks.missing);
        }
    }

    fn set_present(&self, domains: &mut Domains, at: usize) {
        if let (Some(domain), Some(masks)) = (domains.get_mut(at), self.masks.get(at)) {
            domain.remove(&masks.missing);
        }
    }

    /// A class for each place, out of what [`Self::settle`] left. Where nothing was asked, nothing is put.
    pub(super) fn choose(&self, domains: &Domains, asked: &[bool]) -> Vec<usize> {
        let mut chosen = self.prefer(domains, asked);
        for (at, node, masks) in self.places() {
            let is_asked = asked.get(at) == Some(&true);
            if !is_asked && self.may_be_missing(&chosen, at) {
                self.set_missing(&mut chosen, at);
            }
            let Some(domain) = chosen.get_mut(at) else { continue };
            domain.keep_first();
            let (object, array) = (domain.meets(&masks.object), domain.meets(&masks.array));
            for below in node.names.iter().filter(|_| !object) {
                self.set_missing(&mut chosen, *below);
            }
            let needed = if array { self.needed(&chosen, node) } else { 0 };
            for (count, item) in node.item_places().enumerate() {
                if count < needed {
                    self.set_present(&mut chosen, item);
                } else {
                    self.set_missing(&mut chosen, item);
                }
            }
        }
        chosen.iter().map(|domain| domain.first().unwrap_or_default()).collect()
    }

    /// Takes the best example wherever something was asked, if the others leave it possible.
    fn prefer(&self, domains: &Domains, asked: &[bool]) -> Domains {
        let mut preferred = domains.clone();
        for (at, _) in asked.iter().enumerate().filter(|(_, asked)| **asked) {
            let mut with_best = preferred.clone();
            if let Some(domain) = with_best.get_mut(at) {
                domain.keep_first();
            }
            if self.settle(&mut with_best) {
                preferred = with_best;
            }
        }
        preferred
    }
}
