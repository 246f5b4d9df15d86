//! Plans for flow logs: what is made, what is taken as it is, and what is left alone.

use harden::assess::Rules;
use harden::change::{Change, Document, Operation, Risk};
use harden::controls::Why;
use harden::model::{
    AccountId, Action, FlowLog, FlowTraffic, LogGroup, Observed, PolicyText, Region, Role,
    Settings, Snapshot,
};
use harden::plan::{Plan, build};
use proptest::prelude::*;

use crate::account::{
    FOREIGN, HOME, OTHER, add_flow_log, add_vpc, at, left, left_for, names, new, only, plan,
    region, role, settled, simulated, the, undone, unmet,
};
use crate::generate::{ACCOUNT, rules, snapshots};

const GROUP: &str = "harden/flow-logs";
const ROLE: &str = "harden-flow-logs";
const SERVICE: &str = "vpc-flow-logs.amazonaws.com";

fn flow_logs() -> Rules {
    only(&["4.3"])
}

/// Where flow logs of a region deliver to.
fn destination(region: &str) -> String {
    format!("arn:aws:logs:{region}:{ACCOUNT}:log-group:{GROUP}")
}

/// A new account with a VPC in each of its two regions.
fn with_vpcs() -> Snapshot {
    let mut snapshot = new();
    for region in [HOME, OTHER] {
        add_vpc(&mut snapshot, region, "vpc-1", |_| {});
    }
    snapshot
}

fn put_group(snapshot: &mut Snapshot, place: &str, class: &str) {
    let group =
        LogGroup { class: class.to_owned(), retention_days: Some(30), filters: Observed::Unread };
    at(snapshot, place).log_groups.insert(GROUP.to_owned(), Observed::Known(Some(group)));
}

fn put_role(snapshot: &mut Snapshot, role: Role) {
    snapshot.iam.roles.insert(ROLE.to_owned(), Observed::Known(Some(role)));
}

/// The flow log that a plan makes in a region.
fn made<'a>(plan: &'a Plan, region: &str) -> &'a Change {
    let mut all = plan.changes.iter().filter(|change| {
        change.operation.name() == "create-flow-logs"
            && change.region.as_ref().is_some_and(|at| at.as_str() == region)
    });
    let one = all.next().unwrap();
    assert_eq!(all.next(), None);
    one
}

#[test]
fn a_new_account_gets_a_role_a_log_group_in_each_region_and_a_flow_log_for_each_vpc() {
    let snapshot = with_vpcs();
    let (plan, after) = settled(&snapshot, &flow_logs());
    assert_eq!(
        names(&plan),
        [
            "create-role",
            "put-role-policy",
            "create-log-group",
            "put-retention-policy",
            "create-log-group",
            "put-retention-policy",
            "create-flow-logs",
            "create-flow-logs",
        ]
    );
    assert!(plan.changes.iter().all(|change| change.risk == Risk::Additive));
    assert_eq!(unmet(&after, &flow_logs()), []);
    // Each rests on the role, on its policy, and on the log group of its own region.
    for region in [HOME, OTHER] {
        let one = made(&plan, region);
        let needed = plan.changes.iter().filter(|change| one.requires.contains(&change.id));
        let needed: Vec<(&str, Option<&str>)> = needed
            .map(|change| (change.operation.name(), change.region.as_ref().map(Region::as_str)))
            .collect();
        let expected = [
            ("create-role", None),
            ("put-role-policy", None),
            ("create-log-group", Some(region)),
            ("put-retention-policy", Some(region)),
        ];
        assert_eq!(needed, expected);
        let Operation::CreateFlowLogs { to, .. } = &one.operation else { panic!() };
        assert_eq!((to.traffic, &to.destination), (FlowTraffic::Reject, &destination(region)));
        assert_eq!(to.role, Some(format!("arn:aws:iam::{ACCOUNT}:role/{ROLE}")));
        assert!(one.cost.is_some());
    }
    let (back, state) = undone(&snapshot, &plan);
    assert_eq!(state, snapshot);
    assert_eq!(names(&back)[..2], ["delete-flow-logs", "delete-flow-logs"]);
}

