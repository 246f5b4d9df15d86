//! Accounts to plan on: a new one, in which everything was read and nothing is there, and what tests put
//! into it.

use std::collections::{BTreeMap, BTreeSet};

use harden::assess::{Rules, Verdict, judge};
use harden::change::{Change, Risk};
use harden::controls::{self, Why};
use harden::model::{
    Account, AccountId, AccountSummary, Alarms, Bucket, BucketName, ControlId, CredentialReport,
    Delivery, FlowLog, FlowLogId, Iam, IamQuotas, Key, KeyArn, KeyDetail, KeyId, LogGroup,
    LogTarget, Logging, ManagementEvents, Observed, Own, OwnBucket, Partition, People, PolicyText,
    PublicAccessBlock, Region, Regional, Role, Rotation, SNAPSHOT_FORMAT, Service, Settings,
    Snapshot, TopicArn, Trail, TrailArn, TrailKey, TrailStatus, Vpc, VpcId,
};
use harden::plan::{Bounds, MadeBy, Plan, Undoable, build, reverse};

use crate::generate::{ACCOUNT, taken_at};
use crate::strict;

/// Another account.
pub(crate) const FOREIGN: &str = "444455556666";

/// The home of everything, unless a test says otherwise.
pub(crate) const HOME: &str = "eu-west-1";
/// Another region.
pub(crate) const OTHER: &str = "us-east-1";

/// A new account of two regions.
pub(crate) fn new() -> Snapshot {
    of_regions(&[HOME, OTHER])
}

/// A new account: the session is in the first of these regions.
pub(crate) fn of_regions(names: &[&str]) -> Snapshot {
    let regions: Vec<Region> = names.iter().copied().map(Region::new).collect();
    let settings = Settings::default();
    let id = AccountId::new(ACCOUNT);
    let mut logging = Logging::default();
    for region in &regions {
        let names =
            [&settings.trail.bucket, &settings.trail.access_log_bucket, &settings.config.bucket];
        for name in names {
            logging.buckets.insert(name.fill(&id, region), Observed::Known(Bucket::Absent));
        }
    }
    Snapshot {
        format: SNAPSHOT_FORMAT.to_owned(),
        harden: "0.0.0".to_owned(),
        account: Account {
            id,
            alias: None,
            partition: Partition::of_arn("arn:aws:iam::1:root").unwrap(),
        },
        caller: format!("arn:aws:iam::{ACCOUNT}:user/engineer"),
        behind: Own::default(),
        home: regions.first().cloned(),
        narrowed: false,
        taken_at: taken_at(),
        regions: Observed::Known(regions.iter().cloned().collect()),
        iam: iam(&settings),
        contact: Observed::Known(None),
        logging,
        central: None,
        regional: regions
            .into_iter()
            .map(|region| (region.clone(), regional(&settings, &region)))
            .collect(),
    }
}

fn iam(settings: &Settings) -> Iam {
    let (trail, flow_logs) = (settings.trail.role.as_str(), settings.flow_logs.role.as_str());
    let roles = [trail, Service::Config.linked_role(), flow_logs];
    Iam {
        password_policy: Observed::Known(None),
        summary: Observed::Known(AccountSummary {
            root_mfa_enabled: false,
            root_access_key_present: false,
            root_password_present: Some(true),
            quotas: quotas(),
        }),
        virtual_mfa_devices: Observed::Known(Vec::new()),
        credential_report: Observed::Known(CredentialReport {
            generated_at: taken_at(),
            root: None,
            users: Vec::new(),
        }),
        credentials: BTreeMap::new(),
        root_keys: Observed::Unread,
        roles: roles.map(|name| (name.to_owned(), Observed::Known(None))).into(),
        people: Observed::Known(People::default()),
    }
}

/// What AWS lets an account have.
pub(crate) fn quotas() -> IamQuotas {
    IamQuotas {
        most_groups: Some(300),
        groups_per_user: Some(10),
        policies_per_group: Some(10),
        group_policy_size: Some(5120),
    }
}

fn regional(settings: &Settings, region: &Region) -> Regional {
    let topic = format!("arn:aws:sns:{region}:{ACCOUNT}:{}", settings.monitoring.topic);
    Regional {
        keys: Observed::Known(BTreeMap::new()),
        rules: Observed::Known(BTreeMap::new()),
        prefix_lists: Observed::Known(BTreeMap::new()),
        groups: Observed::Known(BTreeMap::new()),
        default_groups: Observed::Known(BTreeMap::new()),
        interfaces: Observed::Known(BTreeMap::new()),
        trails: Observed::Known(BTreeSet::new()),
        recorders: Observed::Known(BTreeMap::new()),
        channels: Observed::Known(BTreeMap::new()),
        aliases: [(settings.trail.key_alias.clone(), Observed::Known(None))].into(),
        log_groups: [(settings.trail.log_group.clone(), Observed::Known(None))].into(),
        alarms: Observed::Known(Alarms { metric: BTreeMap::new(), composite: BTreeMap::new() }),
        topic_list: Observed::Known(BTreeSet::new()),
        topics: [(TopicArn::new(topic), Observed::Known(None))].into(),
        vpcs: Observed::Known(BTreeMap::new()),
        flow_logs: Observed::Known(BTreeMap::new()),
    }
}

