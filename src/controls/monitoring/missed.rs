//! What a filter pattern misses of what is wanted, in words.

use std::collections::BTreeMap;

use serde_json::Value;

use super::alarm::{Alarm, Variant};
use crate::controls::words::some;
use crate::pattern::{Coverage, Pattern, PatternError, covers};

/// The most calls that are named one by one.
const NAMED: usize = 4;

const NAME: &str = "eventName";

/// What a filter has to match.
pub(super) struct Wanted {
    text: &'static str,
    /// All that it may be made for.
    whole: Pattern,
    /// What it has to match, and what is true of all records that this is about.
    pub(super) assumed: Pattern,
}

impl Wanted {
    /// What an alarm asks for.
    pub(super) fn canonical(alarm: &Alarm) -> Result<Self, PatternError> {
        Self::new(alarm.pattern, alarm.pattern, alarm.assumes)
    }

    /// What v1.0.0 prints for it.
    pub(super) fn literal(text: &'static str) -> Result<Self, PatternError> {
        Self::new(text, text, None)
    }

    /// What a later edition asks for.
    pub(super) fn variant(alarm: &Alarm, variant: &Variant) -> Result<Self, PatternError> {
        Self::new(variant.pattern, alarm.pattern, alarm.assumes)
    }

    fn new(
        text: &'static str,
        whole: &str,
        assumption: Option<&str>,
    ) -> Result<Self, PatternError> {
        let pattern = Pattern::parse(text)?;
        let assumed = match assumption {
            Some(assumption) => pattern.and(&Pattern::parse(assumption)?),
            None => pattern,
        };
        Ok(Self { text, whole: Pattern::parse(whole)?, assumed })
    }

    /// Each call that is asked for by name, and the part of what is wanted that is about it.
    fn calls(&self) -> Result<Vec<(&'static str, Pattern)>, PatternError> {
        let names =
            self.text.split("$.eventName = \"").skip(1).filter_map(|rest| rest.split('"').next());
        let part = |name: &'static str| {
            let call = Pattern::parse(&format!("{{ $.{NAME} = \"{name}\" }}"))?;
            Ok((name, self.assumed.and(&call)))
        };
        names.map(part).collect()
    }
}

/// What a pattern misses.
pub(super) struct Missed {
    /// To go after "misses".
    pub(super) words: String,
    /// Whether the pattern seems to be made for this: all that it matches is wanted, or it matches all that
    /// is wanted of some call.
    pub(super) is_related: bool,
}

/// Tells what a pattern misses of what is wanted, of which `example` is an event; `words` is all of that
/// event.
pub(super) fn missed(
    candidate: &Pattern,
    wanted: &Wanted,
    example: &Value,
    words: &str,
) -> Result<Missed, PatternError> {
    let calls = wanted.calls()?;
    let is_apart = candidate.and(&wanted.assumed).is_dead();
    let whole = |part: &Pattern| covers(candidate, part) == Coverage::Yes;
    let is_related = covers(&wanted.whole, candidate) == Coverage::Yes
        || (!is_apart && calls.iter().any(|(_, part)| whole(part)));
    let lost = calls.iter().filter(|(_, part)| is_apart || candidate.and(part).is_dead());
    let lost: Vec<String> = lost.map(|(name, _)| (*name).to_owned()).collect();
    let words = if lost.is_empty() || lost.len() == calls.len() {
        let call = example.get(NAME).and_then(Value::as_str).filter(|_| calls.len() > 1);
        told(call, candidate.faults(example), words)
    } else {
        some(&lost, NAMED)
    };
    Ok(Missed { words, is_related })
}

/// What keeps an event from matching. Which call it is goes first where there are several.
fn told(call: Option<&str>, mut faults: BTreeMap<String, String>, all: &str) -> String {
    if call.is_some() {
        faults.remove(NAME);
    }
    let faults: Vec<String> = faults.into_values().collect();
    match (call, faults.is_empty()) {
        (Some(call), true) => call.to_owned(),
        (Some(call), false) => format!("{call} with {}", faults.join(", ")),
        (None, true) => format!("events with {all}"),
        (None, false) => format!("events with {}", faults.join(", ")),
    }
}
