//! The laws of 1.15: at every moment each user may do what the user could before, nobody else wins or loses
//! anything, and whoever runs harden is left alone.

use std::collections::{BTreeMap, BTreeSet};

use harden::assess::{Rules, judge};
use harden::change::{Document, Operation, Risk};
use harden::controls::Why;
use harden::model::{IamQuotas, People, Policies, PolicyText, Snapshot, User, UserGroup};
use harden::plan::{Plan, build};
use proptest::prelude::*;

use crate::account::{
    left, left_for, names, new, only, plan, quotas, settled, simulated, the, undone,
};
use crate::generate::{risks, rules, snapshots};

const CALLER: &str = "engineer";
const READ: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const BILLING: &str = "arn:aws:iam::aws:policy/job-function/Billing";
const DEPLOY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}"#;

fn people(of: &Snapshot) -> &People {
    of.iam.people.ok().unwrap()
}

/// What each user may do, directly and by groups: policies by their ARNs, and statements.
fn rights(of: &Snapshot) -> BTreeMap<&str, BTreeSet<String>> {
    let said = |policies: &Policies| -> Vec<String> {
        let own = policies.inline.values().flat_map(|text| text.statements().unwrap());
        let own = own.map(|statement| PolicyText::of(&[statement]).meaning());
        policies.attached.iter().cloned().chain(own).collect()
    };
    let people = people(of);
    let all = people.users.iter().map(|(name, user)| {
        let by_groups = user.groups.iter().flat_map(|group| said(&people.groups[group].policies));
        (name.as_str(), said(&user.policies).into_iter().chain(by_groups).collect())
    });
    all.collect()
}

/// The account after each change of a plan, the account before it first.
fn moments(snapshot: &Snapshot, plan: &Plan) -> Vec<Snapshot> {
    let mut all = vec![snapshot.clone()];
    for change in &plan.changes {
        let mut next = all[all.len() - 1].clone();
        change.operation.simulate(&mut next).unwrap();
        all.push(next);
    }
    all
}

fn build_within(snapshot: &Snapshot, rules: &Rules, max_risk: Risk) -> Plan {
    build(snapshot.clone(), "test", rules, max_risk).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn rights_are_the_same_at_every_moment(snapshot in snapshots(), rules in rules(), max_risk in risks()) {
        let plan = build_within(&snapshot, &rules, max_risk);
        for moment in moments(&snapshot, &plan) {
            prop_assert_eq!(rights(&moment), rights(&snapshot));
        }
        let after = simulated(&snapshot, &plan);
        let (back, _) = undone(&snapshot, &plan);
        for moment in moments(&after, &back) {
            prop_assert_eq!(rights(&moment), rights(&snapshot));
        }
    }

    #[test]
    fn groups_of_others_and_whoever_runs_harden_are_left_alone(snapshot in snapshots(), rules in rules()) {
        let after = simulated(&snapshot, &build_within(&snapshot, &rules, Risk::Destructive));
        for (name, group) in &people(&snapshot).groups {
            prop_assert_eq!(Some(group), people(&after).groups.get(name));
            let members = |of: &Snapshot| -> Vec<String> {
                people(of).members(name).map(str::to_owned).collect()
            };
            prop_assert_eq!(members(&snapshot), members(&after));
        }
        prop_assert_eq!(people(&snapshot).users.get(CALLER), people(&after).users.get(CALLER));
        prop_assert_eq!(people(&snapshot).users.len(), people(&after).users.len());
    }

    /// Wherever a run ends, the next one brings it to where the whole would have.
    #[test]
    fn what_was_begun_is_finished(
        snapshot in snapshots(),
        rules in rules(),
        end in any::<prop::sample::Index>(),
    ) {
        let direct = |of: &Snapshot| -> Vec<String> {
            let users = people(of).users.iter().filter(|(_, user)| !user.policies.is_empty());
            users.map(|(name, _)| name.clone()).collect()
        };
        let first = build_within(&snapshot, &rules, Risk::Restrictive);
        let moments = moments(&snapshot, &first);
        let cut_short = end.get(&moments);
        let second = build_within(cut_short, &rules, Risk::Restrictive);
        let after = simulated(cut_short, &second);
        let whole = simulated(&snapshot, &first);
        prop_assert_eq!(direct(&after), direct(&whole));
        prop_assert_eq!(&people(&after).groups, &people(&whole).groups);
        prop_assert_eq!(rights(&after), rights(&snapshot));
    }
}

