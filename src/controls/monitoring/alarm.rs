//! What an alarm of the benchmark is.

use super::{alarms, names, remedy};
use crate::controls::{Assess, Control, Remedy};
use crate::model::{ControlId, Level, Read};

/// An alarm that the benchmark asks for: what must not happen unseen.
///
/// Its patterns are JSON filter patterns of CloudWatch Logs, over the records of CloudTrail.
#[derive(Clone, Copy, Debug)]
pub struct Alarm {
    /// The number of the control in section 3.
    pub number: u8,
    /// The profile level of the control.
    pub level: Level,
    /// What is watched, as the title of the control.
    pub title: &'static str,
    /// Why it is watched.
    pub why: &'static str,
    /// The name of the metric, in CamelCase: letters and digits only, so that the names of filter and alarm
    /// can be made from it.
    pub metric: &'static str,
    /// What a filter has to match. This text is what harden writes.
    pub pattern: &'static str,
    /// What v1.0.0 prints, where that means something else. It is wanted by those who follow the letter.
    pub literal: Option<&'static str>,
    /// What later editions have instead of `pattern`, where it matches less and will do: broadest first.
    pub accepted: &'static [Variant],
    /// What is true of every record that the control is about. A filter that asks for this too misses
    /// nothing. It does not belong to `literal`.
    pub assumes: Option<&'static str>,
    /// The highest threshold that passes: so many events within five minutes raise the alarm.
    pub threshold: u32,
    /// What it catches, and what of the same kind it does not.
    pub catches: &'static str,
    /// When it fires although nothing is wrong.
    pub noise: &'static str,
    /// The event source without which the alarm is blind, if it is one that a trail can leave out of its
    /// management events.
    pub blind_without: Option<&'static str>,
}

/// What a filter and an alarm cost, in US dollars a month: the first ten of each in an account are free.
pub const USD_PER_FILTER: f64 = 0.30;
/// The same of an alarm.
pub const USD_PER_ALARM: f64 = 0.10;

/// A pattern of a later edition of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The edition.
    pub edition: &'static str,
    /// Its pattern.
    pub pattern: &'static str,
    /// What it leaves out of what [`Alarm::pattern`] matches, to go after "without".
    pub leaves_out: &'static str,
}

impl Alarm {
    /// A row with nothing in it, for what most rows have in common.
    pub(super) const EMPTY: Self = Self {
        number: 0,
        level: Level::One,
        title: "",
        why: "",
        metric: "",
        pattern: "",
        literal: None,
        accepted: &[],
        assumes: None,
        threshold: 1,
        catches: "",
        noise: "",
        blind_without: None,
    };

    /// The alarm that a control asks for, if it asks for one.
    pub fn of(control: ControlId) -> Option<&'static Self> {
        alarms().iter().find(|alarm| alarm.id() == control)
    }

    /// What harden's filter and alarm for it are called.
    pub fn name(&self) -> String {
        names::alarm(self)
    }

    /// The number of the control.
    pub const fn id(&self) -> ControlId {
        ControlId::new(3, self.number)
    }

    pub(super) const fn control(&'static self) -> Control {
        Control {
            id: self.id(),
            level: self.level,
            scored: true,
            title: self.title,
            why: self.why,
            assess: Assess::Automatic {
                reads: &[
                    Read::Trails,
                    Read::TrailStatus,
                    Read::TrailSelectors,
                    Read::LogGroups,
                    Read::MetricFilters,
                    Read::Alarms,
                    Read::TopicAttributes,
                    Read::Subscribers,
                ],
                // Needed only where a topic encrypts with a key: then the verdict rests on it.
                context: &[Read::KeyPolicies],
                check: self,
            },
            remedy: Remedy::Automatic(&remedy::ALARMS),
        }
    }
}
