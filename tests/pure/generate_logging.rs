//! Arbitrary trails, what they deliver to, and what AWS Config does.

use std::collections::{BTreeMap, BTreeSet};

use harden::model::{
    AccountId, Bucket, BucketName, Delivery, DeliveryChannel, Grant, Grantee, KeyArn, LastStatus,
    LogTarget, Logging, ManagementEvents, Observed, OwnBucket, PolicyText, PublicAccessBlock,
    Recorder, RecorderStatus, Records, Region, Regional, Trail, TrailArn, TrailKey, TrailStatus,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::generate::{ACCOUNT, taken_at};

const FOREIGN: &str = "444455556666";
const KEYS: [&str; 3] = [
    "arn:aws:kms:eu-west-1:111122223333:key/0",
    "arn:aws:kms:us-east-1:111122223333:key/1",
    "arn:aws:kms:us-east-1:444455556666:key/2",
];

/// Trails that are yet to find a home, with the buckets and keys that they may name.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    trails: Vec<(Trail, Index)>,
    buckets: [Bucket; 2],
    keys: [Option<TrailKey>; 2],
}

impl Parts {
    /// Puts the trails into regions and shows them wherever they are seen.
    pub(crate) fn settle(self, regional: &mut BTreeMap<Region, Regional>) -> Logging {
        let regions: Vec<Region> = regional.keys().cloned().collect();
        let mut logging = Logging::default();
        for (mut trail, at) in self.trails {
            if regions.is_empty() {
                break;
            }
            trail.home = at.get(&regions).clone();
            let Trail { name, home, owner, .. } = &trail;
            let arn = TrailArn::new(format!("arn:aws:cloudtrail:{home}:{owner}:trail/{name}"));
            for (bucket, number) in self.buckets.iter().zip(0..) {
                if trail.bucket == bucket_name(number) {
                    let bucket = Observed::Known(bucket.clone());
                    logging.buckets.insert(trail.bucket.clone(), bucket);
                }
            }
            for (key, name) in self.keys.iter().zip(KEYS) {
                if trail.key == Some(KeyArn::new(name)) {
                    logging.keys.insert(KeyArn::new(name), Observed::Known(key.clone()));
                }
            }
            logging.trails.insert(arn, trail);
        }
        for (region, regional) in regional {
            let seen = logging.trails.iter();
            let seen = seen.filter(|(_, trail)| trail.multi_region || trail.home == *region);
            let seen: BTreeSet<TrailArn> = seen.map(|(arn, _)| arn.clone()).collect();
            regional.trails = Observed::Known(seen);
        }
        logging
    }
}

pub(crate) fn parts() -> impl Strategy<Value = Parts> {
    let trails = vec((trail(), any::<Index>()), 0..4).prop_map(|mut trails| {
        for ((trail, _), number) in trails.iter_mut().zip(0..) {
            trail.name = format!("trail-{number}");
        }
        trails
    });
    (trails, [bucket(), bucket()], [key(), key()]).prop_map(|(trails, buckets, keys)| Parts {
        trails,
        buckets,
        keys,
    })
}

fn bucket_name(number: usize) -> BucketName {
    BucketName::new(format!("bucket-{number}"))
}

/// More often well than not, or hardly any trail would be good.
fn mostly() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.8)
}

