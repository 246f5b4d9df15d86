//! What a member of an organization has by the organization's trail, and by the account that owns it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use harden::assess::{ControlReport, Rules, Verdict, assessment, central, judge};
use harden::controls::{self, Inherits, Why};
use harden::model::{
    AccountId, Action, Bucket, Central, CentralVerdict, Grant, Grantee, LogGroup, Observed,
    Snapshot, Trail, TrailArn, Waiver,
};

use crate::account::{
    HOME, OTHER, add_trail, at, bucket, everything, left, left_for, names, new, only, own, plan,
    region, settled, simulated, unmet, with_trail,
};
use crate::generate::ACCOUNT;

const OWNER: &str = "999988887777";
const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:999988887777:trail/org";
const INHERITED: &str = "inherited from 999988887777";

/// 2.1 to 2.4, 2.6, 2.7 and 3.1 to 3.14, and somebody to tell.
fn rules() -> Rules {
    let controls = controls::all().filter(|control| control.inherits().is_some());
    let controls = controls.map(|control| control.id).collect();
    let mut rules = Rules { controls, ..everything() };
    rules.settings.monitoring.notify = vec!["email:ops@example.org".parse().unwrap()];
    rules
}

/// An account with the organization's trail, before anybody has set up alarms.
fn without_alarms(change: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut snapshot = new();
    add_trail(&mut snapshot, "org", |trail| trail.organization = true);
    change(&mut snapshot);
    snapshot
}

/// The same with alarms that nobody has yet agreed to be told of.
static UNCONFIRMED: LazyLock<Snapshot> =
    LazyLock::new(|| settled(&without_alarms(|_| {}), &rules()).1);

/// The same once somebody has: every control passes.
fn good() -> Snapshot {
    let mut snapshot = UNCONFIRMED.clone();
    for topic in at(&mut snapshot, HOME).topics.values_mut() {
        let topic = topic.ok_mut().unwrap().as_mut().unwrap();
        for one in topic.subscriptions.ok_mut().unwrap() {
            one.arn = Some("arn:aws:sns:eu-west-1:111122223333:harden-alarms:1".to_owned());
        }
    }
    snapshot
}

/// What an owner like this passes on.
fn passed_on(owner: &Snapshot, rules: &Rules) -> Central {
    let text = serde_json::to_string(owner).unwrap().replace(ACCOUNT, OWNER);
    central(&serde_json::from_str(&text).unwrap(), rules)
}

/// What of the organization's trail is shown to its members.
fn seen(trail: &mut Trail) {
    trail.owner = AccountId::new(OWNER);
    trail.organization = true;
    trail.bucket = bucket("org-logs");
    trail.log_group = None;
    trail.role = None;
    trail.key = trail.key.as_ref().map(|key| {
        let arn = key.as_str().replace(ACCOUNT, OWNER);
        harden::model::KeyArn::new(arn)
    });
}

fn see(snapshot: &mut Snapshot) {
    let foreign = Bucket::Foreign { region: region(HOME) };
    snapshot.logging.buckets.insert(bucket("org-logs"), Observed::Known(foreign));
    add_trail(snapshot, "org", seen);
}

/// A member that has nothing but the organization's trail.
fn member(central: Option<Central>) -> Snapshot {
    let mut snapshot = new();
    see(&mut snapshot);
    snapshot.central = central;
    snapshot
}

fn of_good() -> Central {
    static CENTRAL: LazyLock<Central> = LazyLock::new(|| passed_on(&good(), &rules()));
    CENTRAL.clone()
}

fn reports(snapshot: &Snapshot, rules: &Rules) -> Vec<ControlReport> {
    judge(snapshot, rules).into_iter().map(|one| one.report).collect()
}

#[track_caller]
fn report(snapshot: &Snapshot, control: &str) -> ControlReport {
    let [report] = &reports(snapshot, &only(&[control]))[..] else { panic!() };
    report.clone()
}