fn user(attached: &[&str], inline: &[(&str, &str)], groups: &[&str]) -> User {
    let policies = policies(attached, inline);
    User { groups: groups.iter().copied().map(str::to_owned).collect(), policies }
}

fn policies(attached: &[&str], inline: &[(&str, &str)]) -> Policies {
    let inline = inline.iter().map(|(name, text)| ((*name).to_owned(), PolicyText::new(*text)));
    Policies {
        attached: attached.iter().copied().map(str::to_owned).collect(),
        inline: inline.collect(),
    }
}

fn account(users: &[(&str, User)]) -> Snapshot {
    let mut snapshot = new();
    let known = snapshot.iam.people.ok_mut().unwrap();
    for (name, user) in users {
        for group in &user.groups {
            known.groups.entry(group.clone()).or_default();
        }
        known.users.insert((*name).to_owned(), user.clone());
    }
    snapshot
}

fn rule() -> Rules {
    only(&["1.15"])
}

#[test]
fn users_of_one_set_share_one_group() {
    let spaced = DEPLOY.replace(',', " , ");
    let snapshot = account(&[
        ("al", user(&[READ, BILLING], &[("deploy", DEPLOY)], &["devs"])),
        ("bo", user(&[READ, BILLING], &[("deploy", &spaced)], &[])),
        ("cy", user(&[READ], &[], &[])),
        ("di", user(&[], &[], &["devs"])),
    ]);
    let (first, after) = settled(&snapshot, &rule());
    let expected = [
        "create-group",
        "attach-group-policy",
        "attach-group-policy",
        "put-group-policy",
        "create-group",
        "attach-group-policy",
        "add-user-to-group",
        "add-user-to-group",
        "add-user-to-group",
        "detach-user-policy",
        "detach-user-policy",
        "delete-user-policy",
        "detach-user-policy",
        "detach-user-policy",
        "delete-user-policy",
        "detach-user-policy",
    ];
    assert_eq!(names(&first), expected);
    assert_eq!(first.not_planned, []);
    let groups: Vec<&String> = people(&after).groups.keys().collect();
    assert_eq!(groups.len(), 3);
    assert!(groups[1].starts_with("harden-ReadOnlyAccess+Billing+deploy-"), "{groups:?}");
    assert!(groups[2].starts_with("harden-ReadOnlyAccess-"), "{groups:?}");
    assert_eq!(
        people(&after).groups[groups[1]].policies,
        policies(&[READ, BILLING], &[("deploy", DEPLOY)])
    );
    assert_eq!(people(&after).members(groups[1]).collect::<Vec<_>>(), ["al", "bo"]);
    // Each who loses something stands after what gives it back, and requires it.
    let last = first.changes.last().unwrap();
    assert_eq!(last.impact, [format!("cy keeps the same rights through group {}", groups[2])]);
    assert_eq!((last.risk, last.resource.as_str()), (Risk::Restrictive, "cy"));
    let required: Vec<&str> =
        last.requires.iter().map(|id| id.as_str().split('/').next().unwrap()).collect();
    assert_eq!(required, ["add-user-to-group", "attach-group-policy"]);
    // Back to the byte.
    let (_, back) = undone(&snapshot, &first);
    assert_eq!(people(&back), people(&snapshot));
    let bo = |of: &Snapshot| people(of).users["bo"].policies.inline["deploy"].as_str().to_owned();
    assert_eq!(bo(&back), spaced);
}

