//! 1.15: where the rights of users come from.

mod name;
mod quota;
mod regroup;

use self::name::short;
use self::regroup::REGROUP;
use crate::controls::words::list;
use crate::controls::{Assess, Case, Check, Control, Finding, Outcome, Remedy};
use crate::model::{ControlId, Level, Policies, Read};

const ID: ControlId = ControlId::new(1, 15);

/// 1.15
pub(super) static CONTROL: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "No policy sits directly on a user",
    why: "Rights given person by person are hard to review, and outlive the work they were given \
          for.",
    assess: Assess::Automatic { reads: &[Read::People], context: &[], check: &ByGroups },
    remedy: Remedy::Automatic(&REGROUP),
};

#[derive(Debug)]
struct ByGroups;

impl Check for ByGroups {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let people = match case.snapshot.iam.people.known() {
            Ok(people) => people,
            Err(gap) => return Outcome::unknown(gap),
        };
        let direct = people.users.iter().filter(|(_, user)| !user.policies.is_empty());
        let findings = direct.map(|(name, user)| {
            Finding::of_account(name, format!("{name}: {}", words(&user.policies)))
        });
        Outcome::Judged {
            findings: findings.collect(),
            missing: Vec::new(),
            pending: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// `managed policy a and inline policies b and c`
fn words(policies: &Policies) -> String {
    let managed: Vec<String> = policies.attached.iter().map(|arn| short(arn).to_owned()).collect();
    let inline: Vec<String> = policies.inline.keys().cloned().collect();
    let of_kind = |kind: &str, names: &[String]| match names {
        [] => None,
        [one] => Some(format!("{kind} policy {one}")),
        all => Some(format!("{kind} policies {}", list(all))),
    };
    let parts = [of_kind("managed", &managed), of_kind("inline", &inline)];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" and ")
}

#[cfg(test)]
mod tests {
    use super::super::report::tests_support::judge;
    use super::*;
    use crate::model::{Action, Observed, People, PolicyText, Snapshot, User, UserGroup, fixture};

    fn policies(attached: &[&str], inline: &[&str]) -> Policies {
        let attached = attached.iter().map(|name| format!("arn:aws:iam::aws:policy/{name}"));
        let inline = inline.iter().map(|name| ((*name).to_owned(), PolicyText::of(&[])));
        Policies { attached: attached.collect(), inline: inline.collect() }
    }

    fn with(people: Observed<People>) -> Snapshot {
        let mut snapshot = fixture::unread();
        snapshot.iam.people = people;
        snapshot
    }

    fn of_al(policies: Policies) -> String {
        let mut people = People::default();
        let user = User { groups: ["devs".to_owned()].into(), policies };
        people.users.insert("al".to_owned(), user);
        // Whatever groups have is as it should be.
        let group = UserGroup { policies: self::policies(&["ReadOnlyAccess"], &["own"]) };
        people.groups.insert("devs".to_owned(), group);
        judge(&ByGroups, &with(Observed::Known(people)))
    }

    #[test]
    fn each_policy_is_named() {
        let path = "job-function/Billing";
        let table = [
            (policies(&[], &[]), "pass"),
            (policies(&["ReadOnlyAccess"], &[]), "managed policy ReadOnlyAccess"),
            (policies(&[], &["own"]), "inline policy own"),
            (
                policies(&["ReadOnlyAccess", path], &["c", "b", "a"]),
                "managed policies ReadOnlyAccess and Billing and inline policies a, b and c",
            ),
        ];
        for (policies, expected) in table {
            assert_eq!(of_al(policies), expected);
        }
    }

    #[test]
    fn each_user_is_a_finding_of_its_own() {
        let user = |policies| User { policies, ..User::default() };
        let users = [
            ("bo", user(policies(&["x"], &[]))),
            ("al", user(policies(&[], &["y"]))),
            ("cy", User::default()),
        ];
        let users = users.map(|(name, user)| (name.to_owned(), user)).into();
        let snapshot = with(Observed::Known(People { users, ..People::default() }));
        let settings = crate::model::Settings::default();
        let Outcome::Judged { findings, .. } =
            ByGroups.assess(&Case { snapshot: &snapshot, settings: &settings })
        else {
            panic!("judged");
        };
        let told: Vec<_> =
            findings.iter().map(|f| (f.resource.as_str(), f.summary.as_str())).collect();
        assert_eq!(told, [("al", "al: inline policy y"), ("bo", "bo: managed policy x")]);
    }

    #[test]
    fn what_cannot_be_read_is_no_pass() {
        let action = Action::new("iam:GetAccountAuthorizationDetails");
        let denied = judge(&ByGroups, &with(Observed::Denied { action }));
        assert_eq!(denied, "iam:GetAccountAuthorizationDetails is denied");
        assert_eq!(judge(&ByGroups, &with(Observed::Unread)), "not read");
        assert_eq!(judge(&ByGroups, &with(Observed::Known(People::default()))), "pass");
    }
}
