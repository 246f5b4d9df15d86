//! Naming controls: one, or a whole section.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::model::ControlId;
use crate::settings_file::Catalogue;

/// One control (`1.5`), a range within a section (`1.5-1.11`), or every control of a section (`3`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Selector {
    /// This control.
    Control(ControlId),
    /// All controls from the first to the last.
    Range(ControlId, ControlId),
    /// All controls of this section.
    Section(u8),
}

/// The text names neither a control nor a section.
#[derive(Debug, thiserror::Error)]
#[error("a control is written like `1.5`, a range like `1.5-1.11`, a whole section like `3`")]
pub struct SelectorError;

/// The benchmark has no such control or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {}", describe(*.0))]
pub struct UnknownControl(pub Selector);

impl UnknownControl {
    /// What to do about it.
    pub fn hint(&self) -> String {
        "`harden list` shows every control".to_owned()
    }
}

impl Selector {
    /// The controls it stands for.
    pub fn controls(self, catalogue: &Catalogue) -> Result<BTreeSet<ControlId>, UnknownControl> {
        let found: BTreeSet<ControlId> =
            catalogue.keys().copied().filter(|id| self.names(*id)).collect();
        if found.is_empty() { Err(UnknownControl(self)) } else { Ok(found) }
    }

    fn names(self, id: ControlId) -> bool {
        match self {
            Self::Control(control) => control == id,
            Self::Range(first, last) => first <= id && id <= last,
            Self::Section(section) => section == id.section(),
        }
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some((first, last)) = text.split_once('-') {
            let end = |text: &str| text.parse::<ControlId>().map_err(|_| SelectorError);
            let (first, last) = (end(first)?, end(last)?);
            let ascends = first < last && first.section() == last.section();
            return if ascends { Ok(Self::Range(first, last)) } else { Err(SelectorError) };
        }
        if text.contains('.') {
            return text.parse().map(Self::Control).map_err(|_| SelectorError);
        }
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        match text.parse() {
            Ok(section) if plain => Ok(Self::Section(section)),
            Ok(_) | Err(_) => Err(SelectorError),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(id) => id.fmt(f),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Section(section) => section.fmt(f),
        }
    }
}

fn describe(selector: Selector) -> String {
    match selector {
        Selector::Control(id) => format!("control {id}"),
        Selector::Range(..) => format!("controls {selector}"),
        Selector::Section(section) => format!("section {section}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::tests::catalogue;

    #[test]
    fn one_control_is_not_a_prefix() {
        let of = |text: &str| text.parse::<Selector>().unwrap().controls(&catalogue());
        assert_eq!(of("1.1").unwrap(), [ControlId::new(1, 1)].into());
        assert_eq!(of("1").unwrap().len(), 15);
        assert_eq!(of("1.5-1.11").unwrap().len(), 7);
        assert_eq!(of("9.9").unwrap_err().to_string(), "unknown control 9.9");
        assert_eq!(of("9").unwrap_err().to_string(), "unknown section 9");
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "", ".", "1.", "0", "01", "+1", "-1", "1.01", "256", "1.5-", "1.11-1.5", "1.5-2.1",
            "1-3", "all", " 1",
        ] {
            assert!(bad.parse::<Selector>().is_err(), "{bad}");
        }
    }
}
