//! Text in which `*` stands for any run of characters, also none.

/// Text with wildcards: literal pieces, between which anything may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob {
    text: String,
}

impl Glob {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// As written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether nothing in it is a wildcard.
    pub(super) fn is_literal(&self) -> bool {
        !self.text.contains('*')
    }

    /// The literal pieces: the one that text begins with, those between, the one it ends with. Without a
    /// wildcard there is nothing but the first.
    pub(super) fn pieces(&self) -> (&str, Vec<&str>, Option<&str>) {
        let mut pieces: Vec<&str> = self.text.split('*').collect();
        let last = if pieces.len() > 1 { pieces.pop() } else { None };
        let mut pieces = pieces.into_iter();
        let first = pieces.next().unwrap_or("");
        (first, pieces.filter(|piece| !piece.is_empty()).collect(), last)
    }

    /// Whether this is the whole of the text. Taking each piece as early as it comes is right: it leaves
    /// the most text to the pieces after it.
    pub(super) fn matches(&self, text: &str) -> bool {
        let (first, between, last) = self.pieces();
        let Some(last) = last else { return text == first };
        let after_first = text.strip_prefix(first);
        let rest = between.iter().try_fold(after_first, |rest, piece| {
            let (_, rest) = rest?.split_once(piece)?;
            Some(Some(rest))
        });
        rest.flatten().is_some_and(|rest| rest.ends_with(last))
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn wildcards_stand_anywhere_and_for_nothing_too() {
        let matching = [
            ("", ""),
            ("*", ""),
            ("*", "anything"),
            ("AccessDenied*", "AccessDenied"),
            ("AccessDenied*", "AccessDeniedException"),
            ("*UnauthorizedOperation", "Client.UnauthorizedOperation"),
            ("a*b*c", "a-b-b-c"),
            ("a**c", "ac"),
            ("*ab*ab", "abab"),
            ("*é*", "caféine"),
        ];
        for (glob, text) in matching {
            assert!(Glob::new(glob).matches(text), "{glob} {text}");
        }
        let others = [
            ("", "a"),
            ("a", ""),
            ("a", "A"),
            ("ab*ab", "ab"),
            ("ab*ba", "aba"),
            ("*ab*ab", "aab"),
            ("a*b*c", "a-c-b"),
            ("*Denied", "Denied!"),
        ];
        for (glob, text) in others {
            assert!(!Glob::new(glob).matches(text), "{glob} {text}");
        }
    }
}
