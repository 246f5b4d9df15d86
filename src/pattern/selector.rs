//! Reads selectors, such as `$.requestParameters.items[0].name`.

use super::ast::{Selector, Step};
use super::error::Problem;

impl Selector {
    /// Reads `$`, then steps.
    pub(super) fn parse(word: &str) -> Result<Self, Problem> {
        let path = word.strip_prefix('$').filter(|path| path.starts_with(['.', '[']));
        let mut rest = path.ok_or_else(|| Problem::NotASelector(word.to_owned()))?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let next = first_step(rest);
            let (step, after) = next.ok_or_else(|| Problem::Step { selector: word.to_owned() })?;
            steps.push(step);
            rest = after;
        }
        Ok(Self { steps })
    }
}

/// The first step of a path, and what follows it.
fn first_step(path: &str) -> Option<(Step, &str)> {
    if let Some(rest) = path.strip_prefix('[') {
        let (digits, after) = rest.split_once(']')?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        return if is_number { Some((Step::Index(digits.parse().ok()?), after)) } else { None };
    }
    let rest = path.strip_prefix('.')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let after = rest.trim_start_matches(is_name);
    let name = rest.strip_suffix(after).filter(|name| !name.is_empty())?;
    Some((Step::Name(name.to_owned()), after))
}
