//! Arbitrary trails, what they deliver to, what the baseline names, and what AWS Config does.

use std::collections::{BTreeMap, BTreeSet};

use harden::controls::{self, Inherits};
use harden::model::{
    AccountId, Alarms, Bucket, BucketName, Central, CentralVerdict, Delivery, DeliveryChannel,
    Grant, Grantee, KeyArn, KeyId, LastStatus, LogGroup, LogTarget, Logging, ManagementEvents,
    ModeOverride, Observed, OwnBucket, PolicyText, PublicAccessBlock, Recorder, RecorderStatus,
    RecordingMode, Records, Region, Regional, Role, Service, Settings, TopicArn, Trail, TrailArn,
    TrailKey, TrailStatus,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::account::role;
use crate::generate::{ACCOUNT, region, taken_at};
use crate::generate_flow_logs;

const FOREIGN: &str = "444455556666";

/// Trails that are yet to find a home, with all that they may name.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    trails: Vec<(Trail, Index)>,
    /// By name; what trails name and is not here is not there.
    buckets: BTreeMap<BucketName, Bucket>,
    /// For keys of regions that were not read.
    elsewhere: Option<TrailKey>,
    policies: Vec<PolicyText>,
    regions: Vec<Named>,
    organization: Option<Organization>,
}

/// A trail of the organization, and what its owner says of it and of the others that it may have.
#[derive(Clone, Debug)]
struct Organization {
    trail: (Trail, Index),
    /// Whether the owner was looked at.
    central: bool,
    /// By turns, for each trail and control.
    verdicts: Vec<Option<CentralVerdict>>,
}

impl Organization {
    fn central(&self, logging: &Logging) -> Central {
        let foreign = logging.trails.iter().filter(|(_, trail)| trail.owner.as_str() == FOREIGN);
        let mut verdicts = self.verdicts.iter().cycle().cloned();
        let mut of_trail = || {
            let inherited = controls::all().filter(|one| one.inherits() == Some(Inherits::Judged));
            inherited.filter_map(|one| Some((one.id, verdicts.next()??))).collect()
        };
        let trails = foreign.map(|(arn, _)| (arn.clone(), of_trail())).collect();
        Central { account: AccountId::new(FOREIGN), trails }
    }
}

/// What the baseline names in a region.
#[derive(Clone, Debug)]
struct Named {
    alias: Option<Index>,
    group: Option<LogGroup>,
    flow_logs: Option<LogGroup>,
}

impl Parts {
    /// Puts the trails into regions and shows them wherever they are seen.
    pub(crate) fn settle(
        self,
        regional: &mut BTreeMap<Region, Regional>,
    ) -> (Logging, Option<Central>) {
        let mut logging = Logging::default();
        let organization = self.organization.as_ref().map(|one| one.trail.clone());
        for (mut trail, at) in self.trails.into_iter().chain(organization) {
            // Some trails are at home where nobody looked.
            let mut homes: Vec<Region> = regional.keys().cloned().collect();
            if trail.multi_region {
                homes.push(Region::new("sa-east-1"));
            }
            if homes.is_empty() || regional.is_empty() {
                break;
            }
            let home = at.get(&homes).clone();
            let group = format!("arn:aws:logs:{home}:{}:log-group:trails:*", trail.owner);
            trail.log_group = trail.log_group.map(|_| group);
            trail.home = home.clone();
            let arn = TrailArn::new(format!(
                "arn:aws:cloudtrail:{home}:{}:trail/{}",
                trail.owner, trail.name
            ));
            logging.trails.insert(arn, trail);
        }
        let settings = Settings::default();
        for ((region, regional), named) in regional.iter_mut().zip(self.regions.iter().cycle()) {
            let seen = logging.trails.iter();
            let seen = seen.filter(|(_, trail)| trail.multi_region || trail.home == *region);
            let seen: BTreeSet<TrailArn> = seen.map(|(arn, _)| arn.clone()).collect();
            regional.trails = Observed::Known(seen);
            regional.alarms = Observed::Known(Alarms { metric: [].into(), composite: [].into() });
            regional.topic_list = Observed::Known(BTreeSet::new());
            let topic = format!("arn:aws:sns:{region}:{ACCOUNT}:{}", settings.monitoring.topic);
            regional.topics = [(TopicArn::new(topic), Observed::Known(None))].into();
            let alias = settings.trail.key_alias.clone();
            // It may name a key that is not listed: one of AWS's own.
            let mut ids: Vec<KeyId> =
                regional.keys.ok().into_iter().flatten().map(|(id, _)| id.clone()).collect();
            ids.push(KeyId::new("aws-managed"));
            let key = named.alias.as_ref().map(|at| at.get(&ids).clone());
            regional.aliases = [(alias, Observed::Known(key))].into();
            let group = settings.trail.log_group.clone();
            // That of the baseline's name, and the one that trails have which deliver anywhere.
            let known = || Observed::Known(named.group.clone());
            regional.log_groups = [(group, known()), ("trails".to_owned(), known())].into();
            generate_flow_logs::settle(region, regional);
            // That of flow logs, where somebody looked.
            if regional.vpcs.ok().is_some_and(|vpcs| !vpcs.is_empty()) {
                let group = settings.flow_logs.log_group.clone();
                let known = Observed::Known(named.flow_logs.clone());
                regional.log_groups.insert(group, known);
            }
        }
        logging.buckets =
            self.buckets.into_iter().map(|(name, one)| (name, Observed::Known(one))).collect();
        for trail in logging.trails.values() {
            let absent = || Observed::Known(Bucket::Absent);
            logging.buckets.entry(trail.bucket.clone()).or_insert_with(absent);
        }
        logging.keys = keys(&logging, regional, self.elsewhere.as_ref(), &self.policies);
        let organization = self.organization.filter(|one| one.central);
        let central = organization.map(|one| one.central(&logging));
        (logging, central)
    }
}

