//! A page of text: lines of styled pieces, wrapped to a width.

use anstyle::{AnsiColor, Style};

use super::text::{safe, width};

/// How a piece of text looks. Meaning never depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// As it is.
    Plain,
    /// Headings and names.
    Bold,
    /// What matters less.
    Dim,
    /// Added, passing.
    Good,
    /// Taken away, failing.
    Bad,
    /// To be looked at.
    Warn,
}

impl Paint {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Bold => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Warn => AnsiColor::Yellow.on_default(),
        }
    }
}

/// Text for a terminal, with ANSI styles that the stream strips where they are not wanted.
#[derive(Debug)]
pub struct Page {
    out: String,
    width: usize,
    /// How the text at the end of the page looks: a style is written only where it changes.
    paint: Paint,
}

impl Page {
    /// An empty page of this many columns.
    pub fn new(width: usize) -> Self {
        Self { out: String::new(), width, paint: Paint::Plain }
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.out
    }

    /// An empty line, unless the page begins here or one stands already.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// One line, as long as it is.
    pub fn line(&mut self, indent: usize, pieces: &[(Paint, &str)]) {
        self.out.push_str(&" ".repeat(indent));
        for (paint, text) in pieces {
            self.put(*paint, &safe(text));
        }
        self.end_line();
    }

    /// A paragraph: the lines after the first are indented by `hang` more.
    pub fn wrapped(&mut self, indent: usize, hang: usize, pieces: &[(Paint, &str)]) {
        let mut column = indent;
        let mut fresh = true;
        self.out.push_str(&" ".repeat(indent));
        for (paint, text) in pieces {
            let text = safe(text);
            for word in text.split_inclusive(' ') {
                let (bare, space) = match word.strip_suffix(' ') {
                    Some(bare) => (bare, " "),
                    None => (word, ""),
                };
                if !fresh && column + width(bare) > self.width {
                    self.end_line();
                    self.out.push_str(&" ".repeat(indent + hang));
                    column = indent + hang;
                    fresh = true;
                }
                self.put(*paint, bare);
                self.out.push_str(space);
                column += width(word);
                fresh &= bare.is_empty();
            }
        }
        self.end_line();
    }

    /// A value behind a label, wrapped under itself.
    pub fn labelled(&mut self, indent: usize, label: &str, column: usize, value: &[(Paint, &str)]) {
        let pad = column.saturating_sub(indent + width(label)).max(1);
        let head = format!("{label}{}", " ".repeat(pad));
        let mut pieces = vec![(Paint::Dim, head.as_str())];
        pieces.extend_from_slice(value);
        self.wrapped(indent, width(&head), &pieces);
    }

    fn put(&mut self, paint: Paint, text: &str) {
        self.change_to(paint);
        self.out.push_str(text);
    }

    fn change_to(&mut self, paint: Paint) {
        if paint != self.paint {
            self.out.push_str(&self.paint.style().render_reset().to_string());
            self.out.push_str(&paint.style().render().to_string());
            self.paint = paint;
        }
    }

    fn end_line(&mut self) {
        // No style goes on to the next line, and none keeps blanks at the end of this one.
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.change_to(Paint::Plain);
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
    }
}

/// One sentence.
pub fn sentence(text: &str, columns: usize) -> String {
    let mut page = Page::new(columns);
    page.wrapped(0, 2, &[(Paint::Plain, text)]);
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_hang_and_never_exceed_the_width() {
        let mut page = Page::new(20);
        page.wrapped(2, 4, &[(Paint::Plain, "one two three four five six")]);
        assert_eq!(page.finish(), "  one two three four\n      five six\n");
    }

    #[test]
    fn a_word_too_long_for_any_line_has_its_own() {
        let mut page = Page::new(10);
        page.wrapped(0, 2, &[(Paint::Plain, "a abcdefghijklmnop b")]);
        assert_eq!(page.finish(), "a\n  abcdefghijklmnop\n  b\n");
    }

    #[test]
    fn text_of_strangers_is_escaped() {
        let mut page = Page::new(80);
        page.line(0, &[(Paint::Plain, "x\u{1b}[2J")]);
        assert_eq!(page.finish(), "x\\u{1b}[2J\n");
    }
}