/// Every control, by the default settings.
pub(crate) fn everything() -> Rules {
    Rules {
        controls: controls::all().map(|control| control.id).collect(),
        settings: Settings::default(),
        waivers: Vec::new(),
    }
}

/// Some controls, by the default settings.
pub(crate) fn only(controls: &[&str]) -> Rules {
    Rules { controls: controls.iter().map(|id| id.parse().unwrap()).collect(), ..everything() }
}

/// 2.1 to 2.7
pub(crate) fn logging() -> Rules {
    only(&["2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7"])
}

/// What `harden plan` would plan. Every plan is held against what AWS demands.
pub(crate) fn plan(snapshot: &Snapshot, rules: &Rules) -> Plan {
    plan_within(snapshot, rules, Risk::Restrictive)
}

/// The same with `--max-risk`.
pub(crate) fn plan_within(snapshot: &Snapshot, rules: &Rules, max_risk: Risk) -> Plan {
    let plan = build(snapshot.clone(), "test", rules, max_risk).unwrap();
    strict::walk(snapshot, &plan).unwrap();
    assert_eq!(harden::plan::read(&harden::plan::to_json(&plan).unwrap()).unwrap(), plan);
    plan
}

/// The account after all of a plan.
pub(crate) fn simulated(snapshot: &Snapshot, plan: &Plan) -> Snapshot {
    let mut after = snapshot.clone();
    for change in &plan.changes {
        change.operation.simulate(&mut after).unwrap();
    }
    after
}

/// The account after a plan; a second plan has nothing to do.
pub(crate) fn settled(snapshot: &Snapshot, rules: &Rules) -> (Plan, Snapshot) {
    let first = plan(snapshot, rules);
    let after = simulated(snapshot, &first);
    assert_eq!(names(&plan(&after, rules)), [""; 0], "again");
    (first, after)
}

/// The plan that takes all of a plan back, and the account after that.
pub(crate) fn undone(snapshot: &Snapshot, plan: &Plan) -> (Plan, Snapshot) {
    taken_back(simulated(snapshot, plan), plan, |_| MadeBy::Baseline)
}

/// The plan that makes all again that an undo took back, and the account after that.
pub(crate) fn redone(undone: &Snapshot, back: &Plan, first: &[Change]) -> (Plan, Snapshot) {
    taken_back(undone.clone(), back, |change| MadeBy::undo_of(change, first))
}

fn taken_back<'a>(
    mut state: Snapshot,
    plan: &Plan,
    made_by: impl Fn(&Change) -> MadeBy<'a>,
) -> (Plan, Snapshot) {
    let made: Vec<Undoable<'_>> = plan
        .changes
        .iter()
        .map(|change| Undoable {
            change,
            now: Ok(change.operation.document(&state).unwrap()),
            made_by: made_by(change),
        })
        .collect();
    let own = Own::of(&plan.head.account, &[&plan.head.caller]);
    let bounds = Bounds { max_risk: Risk::Destructive, own: &own };
    let back = reverse("run", plan.head.clone(), 24, bounds, &made);
    for change in &back.changes {
        assert_eq!(change.operation.document(&state).unwrap(), change.before, "{}", change.id);
        change.operation.simulate(&mut state).unwrap();
        assert_eq!(change.operation.document(&state).unwrap(), change.after, "{}", change.id);
    }
    (back, state)
}

/// The operations of a plan.
pub(crate) fn names(plan: &Plan) -> Vec<&'static str> {
    plan.changes.iter().map(|change| change.operation.name()).collect()
}

/// The one change with this operation.
#[track_caller]
pub(crate) fn the<'a>(plan: &'a Plan, name: &str) -> &'a Change {
    let mut found = plan.changes.iter().filter(|change| change.operation.name() == name);
    let change = found.next().unwrap_or_else(|| panic!("no {name} in {:?}", names(plan)));
    assert_eq!(found.next(), None, "another {name}");
    change
}

/// The verdicts that are neither pass nor pending.
pub(crate) fn unmet(snapshot: &Snapshot, rules: &Rules) -> Vec<(String, Verdict)> {
    judge(snapshot, rules)
        .into_iter()
        .filter(|one| !matches!(one.report.verdict, Verdict::Pass | Verdict::Pending))
        .map(|one| (one.control.id.to_string(), one.report.verdict))
        .collect()
}