/// The verdict, with the reason or else the first finding.
#[track_caller]
fn told(snapshot: &Snapshot, control: &str) -> (Verdict, String) {
    let report = report(snapshot, control);
    let found = report.findings.first().map(|one| one.summary.clone());
    (report.verdict, report.reason.or(found).unwrap_or_default())
}

fn trail_of(snapshot: &mut Snapshot) -> &mut Trail {
    snapshot.logging.trails.get_mut(&TrailArn::new(TRAIL)).unwrap()
}

#[test]
fn a_member_by_itself_cannot_tell() {
    let alone = member(None);
    let elsewhere =
        "kept by another account for the trail of account 999988887777: org-logs in eu-west-1";
    let alarms =
        format!("the alarms live in account {OWNER}, which owns the trail: {TRAIL} in eu-west-1");
    let group = "does not deliver to CloudWatch Logs (only account 999988887777 can change it)";
    let table = [
        ("2.1", Verdict::Pass, ""),
        ("2.2", Verdict::Pass, ""),
        ("2.3", Verdict::Unknown, elsewhere),
        ("2.4", Verdict::Fail, group),
        ("2.6", Verdict::Unknown, elsewhere),
        // That there is a key is seen; its state is not.
        ("2.7", Verdict::Pass, ""),
    ];
    for (control, verdict, words) in table {
        assert_eq!(told(&alone, control), (verdict, words.to_owned()), "{control}");
    }
    assert!(report(&alone, "2.7").notes[0].contains("belongs to account 999988887777"));
    for number in 1..=14 {
        let control = format!("3.{number}");
        assert_eq!(told(&alone, &control), (Verdict::Unknown, alarms.clone()), "{control}");
    }
}

#[test]
fn a_member_passes_by_what_its_owner_has() {
    let rules = rules();
    let member = member(Some(of_good()));
    for report in reports(&member, &rules) {
        let said = (report.verdict, report.reason.as_deref());
        assert_eq!(said, (Verdict::Pass, Some(INHERITED)), "{}", report.id);
        assert!(report.findings.is_empty() && report.notes.is_empty(), "{report:?}");
    }
    let plan = plan(&member, &rules);
    assert_eq!((names(&plan), plan.not_planned.as_slice()), (vec![], &[][..]));
    let judged = judge(&member, &rules);
    let page = harden::ui::assessment(&assessment(&member, "test", &judged), 100);
    assert_eq!(page.matches(INHERITED).count(), 20, "{page}");
}

#[test]
fn what_passes_here_says_so_and_not_by_whom() {
    // The member that keeps the organization's bucket.
    let mut archive = member(Some(of_good()));
    let ours = crate::account::own_bucket(HOME);
    archive.logging.buckets.insert(bucket("org-logs"), Observed::Known(ours));
    assert_eq!(told(&archive, "2.3"), (Verdict::Pass, String::new()));
    let everyone = Grantee::Group("http://acs.example/groups/global/AllUsers".to_owned());
    let grant = Grant { to: everyone, permission: "READ".to_owned() };
    let bucket = own(&mut archive, "org-logs");
    (bucket.public_access, bucket.ownership) = (Observed::Known(None), Observed::Known(None));
    bucket.acl = Observed::Known(vec![grant]);
    assert_eq!(told(&archive, "2.3").0, Verdict::Fail);
    assert!(names(&plan(&archive, &only(&["2.3"]))).contains(&"put-bucket-acl"));

    // A trail of its own that has everything.
    let mut both = with_trail(|_| {});
    see(&mut both);
    both.central = Some(of_good());
    for control in ["2.1", "2.2"] {
        assert_eq!(told(&both, control), (Verdict::Pass, String::new()), "{control}");
    }
    for control in ["2.3", "2.4", "2.6", "2.7", "3.4"] {
        assert_eq!(told(&both, control), (Verdict::Pass, INHERITED.to_owned()), "{control}");
    }
    assert_eq!(names(&plan(&both, &rules())), [""; 0]);
}