#[test]
fn whoever_comes_later_joins_the_group_that_is_there() {
    let mut snapshot = account(&[("al", user(&[READ], &[], &[]))]);
    let (_, mut after) = settled(&snapshot, &rule());
    let late = user(&[READ], &[], &[]);
    after.iam.people.ok_mut().unwrap().users.insert("bo".to_owned(), late);
    let second = plan(&after, &rule());
    assert_eq!(names(&second), ["add-user-to-group", "detach-user-policy"]);
    // Somebody has given the group more, or taken something: it is not touched.
    let group = people(&after).groups.keys().next().unwrap().clone();
    for (changed, words) in [
        (policies(&[READ, BILLING], &[]), "has other policies than its name says"),
        (policies(&[], &[]), "has users who would win them"),
    ] {
        let mut moved = after.clone();
        let held = moved.iam.people.ok_mut().unwrap();
        held.groups.insert(group.clone(), UserGroup { policies: changed });
        let plan = plan(&moved, &rule());
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "1.15", Why::Shared, words);
    }
    // IAM takes it for the same name.
    let groups = &mut snapshot.iam.people.ok_mut().unwrap().groups;
    groups.insert(group.to_uppercase(), UserGroup { policies: policies(&[READ], &[]) });
    left_for(&plan(&snapshot, &rule()), "1.15", Why::Shared, "IAM takes group HARDEN-");
}

#[test]
fn whoever_runs_harden_is_told_what_somebody_else_must_do() {
    let both = user(&[READ], &[("deploy", DEPLOY)], &[]);
    let snapshot = account(&[(CALLER, both.clone()), ("al", both)]);
    let rules = rule();
    let first = plan(&snapshot, &rules);
    left_for(
        &first,
        "1.15",
        Why::Caller,
        "harden runs as engineer, and leaves whoever runs it alone",
    );
    assert!(left(&first, "1.15")[0].1.contains("to give ReadOnlyAccess and deploy to a group"));
    let after = simulated(&snapshot, &first);
    assert_eq!(people(&after).users[CALLER], people(&snapshot).users[CALLER]);
    assert!(people(&after).users["al"].policies.is_empty());
    let found: Vec<String> =
        judge(&after, &rules).into_iter().flat_map(|one| one.open).map(|f| f.resource).collect();
    assert_eq!(found, [CALLER]);
    // By the ARN: with a path, and not by a name that only ends alike.
    for (caller, own) in [
        ("arn:aws:iam::111122223333:user/staff/engineer", true),
        ("arn:aws:iam::111122223333:user/head-engineer", false),
        ("arn:aws:sts::111122223333:assumed-role/engineer/engineer", false),
        ("arn:aws:iam::111122223333:root", false),
    ] {
        let mut snapshot = snapshot.clone();
        caller.clone_into(&mut snapshot.caller);
        assert_eq!(left(&plan(&snapshot, &rules), "1.15").len(), usize::from(own), "{caller}");
    }
}

