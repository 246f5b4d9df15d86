//! 4.4, alone and beside 4.1 and 4.2: a default group is emptied where nobody uses it, and nothing of it is
//! changed twice.

use std::collections::BTreeMap;

use harden::assess::{Rules, Verdict, judge};
use harden::change::{Operation, Risk};
use harden::controls::Why;
use harden::model::{
    AccountId, Action, DefaultGroup, Group, GroupId, Interface, InterfaceId, Observed, Rule,
    RuleId, Snapshot, Source, Traffic, Waiver,
};
use harden::plan::Plan;

use crate::account::{
    HOME, at, left, left_for, names, new, only, plan, plan_within, redone, region, settled,
    simulated, undone,
};
use crate::generate::{ACCOUNT, cidr};

fn ssh() -> Traffic {
    Traffic::Tcp { from: 22, to: 22 }
}

fn world() -> Source {
    Source::Cidr(cidr("0.0.0.0/0"))
}

fn group(name: &str) -> GroupId {
    GroupId::new(name)
}

fn add_rule(snapshot: &mut Snapshot, to: &str, egress: bool, traffic: Traffic, source: Source) {
    let groups = at(snapshot, HOME).rules.ok_mut().unwrap();
    let number = groups.values().map(BTreeMap::len).sum::<usize>();
    let rule = Rule {
        owner: AccountId::new(ACCOUNT),
        egress,
        traffic,
        source,
        description: Some(format!("rule {number}")),
        tags: [("number".to_owned(), number.to_string())].into(),
    };
    let rules = groups.entry(group(to)).or_default();
    rules.insert(RuleId::new(format!("sgr-{number}")), rule);
}

fn add_default(snapshot: &mut Snapshot, name: &str) {
    let owner = AccountId::new(ACCOUNT);
    let vpc = Some(name.replace("sg", "vpc"));
    let regional = at(snapshot, HOME);
    let known = Group { name: "default".to_owned(), vpc: vpc.clone() };
    regional.groups.ok_mut().unwrap().insert(group(name), known);
    let default_groups = regional.default_groups.ok_mut().unwrap();
    default_groups.insert(group(name), DefaultGroup { owner, vpc });
}

/// The group of one VPC as AWS makes it, but open to the world for SSH.
fn open() -> Snapshot {
    let mut snapshot = new();
    add_default(&mut snapshot, "sg-1");
    add_rule(&mut snapshot, "sg-1", false, Traffic::All, Source::Group(group("sg-1")));
    add_rule(&mut snapshot, "sg-1", false, ssh(), world());
    add_rule(&mut snapshot, "sg-1", true, Traffic::All, world());
    snapshot
}

fn attach(snapshot: &mut Snapshot, interface: &str, to: &str) {
    let of = Interface {
        groups: [group(to)].into(),
        instance: Some("i-1".to_owned()),
        description: String::new(),
    };
    let interfaces = at(snapshot, HOME).interfaces.ok_mut().unwrap();
    interfaces.insert(InterfaceId::new(interface), of);
}

/// 4.1, 4.2 and 4.4
fn networking() -> Rules {
    only(&["4.1", "4.2", "4.4"])
}

fn verdicts(snapshot: &Snapshot) -> Vec<Verdict> {
    judge(snapshot, &networking()).into_iter().map(|one| one.report.verdict).collect()
}

fn rules_of(snapshot: &Snapshot, name: &str) -> Vec<Rule> {
    let rules = snapshot.regional[&region(HOME)].rules.ok().unwrap().get(&group(name));
    rules.into_iter().flat_map(BTreeMap::values).cloned().collect()
}

/// How many rules each call takes away from a group.
fn revoked(plan: &Plan) -> usize {
    let rules = plan.changes.iter().map(|change| match &change.operation {
        Operation::RevokeSecurityGroupIngress { rules, .. }
        | Operation::RevokeSecurityGroupEgress { rules, .. } => rules.len(),
        _ => 0,
    });
    rules.sum()
}

#[test]
fn what_is_emptied_has_no_port_to_close() {
    let (plan, after) = settled(&open(), &networking());
    let (inwards, outwards) = ("revoke-security-group-ingress", "revoke-security-group-egress");
    assert_eq!(names(&plan), [inwards, inwards, outwards], "a call for each set of tags");
    assert_eq!(revoked(&plan), 3, "each rule once");
    let served: Vec<String> = plan.changes[0].controls.iter().map(ToString::to_string).collect();
    assert_eq!(served, ["4.4"]);
    assert!(plan.not_planned.is_empty(), "{:?}", plan.not_planned);
    assert_eq!(rules_of(&after, "sg-1"), []);
    assert_eq!(verdicts(&after), [Verdict::Pass; 3]);
}