#[test]
fn own_trails_are_judged_as_ever() {
    let mut both = with_trail(|trail| {
        trail.validation = false;
        trail.log_group = None;
        trail.key = None;
    });
    see(&mut both);
    own(&mut both, "logs").logging = Observed::Known(None);
    both.central = Some(of_good());
    for control in ["2.2", "2.4", "2.6", "2.7"] {
        let report = report(&both, control);
        assert_eq!((report.verdict, report.findings.len()), (Verdict::Fail, 1), "{control}");
        assert!(!report.findings[0].resource.contains(OWNER));
    }
    let (plan, after) = settled(&both, &rules());
    assert!(names(&plan).contains(&"update-trail"));
    // Nobody is told twice.
    assert!(!names(&plan).iter().any(|name| name.contains("alarm") || name.contains("topic")));
    assert_eq!(unmet(&after, &rules()), []);
}

#[test]
fn what_its_owner_lacks_is_to_be_mended_there() {
    let public = |snapshot: &mut Snapshot| {
        let bucket = own(snapshot, "logs");
        bucket.public_access = Observed::Known(None);
        bucket.policy_is_public = Observed::Known(true);
        bucket.logging = Observed::Known(None);
        let trail = snapshot.logging.trails.values_mut().next().unwrap();
        (trail.key, trail.validation) = (None, false);
    };
    let mut member = member(Some(passed_on(&without_alarms(public), &rules())));
    trail_of(&mut member).validation = false;
    for (control, words) in [
        ("2.3", "not satisfied in 999988887777: logs in eu-west-1: its policy allows anyone"),
        ("2.6", "not satisfied in 999988887777: logs in eu-west-1: its requests are not logged"),
        ("3.4", "not satisfied in 999988887777: trail in eu-west-1: no metric filter of log group"),
    ] {
        let (verdict, said) = told(&member, control);
        assert!(verdict == Verdict::Fail && said.starts_with(words), "{control}: {said}");
    }
    // The key is seen: that there is none here would be a mistake of the test.
    trail_of(&mut member).key = None;
    let plan = plan(&member, &rules());
    assert_eq!(names(&plan), [""; 0]);
    for control in ["2.2", "2.3", "2.6", "2.7", "3.1", "3.14"] {
        left_for(&plan, control, Why::Shared, "run harden in 999988887777");
    }
    // A trail of its own that fills a log group does not get the alarms that the organization's lacks.
    add_trail(&mut member, "main", |_| {});
    let plan = crate::account::plan(&member, &rules());
    assert_eq!(names(&plan), [""; 0]);
    left_for(&plan, "3.4", Why::Shared, "run harden in 999988887777");
}

#[test]
fn what_is_waited_for_or_unknown_there_is_so_here() {
    let waiting = member(Some(passed_on(&UNCONFIRMED, &rules())));
    let on = "waits in 999988887777: until ops@example.org confirms: harden-alarms in eu-west-1";
    assert_eq!(told(&waiting, "3.4"), (Verdict::Pending, on.to_owned()));
    let mut dark = good();
    at(&mut dark, HOME).alarms = Observed::Denied { action: Action::new("a:Alarms") };
    own(&mut dark, "logs").acl = Observed::Denied { action: Action::new("a:Acl") };
    let dark = member(Some(passed_on(&dark, &rules())));
    let reason = "unknown in 999988887777: a:Acl is denied: logs in eu-west-1";
    assert_eq!(told(&dark, "2.3"), (Verdict::Unknown, reason.to_owned()));
    assert_eq!(told(&dark, "3.4").0, Verdict::Unknown);
    left_for(&plan(&dark, &only(&["2.3"])), "2.3", Why::Unknown, reason);
    // What its verdicts leave out is as if nobody had asked.
    let mut central = of_good();
    central.trails.values_mut().for_each(std::collections::BTreeMap::clear);
    let silent = member(Some(central));
    for control in ["2.3", "2.4", "2.7", "3.4"] {
        assert_eq!(told(&silent, control), told(&member(None), control), "{control}");
    }
}

