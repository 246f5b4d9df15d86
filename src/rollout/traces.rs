//! Whether harden has been at work in an account, as the account itself tells.

use crate::model::{Gap, Observed, Read, Snapshot};

/// What the names of all that harden makes begin with, unless a baseline says otherwise.
const OURS: &str = "harden";

/// What is read to find out: few things, and in one region. What harden makes, it makes in the region that it is
/// called in, or everywhere.
pub const TRACE_READS: [Read; 5] =
    [Read::Roles, Read::FlowLogRole, Read::Trails, Read::LogGroups, Read::TopicAttributes];

/// The name of something that harden has made, or why nobody can tell whether there is anything.
pub fn trace(snapshot: &Snapshot) -> Result<Option<String>, Gap> {
    let roles = snapshot.iam.roles.iter().map(|(name, role)| (name.as_str(), is_there(role)));
    let own = |owner| owner == &snapshot.account.id;
    let trails = snapshot.logging.trails.values().filter(|trail| own(&trail.owner));
    let trails = trails.map(|trail| (trail.name.as_str(), Ok(true)));
    let regional = snapshot.regional.values();
    let groups = regional.clone().flat_map(|regional| {
        regional.log_groups.iter().map(|(name, group)| (name.as_str(), is_there(group)))
    });
    let topics = regional.clone().flat_map(|regional| {
        regional.topics.iter().map(|(arn, topic)| (arn.name(), is_there(topic)))
    });
    // Without the list of trails nobody knows which there are.
    let listed = regional.map(|regional| (OURS, regional.trails.known().map(|_| false)));
    let all = roles.chain(trails).chain(groups).chain(topics).chain(listed);
    let mut gap = None;
    for (name, found) in all.filter(|(name, _)| name.starts_with(OURS)) {
        match found {
            Ok(true) => return Ok(Some(name.to_owned())),
            Ok(false) => {}
            Err(reason) => gap = gap.or(Some(reason)),
        }
    }
    gap.map_or(Ok(None), Err)
}

fn is_there<T>(observed: &Observed<Option<T>>) -> Result<bool, Gap> {
    observed.known().map(Option::is_some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, PolicyText, Regional, Role, fixture};

    fn account() -> Snapshot {
        let mut snapshot = fixture::unread();
        let regional = Regional { trails: Observed::Known([].into()), ..Regional::UNREAD };
        snapshot.regional.insert("eu-west-1".parse().unwrap(), regional);
        snapshot
    }

    fn role() -> Observed<Option<Role>> {
        let (arn, trust) = ("arn".to_owned(), PolicyText::new("{}"));
        Observed::Known(Some(Role { arn, trust, inline: [].into() }))
    }

    #[test]
    fn what_harden_made_is_a_trace_and_nothing_else_is() {
        let mut snapshot = account();
        assert_eq!(trace(&snapshot), Ok(None));
        snapshot.iam.roles.insert("AWSServiceRoleForConfig".to_owned(), role());
        snapshot.iam.roles.insert("harden-cloudtrail".to_owned(), Observed::Known(None));
        assert_eq!(trace(&snapshot), Ok(None));
        snapshot.iam.roles.insert("harden-cloudtrail".to_owned(), role());
        assert_eq!(trace(&snapshot), Ok(Some("harden-cloudtrail".to_owned())));
    }

    #[test]
    fn what_cannot_be_read_makes_no_account_a_new_one() {
        let mut snapshot = account();
        let denied = Observed::Denied { action: Action::new("iam:GetRole") };
        snapshot.iam.roles.insert("harden-cloudtrail".to_owned(), denied);
        assert_eq!(trace(&snapshot).unwrap_err().reason, "iam:GetRole is denied");
        // Unless something else tells that it is none.
        snapshot.iam.roles.insert("harden-flow-logs".to_owned(), role());
        assert!(trace(&snapshot).unwrap().is_some());
        let mut unlisted = account();
        unlisted.regional.values_mut().for_each(|regional| regional.trails = Observed::Unread);
        assert!(trace(&unlisted).is_err());
    }
}