#[test]
fn the_role_is_for_flow_logs_of_the_account_and_writes_to_these_groups_alone() {
    let plan = plan(&with_vpcs(), &flow_logs());
    let policy = |name: &str| match &the(&plan, name).after {
        Document::Policy(Some(policy)) => policy.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    let trust = policy("create-role");
    for part in [
        SERVICE,
        &format!(r#""aws:SourceAccount":"{ACCOUNT}""#),
        &format!(r#""aws:SourceArn":"arn:aws:ec2:*:{ACCOUNT}:vpc-flow-log/*""#),
    ] {
        assert!(trust.contains(part), "{part}: {trust}");
    }
    let may = policy("put-role-policy");
    assert!(may.contains(&format!(r#""arn:aws:logs:*:{ACCOUNT}:log-group:{GROUP}:*""#)), "{may}");
    assert!(!may.contains("CreateLogGroup"), "{may}");
}

#[test]
fn what_is_there_is_taken_as_it_is() {
    let mut snapshot = with_vpcs();
    put_group(&mut snapshot, HOME, "INFREQUENT_ACCESS");
    let theirs = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs", "Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#;
    let inline = [(ROLE.to_owned(), PolicyText::new(theirs))].into();
    let arn = format!("arn:aws:iam::{ACCOUNT}:role/path/{ROLE}");
    put_role(&mut snapshot, Role { inline, arn: arn.clone(), ..role(ROLE, SERVICE) });
    let (plan, after) = settled(&snapshot, &flow_logs());
    let made_group = ["create-log-group", "put-retention-policy"];
    let expected = [&["put-role-policy"], &made_group[..], &["create-flow-logs"; 2]].concat();
    assert_eq!(names(&plan), expected);
    let Document::Policy(Some(policy)) = &the(&plan, "put-role-policy").after else { panic!() };
    assert!(policy.as_str().contains(r#"{"Sid":"Theirs", "Effect":"Allow""#), "to the byte");
    let Operation::CreateFlowLogs { to, .. } = &made(&plan, HOME).operation else { panic!() };
    assert_eq!(to.role, Some(arn));
    let group = after.regional[&region(HOME)].log_groups[GROUP].ok().unwrap().as_ref();
    assert_eq!(group.unwrap().retention_days, Some(30));
    assert_eq!(undone(&snapshot, &plan).1, snapshot);
}

#[test]
fn a_role_for_others_is_not_changed() {
    let trusts = "is there and does not trust flow logs of every region: name another in \
                  `flow_logs.role`";
    let narrow = role(ROLE, SERVICE).trust.as_str().replace(
        r#""Action""#,
        &format!(
            r#""Condition":{{"ArnLike":{{"aws:SourceArn":"arn:aws:ec2:{HOME}:{ACCOUNT}:vpc-flow-log/*"}}}},"Action""#
        ),
    );
    let narrow = Role { trust: PolicyText::new(narrow), ..role(ROLE, SERVICE) };
    let elsewhere = role(ROLE, SERVICE).trust.as_str().replace(
        r#""Action""#,
        &format!(r#""Condition":{{"StringEquals":{{"aws:SourceAccount":"{FOREIGN}"}}}},"Action""#),
    );
    let elsewhere = Role { trust: PolicyText::new(elsewhere), ..role(ROLE, SERVICE) };
    for unfit in [role(ROLE, "ec2.amazonaws.com"), narrow, elsewhere] {
        let mut snapshot = with_vpcs();
        put_role(&mut snapshot, unfit);
        let plan = plan(&snapshot, &flow_logs());
        assert_eq!(names(&plan), [""; 0]);
        let left = left(&plan, "4.3");
        assert_eq!(left.len(), 2, "{left:?}");
        assert!(left.iter().all(|(why, told)| *why == Why::Shared && told.contains(trusts)));
    }
}

/// Nothing is made because something could not be seen.
#[test]
fn what_hides_is_left_alone() {
    let denied = || Action::new("logs:DescribeLogGroups");
    let mut snapshot = with_vpcs();
    let groups = &mut at(&mut snapshot, OTHER).log_groups;
    groups.insert(GROUP.to_owned(), Observed::Denied { action: denied() });
    let hidden = plan(&snapshot, &flow_logs());
    assert_eq!(the(&hidden, "create-flow-logs").region.as_ref().unwrap().as_str(), HOME);
    assert_eq!(the(&hidden, "create-log-group").region.as_ref().unwrap().as_str(), HOME);
    left_for(
        &hidden,
        "4.3",
        Why::Unknown,
        "log group harden/flow-logs in us-east-1 could not be read",
    );

    at(&mut snapshot, OTHER).log_groups.remove(GROUP);
    left_for(&plan(&snapshot, &flow_logs()), "4.3", Why::Unknown, "in us-east-1 was not read");

    let mut snapshot = with_vpcs();
    let action = Action::new("iam:GetRole");
    snapshot.iam.roles.insert(ROLE.to_owned(), Observed::Denied { action });
    let hidden = plan(&snapshot, &flow_logs());
    assert_eq!(names(&hidden), [""; 0]);
    let left = left(&hidden, "4.3");
    assert!(left.iter().all(|(why, told)| *why == Why::Unknown && told.contains(ROLE)), "{left:?}");

    let mut snapshot = with_vpcs();
    at(&mut snapshot, OTHER).flow_logs = Observed::Denied { action: denied() };
    let hidden = plan(&snapshot, &flow_logs());
    assert_eq!(the(&hidden, "create-flow-logs").region.as_ref().unwrap().as_str(), HOME);
}

#[test]
fn a_class_that_keeps_nothing_is_not_delivered_to() {
    let mut snapshot = with_vpcs();
    at(&mut snapshot, OTHER).vpcs = Observed::Known([].into());
    put_group(&mut snapshot, HOME, "DELIVERY");
    let plan = plan(&snapshot, &flow_logs());
    assert_eq!(names(&plan), [""; 0]);
    left_for(
        &plan,
        "4.3",
        Why::Unsupported,
        "is of class DELIVERY, which keeps nothing to look at",
    );
}

#[test]
fn beside_one_that_is_broken_another_is_made_unless_it_has_the_same_place() {
    let mut snapshot = new();
    add_vpc(&mut snapshot, HOME, "vpc-1", |_| {});
    let broken = Some("Access error".to_owned());
    add_flow_log(&mut snapshot, HOME, ("fl-1", "vpc-1"), |log| log.failure.clone_from(&broken));
    let (first, after) = settled(&snapshot, &flow_logs());
    the(&first, "create-flow-logs");
    assert_eq!(after.regional[&region(HOME)].flow_logs.ok().unwrap().len(), 2);

    let same = |log: &mut FlowLog| {
        log.failure.clone_from(&broken);
        log.destination = destination(HOME);
    };
    add_flow_log(&mut snapshot, HOME, ("fl-1", "vpc-1"), same);
    let second = plan(&snapshot, &flow_logs());
    assert_eq!(names(&second), [""; 0]);
    left_for(&second, "4.3", Why::Manual, "its flow log fl-1 delivers nothing: Access error");
    left_for(&second, "4.3", Why::Manual, "AWS takes no second one that does");
}

#[test]
fn shared_vpcs_are_left_to_their_owner() {
    let mut snapshot = new();
    add_vpc(&mut snapshot, HOME, "vpc-1", |vpc| vpc.owner = AccountId::new(FOREIGN));
    let plan = plan(&snapshot, &flow_logs());
    assert_eq!((names(&plan), plan.not_planned.len()), (vec![], 0));
}

#[test]
fn all_traffic_is_recorded_where_the_baseline_says_so() {
    let mut rules = flow_logs();
    rules.settings = Settings::default();
    rules.settings.flow_logs.traffic = FlowTraffic::All;
    let mut snapshot = new();
    add_vpc(&mut snapshot, HOME, "vpc-1", |vpc| vpc.name = Some("prod".to_owned()));
    let plan = plan(&snapshot, &rules);
    let change = the(&plan, "create-flow-logs");
    assert_eq!(change.title, "flow log of prod");
    assert!(change.after.rows().iter().any(|row| row.value == "all traffic"));
    assert!(change.cost.as_ref().unwrap().usd_per_month > 1.0);
    // One of rejected traffic is good enough, and stays the only one.
    add_flow_log(&mut snapshot, HOME, ("fl-1", "vpc-1"), |_| {});
    assert_eq!(names(&crate::account::plan(&snapshot, &rules)), [""; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// No flow log is changed, and no VPC gets one that is not the account's own or has one that works.
    #[test]
    fn flow_logs_are_never_changed(snapshot in snapshots(), rules in rules()) {
        let plan = build(snapshot.clone(), "test", &rules, Risk::Destructive).unwrap();
        let after = simulated(&snapshot, &plan);
        for (region, regional) in &snapshot.regional {
            let (old, now) = (&regional.flow_logs, &after.regional[region].flow_logs);
            let (old, now) = (old.ok().unwrap(), now.ok().unwrap());
            prop_assert!(old.iter().all(|(id, log)| now.get(id) == Some(log)));
            let vpcs = regional.vpcs.ok().unwrap();
            let new = now.iter().filter(|(id, _)| !old.contains_key(*id));
            for (_, log) in new {
                let vpc = vpcs.iter().find(|(id, _)| id.as_str() == log.resource);
                prop_assert!(vpc.is_some_and(|(_, vpc)| vpc.owner == snapshot.account.id));
                let works = |other: &FlowLog| {
                    other.resource == log.resource && other.active && other.failure.is_none()
                };
                prop_assert!(!old.values().any(works), "{log:?}");
                prop_assert_eq!(now.values().filter(|other| works(other)).count(), 1);
            }
            prop_assert_eq!(vpcs, after.regional[region].vpcs.ok().unwrap());
        }
    }
}
