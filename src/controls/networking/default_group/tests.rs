use super::*;
use crate::change::{Operation, Risk};
use crate::controls::{Missing, NotPlanned, Proposal, Scope, Wanted, Why};
use crate::model::fixture::{cidr, region, tcp, unread};
use crate::model::{
    AccountId, Action, Interface, InterfaceId, Observed, Settings, Snapshot, Source, Traffic,
};

const OTHER: &str = "444455556666";

/// Rules as `(group, number, egress, source)`, all of TCP 22; each group that is named is in a VPC of its
/// number.
fn account(defaults: &[&str], rules: &[(&str, bool, Source)]) -> Snapshot {
    let mut snapshot = unread();
    let owner = snapshot.account.id.clone();
    let regional = snapshot.regional.get_mut(&region()).unwrap();
    let group = |name: &&str| {
        let vpc = Some(name.replace("sg", "vpc"));
        (GroupId::new(*name), DefaultGroup { owner: owner.clone(), vpc })
    };
    regional.default_groups = Observed::Known(defaults.iter().map(group).collect());
    regional.interfaces = Observed::Known(BTreeMap::new());
    let mut all: BTreeMap<GroupId, BTreeMap<RuleId, Rule>> = BTreeMap::new();
    for (number, (group, egress, source)) in rules.iter().enumerate() {
        let rule = Rule {
            owner: owner.clone(),
            egress: *egress,
            traffic: tcp(22, 22),
            source: source.clone(),
            description: None,
            tags: BTreeMap::new(),
        };
        let id = RuleId::new(format!("sgr-{number}"));
        all.entry(GroupId::new(*group)).or_default().insert(id, rule);
    }
    regional.rules = Observed::Known(all);
    snapshot
}

fn group(name: &str) -> Source {
    Source::Group(GroupId::new(name))
}

/// As AWS makes it.
fn fresh() -> Snapshot {
    account(&["sg-1"], &[("sg-1", false, group("sg-1")), ("sg-1", true, cidr("0.0.0.0/0"))])
}

fn attach(snapshot: &mut Snapshot, to: &str) {
    let interfaces = &mut snapshot.regional.get_mut(&region()).unwrap().interfaces;
    let interface = Interface {
        groups: [GroupId::new(to)].into(),
        instance: Some("i-1".to_owned()),
        description: String::new(),
    };
    interfaces.ok_mut().unwrap().insert(InterfaceId::new("eni-1"), interface);
}

fn assess(snapshot: &Snapshot) -> Outcome {
    NoRules.assess(&Case { snapshot, settings: &Settings::default() })
}

fn findings(snapshot: &Snapshot) -> (Vec<Finding>, Vec<Missing>) {
    let Outcome::Judged { findings, missing, .. } = assess(snapshot) else { panic!() };
    (findings, missing)
}

fn propose(snapshot: &Snapshot) -> Proposal {
    let (findings, _) = findings(snapshot);
    let wanted: Wanted<'_> = [(ID, findings.iter().collect())].into();
    let settings = Settings::default();
    empty::propose(&Case { snapshot, settings: &settings }, &wanted, &Scope::whole())
}

/// The risk of each group that is emptied.
fn risks(snapshot: &Snapshot) -> BTreeMap<String, Risk> {
    let bundles = propose(snapshot).bundles;
    let risk = |bundle: &crate::controls::Bundle| {
        let step = &bundle.steps[0];
        assert!(bundle.steps.iter().all(|other| other.risk == step.risk));
        (step.operation.target().resource().to_owned(), step.risk)
    };
    bundles.iter().map(risk).collect()
}

#[test]
fn a_rule_either_way_is_a_finding() {
    let (found, missing) = findings(&fresh());
    assert_eq!(found[0].summary, "default group of vpc-1 has 1 inbound rule and 1 outbound rule");
    assert!(missing.is_empty());
    for (egress, words) in [(false, "has 1 inbound rule"), (true, "has 1 outbound rule")] {
        let (found, _) = findings(&account(&["sg-1"], &[("sg-1", egress, cidr("::/0"))]));
        assert!(found[0].summary.ends_with(words), "{}", found[0].summary);
    }
}

#[test]
fn without_rules_it_passes_and_without_groups_it_does_not_apply() {
    let others = [("sg-2", true, cidr("0.0.0.0/0"))];
    assert_eq!(assess(&account(&["sg-1"], &others)), Outcome::PASS);
    assert!(matches!(assess(&account(&[], &others)), Outcome::NotApplicable { .. }));
}

#[test]
fn a_shared_vpc_is_its_owners_to_judge() {
    let mut shared = fresh();
    let groups = shared.regional.get_mut(&region()).unwrap().default_groups.ok_mut().unwrap();
    groups.get_mut(&GroupId::new("sg-1")).unwrap().owner = AccountId::new(OTHER);
    assert!(matches!(assess(&shared), Outcome::NotApplicable { .. }));
}

#[test]
fn what_could_not_be_read_is_missing() {
    let denied = Action::new("ec2:DescribeSecurityGroups");
    let mut groups = fresh();
    groups.regional.get_mut(&region()).unwrap().default_groups =
        Observed::Denied { action: denied };
    assert_eq!(findings(&groups).1.len(), 1);
    let mut rules = account(&[], &[]);
    rules.regional.get_mut(&region()).unwrap().rules = Observed::Failed {
        action: Action::new("ec2:DescribeSecurityGroupRules"),
        reason: "it broke".to_owned(),
    };
    assert_eq!(findings(&rules).1.len(), 1, "not even where there is no group");
    assert!(propose(&groups).bundles.is_empty());
}

