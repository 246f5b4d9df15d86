//! Conditions as formulas over "the value at this place is of one of these classes".
//!
//! Tests of one selector melt into one set of classes wherever `&&` or `||` joins them: sixteen names of
//! calls with `||` between them are one literal, and so is their complement. What is left to search is how
//! *different* selectors hang together, which is little in patterns that people write.

use super::ast::Expr;
use super::set::Set;
use super::tree::Tree;
use super::values::Classes;

/// A condition on the classes of the places.
#[derive(Clone, Debug)]
pub(super) enum Formula {
    Literal(Literal),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// The value at a place is of one of these classes.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) place: usize,
    pub(super) classes: Set,
}

/// Whether a condition is to hold or to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Holds,
    Fails,
}

/// Makes formulas of conditions, all of whose tests are in the tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Builder<'a> {
    pub(super) tree: &'a Tree,
    pub(super) classes: &'a [Classes],
}

impl Builder<'_> {
    /// The formula that is true where the condition holds, or where it fails.
    pub(super) fn build(&self, expr: &Expr, side: Side) -> Formula {
        let parts = |parts: &[Expr]| parts.iter().map(|part| self.build(part, side)).collect();
        match (expr, side) {
            (Expr::Test(test), _) => {
                let found = self.tree.find(test).and_then(|(place, check)| {
                    let classes = self.classes.get(place)?;
                    let sets = match side {
                        Side::Holds => &classes.holding,
                        Side::Fails => &classes.failing,
                    };
                    Some(Formula::Literal(Literal { place, classes: sets.get(check)?.clone() }))
                });
                // Never: the tree was made of these tests. Nothing is claimed if it were not.
                found.unwrap_or_else(|| Formula::All(Vec::new()))
            }
            (Expr::All(inner), Side::Holds) | (Expr::Any(inner), Side::Fails) => {
                Formula::All(melt(parts(inner), Set::keep))
            }
            (Expr::Any(inner), Side::Holds) => Formula::Any(melt(parts(inner), Set::add)),
            (Expr::All(inner), Side::Fails) => {
                let mut parts = melt(parts(inner), Set::add);
                // Places of the pattern to be covered come first in the tree. The example is easier to
                // understand if it is about them, and the search takes the first way that works.
                parts.sort_by_key(Formula::first_place);
                Formula::Any(parts)
            }
        }
    }
}

impl Formula {
    fn first_place(&self) -> usize {
        match self {
            Self::Literal(literal) => literal.place,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().map(Self::first_place).min().unwrap_or_default()
            }
        }
    }
}

/// Joins the literals of each place into one, where the first of them stood.
fn melt(parts: Vec<Formula>, join: fn(&mut Set, &Set)) -> Vec<Formula> {
    let mut melted: Vec<Formula> = Vec::new();
    for part in parts {
        let known = match &part {
            Formula::Literal(new) => melted.iter_mut().find_map(|old| match old {
                Formula::Literal(old) if old.place == new.place => Some((old, &new.classes)),
                Formula::Literal(_) | Formula::All(_) | Formula::Any(_) => None,
            }),
            Formula::All(_) | Formula::Any(_) => None,
        };
        match known {
            Some((old, classes)) => join(&mut old.classes, classes),
            None => melted.push(part),
        }
    }
    melted
}
