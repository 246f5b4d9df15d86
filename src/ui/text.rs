//! Text of strangers made harmless, and words that agree with their numbers.

use unicode_width::UnicodeWidthChar as _;

use crate::model::is_hidden;

/// The most characters shown of one piece of text: more than AWS lets a name or a description have, and
/// more than harden says in one sentence.
const MOST: usize = 1000;

/// Makes text safe to show: control characters and those that turn the writing direction are escaped,
/// and very long text is cut, saying so.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (shown, c) in text.chars().enumerate() {
        if shown == MOST {
            let all = text.chars().count().to_string();
            out.extend(["… (", all.as_str(), " characters)"]);
            break;
        }
        if is_hidden(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// The text, or as much of it as these columns hold.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < columns
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// The number of columns the text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        let nasty = "a\u{1b}[31mb\rc\nd\u{202e}e\u{9b}f\u{200b}";
        let shown = safe(nasty);
        assert!(!shown.chars().any(is_hidden), "{shown}");
        assert!(shown.starts_with("a\\u{1b}[31mb\\u{d}c\\u{a}d"), "{shown}");
        assert_eq!(safe("Zürich <b>"), "Zürich <b>");
    }

    #[test]
    fn very_long_text_is_cut() {
        let shown = safe(&"x".repeat(10_000));
        assert!(shown.ends_with("x… (10000 characters)") && shown.len() < 1100);
        assert_eq!(safe(&"x".repeat(MOST)), "x".repeat(MOST));
    }
}
