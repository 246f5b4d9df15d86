//! The codes that a device shows.

use std::str::FromStr;

/// The digits of a code.
const DIGITS: usize = 6;

/// One code: six digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code(String);

/// The text is no code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Something else than six digits.
    #[error("a code has six digits")]
    NotSixDigits,
    /// Twice the same: AWS wants two that follow each other.
    #[error("that is the first code again: wait until the app shows the next one")]
    Same,
}

impl Code {
    /// The six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        // Apps show them as `123 456`.
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let good = digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_digit());
        if good { Ok(Self(digits)) } else { Err(CodeError::NotSixDigits) }
    }
}

/// Two codes, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    first: Code,
    second: Code,
}

impl Codes {
    /// Takes two different codes. Whether they follow each other, AWS finds out.
    pub fn new(first: Code, second: Code) -> Result<Self, CodeError> {
        if first == second { Err(CodeError::Same) } else { Ok(Self { first, second }) }
    }

    /// The earlier one.
    pub fn first(&self) -> &str {
        self.first.as_str()
    }

    /// The later one.
    pub fn second(&self) -> &str {
        self.second.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits() {
        for good in ["012345", " 012345 ", "012 345"] {
            assert_eq!(good.parse::<Code>().unwrap().as_str(), "012345");
        }
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６", "12-345", "+12345"] {
            assert_eq!(bad.parse::<Code>(), Err(CodeError::NotSixDigits), "{bad}");
        }
    }

    #[test]
    fn two_codes_differ() {
        let code = |text: &str| text.parse::<Code>().unwrap();
        assert_eq!(Codes::new(code("123456"), code("123 456")), Err(CodeError::Same));
        let codes = Codes::new(code("123456"), code("654321")).unwrap();
        assert_eq!((codes.first(), codes.second()), ("123456", "654321"));
    }
}