fn trail() -> impl Strategy<Value = Trail> {
    let flags = [mostly(), mostly(), mostly(), mostly()];
    let owner = prop_oneof![6 => Just(ACCOUNT), 1 => Just(FOREIGN)];
    let key = option::weighted(0.8, prop::sample::select(&KEYS[..]).prop_map(KeyArn::new));
    let group = option::weighted(0.8, Just("arn:aws:logs:group".to_owned()));
    (flags, owner, 0_usize..2, key, group, status(), events()).prop_map(
        |(
            [multi_region, global_events, validation, shown],
            owner,
            bucket,
            key,
            group,
            status,
            events,
        )| Trail {
            name: String::new(),
            home: Region::new("nowhere"),
            owner: AccountId::new(owner),
            organization: owner == FOREIGN,
            multi_region,
            global_events,
            validation,
            bucket: bucket_name(bucket),
            prefix: None,
            role: group.clone(),
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
    let delivery = || {
        let ago = prop_oneof![8 => 0_i64..24, 1 => 24_i64..100];
        let at = option::weighted(
            0.9,
            ago.prop_map(|hours| taken_at() - jiff::SignedDuration::from_hours(hours)),
        );
        (at, option::weighted(0.1, Just("AccessDenied".to_owned())))
            .prop_map(|(at, error)| Delivery { at, error })
    };
    (mostly(), delivery(), delivery()).prop_map(|(logging, delivered, delivered_to_logs)| {
        TrailStatus { logging, started: None, delivered, delivered_to_logs }
    })
}

fn events() -> impl Strategy<Value = ManagementEvents> {
    (mostly(), mostly(), mostly()).prop_map(|(read, write, all)| ManagementEvents {
        read,
        write,
        excluded: if all { BTreeSet::new() } else { ["kms".to_owned()].into() },
    })
}

fn key() -> impl Strategy<Value = Option<TrailKey>> {
    let state = prop_oneof![4 => Just("Enabled"), 1 => Just("Disabled")];
    option::weighted(
        0.9,
        (mostly(), state).prop_map(|(customer_managed, state)| TrailKey {
            customer_managed,
            state: state.to_owned(),
            policy: Observed::Unread,
        }),
    )
}

fn bucket() -> impl Strategy<Value = Bucket> {
    prop_oneof![
        8 => own_bucket().prop_map(|own| Bucket::Ours(Box::new(own))),
        1 => Just(Bucket::Absent),
        1 => Just(Bucket::Foreign { region: Region::new("us-east-1") }),
    ]
}

fn own_bucket() -> impl Strategy<Value = OwnBucket> {
    let public = Grant {
        to: Grantee::Group("http://acs.example/groups/global/AllUsers".to_owned()),
        permission: "READ".to_owned(),
    };
    let acl = prop_oneof![4 => Just(Vec::new()), 1 => Just(vec![public])];
    let policies = vec![
        None,
        Some(r#"{"Statement":[]}"#.to_owned()),
        Some(r#"{"Statement":{"Effect":"Allow","Principal":"*"}}"#.to_owned()),
        Some("rubbish".to_owned()),
    ];
    let block = option::of(any::<[bool; 2]>().prop_map(|[ignore_acls, restrict]| {
        PublicAccessBlock { ignore_acls, restrict, ..PublicAccessBlock::default() }
    }));
    let ownership = option::of(Just("BucketOwnerEnforced".to_owned()));
    let target = (0_usize..3)
        .prop_map(|number| LogTarget { bucket: bucket_name(number), prefix: "log/".to_owned() });
    let public = prop::bool::weighted(0.2);
    (acl, prop::sample::select(policies), public, block, ownership, option::weighted(0.8, target))
        .prop_map(|(acl, policy, public, block, ownership, target)| OwnBucket {
            region: Region::new("us-east-1"),
            acl: Observed::Known(acl),
            policy_is_public: Observed::Known(public && policy.is_some()),
            policy: Observed::Known(policy.map(PolicyText::new)),
            public_access: Observed::Known(block),
            ownership: Observed::Known(ownership),
            logging: Observed::Known(target),
        })
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
    let recorder = (records, any::<bool>(), mostly(), last).prop_map(
        |(records, global_types, recording, last)| Recorder {
            mode: None,
            role: None,
            records,
            global_types,
            status: Observed::Known(RecorderStatus { recording, last, error: None }),
        },
    );
    named(recorder)
}

pub(crate) fn channels() -> impl Strategy<Value = BTreeMap<String, DeliveryChannel>> {
    named(option::weighted(0.9, Just(bucket_name(0))).prop_map(|bucket| DeliveryChannel {
        key: None,
        frequency: None,
        bucket,
        prefix: None,
        topic: None,
    }))
}

fn named<T: std::fmt::Debug>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<String, T>> {
    option::weighted(0.9, one)
        .prop_map(|one| one.map(|one| ("default".to_owned(), one)).into_iter().collect())
}
