//! The links of a chain, and where chains end.

use crate::controls::logging::Answer;
use crate::controls::{Finding, Missing, Waiting};
use crate::model::{AccountId, Gap, Region};

/// The links, from the event to whoever is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::controls::monitoring) enum Link {
    /// A trail records the event and delivers it to a log group of the account.
    Trail,
    /// A metric filter of the log group matches it.
    Filter,
    /// An alarm watches the metric that the filter feeds.
    Metric,
    /// So many events as the control allows make the alarm go off.
    Fires,
    /// The alarm tells a topic.
    Acts,
    /// The topic takes messages of CloudWatch.
    Publishes,
    /// Somebody receives what the topic sends.
    Told,
}

impl Link {
    /// Its place in the chain.
    pub(in crate::controls::monitoring) const fn number(self) -> usize {
        match self {
            Self::Trail => 1,
            Self::Filter => 2,
            Self::Metric => 3,
            Self::Fires => 4,
            Self::Acts => 5,
            Self::Publishes => 6,
            Self::Told => 7,
        }
    }
}

/// Where a chain ends.
#[derive(Clone, Debug)]
pub(in crate::controls::monitoring) enum End {
    /// With somebody who is told.
    Whole {
        /// What a person should know of it.
        notes: Vec<String>,
    },
    /// With somebody who is told in another account, by whose own verdict it is whole.
    Inherited(AccountId),
    /// In another account, by whose own verdict it is broken.
    Theirs(Finding),
    /// With somebody who has yet to agree to be told.
    Waits(Waiting),
    /// Nobody knows: with what could not be read.
    Dark(Vec<Missing>),
    /// With a link that does not hold.
    Broken(Break),
}

/// A link that does not hold.
#[derive(Clone, Debug)]
pub(in crate::controls::monitoring) struct Break {
    pub(in crate::controls::monitoring) link: Link,
    /// Of several that break at the same link, the one that is nearest to being right has the most.
    pub(super) weight: u8,
    pub(in crate::controls::monitoring) finding: Finding,
}

impl End {
    pub(super) fn broken(link: Link, weight: u8, finding: Finding) -> Self {
        Self::Broken(Break { link, weight, finding })
    }

    pub(super) fn dark(region: &Region, resource: Option<&str>, gap: Gap) -> Self {
        let (region, resource) = (Some(region.clone()), resource.map(ToOwned::to_owned));
        Self::Dark(vec![Missing { region, resource, gap }])
    }

    /// The last link that it comes to, be it broken; `None`: nobody knows.
    pub(in crate::controls::monitoring) fn reaches(&self) -> Option<Link> {
        match self {
            Self::Broken(broken) => Some(broken.link),
            Self::Whole { .. } | Self::Inherited(_) | Self::Waits(_) => Some(Link::Told),
            Self::Theirs(_) => Some(Link::Trail),
            Self::Dark(_) => None,
        }
    }
}

impl From<Answer> for End {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Passes(account) => Self::Inherited(account),
            Answer::Waits(waiting) => Self::Waits(waiting),
            Answer::Dark(missing) => Self::Dark(vec![missing]),
            Answer::Fails(finding) => Self::Theirs(finding),
        }
    }
}

/// A finding about something in a region.
pub(super) fn finding(region: &Region, resource: &str, summary: impl Into<String>) -> Finding {
    Finding { region: Some(region.clone()), resource: resource.to_owned(), summary: summary.into() }
}

/// What nobody has asked AWS for.
pub(super) fn unread() -> Gap {
    Gap { action: None, reason: "not read".to_owned() }
}