#[test]
fn all_rules_go_both_ways() {
    let proposal = propose(&fresh());
    let [bundle] = proposal.bundles.as_slice() else { panic!("{proposal:?}") };
    assert_eq!(
        (bundle.title.as_str(), bundle.controls.as_slice()),
        ("default group of vpc-1", &[ID][..])
    );
    let names: Vec<&str> = bundle.steps.iter().map(|step| step.operation.name()).collect();
    assert_eq!(names, ["revoke-security-group-ingress", "revoke-security-group-egress"]);
    for step in &bundle.steps {
        assert_eq!(step.risk, Risk::Restrictive);
        assert_eq!(step.impact[1], "attached to no network interface");
        let (_, rules) = step.operation.group_rules().unwrap();
        assert!(rules[0].id.is_some());
    }
}

#[test]
fn rules_of_other_tags_are_revoked_apart() {
    let mut tagged = fresh();
    let rules = tagged.regional.get_mut(&region()).unwrap().rules.ok_mut().unwrap();
    let rules = rules.get_mut(&GroupId::new("sg-1")).unwrap();
    let mut other = rules[&RuleId::new("sgr-1")].clone();
    other.traffic = Traffic::All;
    other.tags = [("team".to_owned(), "web".to_owned())].into();
    rules.insert(RuleId::new("sgr-9"), other);
    let steps = &propose(&tagged).bundles[0].steps;
    let out = |step: &&crate::controls::Step| {
        matches!(step.operation, Operation::RevokeSecurityGroupEgress { .. })
    };
    assert_eq!((steps.len(), steps.iter().filter(out).count()), (3, 2));
}

#[test]
fn what_is_in_use_goes_only_by_destruction() {
    let mut attached = fresh();
    attach(&mut attached, "sg-1");
    let proposal = propose(&attached);
    let step = &proposal.bundles[0].steps[0];
    assert_eq!(step.risk, Risk::Destructive);
    assert_eq!(step.impact[1], "attached to 1 network interface: eni-1 (i-1)");
}

#[test]
fn everything_attached_is_named() {
    let mut attached = fresh();
    let interfaces = &mut attached.regional.get_mut(&region()).unwrap().interfaces;
    for number in 1..=9 {
        let groups = [GroupId::new("sg-1")].into();
        let interface = Interface { groups, instance: None, description: String::new() };
        interfaces.ok_mut().unwrap().insert(InterfaceId::new(format!("eni-{number}")), interface);
    }
    for step in &propose(&attached).bundles[0].steps {
        for number in 1..=9 {
            assert!(step.impact[1].contains(&format!("eni-{number}")), "{}", step.impact[1]);
        }
    }
}

#[test]
fn where_it_is_not_known_who_uses_it_nothing_is_planned() {
    let action = || Action::new("ec2:DescribeNetworkInterfaces");
    let failed = Observed::Failed { action: action(), reason: "it broke".to_owned() };
    for (gap, words) in [
        (Observed::Denied { action: action() }, "ec2:DescribeNetworkInterfaces is denied"),
        (failed, "it broke"),
        (Observed::Unread, "not read"),
    ] {
        let mut unknown = fresh();
        unknown.regional.get_mut(&region()).unwrap().interfaces = gap;
        assert_eq!(findings(&unknown).0.len(), 1, "it fails all the same");
        let entry = left(&unknown);
        assert_eq!((entry.why, entry.resource.as_deref()), (Why::Unknown, Some("sg-1")));
        assert!(entry.detail.ends_with(words), "{}", entry.detail);
    }
}

#[test]
fn whom_others_name_is_in_use() {
    for egress in [false, true] {
        let named =
            account(&["sg-1"], &[("sg-1", false, group("sg-1")), ("sg-2", egress, group("sg-1"))]);
        assert_eq!(risks(&named), [("sg-1".to_owned(), Risk::Destructive)].into());
        let impact = &propose(&named).bundles[0].steps[0].impact;
        assert_eq!(impact.last().unwrap(), "named by rules of sg-2");
    }
}

#[test]
fn those_that_go_together_do_not_hold_each_other() {
    let ring = [
        ("sg-1", false, group("sg-2")),
        ("sg-2", true, group("sg-3")),
        ("sg-3", false, group("sg-1")),
    ];
    let mut together = account(&["sg-1", "sg-2", "sg-3"], &ring);
    assert!(risks(&together).values().all(|risk| *risk == Risk::Restrictive));
    let impact = &propose(&together).bundles[0].steps[0].impact;
    assert_eq!(impact.last().unwrap(), "named only by rules that go too, of sg-3");
    // Who stays holds whom it names, and so on.
    attach(&mut together, "sg-1");
    assert!(risks(&together).values().all(|risk| *risk == Risk::Destructive));
    let apart = account(&["sg-1", "sg-3"], &ring);
    assert_eq!(risks(&apart)["sg-3"], Risk::Destructive);
    assert_eq!(risks(&apart)["sg-1"], Risk::Destructive, "named by one that stays");
}

fn left(snapshot: &Snapshot) -> NotPlanned {
    let proposal = propose(snapshot);
    assert!(proposal.bundles.is_empty());
    proposal.not_planned.into_iter().next().unwrap()
}

#[test]
fn what_is_not_ours_or_not_understood_is_left_alone() {
    let mut shared = fresh();
    let rules = shared.regional.get_mut(&region()).unwrap().rules.ok_mut().unwrap();
    for rule in rules.values_mut().flat_map(BTreeMap::values_mut) {
        rule.owner = AccountId::new(OTHER);
    }
    assert_eq!(left(&shared).why, Why::Shared);
    let odd = account(&["sg-1"], &[("sg-1", true, Source::Other("unknown".to_owned()))]);
    let entry = left(&odd);
    assert_eq!(entry.why, Why::Unsupported);
    assert!(entry.detail.contains("does not understand `unknown`"), "{}", entry.detail);
}