/// What is known of the keys that trails and aliases name, and of all others of the regions read.
fn keys(
    logging: &Logging,
    regional: &BTreeMap<Region, Regional>,
    elsewhere: Option<&TrailKey>,
    policies: &[PolicyText],
) -> BTreeMap<KeyArn, Observed<Option<TrailKey>>> {
    let mut policies = policies.iter().cycle().cloned();
    let mut keys = BTreeMap::new();
    let arn = |region: &Region, id: &KeyId| {
        KeyArn::new(format!("arn:aws:kms:{region}:{ACCOUNT}:key/{id}"))
    };
    for (region, regional) in regional {
        for (id, key) in regional.keys.ok().into_iter().flatten() {
            let key = TrailKey {
                customer_managed: true,
                state: key.detail.ok().unwrap().state.clone(),
                policy: policies.next().map_or(Observed::Unread, Observed::Known),
            };
            keys.insert(arn(region, id), Observed::Known(Some(key)));
        }
        for id in regional.aliases.values().filter_map(|id| id.ok()?.as_ref()) {
            let managed = TrailKey {
                customer_managed: false,
                state: "Enabled".to_owned(),
                policy: Observed::Known(PolicyText::of(&[])),
            };
            keys.entry(arn(region, id)).or_insert(Observed::Known(Some(managed)));
        }
    }
    for key in logging.trails.values().filter_map(|trail| trail.key.as_ref()) {
        if !key.is_foreign_to(&AccountId::new(ACCOUNT)) {
            let read = key.region().is_some_and(|region| regional.contains_key(&region));
            let other = elsewhere.filter(|_| !read).cloned();
            keys.entry(key.clone()).or_insert(Observed::Known(other));
        }
    }
    keys
}

pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    let trails = vec((trail(), any::<Index>()), 0..4).prop_map(|mut trails| {
        for ((trail, _), number) in trails.iter_mut().zip(0..) {
            // Now and then it has the name that the baseline has for a new one.
            trail.name = match number {
                2 => "harden".to_owned(),
                _ => format!("trail-{number}"),
            };
        }
        trails
    });
    let group = || option::weighted(0.4, log_group());
    let named = (option::weighted(0.3, any::<Index>()), group(), group())
        .prop_map(|(alias, group, flow_logs)| Named { alias, group, flow_logs });
    let keys = (option::of(trail_key()), vec(key_policy(), 1..3));
    let organization = option::weighted(0.4, organization());
    (trails, buckets(), keys, vec(named, 1..3), organization).prop_map(
        |(trails, buckets, (elsewhere, policies), regions, organization)| Parts {
            trails,
            buckets,
            elsewhere,
            policies,
            regions,
            organization,
        },
    )
}

