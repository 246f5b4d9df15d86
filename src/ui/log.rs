//! Lines of `-v`: what they tell of an account was written by strangers.

use std::io::{self, Write};

use crate::model::is_hidden;

/// Passes on one line for each event that is written, whatever the event holds.
#[derive(Debug)]
pub struct Lines<W>(pub W);

impl<W: Write> Write for Lines<W> {
    /// The subscriber writes each event as a whole, and ends it with a line break.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let mut line = String::with_capacity(text.len() + 1);
        for c in text.strip_suffix('\n').unwrap_or(&text).chars() {
            if is_hidden(c) { line.extend(c.escape_unicode()) } else { line.push(c) }
        }
        line.push('\n');
        self.0.write_all(line.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line() {
        let mut lines = Lines(Vec::new());
        lines.write_all("a\u{1b}[2Jb\r\nc\u{202e}é\n".as_bytes()).unwrap();
        lines.write_all(b"d\xff").unwrap();
        let text = String::from_utf8(lines.0).unwrap();
        assert_eq!(text, "a\\u{1b}[2Jb\\u{d}\\u{a}c\\u{202e}é\nd\u{fffd}\n");
    }
}
