//! QR codes, drawn with half blocks.

use anstyle::{Ansi256Color, Style};
use qrcode::render::unicode::Dense1x2;
use qrcode::types::QrError;
use qrcode::{EcLevel, QrCode};
use secrecy::zeroize::Zeroizing;

/// Black and white whatever the colours of the terminal are: themes change only the first sixteen.
const BLACK: Ansi256Color = Ansi256Color(16);
const WHITE: Ansi256Color = Ansi256Color(231);

/// A QR code as text. It may hold a secret: its memory is wiped.
pub struct Picture {
    text: Zeroizing<String>,
    /// The columns that it takes.
    pub columns: usize,
    /// The rows that it takes.
    pub rows: usize,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text: _, columns, rows } = self;
        f.debug_struct("Picture")
            .field("columns", columns)
            .field("rows", rows)
            .finish_non_exhaustive()
    }
}

impl Picture {
    /// Draws the text, with the margin that scanners need.
    ///
    /// Where colours are wanted both are said. Without them the light parts are drawn, which is right on a
    /// dark terminal; on a light one many apps read the code all the same.
    pub fn of(text: &str, colour: bool) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
        let (dark, light) = if colour {
            (Dense1x2::Dark, Dense1x2::Light)
        } else {
            (Dense1x2::Light, Dense1x2::Dark)
        };
        let mut renderer = code.render::<Dense1x2>();
        let renderer = renderer.module_dimensions(1, 1).quiet_zone(true);
        let drawn = Zeroizing::new(renderer.dark_color(dark).light_color(light).build());
        let columns = drawn.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        let rows = drawn.lines().count();
        // As long as it will be: a string that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(drawn.len() + 48 * rows));
        let style = if colour {
            Style::new().fg_color(Some(BLACK.into())).bg_color(Some(WHITE.into()))
        } else {
            Style::new()
        };
        for line in drawn.lines() {
            // Nothing is coloured beyond the end of the line.
            let (on, off) = (style.render().to_string(), style.render_reset().to_string());
            for part in [on.as_str(), line, off.as_str(), "\n"] {
                text.push_str(part);
            }
        }
        Ok(Self { text, columns, rows })
    }

    /// The lines.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URI: &str = "otpauth://totp/AWS:al@acme-production?secret=\
                       JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=AWS";

    /// The modules of a drawing, dark ones true, row by row.
    fn modules(picture: &Picture, block_is_dark: bool) -> Vec<Vec<bool>> {
        let bare = anstream::adapter::strip_str(picture.text()).to_string();
        let halves = |c: char| match c {
            ' ' => (false, false),
            '▀' => (true, false),
            '▄' => (false, true),
            '█' => (true, true),
            other => panic!("{other:?}"),
        };
        let mut rows = Vec::new();
        for line in bare.lines() {
            let dark = |block: bool| block == block_is_dark;
            rows.push(line.chars().map(|c| dark(halves(c).0)).collect());
            rows.push(line.chars().map(|c| dark(halves(c).1)).collect());
        }
        rows
    }

    #[test]
    fn both_drawings_are_the_code_with_its_margin() {
        let code = QrCode::with_error_correction_level(URI, EcLevel::L).unwrap();
        let (size, margin) = (code.width(), 4);
        for colour in [true, false] {
            let picture = Picture::of(URI, colour).unwrap();
            let drawn = modules(&picture, colour);
            assert_eq!(picture.columns, size + 2 * margin);
            assert_eq!(picture.rows, (size + 2 * margin).div_ceil(2));
            for (y, row) in drawn.iter().take(size + 2 * margin).enumerate() {
                assert_eq!(row.len(), size + 2 * margin);
                for (x, dark) in row.iter().enumerate() {
                    let inside = |at: usize| (margin..margin + size).contains(&at);
                    let is_module = inside(x) && inside(y);
                    let expected =
                        is_module && code[(x - margin, y - margin)] == qrcode::Color::Dark;
                    assert_eq!(*dark, expected, "{colour} {x} {y}");
                }
            }
        }
    }

    #[test]
    fn it_fits_a_terminal_and_says_both_colours_on_each_line() {
        let picture = Picture::of(URI, true).unwrap();
        assert!(picture.columns <= 60 && picture.rows <= 30, "{picture:?}");
        for line in picture.text().lines() {
            assert!(line.starts_with("\u{1b}[38;5;16m\u{1b}[48;5;231m"), "{line:?}");
            assert!(line.ends_with("\u{1b}[0m"), "{line:?}");
        }
        assert!(!Picture::of(URI, false).unwrap().text().contains('\u{1b}'));
        assert!(!format!("{picture:?}").contains('█'));
    }
}
