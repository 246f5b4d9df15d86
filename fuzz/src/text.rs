//! What must not be in any page.

/// Control characters, and marks that are invisible or turn the direction of writing.
fn is_harmful(c: char) -> bool {
    let marks = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_control() || marks
}

/// A page holds line breaks, and colours if the terminal takes them; nothing else of the kind.
pub fn assert_readable(page: &str) {
    let mut rest = page.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            let code: String = rest.by_ref().take_while(|c| *c != 'm').collect();
            assert!(code.starts_with('[') && code.len() < 12, "{code:?}");
        } else {
            assert!(c == '\n' || !is_harmful(c), "{c:?} in {page:?}");
        }
    }
}