/// Mostly one that records everything, in a bucket that mostly is not ours.
fn organization() -> impl Strategy<Value = Organization> {
    let shown = [mostly(), mostly(), mostly()];
    let trail = (trail(), any::<Index>(), shown).prop_map(|(trail, at, [good, hides, has_key])| {
        let mut trail = Trail {
            name: "organization".to_owned(),
            owner: AccountId::new(FOREIGN),
            organization: true,
            bucket: BucketName::new("org-logs"),
            log_group: trail.log_group.filter(|_| !hides),
            key: trail.key.filter(|_| has_key),
            multi_region: trail.multi_region || good,
            global_events: trail.global_events || good,
            ..trail
        };
        if good {
            trail.events = Observed::Known(ManagementEvents::ALL);
            trail.status.ok_mut().unwrap().logging = true;
        }
        (trail, at)
    });
    let verdicts = prop_oneof![
        1 => Just(vec![Some(CentralVerdict::Pass)]),
        2 => vec(option::weighted(0.9, central_verdict()), 1..9),
    ];
    (trail, mostly(), verdicts).prop_map(|(trail, central, verdicts)| Organization {
        trail,
        central,
        verdicts,
    })
}

fn central_verdict() -> impl Strategy<Value = CentralVerdict> {
    let text = || "there".to_owned();
    prop_oneof![
        4 => Just(CentralVerdict::Pass),
        1 => Just(CentralVerdict::Pending { on: "waits for somebody".to_owned() }),
        1 => Just(CentralVerdict::Waived { reason: text(), accepted: text() }),
        2 => Just(CentralVerdict::Fail { reason: text() }),
        1 => Just(CentralVerdict::Unknown { reason: text() }),
    ]
}

/// The roles that the baseline names.
pub(crate) fn roles() -> impl Strategy<Value = BTreeMap<String, Observed<Option<Role>>>> {
    let settings = Settings::default();
    let trail = writer(settings.trail.role, "cloudtrail.amazonaws.com");
    let flow_logs = writer(settings.flow_logs.role, "vpc-flow-logs.amazonaws.com");
    (trail, flow_logs, any::<bool>()).prop_map(move |(trail, flow_logs, config)| {
        let linked = Service::Config.linked_role();
        let config = config.then(|| role(linked, "config.amazonaws.com"));
        let config = (linked.to_owned(), config);
        [trail, flow_logs, config].map(|(name, role)| (name, Observed::Known(role))).into()
    })
}

/// A role of this name with which a service writes logs, unless another one does.
fn writer(name: String, service: &'static str) -> impl Strategy<Value = (String, Option<Role>)> {
    let service = select(vec![service, service, "ec2.amazonaws.com"]);
    let policy = r#"{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Allow","Action":"logs:*","Resource":"*"}}"#;
    let inline = option::of(Just(PolicyText::new(policy)));
    option::weighted(0.4, (service, inline)).prop_map(move |writer| {
        let writer = writer.map(|(service, inline)| Role {
            inline: inline.map(|policy| (name.clone(), policy)).into_iter().collect(),
            ..role(&name, service)
        });
        (name.clone(), writer)
    })
}

/// Those of other names, and those that the baseline names in each region.
fn buckets() -> impl Strategy<Value = BTreeMap<BucketName, Bucket>> {
    let others = [bucket(), bucket()];
    let central =
        prop_oneof![4 => region().prop_map(|region| Bucket::Foreign { region }), 1 => bucket()];
    let ours = vec(prop_oneof![3 => Just(Bucket::Absent), 1 => bucket()], 9);
    (others, ours, central).prop_map(|(others, ours, central)| {
        let names = baseline_names().into_iter().zip(ours);
        let others = others.into_iter().zip(0..).map(|(one, number)| (bucket_name(number), one));
        names.chain(others).chain([(BucketName::new("org-logs"), central)]).collect()
    })
}

/// The names of the baseline's buckets in the regions that accounts are generated with.
fn baseline_names() -> Vec<BucketName> {
    let settings = Settings::default();
    let id = AccountId::new(ACCOUNT);
    let of = |name: &str| {
        let region = Region::new(name);
        [
            settings.trail.bucket.fill(&id, &region),
            settings.trail.access_log_bucket.fill(&id, &region),
            settings.config.bucket.fill(&id, &region),
        ]
    };
    ["ap-south-1", "eu-west-1", "us-east-1"].into_iter().flat_map(of).collect()
}

fn bucket_name(number: usize) -> BucketName {
    BucketName::new(format!("bucket-{number}"))
}

/// More often well than not, or hardly any trail would be good.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.8)
}

