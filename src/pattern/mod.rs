//! The JSON filter patterns of CloudWatch Logs: parsed, printed, evaluated, and compared by meaning.
//!
//! The question this module exists for is [`covers`]: does pattern `a` match every event that pattern `b`
//! matches? It is decided, not sampled. Equivalently: can an event be made that `b` matches and `a` does
//! not? Three observations make that a finite search.
//!
//! - **A test sees one value.** What a test such as `$.eventName = "Delete*"` says depends only on what its
//!   selector finds: nothing, null, a boolean, a string, a number, or a container. All tests made on one
//!   selector therefore split the values into finitely many classes that no test tells apart. One value of
//!   each class is enough: strings by exploring the product of the wildcards' automata (`strings`), numbers
//!   by the points and gaps between the constants (`numbers`), the rest by listing them (`values`).
//! - **Selectors hang together as a tree.** `$.a.b` exists only in an object `$.a`, on which every comparison
//!   is false; `$.a[1]` exists only after `$.a[0]`. On a tree such conditions are settled in one pass up and
//!   one pass down (`tree`, `fit`), without guessing.
//! - **The rest is a boolean formula** over "the value at this selector is in one of these classes". There is
//!   no NOT in the language and no third truth value in its evaluation, so "not `a`" is the complement: `&&`
//!   and `||` swapped, each test's set of classes complemented (`formula`). A backtracking search with
//!   propagation (`search`) finds an assignment, which spells out an event, or shows that there is none.
//!
//! A class knows its answers from the evaluator itself, and debug builds check each counter-example with it.
//! Two things end in [`Coverage::Undecided`]: regular expressions, of which only the equality of the text is
//! known, and patterns beyond the bounds of `budget`; these are contrived, but the problem is NP-hard.
//!
//! What AWS leaves open is settled here, for evaluation and decision alike:
//!
//! - `=` and `!=` are about strings and numbers. On null, booleans, objects, arrays and where there is no
//!   value they are false, both of them.
//! - An unquoted number is equal to a JSON number by value, to a JSON string by text. A quoted value is text,
//!   and no JSON number is equal to it. Numbers are the doubles that their text stands for.
//! - `*` in text is always a wildcard; nothing is an escape.
//! - [`Pattern::matches`] takes a regular expression to match nothing: unknown is not a match.
//!
//! The module imports nothing of the crate, touches nothing outside, and gives the same answer each time.

mod ast;
mod automaton;
mod budget;
mod cover;
mod error;
mod evaluate;
mod fault;
mod fit;
mod formula;
mod glob;
mod lex;
mod numbers;
mod parse;
mod print;
mod search;
mod selector;
mod set;
mod strings;
mod tree;
mod values;
mod words;

#[cfg(test)]
mod tests;

pub use ast::Pattern;
pub use cover::{Coverage, Liveness, Reason, covers};
pub use error::{Family, PatternError, Problem};
