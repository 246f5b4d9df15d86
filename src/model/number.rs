//! Numbers of CloudWatch, which may have a fraction.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number that may have a fraction. AWS sends no other kind than finite ones.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(f64);

impl Number {
    /// Takes the number as AWS gave it.
    pub const fn new(number: f64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.total_cmp(&other.0).is_eq()
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