fn trail() -> impl Strategy<Value = Trail> {
    let flags = [mostly(), mostly(), mostly(), mostly(), mostly()];
    let owner = prop_oneof![6 => Just(ACCOUNT), 1 => Just(FOREIGN)];
    let own_key = (region(), 0_usize..2).prop_map(|(at, number)| {
        KeyArn::new(format!("arn:aws:kms:{at}:{ACCOUNT}:key/key-{number}"))
    });
    let theirs = Just(KeyArn::new(format!("arn:aws:kms:us-east-1:{FOREIGN}:key/2")));
    let key = option::weighted(0.7, prop_oneof![4 => own_key, 1 => theirs]);
    let group = option::weighted(0.7, Just(String::new()));
    let name = prop_oneof![
        4 => (0_usize..2).prop_map(bucket_name),
        1 => select(baseline_names()),
    ];
    let prefix = option::weighted(0.2, Just("some".to_owned()));
    let place = (name, prefix);
    (flags, owner, place, key, group, status(), events()).prop_map(
        |(
            [multi_region, global_events, validation, shown, alone],
            owner,
            (bucket, prefix),
            key,
            group,
            status,
            events,
        )| Trail {
            // Nobody else's trail delivers to where AWS Config does, or to a bucket of our names.
            bucket: if owner == FOREIGN { bucket_name(1) } else { bucket },
            name: String::new(),
            home: Region::new("nowhere"),
            owner: AccountId::new(owner),
            organization: !alone || owner == FOREIGN,
            multi_region,
            global_events,
            validation,
            prefix,
            role: group.as_ref().map(|_| format!("arn:aws:iam::{owner}:role/trails")),
            log_group: group,
            key,
            status: Observed::Known(status),
            events: if shown || owner == ACCOUNT {
                Observed::Known(events)
            } else {
                let reason = "not ours to see".to_owned();
                let action = harden::model::Action::new("cloudtrail:GetEventSelectors");
                Observed::Failed { action, reason }
            },
        },
    )
}

fn status() -> impl Strategy<Value = TrailStatus> {
    let ago = || prop_oneof![8 => 0_i64..24, 1 => 24_i64..100];
    let time = |hours| taken_at() - jiff::SignedDuration::from_hours(hours);
    let delivery = move || {
        let at = option::weighted(0.9, ago().prop_map(time));
        (at, option::weighted(0.1, Just("AccessDenied".to_owned())))
            .prop_map(|(at, error)| Delivery { at, error })
    };
    (mostly(), option::of(ago().prop_map(time)), delivery(), delivery()).prop_map(
        |(logging, started, delivered, delivered_to_logs)| TrailStatus {
            logging,
            started,
            delivered,
            delivered_to_logs,
        },
    )
}

fn events() -> impl Strategy<Value = ManagementEvents> {
    (mostly(), mostly(), mostly()).prop_map(|(read, write, all)| ManagementEvents {
        read,
        write,
        excluded: if all { BTreeSet::new() } else { ["kms".to_owned()].into() },
    })
}

fn trail_key() -> impl Strategy<Value = TrailKey> {
    let state = prop_oneof![4 => Just("Enabled"), 1 => Just("Disabled")];
    (mostly(), state, key_policy()).prop_map(|(customer_managed, state, policy)| TrailKey {
        customer_managed,
        state: state.to_owned(),
        policy: Observed::Known(policy),
    })
}