#[test]
fn the_way_back_has_words_and_tags() {
    let mut snapshot = open();
    // The same both ways is not the same rule.
    add_rule(&mut snapshot, "sg-1", true, ssh(), world());
    let plan = plan(&snapshot, &networking());
    let (back, after) = undone(&snapshot, &plan);
    assert_eq!(names(&back).len(), 4);
    let sorted = |snapshot: &Snapshot| {
        let mut rules = rules_of(snapshot, "sg-1");
        rules.sort_by_key(|rule| rule.description.clone());
        rules
    };
    assert_eq!(sorted(&after), sorted(&snapshot));
    assert_eq!(sorted(&after).len(), 4);
}

/// An undo of an undo does not look at who uses the group by then.
#[test]
fn what_an_undo_gave_back_goes_only_where_it_is_let_in() {
    let plan = plan(&open(), &networking());
    let (back, after) = undone(&open(), &plan);
    let (again, _) = redone(&after, &back, &plan.changes);
    assert_eq!(names(&again).len(), 3);
    for change in &again.changes {
        assert_eq!(change.risk, Risk::Destructive);
        let told = "who uses it by now is not looked at here: `harden plan` does";
        assert_eq!(change.impact.last().map(String::as_str), Some(told));
    }
}

#[test]
fn of_what_is_in_use_only_the_open_port_is_closed() {
    let mut snapshot = open();
    attach(&mut snapshot, "eni-1", "sg-1");
    attach(&mut snapshot, "eni-2", "sg-1");
    let (first, after) = settled(&snapshot, &networking());
    assert_eq!(names(&first), ["revoke-security-group-ingress"]);
    assert_eq!(first.changes[0].risk, Risk::Restrictive);
    let interfaces = "attached to 2 network interfaces: eni-1 (i-1) and eni-2 (i-1)";
    left_for(&first, "4.4", Why::HeldBack, interfaces);
    left_for(&first, "4.4", Why::HeldBack, "--max-risk destructive");
    assert_eq!(verdicts(&after), [Verdict::Pass, Verdict::Pass, Verdict::Fail]);

    // Whoever lets it in after that empties the rest, and both can be taken back.
    let second = plan_within(&after, &networking(), Risk::Destructive);
    assert_eq!(revoked(&second), 2);
    assert!(second.changes.iter().all(|change| change.risk == Risk::Destructive));
    let emptied = simulated(&after, &second);
    assert_eq!(verdicts(&emptied), [Verdict::Pass; 3]);
    assert_eq!(rules_of(&undone(&after, &second).1, "sg-1").len(), 2);

    // In one plan: each rule once.
    let whole = plan_within(&snapshot, &networking(), Risk::Destructive);
    assert_eq!(revoked(&whole), 3);
    assert_eq!(verdicts(&simulated(&snapshot, &whole)), [Verdict::Pass; 3]);
}

#[test]
fn whom_a_rule_of_another_group_names_is_in_use() {
    for egress in [false, true] {
        let mut snapshot = open();
        add_rule(&mut snapshot, "sg-7", egress, ssh(), Source::Group(group("sg-1")));
        let plan = plan(&snapshot, &only(&["4.4"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "4.4", Why::HeldBack, "named by rules of sg-7");
    }
}

#[test]
fn where_nobody_knows_who_uses_it_nothing_is_planned() {
    let mut snapshot = open();
    let action = Action::new("ec2:DescribeNetworkInterfaces");
    at(&mut snapshot, HOME).interfaces = Observed::Denied { action };
    for max_risk in [Risk::Restrictive, Risk::Destructive] {
        let plan = plan_within(&snapshot, &networking(), max_risk);
        // 4.1 closes its port all the same: for that, who is attached is only worth knowing.
        assert_eq!(names(&plan), ["revoke-security-group-ingress"]);
        assert!(plan.changes[0].controls.contains(&"4.1".parse().unwrap()));
        left_for(&plan, "4.4", Why::Unknown, "ec2:DescribeNetworkInterfaces is denied");
    }
}

#[test]
fn what_is_accepted_keeps_its_rules_but_the_open_one() {
    let waiver = Waiver {
        control: "4.4".parse().unwrap(),
        resource: "sg-1".to_owned(),
        region: Some(HOME.to_owned()),
        reason: "reviewed".to_owned(),
        owner: "network team".to_owned(),
        expires: jiff::civil::date(2027, 3, 31),
    };
    let rules = Rules { waivers: vec![waiver], ..networking() };
    let plan = plan(&open(), &rules);
    assert_eq!((names(&plan), revoked(&plan)), (vec!["revoke-security-group-ingress"], 1));
    assert_eq!(left(&plan, "4.4")[0].0, Why::Waived);
}

/// The default group of a VPC that another account shares is that account's to empty.
#[test]
fn a_shared_vpc_is_no_finding() {
    let mut snapshot = open();
    let groups = at(&mut snapshot, HOME).default_groups.ok_mut().unwrap();
    groups.get_mut(&group("sg-1")).unwrap().owner = AccountId::new("444455556666");
    assert_eq!(verdicts(&snapshot)[2], Verdict::NotApplicable);
    let plan = plan_within(&snapshot, &only(&["4.4"]), Risk::Destructive);
    assert_eq!((names(&plan), left(&plan, "4.4")), (vec![], vec![]));
}
