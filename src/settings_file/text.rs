//! How text from files is shown: it may have been written by anyone.

use crate::model::is_hidden;

/// More characters of one value than this are not shown.
const SHOWN: usize = 80;

/// The text with everything escaped that could move the cursor, reverse the line or stay unseen.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A value in backticks, printable and cut to a readable length.
pub(crate) fn quoted(text: &str) -> String {
    let mut chars = text.chars();
    let head: String = chars.by_ref().take(SHOWN).collect();
    let cut = if chars.next().is_some() { "…" } else { "" };
    format!("`{}{cut}`", printable(&head))
}

/// Several names in backticks: "`a`, `b`".
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The one of these that was probably meant.
pub(crate) fn nearest(text: &str, of: &[&'static str]) -> Option<&'static str> {
    // Longer than any name of ours by far: not a typing error.
    if text.len() > SHOWN {
        return None;
    }
    let names: Vec<&'static str> = of.to_vec();
    similar::get_close_matches(text, &names, 1, 0.75).first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(printable("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\u{a}c\\u{202e}");
        // Found by fuzzing: a name that nobody can tell from one of ours.
        assert_eq!(quoted("lev\u{feff}el-1"), "`lev\\u{feff}el-1`");
        assert_eq!(quoted("ein Wörtchen"), "`ein Wörtchen`");
        assert_eq!(quoted(&"x".repeat(81)), format!("`{}…`", "x".repeat(80)));
    }

    #[test]
    fn only_near_names_are_offered() {
        let names = ["minimum_length", "max_age_days"];
        assert_eq!(nearest("minimum_lenght", &names), Some("minimum_length"));
        assert_eq!(nearest("max-age-days", &names), Some("max_age_days"));
        assert_eq!(nearest("name", &names), None);
        assert_eq!(nearest("", &names), None);
    }
}
