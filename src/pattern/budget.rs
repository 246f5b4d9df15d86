//! How much work a decision may cost.
//!
//! Deciding is exponential in the worst case, in the number of selectors and in the number of wildcards on
//! one selector. Rather than hang on a contrived pattern, a decision counts its steps and gives up.

/// The steps of a decision, each some nanoseconds: together well under a second when optimised. Any two of
/// the benchmark's patterns take less than a thousandth of it; ten words with a wildcard on both sides, all
/// on one selector, about half of it.
const STEPS: usize = 20_000_000;

/// The highest array index that a counter-example is made for: it needs all the entries below.
pub(super) const LAST_INDEX: u32 = 1_000;

/// The most different regular expressions on one selector: each doubles the classes of its values.
pub(super) const REGEXES: usize = 8;

/// The steps are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// The steps that are left.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { left: STEPS }
    }

    /// So many steps and no more.
    #[cfg(test)]
    pub(super) const fn of(steps: usize) -> Self {
        Self { left: steps }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.left = self.left.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}
