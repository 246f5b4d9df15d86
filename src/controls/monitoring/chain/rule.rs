//! The rules of composite alarms, as far as one alarm alone makes them true.

/// Whether a rule is true whenever this alarm is in alarm: `ALARM("name")`, alone or as a term of an OR.
pub(super) fn goes_off_with(rule: &str, alarm: &str) -> bool {
    let rule = bare(rule);
    match terms(rule).as_slice() {
        [] => false,
        [one] => names(one) == Some(alarm),
        several => several.iter().any(|term| goes_off_with(term, alarm)),
    }
}

/// Without blanks, and without parentheses around all of it.
fn bare(rule: &str) -> &str {
    let rule = rule.trim();
    let inner = rule.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // `(a) OR (b)` begins and ends with parentheses that do not belong together.
    match inner.filter(|inner| parts(inner).is_some()) {
        Some(inner) => bare(inner),
        None => rule,
    }
}

/// The terms of a rule that is an OR; the rule itself if it is none; none if it is an AND.
fn terms(rule: &str) -> Vec<&str> {
    let parts = parts(rule).unwrap_or_default();
    let is = |word: &str, other: &str| word.eq_ignore_ascii_case(other);
    if parts.iter().any(|(_, word)| is(word, "AND") || is(word, "NOT")) {
        return Vec::new();
    }
    let mut terms = Vec::new();
    let mut from = 0;
    for (at, word) in parts.into_iter().filter(|(_, word)| is(word, "OR")) {
        terms.extend(rule.get(from..at));
        from = at + word.len();
    }
    terms.extend(rule.get(from..));
    terms
}

/// The words that stand outside quotes and parentheses, with their places; `None` if those do not match.
fn parts(rule: &str) -> Option<Vec<(usize, &str)>> {
    let (mut depth, mut quote, mut word) = (0_u32, None, None);
    let mut words = Vec::new();
    for (at, c) in rule.char_indices().chain([(rule.len(), ' ')]) {
        let is_letter = quote.is_none() && depth == 0 && c.is_ascii_alphabetic();
        match (word, is_letter) {
            (None, true) => word = Some(at),
            (Some(from), false) => {
                words.extend(rule.get(from..at).map(|word| (from, word)));
                word = None;
            }
            (None, false) | (Some(_), true) => {}
        }
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    (depth == 0 && quote.is_none()).then_some(words)
}

/// The alarm in `ALARM("name")`, which may be without quotes, or an ARN.
fn names(term: &str) -> Option<&str> {
    let term = bare(term);
    let (function, rest) = term.split_once('(')?;
    let named = rest.strip_suffix(')')?.trim();
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| named.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    let named = unquoted.unwrap_or(named);
    let name = match named.split_once(":alarm:") {
        Some((arn, name)) if arn.starts_with("arn:") => name,
        _ => named,
    };
    function.trim().eq_ignore_ascii_case("ALARM").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_alarm_is_enough_for_an_or() {
        for rule in [
            "ALARM(a)",
            "ALARM(\"a\")",
            " ( ALARM('a') ) ",
            "ALARM(\"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a\")",
            "ALARM(b) OR ALARM(a)",
            "(ALARM(b)) OR (ALARM(a) OR ALARM(c))",
            "ALARM(a) OR (ALARM(b) AND NOT ALARM(c))",
            "ALARM(\"b OR c\")\nOR ALARM(\"a\")",
            "ALARM(\"x AND y\") OR ALARM(a)",
        ] {
            assert!(goes_off_with(rule, "a"), "{rule}");
        }
        assert!(goes_off_with("ALARM(\"b (old)\") OR ALARM(\"c\")", "b (old)"));
    }

    #[test]
    fn anything_else_is_not() {
        for rule in [
            "",
            "TRUE",
            "OK(a)",
            "NOT ALARM(a)",
            "ALARM(a) AND ALARM(b)",
            "(ALARM(a) OR ALARM(b)) AND ALARM(c)",
            "ALARM(b) OR (ALARM(a) AND ALARM(c))",
            "ALARM(aa) OR ALARM(\"a b\")",
            "INSUFFICIENT_DATA(a) OR OK(a)",
            "ALARM(a",
            "ALARM(\"a)",
        ] {
            assert!(!goes_off_with(rule, "a"), "{rule}");
        }
    }
}
