//! A wildcard text as a deterministic automaton, with about one state for each of its characters.
//!
//! The pieces between the wildcards are looked for one after the other, each where it first ends: that is
//! enough, since a later place for a piece leaves less text to the pieces after it. So the state is which
//! piece is looked for, and the longest beginning of it that the text read so far ends with, which is the
//! automaton of Knuth, Morris and Pratt. The first piece must be at the start, so any other character ends
//! in a state without return; the last piece must be at the end, so it is looked for again and again.

use std::collections::BTreeMap;

use super::glob::Glob;

/// The state without return.
const DEAD: usize = usize::MAX;

/// A state of an [`Automaton`].
pub(super) type State = usize;

/// Reads a text character by character and tells whether a [`Glob`] with a wildcard matches it.
#[derive(Debug)]
pub(super) struct Automaton {
    rows: Vec<Row>,
    dead: Row,
}

/// Where each character leads.
#[derive(Clone, Debug)]
struct Row {
    next: BTreeMap<char, State>,
    other: State,
}

impl Row {
    fn to(other: State) -> Self {
        Self { next: BTreeMap::new(), other }
    }

    fn next(&self, c: char) -> State {
        self.next.get(&c).copied().unwrap_or(self.other)
    }
}

impl Automaton {
    pub(super) const START: State = 0;

    pub(super) fn new(glob: &Glob) -> Self {
        let (first, between, last) = glob.pieces();
        let mut rows: Vec<Row> = Vec::new();
        for (at, c) in first.chars().enumerate() {
            let mut row = Row::to(DEAD);
            row.next.insert(c, at + 1);
            rows.push(row);
        }
        for piece in between {
            // Having found it is having begun to look for the next.
            let mut found = search(piece, rows.len());
            found.pop();
            rows.append(&mut found);
        }
        let start = rows.len();
        rows.append(&mut search(last.unwrap_or_default(), start));
        Self { rows, dead: Row::to(DEAD) }
    }

    pub(super) fn next(&self, state: State, c: char) -> State {
        self.rows.get(state).unwrap_or(&self.dead).next(c)
    }

    /// Whether the text may end here: the last piece was just read.
    pub(super) fn accepts(&self, state: State) -> bool {
        self.rows.len().checked_sub(1) == Some(state)
    }
}

/// The states of looking for a piece, numbered from `start`, the last of them being "just read".
fn search(piece: &str, start: State) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    // The state after the same text without its first character: where to go on when the piece breaks off.
    let mut fallback = Row::to(start);
    for (at, c) in piece.chars().enumerate() {
        let mut row = fallback.clone();
        row.next.insert(c, start + at + 1);
        let after = fallback.next(c);
        rows.push(row);
        fallback = rows.get(after - start).cloned().unwrap_or_else(|| Row::to(start));
    }
    rows.push(fallback);
    rows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Automaton, Glob};

    fn accepts(glob: &str, text: &str) -> bool {
        let automaton = Automaton::new(&Glob::new(glob));
        let end = text.chars().fold(Automaton::START, |state, c| automaton.next(state, c));
        automaton.accepts(end)
    }

    proptest! {
        #[test]
        fn the_automaton_agrees_with_the_glob(glob in "[ab*]{0,5}\\*[ab*]{0,5}", text in "[abc]{0,9}") {
            prop_assert_eq!(accepts(&glob, &text), Glob::new(&glob).matches(&text));
        }
    }

    #[test]
    fn a_piece_is_found_where_it_overlaps_itself() {
        assert!(accepts("*aab*", "aaab"));
        assert!(accepts("*abab", "ababab"));
        assert!(accepts("*aabaaa*b", "aabaabaaab"));
        assert!(!accepts("ab*ab", "ab"));
    }
}
