//! Narrowing a baseline for one run: `--control`, `--skip`, `--level`.

use std::collections::BTreeSet;

use super::{Baseline, Selector, UnknownControl};
use crate::model::{ControlId, Level};
use crate::settings_file::{Catalogue, quoted};

/// The controls asked for cannot be selected.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// The benchmark has no such control or section.
    #[error(transparent)]
    Unknown(#[from] UnknownControl),
    /// The baseline leaves out the control that was asked for.
    #[error("control {control} is not in the baseline {}", quoted(baseline))]
    NotInBaseline {
        /// The control.
        control: ControlId,
        /// The name of the baseline.
        baseline: String,
    },
    /// Nothing is left.
    #[error("no control is left of the baseline {}", quoted(baseline))]
    Nothing {
        /// The name of the baseline.
        baseline: String,
    },
}

impl SelectError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unknown(unknown) => unknown.hint(),
            Self::NotInBaseline { .. } => {
                "choose a baseline that has it with `--baseline`".to_owned()
            }
            Self::Nothing { .. } => {
                "`--control`, `--skip` and `--level` narrow the baseline together".to_owned()
            }
        })
    }
}

impl Baseline {
    /// The controls of the baseline that these flags leave.
    ///
    /// Flags only narrow. A control that was named and is not in the baseline is an error, so that
    /// nothing that was asked for goes missing in silence.
    pub fn select(
        &self,
        catalogue: &Catalogue,
        control: &[Selector],
        skip: &[Selector],
        level: Option<Level>,
    ) -> Result<BTreeSet<ControlId>, SelectError> {
        let mut left = self.controls.clone();
        if !control.is_empty() {
            let asked = self.asked(catalogue, control)?;
            left.retain(|id| asked.contains(id));
        }
        for selector in skip {
            let skipped = selector.controls(catalogue)?;
            left.retain(|id| !skipped.contains(id));
        }
        if let Some(level) = level {
            left.retain(|id| catalogue.get(id).is_some_and(|of| *of <= level));
        }
        if left.is_empty() {
            return Err(SelectError::Nothing { baseline: self.name.clone() });
        }
        Ok(left)
    }

    fn asked(
        &self,
        catalogue: &Catalogue,
        selectors: &[Selector],
    ) -> Result<BTreeSet<ControlId>, SelectError> {
        let mut asked = BTreeSet::new();
        for selector in selectors {
            asked.extend(selector.controls(catalogue)?);
            match *selector {
                Selector::Control(control) if !self.controls.contains(&control) => {
                    return Err(SelectError::NotInBaseline {
                        control,
                        baseline: self.name.clone(),
                    });
                }
                Selector::Control(_) | Selector::Range(..) | Selector::Section(_) => {}
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use crate::baseline::tests::{builtin, catalogue};
    use crate::model::Level;

    fn select(control: &[&str], skip: &[&str], level: Option<Level>) -> Result<String, String> {
        let parse = |texts: &[&str]| texts.iter().map(|t| t.parse().unwrap()).collect::<Vec<_>>();
        let left = builtin("modern").select(&catalogue(), &parse(control), &parse(skip), level);
        let words = |ids: std::collections::BTreeSet<_>| {
            ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        left.map(words).map_err(|error| error.to_string())
    }

    #[test]
    fn flags_narrow_together() {
        assert_eq!(select(&["4", "1.1"], &["4.2"], None).unwrap(), "1.1 4.1 4.3 4.4");
        assert_eq!(select(&["4"], &[], Some(Level::One)).unwrap(), "4.1 4.2");
        assert_eq!(
            select(&["1"], &["1.5"], None).unwrap(),
            "1.1 1.2 1.3 1.4 1.9 1.10 1.12 1.13 1.15"
        );
        assert_eq!(select(&[], &[], None).unwrap().split(' ').count(), 37);
    }

    #[test]
    fn what_was_asked_for_never_goes_missing() {
        let error =
            |control: &[&str], skip: &[&str], level| select(control, skip, level).unwrap_err();
        assert_eq!(error(&["9.9"], &[], None), "unknown control 9.9");
        assert_eq!(error(&[], &["7"], None), "unknown section 7");
        assert_eq!(
            error(&["1.1", "1.5"], &[], None),
            "control 1.5 is not in the baseline `modern`"
        );
        assert_eq!(error(&["4"], &["4"], None), "no control is left of the baseline `modern`");
        let nothing = error(&["2.2"], &[], Some(Level::One));
        assert_eq!(nothing, "no control is left of the baseline `modern`");
    }
}
