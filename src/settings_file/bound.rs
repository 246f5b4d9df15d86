//! How far a number may go, and who says so.

use std::fmt;

use crate::model::ControlId;

/// One end of what a number may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Beyond it the account would be weaker than the benchmark asks with this control.
    Benchmark(u16, ControlId),
    /// AWS takes nothing beyond it.
    Aws(u16),
    /// harden takes nothing beyond it.
    Harden(u16),
}

/// Which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The least.
    Below,
    /// The most.
    Above,
}

impl Side {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Below => "below",
            Self::Above => "above",
        }
    }
}

impl Bound {
    /// The number.
    pub const fn value(self) -> u16 {
        match self {
            Self::Benchmark(value, _) | Self::Aws(value) | Self::Harden(value) => value,
        }
    }

    /// How to go beyond it all the same.
    pub(crate) fn or_else(self, side: Side) -> String {
        match (self, side) {
            (Self::Benchmark(_, id), Side::Below) => format!("; to accept less, waive {id}"),
            (Self::Benchmark(_, id), Side::Above) => format!("; to accept more, waive {id}"),
            (Self::Aws(_) | Self::Harden(_), _) => String::new(),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Benchmark(value, _) => write!(f, "the benchmark's {value}"),
            Self::Aws(value) => write!(f, "AWS's {value}"),
            Self::Harden(value) => write!(f, "{value}"),
        }
    }
}