#[test]
fn what_does_not_fit_is_told_with_the_arithmetic() {
    let many: Vec<String> = (0..11).map(|n| format!("arn:aws:iam::aws:policy/P{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let ten: Vec<String> = (0..10).map(|n| format!("group-{n}")).collect();
    let ten: Vec<&str> = ten.iter().map(String::as_str).collect();
    let long = DEPLOY.replace("s3:", &format!("s3:{}", "x".repeat(5100)));
    let size = long.len();
    for (user, words) in [
        (
            user(&many, &[], &[]),
            "11 managed policies are attached to al, and IAM allows 10".to_owned(),
        ),
        (
            user(&[READ], &[], &ten),
            "al is in 10 groups and would be in 11, and IAM allows 10".to_owned(),
        ),
        (
            user(&[], &[("own", &long)], &[]),
            format!(
                "the inline policies of al have {size} characters without blanks, and IAM allows 5120"
            ),
        ),
    ] {
        let plan = plan(&account(&[("al", user)]), &rule());
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "1.15", Why::Unsupported, &words);
    }
    // As many as may be.
    let full = account(&[("al", user(&many[..10], &[], &ten[..9]))]);
    assert_eq!(settled(&full, &rule()).0.not_planned, []);
    // Two groups are wanted, and there may be one.
    let mut snapshot =
        account(&[("al", user(&[READ], &[], &[])), ("bo", user(&[BILLING], &[], &[]))]);
    snapshot.iam.summary.ok_mut().unwrap().quotas.most_groups = Some(1);
    let plan = plan(&snapshot, &rule());
    left_for(
        &plan,
        "1.15",
        Why::Unsupported,
        "there would be 2 groups in the account, and IAM allows 1",
    );
    assert_eq!(the(&plan, "create-group").controls.len(), 1);
}

#[test]
fn without_the_quotas_nothing_is_planned() {
    let mut snapshot = account(&[("al", user(&[READ], &[("deploy", DEPLOY)], &[]))]);
    let words = |snapshot: &Snapshot, words: &str| {
        let plan = plan(snapshot, &rule());
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "1.15", Why::Unknown, words);
    };
    let each: [fn(&mut IamQuotas); 4] = [
        |quotas| quotas.most_groups = None,
        |quotas| quotas.groups_per_user = None,
        |quotas| quotas.policies_per_group = None,
        |quotas| quotas.group_policy_size = None,
    ];
    for forget in each {
        let known = &mut snapshot.iam.summary.ok_mut().unwrap().quotas;
        *known = quotas();
        forget(known);
        words(&snapshot, "iam:GetAccountSummary does not tell how");
    }
    let action = harden::model::Action::new("iam:GetAccountSummary");
    snapshot.iam.summary = harden::model::Observed::Denied { action };
    words(&snapshot, "iam:GetAccountSummary is denied");
}

#[test]
fn without_leave_to_take_anything_away_nothing_is_made() {
    let snapshot = account(&[("al", user(&[READ, BILLING], &[], &[]))]);
    let plan = crate::account::plan_within(&snapshot, &rule(), Risk::Additive);
    assert_eq!(names(&plan), [""; 0]);
    left_for(
        &plan,
        "1.15",
        Why::HeldBack,
        "user al: restrictive, `--max-risk restrictive` lets it in",
    );
}

/// The call itself, and what is looked at before it, on the group and on the user, whatever the user's path.
#[test]
fn permissions_are_on_the_group_and_on_the_user() {
    let snapshot = account(&[("al", user(&[READ], &[], &[]))]);
    let plan = plan(&snapshot, &rule());
    let detach = &the(&plan, "detach-user-policy").operation;
    let Operation::DetachUserPolicy { group, .. } = detach else { panic!("{detach:?}") };
    let told: Vec<(String, String)> = detach
        .permissions(&snapshot.account)
        .into_iter()
        .map(|(action, on)| (action.to_string(), on.replace("arn:aws:iam::111122223333:", "")))
        .collect();
    let has = |action: &str, on: &str| told.contains(&(action.to_owned(), on.to_owned()));
    for on in ["user/al", "user/*/al"] {
        assert!(has("iam:DetachUserPolicy", on) && has("iam:ListGroupsForUser", on), "{told:?}");
    }
    assert!(has("iam:ListAttachedGroupPolicies", &format!("group/{group}")), "{told:?}");
    assert!(
        !told.iter().any(|(action, on)| action.contains("UserPolic") && on.starts_with("group"))
    );
    // The document names what goes.
    let gone = &the(&plan, "detach-user-policy").before;
    assert_eq!(*gone, Document::Attached(Some(READ.to_owned())));
}
