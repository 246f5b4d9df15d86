//! Words from AWS, made fit for one line of ours.

use std::error::Error;

/// The most characters of foreign text that an error carries.
const LONGEST: usize = 300;

/// EC2 appends a kilobyte of ciphertext to refusals.
const CIPHERTEXT: &str = "Encoded authorization failure message";

/// Makes one line without control characters.
pub(super) fn plain(text: &str) -> String {
    let text = text.split_once(CIPHERTEXT).map_or(text, |(before, _)| before);
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Makes one line without control characters and of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let mut line = plain(text);
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// What was written with `%` for all that may not stand in an address; `None` if it was not.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let signless = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| signless)?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// The error and its causes, outermost first.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// What the innermost cause says.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let said = chain(error).last().map_or_else(String::new, |cause| one_line(&cause.to_string()));
    // The number after the words of the operating system helps nobody.
    said.split(" (os error ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_becomes_one_plain_line() {
        assert_eq!(one_line("a\n  b\t\u{1b}[31mc\r\n"), "a b [31mc");
        let refusal = "not authorized. Encoded authorization failure message: AbC123";
        assert_eq!(one_line(refusal), "not authorized.");
    }

    #[test]
    fn what_is_encoded_is_decoded_whole_or_not_at_all() {
        assert_eq!(
            decoded("%7B%22a%22%3A+%22%c3%BC%2525%22}").as_deref(),
            Some(r#"{"a":+"ü%25"}"#)
        );
        assert_eq!(decoded("").as_deref(), Some(""));
        for broken in ["%", "%7", "a%7x", "%+7", "%ü", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn foreign_text_is_bounded() {
        let line = one_line(&"ü".repeat(10_000));
        assert_eq!(line.chars().count(), LONGEST + 1);
        assert!(line.ends_with('…'));
    }
}
