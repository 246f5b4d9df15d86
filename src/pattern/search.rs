//! Finds classes for all places that make formulas true and fit together, or shows that there are none.
//!
//! Backtracking with propagation: what must be so is set before anything is tried, and after each try. Each
//! try is a part of an `Any`; once a literal has failed, the rest is searched without its classes. The
//! search is complete, since it tries every part of each `Any` that propagation leaves open.

use super::budget::{Budget, Exhausted};
use super::fit::{Domains, Fit};
use super::formula::{Formula, Literal};

/// A search under way, or at its end.
#[derive(Clone, Debug)]
pub(super) struct State<'f> {
    pub(super) domains: Domains,
    /// The places that a formula says something about.
    pub(super) asked: Vec<bool>,
    /// Those with more than one way to become true.
    open: Vec<&'f Formula>,
}

impl<'f> State<'f> {
    pub(super) fn new(domains: Domains, formulas: &'f [Formula]) -> Self {
        let asked = vec![false; domains.len()];
        Self { domains, asked, open: formulas.iter().collect() }
    }
}

/// What the domains say about a formula.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Truth {
    True,
    False,
    Open,
}

/// The rules, and what the search may cost.
#[derive(Debug)]
pub(super) struct Search<'a> {
    pub(super) fit: &'a Fit<'a>,
    pub(super) budget: &'a mut Budget,
}

impl Search<'_> {
    /// A state in which all formulas are true whatever is chosen of its domains, if there is one.
    pub(super) fn solve<'f>(
        &mut self,
        mut state: State<'f>,
    ) -> Result<Option<State<'f>>, Exhausted> {
        if !self.propagate(&mut state)? {
            return Ok(None);
        }
        let Some(parts) = self.branch(&mut state)? else { return Ok(Some(state)) };
        for part in parts {
            let mut next = state.clone();
            self.budget.spend(cost(&next.domains))?;
            next.open.push(part);
            if let Some(found) = self.solve(next)? {
                return Ok(Some(found));
            }
            if let Formula::Literal(Literal { place, classes }) = part
                && let Some(domain) = state.domains.get_mut(*place)
            {
                domain.remove(classes);
            }
        }
        Ok(None)
    }

    /// Sets what must be so. False if it cannot be.
    fn propagate(&mut self, state: &mut State<'_>) -> Result<bool, Exhausted> {
        loop {
            self.budget.spend(cost(&state.domains))?;
            if !self.fit.settle(&mut state.domains) {
                return Ok(false);
            }
            let before = state.domains.clone();
            for formula in std::mem::take(&mut state.open) {
                if !self.demand(state, formula)? {
                    return Ok(false);
                }
            }
            if state.domains == before {
                return Ok(true);
            }
        }
    }

    /// Makes a formula true if there is one way to do so, else keeps it. False if there is none.
    fn demand<'f>(
        &mut self,
        state: &mut State<'f>,
        formula: &'f Formula,
    ) -> Result<bool, Exhausted> {
        match (self.truth(&state.domains, formula)?, formula) {
            (Truth::True, _) => {}
            (Truth::False, _) => return Ok(false),
            (Truth::Open, Formula::Literal(Literal { place, classes })) => {
                if let Some(domain) = state.domains.get_mut(*place) {
                    domain.keep(classes);
                }
                if let Some(asked) = state.asked.get_mut(*place) {
                    *asked = true;
                }
            }
            (Truth::Open, Formula::All(parts)) => {
                for part in parts {
                    if !self.demand(state, part)? {
                        return Ok(false);
                    }
                }
            }
            (Truth::Open, Formula::Any(parts)) => {
                match self.possible(&state.domains, parts)?.as_slice() {
                    [only] => return self.demand(state, only),
                    _ => state.open.push(formula),
                }
            }
        }
        Ok(true)
    }

    /// Takes out the open formula with the fewest ways to become true, and gives these ways.
    fn branch<'f>(&mut self, state: &mut State<'f>) -> Result<Option<Vec<&'f Formula>>, Exhausted> {
        let mut best: Option<(usize, Vec<&'f Formula>)> = None;
        for (at, formula) in state.open.iter().enumerate() {
            let Formula::Any(parts) = formula else { continue };
            let possible = self.possible(&state.domains, parts)?;
            if best.as_ref().is_none_or(|(_, least)| possible.len() < least.len()) {
                best = Some((at, possible));
            }
        }
        Ok(best.map(|(at, parts)| {
            state.open.remove(at);
            parts
        }))
    }

    /// The parts that are not false yet.
    fn possible<'f>(
        &mut self,
        domains: &Domains,
        parts: &'f [Formula],
    ) -> Result<Vec<&'f Formula>, Exhausted> {
        let mut possible = Vec::new();
        for part in parts {
            if self.truth(domains, part)? != Truth::False {
                possible.push(part);
            }
        }
        Ok(possible)
    }

    fn truth(&mut self, domains: &Domains, formula: &Formula) -> Result<Truth, Exhausted> {
        let (parts, decisive) = match formula {
            Formula::Literal(literal) => return self.literal(domains, literal),
            Formula::All(parts) => (parts, Truth::False),
            Formula::Any(parts) => (parts, Truth::True),
        };
        let mut open = false;
        for part in parts {
            let truth = self.truth(domains, part)?;
            if truth == decisive {
                return Ok(decisive);
            }
            open = open || truth == Truth::Open;
        }
        let other = if decisive == Truth::True { Truth::False } else { Truth::True };
        Ok(if open { Truth::Open } else { other })
    }

    fn literal(&mut self, domains: &Domains, literal: &Literal) -> Result<Truth, Exhausted> {
        self.budget.spend(COST + literal.classes.cost())?;
        let Some(domain) = domains.get(literal.place) else { return Ok(Truth::Open) };
        Ok(if !domain.meets(&literal.classes) {
            Truth::False
        } else if domain.is_within(&literal.classes) {
            Truth::True
        } else {
            Truth::Open
        })
    }
}

/// What a literal costs beside its set, in steps.
const COST: usize = 4;

/// What going through all domains costs, in steps.
fn cost(domains: &Domains) -> usize {
    domains.iter().map(|domain| COST + domain.cost()).sum()
}
