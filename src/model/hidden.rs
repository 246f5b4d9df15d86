//! Characters that nobody sees, and that change what is seen of others.

/// Whether a character moves the cursor, reorders what stands around it or shows nothing: controls, line
/// separators, marks of direction, and what Unicode calls default-ignorable. The two selectors that choose
/// between a sign and its picture are left, for the pictures of people's names.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Escapes them in JSON, which stays the same value: its own rules let some of them through.
pub fn safe_json(json: &str) -> String {
    // Nearly all is: plans are long, and there may be thousands of them.
    if json.bytes().all(|b| b == b'\n' || matches!(b, b' '..=b'~')) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        // Line breaks are those of the layout: in strings they are escaped already.
        if c == '\n' || !is_hidden(c) {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_harmless_and_keeps_its_value() {
        let nasty = "a\u{1b}[31m\n\u{9b}\u{7f}\u{202e}\u{e0041} \\ \"é\"";
        let json = safe_json(&serde_json::to_string_pretty(&[nasty]).unwrap());
        assert!(!json.chars().any(|c| c != '\n' && is_hidden(c)), "{json}");
        assert_eq!(serde_json::from_str::<[String; 1]>(&json).unwrap(), [nasty]);
    }

    #[test]
    fn letters_and_pictures_are_seen() {
        let hidden = "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{200b}\u{200f}\u{202e}\u{2066}\u{feff}\u{e0041}";
        assert!(hidden.chars().all(is_hidden));
        assert!(!"Zürich <b> 宽 e\u{301} 🔒\u{fe0f} مرحبا \u{a0}".chars().any(is_hidden));
    }
}
