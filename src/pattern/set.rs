//! Sets of small numbers: the classes that a selector's value may still be in.

const BITS: usize = 64;

/// A set of numbers below a bound that its maker knows; sets that meet have the same bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    words: Vec<u64>,
}

impl Set {
    /// None of the numbers below the bound.
    pub(super) fn empty(bound: usize) -> Self {
        Self { words: vec![0; bound.div_ceil(BITS)] }
    }

    /// The numbers below the bound that fit.
    pub(super) fn of(bound: usize, fits: impl Fn(usize) -> bool) -> Self {
        let mut set = Self::empty(bound);
        for number in (0..bound).filter(|number| fits(*number)) {
            set.insert(number);
        }
        set
    }

    pub(super) fn insert(&mut self, number: usize) {
        if let Some(word) = self.words.get_mut(number / BITS) {
            *word |= 1 << (number % BITS);
        }
    }

    /// Keeps nothing but the lowest number.
    pub(super) fn keep_first(&mut self) {
        if let Some(first) = self.first() {
            self.words.fill(0);
            self.insert(first);
        }
    }

    /// Keeps what is in the other too.
    pub(super) fn keep(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Takes out what is in the other.
    pub(super) fn remove(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// Adds what is in the other.
    pub(super) fn add(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether something is in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(word, other)| word & other != 0)
    }

    /// Whether all of it is in the other.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).all(|(word, other)| word & !other == 0)
    }

    /// The lowest number.
    pub(super) fn first(&self) -> Option<usize> {
        let (at, word) = self.words.iter().enumerate().find(|(_, word)| **word != 0)?;
        (0..BITS).find(|bit| word & (1 << bit) != 0).map(|bit| at * BITS + bit)
    }

    /// What an operation on it costs, in steps.
    pub(super) fn cost(&self) -> usize {
        self.words.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Set;

    #[test]
    fn a_set_is_a_set() {
        let even = Set::of(130, |n| n % 2 == 0);
        let third = Set::of(130, |n| n % 3 == 0);
        let mut both = even.clone();
        both.keep(&third);
        assert_eq!(both, Set::of(130, |n| n % 6 == 0));
        assert!(both.is_within(&even) && both.is_within(&third) && !even.is_within(&both));
        let mut odd = Set::of(130, |_| true);
        odd.remove(&even);
        assert!(!odd.meets(&even) && odd.meets(&third));
        odd.add(&even);
        assert_eq!(odd, Set::of(130, |_| true));
        let mut late = Set::of(130, |n| n > 127);
        assert_eq!(late.first(), Some(128));
        late.keep_first();
        assert_eq!(late, Set::of(130, |n| n == 128));
        assert!(Set::empty(130).is_empty() && !both.is_empty());
    }
}