/// Why a plan leaves something of a control: each kind of reason with its words.
pub(crate) fn left(plan: &Plan, control: &str) -> Vec<(Why, String)> {
    let id: ControlId = control.parse().unwrap();
    let of_control = plan.not_planned.iter().filter(|entry| entry.control == id);
    of_control.map(|entry| (entry.why, entry.detail.clone())).collect()
}

/// The one reason, and that its words hold these.
#[track_caller]
pub(crate) fn left_for(plan: &Plan, control: &str, why: Why, words: &str) {
    let all = left(plan, control);
    assert_eq!(all.len(), 1, "{control}: {:?}", plan.not_planned);
    assert_eq!(all[0].0, why, "{}", all[0].1);
    assert!(all[0].1.contains(words), "{}", all[0].1);
}

pub(crate) fn region(name: &str) -> Region {
    Region::new(name)
}

pub(crate) fn bucket(name: &str) -> BucketName {
    BucketName::new(name)
}

/// A part of one region.
pub(crate) fn at<'a>(snapshot: &'a mut Snapshot, region: &str) -> &'a mut Regional {
    snapshot.regional.get_mut(&Region::new(region)).unwrap()
}

/// A bucket of the account.
pub(crate) fn own<'a>(snapshot: &'a mut Snapshot, name: &str) -> &'a mut OwnBucket {
    match snapshot.logging.buckets.get_mut(&bucket(name)).and_then(Observed::ok_mut) {
        Some(Bucket::Ours(own)) => own,
        other => panic!("{name}: {other:?}"),
    }
}

/// A trail that has everything that 2.1 to 2.7 ask for, with what it delivers to: the bucket `logs`, the
/// log group `trail`, and a key.
pub(crate) fn add_trail(
    snapshot: &mut Snapshot,
    name: &str,
    change: impl FnOnce(&mut Trail),
) -> TrailArn {
    let recently = || Delivery { at: Some("2026-11-25T11:55:00Z".parse().unwrap()), error: None };
    let mut trail = Trail {
        name: name.to_owned(),
        home: Region::new(HOME),
        owner: AccountId::new(ACCOUNT),
        organization: false,
        multi_region: true,
        global_events: true,
        validation: true,
        bucket: bucket("logs"),
        prefix: None,
        log_group: Some(format!("arn:aws:logs:{HOME}:{ACCOUNT}:log-group:trail:*")),
        role: Some(format!("arn:aws:iam::{ACCOUNT}:role/trail")),
        key: Some(KeyArn::new(format!("arn:aws:kms:{HOME}:{ACCOUNT}:key/trail"))),
        status: Observed::Known(TrailStatus {
            logging: true,
            started: Some("2026-01-01T00:00:00Z".parse().unwrap()),
            delivered: recently(),
            delivered_to_logs: recently(),
        }),
        events: Observed::Known(ManagementEvents::ALL),
    };
    change(&mut trail);
    let (home, owner) = (trail.home.clone(), trail.owner.clone());
    let arn = TrailArn::new(format!("arn:aws:cloudtrail:{home}:{owner}:trail/{}", trail.name));
    for (region, regional) in &mut snapshot.regional {
        if trail.multi_region || *region == home {
            regional.trails.ok_mut().unwrap().insert(arn.clone());
        }
    }
    let logs = snapshot.logging.buckets.entry(trail.bucket.clone());
    let logs = logs.or_insert_with(|| Observed::Known(own_bucket(HOME)));
    if let Some(Bucket::Ours(own)) = logs.ok_mut() {
        own.policy = Observed::Known(Some(letting_in(&arn, &trail.bucket)));
    }
    if trail.key.as_ref().is_some_and(|key| key.as_str().ends_with(":key/trail")) {
        add_key(snapshot, HOME, "trail", "", |_| {});
    }
    if trail.log_group.is_some() && trail.owner.as_str() == ACCOUNT {
        let group = LogGroup {
            class: "STANDARD".to_owned(),
            retention_days: None,
            filters: Observed::Known(BTreeMap::new()),
        };
        let groups = snapshot.regional.get_mut(&home).map(|regional| &mut regional.log_groups);
        if let Some(groups) = groups {
            groups.insert("trail".to_owned(), Observed::Known(Some(group)));
        }
    }
    snapshot.logging.trails.insert(arn.clone(), trail);
    arn
}

/// The account with one such trail and nothing else: 2.1 to 2.4, 2.6 and 2.7 pass.
pub(crate) fn with_trail(change: impl FnOnce(&mut Trail)) -> Snapshot {
    let mut snapshot = new();
    add_trail(&mut snapshot, "main", change);
    snapshot
}

