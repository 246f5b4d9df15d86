//! What the account that owns an organization's trails is found to be: its members see the trails, and
//! nothing of what they fill.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AccountId, ControlId, TrailArn};

/// An account that owns trails of its organization, as it was judged by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Central {
    /// The account.
    #[serde(deserialize_with = "AccountId::whole")]
    pub account: AccountId,
    /// Its organization's trails, and the verdicts over each of them alone. What the account's other trails
    /// are tells its members nothing.
    pub trails: BTreeMap<TrailArn, BTreeMap<ControlId, CentralVerdict>>,
}

/// A verdict over one trail and what it fills, in the account that owns it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case", deny_unknown_fields)]
pub enum CentralVerdict {
    /// All is as it should be.
    Pass,
    /// Done, and waits for a person or a delivery.
    Pending {
        /// What for.
        on: String,
    },
    /// Something is not as it should be, and is accepted there.
    Waived {
        /// What is wrong.
        reason: String,
        /// Why it is accepted.
        accepted: String,
    },
    /// Something is not.
    Fail {
        /// What is wrong.
        reason: String,
    },
    /// Nobody can tell.
    Unknown {
        /// What could not be read.
        reason: String,
    },
}

impl Central {
    /// What is said in a member of what is wrong here.
    pub fn not_satisfied(&self, reason: &str) -> String {
        format!("not satisfied in {}: {reason}", self.account)
    }

    /// Why a thing is accepted here that a member says of one of the trails.
    pub fn accepts(&self, control: ControlId, trail: &str, said: &str) -> Option<&str> {
        let (_, verdicts) = self.trails.iter().find(|(arn, _)| arn.as_str() == trail)?;
        match verdicts.get(&control)? {
            CentralVerdict::Waived { reason, accepted } if said == self.not_satisfied(reason) => {
                Some(accepted)
            }
            CentralVerdict::Waived { .. }
            | CentralVerdict::Pass
            | CentralVerdict::Pending { .. }
            | CentralVerdict::Fail { .. }
            | CentralVerdict::Unknown { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_accepted_there_and_told_of_it_is_accepted() {
        let (control, other) = (ControlId::new(2, 6), ControlId::new(2, 3));
        let trail = TrailArn::new("arn:aws:cloudtrail:eu-west-1:999988887777:trail/org");
        let reason = "its requests are not logged".to_owned();
        let waived =
            CentralVerdict::Waived { reason: reason.clone(), accepted: "reviewed".to_owned() };
        let fail = CentralVerdict::Fail { reason };
        let verdicts = BTreeMap::from([(control, waived), (other, fail)]);
        let account = AccountId::new("999988887777");
        let central = Central { account, trails: BTreeMap::from([(trail.clone(), verdicts)]) };
        let said = "not satisfied in 999988887777: its requests are not logged";
        let accepts = |control, trail, said| central.accepts(control, trail, said);
        assert_eq!(accepts(control, trail.as_str(), said), Some("reviewed"));
        assert_eq!(accepts(other, trail.as_str(), said), None);
        assert_eq!(accepts(control, "org", said), None);
        assert_eq!(accepts(control, trail.as_str(), "does not sign its log files"), None);
    }
}