fn key_policy() -> impl Strategy<Value = PolicyText> {
    let root = r#"{ "Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"}, "Action":"kms:*","Resource":"*"}"#;
    let deny = r#"{"Sid":"Keep","Effect":"Deny","Principal":"*","Action":"kms:ScheduleKeyDeletion","Resource":"*"}"#;
    select(vec![
        format!(r#"{{"Version":"2012-10-17","Statement":[{root}]}}"#),
        format!(r#"{{"Version":"2012-10-17","Id":"k","Statement":[{root} , {deny}]}}"#),
    ])
    .prop_map(PolicyText::new)
}

fn log_group() -> impl Strategy<Value = LogGroup> {
    let class =
        prop_oneof![6 => Just("STANDARD"), 1 => Just("INFREQUENT_ACCESS"), 1 => Just("DELIVERY")];
    (class, option::of(select(vec![1_u16, 30, 731]))).prop_map(|(class, retention_days)| LogGroup {
        class: class.to_owned(),
        retention_days,
        filters: Observed::Known(BTreeMap::new()),
    })
}

fn bucket() -> impl Strategy<Value = Bucket> {
    prop_oneof![
        8 => own_bucket().prop_map(|own| Bucket::Ours(Box::new(own))),
        1 => Just(Bucket::Absent),
        1 => region().prop_map(|region| Bucket::Foreign { region }),
    ]
}

/// Statements as people write them: to be kept to the byte, unless they let in anyone.
const STATEMENTS: [&str; 8] = [
    r#"{"Sid":"Tls", "Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"}, "Action":["s3:GetObject"],"Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":{"AWS":["*"]},"Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}"#,
    r#"{"Sid":"Web","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}"#,
    r#"{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":"*"}"#,
    r#"{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"s3:*","Resource":"*"}"#,
    r#"{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:GetObject","Resource":"*"}"#,
];

fn bucket_policy() -> impl Strategy<Value = Option<String>> {
    let statements = proptest::sample::subsequence(STATEMENTS.to_vec(), 0..4);
    let several =
        statements.prop_map(|list| format!(r#"{{"Id":"x","Statement":[{}]}}"#, list.join(" , ")));
    let one = select(STATEMENTS.to_vec())
        .prop_map(|one| format!(r#"{{"Version":"2012-10-17","Statement":{one}}}"#));
    prop_oneof![
        2 => Just(None),
        6 => several.prop_map(Some),
        3 => one.prop_map(Some),
        1 => Just(Some("rubbish".to_owned())),
    ]
}

fn own_bucket() -> impl Strategy<Value = OwnBucket> {
    let grant = |to: Grantee, permission: &str| Grant { to, permission: permission.to_owned() };
    let group = |name: &str| Grantee::Group(format!("http://acs.example/groups/{name}"));
    let grants = vec![
        grant(Grantee::Account("owner".to_owned()), "FULL_CONTROL"),
        grant(group("s3/LogDelivery"), "WRITE"),
        grant(group("global/AllUsers"), "READ"),
    ];
    let acl = prop_oneof![
        2 => Just(Vec::new()),
        1 => proptest::sample::subsequence(grants, 0..=3),
    ];
    let block = option::of(any::<[bool; 4]>().prop_map(
        |[block_acls, ignore_acls, block_policy, restrict]| PublicAccessBlock {
            block_acls,
            ignore_acls,
            block_policy,
            restrict,
        },
    ));
    let ownership = option::of(Just("BucketOwnerEnforced".to_owned()));
    let target = (0_usize..3)
        .prop_map(|number| LogTarget { bucket: bucket_name(number), prefix: "log/".to_owned() });
    let public = prop::bool::weighted(0.3);
    let logging = option::weighted(0.7, target);
    (region(), acl, bucket_policy(), public, block, ownership, logging).prop_map(
        |(region, acl, policy, public, block, ownership, target)| OwnBucket {
            region,
            acl: Observed::Known(acl),
            policy_is_public: Observed::Known(public && policy.is_some()),
            policy: Observed::Known(policy.map(PolicyText::new)),
            public_access: Observed::Known(block),
            ownership: Observed::Known(ownership),
            logging: Observed::Known(target),
        },
    )
}

pub(crate) fn recorders() -> impl Strategy<Value = BTreeMap<String, Recorder>> {
    let types = || BTreeSet::from(["AWS::EC2::Volume".to_owned()]);
    let records = prop_oneof![
        8 => Just(Records::Everything),
        1 => Just(Records::AllBut(types())),
        1 => Just(Records::Only(types())),
    ];
    let last = prop_oneof![
        8 => Just(LastStatus::Success),
        1 => Just(LastStatus::Pending),
        1 => Just(LastStatus::Failure),
        1 => Just(LastStatus::Other),
    ];
    let daily = || RecordingMode {
        frequency: "DAILY".to_owned(),
        overrides: vec![ModeOverride {
            description: None,
            types: types(),
            frequency: "CONTINUOUS".to_owned(),
        }],
    };
    let mode = option::of(Just(daily()));
    let role = option::weighted(0.9, Just(format!("arn:aws:iam::{ACCOUNT}:role/config")));
    let recorder = (records, any::<bool>(), mostly(), last, mode, role).prop_map(
        |(records, global_types, recording, last, mode, role)| Recorder {
            mode,
            role,
            // Without everything there are no types without a region.
            global_types: global_types && records == Records::Everything,
            records,
            status: Observed::Known(RecorderStatus { recording, last, error: None }),
        },
    );
    named(recorder)
}

pub(crate) fn channels() -> impl Strategy<Value = BTreeMap<String, DeliveryChannel>> {
    let bucket = prop_oneof![
        3 => Just(bucket_name(0)),
        1 => select(baseline_names()),
    ];
    let topic = option::of(Just("arn:aws:sns:eu-west-1:111122223333:config".to_owned()));
    let channel = (option::weighted(0.8, bucket), option::of(Just("p".to_owned())), topic)
        .prop_map(|(bucket, prefix, topic)| DeliveryChannel {
            key: None,
            frequency: None,
            bucket,
            prefix,
            topic,
        });
    named(channel)
}

fn named<T: std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    let name = prop_oneof![Just("default"), Just("mine")];
    option::weighted(0.85, (name, one))
        .prop_map(|one| one.map(|(name, one)| (name.to_owned(), one)).into_iter().collect())
}