/// A bucket that is closed and whose requests are logged.
pub(crate) fn own_bucket(region: &str) -> Bucket {
    Bucket::Ours(Box::new(OwnBucket {
        acl: Observed::Known(Vec::new()),
        policy: Observed::Known(None),
        policy_is_public: Observed::Known(false),
        public_access: Observed::Known(Some(SHUT)),
        ownership: Observed::Known(Some("BucketOwnerEnforced".to_owned())),
        logging: Observed::Known(Some(LogTarget {
            bucket: bucket("access"),
            prefix: String::new(),
        })),
        ..OwnBucket::unread(Region::new(region))
    }))
}

pub(crate) const SHUT: PublicAccessBlock =
    PublicAccessBlock { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };

/// What somebody else may have written so that a trail can deliver.
pub(crate) fn letting_in(trail: &TrailArn, bucket: &BucketName) -> PolicyText {
    let principal = r#""Principal":{"Service":"cloudtrail.amazonaws.com"}"#;
    let when = format!(r#""Condition":{{"StringEquals":{{"aws:SourceArn":"{trail}"}}}}"#);
    let statement = |sid: &str, action: &str, on: &str| {
        format!(
            r#"{{"Sid":"{sid}","Effect":"Allow",{principal},"Action":"{action}","Resource":"{on}",{when}}}"#
        )
    };
    let look = statement("Look", "s3:GetBucketAcl", &format!("arn:aws:s3:::{bucket}"));
    let put = statement("Put", "s3:PutObject", &format!("arn:aws:s3:::{bucket}/AWSLogs/*"));
    PolicyText::new(format!(r#"{{"Version":"2012-10-17","Statement":[{look},{put}]}}"#))
}

/// A symmetric key of the account.
pub(crate) fn add_key(
    snapshot: &mut Snapshot,
    at: &str,
    id: &str,
    description: &str,
    change: impl FnOnce(&mut KeyDetail),
) {
    let mut detail = KeyDetail {
        state: "Enabled".to_owned(),
        spec: "SYMMETRIC_DEFAULT".to_owned(),
        usage: "ENCRYPT_DECRYPT".to_owned(),
        origin: "AWS_KMS".to_owned(),
        custom_store: false,
        multi_region: None,
        description: description.to_owned(),
        rotation: Observed::Known(Rotation::On { period_days: 365 }),
    };
    change(&mut detail);
    let root = r#"{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;
    let key = TrailKey {
        customer_managed: true,
        state: detail.state.clone(),
        policy: Observed::Known(PolicyText::new(format!(
            r#"{{"Version":"2012-10-17","Statement":[{root}]}}"#
        ))),
    };
    let arn = KeyArn::new(format!("arn:aws:kms:{at}:{ACCOUNT}:key/{id}"));
    snapshot.logging.keys.insert(arn, Observed::Known(Some(key)));
    let key = Key { alias: None, detail: Observed::Known(detail) };
    let keys = &mut snapshot.regional.get_mut(&Region::new(at)).unwrap().keys;
    keys.ok_mut().unwrap().insert(KeyId::new(id), key);
}

/// A VPC of the account; the log group for flow logs is not there.
pub(crate) fn add_vpc(
    snapshot: &mut Snapshot,
    region: &str,
    id: &str,
    change: impl FnOnce(&mut Vpc),
) {
    let mut vpc = Vpc { owner: AccountId::new(ACCOUNT), name: None };
    change(&mut vpc);
    let regional = at(snapshot, region);
    regional.vpcs.ok_mut().unwrap().insert(VpcId::new(id), vpc);
    let group = Settings::default().flow_logs.log_group;
    regional.log_groups.entry(group).or_insert(Observed::Known(None));
}

/// A flow log that works and delivers to a bucket.
pub(crate) fn add_flow_log(
    snapshot: &mut Snapshot,
    region: &str,
    (id, resource): (&str, &str),
    change: impl FnOnce(&mut FlowLog),
) {
    let mut log = FlowLog {
        resource: resource.to_owned(),
        active: true,
        traffic: "REJECT".to_owned(),
        destination: "arn:aws:s3:::flow".to_owned(),
        role: None,
        failure: None,
    };
    change(&mut log);
    at(snapshot, region).flow_logs.ok_mut().unwrap().insert(FlowLogId::new(id), log);
}

/// A role that trusts a service.
pub(crate) fn role(name: &str, service: &str) -> Role {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"sts:AssumeRole"}}]}}"#
    );
    Role {
        arn: format!("arn:aws:iam::{ACCOUNT}:role/{name}"),
        trust: PolicyText::new(trust),
        inline: BTreeMap::new(),
    }
}
