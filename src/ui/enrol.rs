//! What a person is asked while a device is enrolled.

use dialoguer::{Confirm, Input, Select};
use secrecy::zeroize::Zeroizing;

use super::Person;
use super::text::safe;
use crate::mfa::{Code, CodeError, Codes, Seed};

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Type two codes.
    Codes,
    /// Show the secret.
    Secret,
    /// Leave it.
    GiveUp,
}

impl Person {
    /// Asks whether to go on.
    pub fn agrees(&self, question: &str) -> Result<bool, dialoguer::Error> {
        let theme = self.theme();
        let prompt = Confirm::with_theme(&*theme).with_prompt(safe(question)).default(false);
        Ok(prompt.interact_opt()?.unwrap_or(false))
    }

    /// Asks what to do next; the choice that is `likely` is marked.
    pub fn next(&self, likely: Next) -> Result<Next, dialoguer::Error> {
        let choices = [Next::Codes, Next::Secret, Next::GiveUp];
        let theme = self.theme();
        let chosen = Select::with_theme(&*theme)
            .with_prompt("Add the device to an authenticator app. What next?")
            .items([
                "type two codes that the app shows",
                "show the secret, to type it in",
                "give up",
            ])
            .default(choices.iter().position(|choice| *choice == likely).unwrap_or_default())
            .report(false)
            .interact_opt()?;
        Ok(chosen.and_then(|at| choices.get(at).copied()).unwrap_or(Next::GiveUp))
    }

    /// Asks for two codes; `None`: the person wants to go back.
    pub fn codes(&self) -> Result<Option<Codes>, dialoguer::Error> {
        let Some(first) = self.code("Code (empty: back)", None)? else { return Ok(None) };
        let second = self.code("The code after it, half a minute later", Some(&first))?;
        Ok(second.and_then(|second| Codes::new(first, second).ok()))
    }

    fn code(&self, prompt: &str, before: Option<&Code>) -> Result<Option<Code>, dialoguer::Error> {
        let check = |text: &String| match read(text, before) {
            _ if text.trim().is_empty() => Ok(()),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        let typed: String = Input::with_theme(&*self.theme())
            .with_prompt(prompt)
            .allow_empty(true)
            .validate_with(check)
            .interact_text()?;
        Ok(read(&typed, before).ok())
    }
}

/// A code, other than the one before it.
fn read(text: &str, before: Option<&Code>) -> Result<Code, CodeError> {
    let code: Code = text.parse()?;
    if before == Some(&code) { Err(CodeError::Same) } else { Ok(code) }
}

/// The secret, on lines of its own that fit.
pub fn secret(seed: &Seed, columns: usize) -> Zeroizing<String> {
    const INDENT: usize = 4;
    const MOST: usize = 8;
    let groups = seed.groups();
    let group = groups.split(' ').next().map_or(1, str::len) + 1;
    let in_line = (columns.saturating_sub(INDENT) / group).clamp(1, MOST);
    // As long as it will be: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(4 * groups.len() + 128));
    text.push_str("The secret, with blanks that may be left out:");
    for (at, group) in groups.split(' ').enumerate() {
        text.push_str(if at % in_line == 0 { "\n    " } else { " " });
        text.push_str(group);
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_code_is_another() {
        let first: Code = "123456".parse().unwrap();
        assert_eq!(read("123 456", Some(&first)), Err(CodeError::Same));
        assert_eq!(read("123456", None), Ok(first.clone()));
        assert_eq!(read("12345", Some(&first)), Err(CodeError::NotSixDigits));
        assert_eq!(read("654321", Some(&first)).unwrap().as_str(), "654321");
    }

    #[test]
    fn the_secret_fits_and_is_whole() {
        let text = "JBSWY3DPEHPK3PXP".repeat(4);
        let seed = Seed::new(text.clone()).unwrap();
        for columns in [40, 46, 80] {
            let shown = secret(&seed, columns);
            let (head, lines) = shown.split_once('\n').unwrap();
            assert!(head.ends_with(':'), "{head}");
            assert!(lines.lines().all(|line| line.len() <= columns), "{lines}");
            assert!(lines.lines().all(|line| line.starts_with("    ")), "{lines}");
            assert_eq!(lines.split_whitespace().collect::<String>(), text);
        }
    }
}
