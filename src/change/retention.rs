//! How long a log group keeps its events, and whether some go when that changes.

use jiff::{SignedDuration, Timestamp};

use super::{Document, Operation};

impl Operation {
    /// Whether events that the log group keeps until now may go by it. `before` is what it is set to, and
    /// `made` when it was made, as far as AWS tells.
    pub fn may_delete_events(
        &self,
        before: &Document,
        made: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        let (Self::PutRetentionPolicy { days, .. }, Document::Retention(kept)) = (self, before)
        else {
            return false;
        };
        let is_shorter = kept.is_none_or(|kept| *days < kept);
        is_shorter && !made.is_some_and(|made| is_younger(made, *days, now))
    }
}

/// Whether what was made then is younger than so many days.
pub fn is_younger(made: Timestamp, days: u16, now: Timestamp) -> bool {
    now.duration_since(made) < SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Region;

    #[test]
    fn events_go_only_from_a_group_that_is_as_old_as_its_new_retention() {
        let days_ago = |days: i64| Timestamp::UNIX_EPOCH - SignedDuration::from_hours(24 * days);
        let (region, group) = (Region::new("eu-west-1"), "g".to_owned());
        let keep = Operation::PutRetentionPolicy {
            region: region.clone(),
            group: group.clone(),
            days: 30,
            made_since: None,
        };
        let table = [
            (None, Some(0), false),
            (None, Some(29), false),
            (None, Some(30), true),
            // The clocks differ.
            (None, Some(-1), false),
            (None, None, true),
            (Some(365), Some(31), true),
            (Some(365), Some(1), false),
            (Some(30), Some(31), false),
            (Some(7), Some(400), false),
        ];
        for (kept, age, goes) in table {
            let (before, made) = (Document::Retention(kept), age.map(days_ago));
            let told = keep.may_delete_events(&before, made, Timestamp::UNIX_EPOCH);
            assert_eq!(told, goes, "{kept:?} {age:?}");
        }
        let forever = Operation::DeleteRetentionPolicy { region, group };
        let before = Document::Retention(Some(30));
        assert!(!forever.may_delete_events(&before, None, Timestamp::UNIX_EPOCH));
    }
}