#[test]
fn what_is_accepted_there_is_accepted_here() {
    let waiver = Waiver {
        control: "2.6".parse().unwrap(),
        resource: "logs".to_owned(),
        region: None,
        reason: "reviewed".to_owned(),
        owner: "security".to_owned(),
        expires: jiff::civil::date(2027, 3, 31),
    };
    let mut silent = good();
    own(&mut silent, "logs").logging = Observed::Known(None);
    let accepting = Rules { waivers: vec![waiver], ..rules() };
    let member = member(Some(passed_on(&silent, &accepting)));
    let report = report(&member, "2.6");
    assert_eq!(report.verdict, Verdict::Waived);
    let why = "in 999988887777: reviewed (security, until 2027-03-31)";
    assert_eq!(report.findings[0].waived.as_deref(), Some(why));
    let plan = plan(&member, &only(&["2.6"]));
    assert_eq!(left(&plan, "2.6"), [(Why::Waived, why.to_owned())]);
}

#[test]
fn only_a_trail_that_is_seen_to_record_everything_passes_anything_on() {
    type Change = fn(&mut Snapshot);
    let hidden = || Observed::Denied { action: Action::new("a:B") };
    let changes: [Change; 8] = [
        |member| trail_of(member).multi_region = false,
        |member| trail_of(member).status.ok_mut().unwrap().logging = false,
        |member| trail_of(member).events.ok_mut().unwrap().read = false,
        |member| trail_of(member).organization = false,
        |member| trail_of(member).status = Observed::Unread,
        |member| trail_of(member).events = Observed::Unread,
        // Another account's, or one that its owner was not asked about.
        |member| member.central.as_mut().unwrap().account = AccountId::new("444455556666"),
        |member| member.central.as_mut().unwrap().trails.clear(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut one = member(Some(of_good()));
        change(&mut one);
        let mut alone = one.clone();
        alone.central = None;
        assert_eq!(reports(&one, &rules()), reports(&alone, &rules()), "{number}");
    }
    // A region that hides its trails may have one more.
    let mut dark = member(Some(of_good()));
    at(&mut dark, OTHER).trails = hidden();
    for report in reports(&dark, &rules()) {
        assert_eq!(report.verdict, Verdict::Unknown, "{}", report.id);
    }
    let mut nowhere = member(Some(of_good()));
    nowhere.regional.values_mut().for_each(|regional| regional.trails = hidden());
    assert!(reports(&nowhere, &rules()).iter().all(|one| one.verdict == Verdict::Unknown));
}

/// An emulator shows more of the trail to members than AWS does.
#[test]
fn the_owner_answers_for_a_log_group_that_is_shown_too() {
    let shown = |central| {
        let mut member = member(Some(central));
        let group = "arn:aws:logs:eu-west-1:999988887777:log-group:trail:*".to_owned();
        trail_of(&mut member).log_group = Some(group);
        member
    };
    for control in ["2.4", "3.4"] {
        assert_eq!(told(&shown(of_good()), control), (Verdict::Pass, INHERITED.to_owned()));
        let mut central = of_good();
        let fail = CentralVerdict::Fail { reason: "broken".to_owned() };
        central.trails.values_mut().for_each(|of| {
            of.insert(control.parse().unwrap(), fail.clone());
        });
        let broken = "not satisfied in 999988887777: broken".to_owned();
        assert_eq!(told(&shown(central), control), (Verdict::Fail, broken));
    }
}

#[test]
fn a_bucket_that_could_not_be_looked_at_may_be_ours() {
    let mut dark = member(Some(of_good()));
    let denied = Observed::Denied { action: Action::new("s3:ListBucket") };
    dark.logging.buckets.insert(bucket("org-logs"), denied);
    for control in ["2.3", "2.6"] {
        assert_eq!(told(&dark, control).0, Verdict::Unknown);
    }
}

#[test]
fn other_trails_of_the_owner_pass_nothing_on() {
    // All alarms are on a trail that records the owner alone.
    let mut owner = good();
    for trail in owner.logging.trails.values_mut() {
        trail.organization = false;
    }
    assert!(passed_on(&owner, &rules()).trails.is_empty());
    add_trail(&mut owner, "bare", |trail| {
        trail.organization = true;
        trail.log_group = Some("arn:aws:logs:eu-west-1:111122223333:log-group:bare:*".to_owned());
    });
    let empty = LogGroup {
        class: "STANDARD".to_owned(),
        retention_days: None,
        filters: Observed::Known([].into()),
    };
    at(&mut owner, HOME).log_groups = good().regional[&region(HOME)].log_groups.clone();
    at(&mut owner, HOME).log_groups.insert("bare".to_owned(), Observed::Known(Some(empty)));
    assert_eq!(told(&owner, "3.4").0, Verdict::Pass);
    let central = passed_on(&owner, &rules());
    let [verdicts] = &central.trails.values().collect::<Vec<_>>()[..] else { panic!() };
    assert!(matches!(verdicts[&"3.4".parse().unwrap()], CentralVerdict::Fail { .. }));
    // And what is wrong with them is nothing to the members.
    let mut owner = good();
    add_trail(&mut owner, "old", |trail| {
        trail.bucket = bucket("gone");
        (trail.log_group, trail.key) = (None, None);
    });
    owner.logging.buckets.insert(bucket("gone"), Observed::Known(Bucket::Absent));
    at(&mut owner, OTHER).trails = Observed::Denied { action: Action::new("a:Trails") };
    assert!(told(&owner, "2.3").0 != Verdict::Pass && told(&owner, "2.4").0 != Verdict::Pass);
    assert_eq!(passed_on(&owner, &rules()), of_good());
}

#[test]
fn an_owner_is_judged_whatever_it_is_held_to() {
    let central = passed_on(&good(), &only(&["1.5"]));
    let judged: BTreeSet<String> =
        central.trails.values().flat_map(|of| of.keys()).map(ToString::to_string).collect();
    let inherited = controls::all().filter(|one| one.inherits() == Some(Inherits::Judged));
    assert_eq!(judged, inherited.map(|one| one.id.to_string()).collect());
    assert_eq!(judged.len(), 4 + 14);
    let passed = central.trails.values().flat_map(|of| of.values());
    assert!(passed.into_iter().all(|verdict| *verdict == CentralVerdict::Pass));
}

#[test]
fn it_is_kept_in_a_snapshot_and_absent_where_there_is_none() {
    let with = member(Some(of_good()));
    let text = serde_json::to_string(&with).unwrap();
    assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), with);
    assert!(text.contains(r#""3.4":{"verdict":"pass"}"#));
    let without = serde_json::to_string(&member(None)).unwrap();
    assert!(!without.contains("central"));
    assert_eq!(serde_json::from_str::<Snapshot>(&without).unwrap(), member(None));
}

/// The owner first, then the members: what was put right there is inherited.
#[test]
fn a_rollout_begins_with_the_owner() {
    let (before, rules) = (without_alarms(|_| {}), rules());
    let failing = member(Some(passed_on(&before, &rules)));
    assert_eq!(told(&failing, "3.4").0, Verdict::Fail);
    let after = simulated(&before, &plan(&before, &rules));
    let waiting = member(Some(passed_on(&after, &rules)));
    assert_eq!(told(&waiting, "3.4").0, Verdict::Pending);
    assert_eq!(told(&waiting, "2.3"), (Verdict::Pass, INHERITED.to_owned()));
}
