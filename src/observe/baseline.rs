//! Reads what the baseline names, and what only plans look at: buckets, an alias in each region that has
//! a bucket of trails, the policies of keys, and the log group of flow logs in each region that has a VPC.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::{join_all, join3};

use super::logging::read_buckets;
use super::{Request, when};
use crate::aws::{Clients, kms, logs, observed};
use crate::model::{
    Account, Bucket, BucketName, KeyArn, LogGroup, Logging, Observed, Read, Region, Regional,
    TRAIL_KEY_DESCRIPTION, TrailKey,
};

/// The reads that are made here.
const READS: [Read; 4] =
    [Read::BaselineBuckets, Read::BaselineKeys, Read::KeyPolicies, Read::FlowLogGroups];

/// Whether there is anything to read.
pub(super) fn is_needed(reads: &BTreeSet<Read>) -> bool {
    READS.iter().any(|read| reads.contains(read))
}

/// What has been read so far, and is to be completed.
pub(super) struct Reading<'a> {
    pub(super) clients: &'a Clients,
    pub(super) account: &'a Account,
    pub(super) request: &'a Request,
    pub(super) logging: &'a mut Logging,
    pub(super) regional: &'a mut BTreeMap<Region, Regional>,
}

impl Reading<'_> {
    /// Reads what is asked for, and nothing a second time.
    pub(super) async fn complete(mut self) {
        let homes = self.homes();
        let planned = self.planned_buckets(&homes);
        self.read_buckets(planned).await;
        let (buckets, aliases, groups) = join3(
            self.unread_buckets(self.access_log_buckets(&homes)),
            self.aliases(&homes),
            self.flow_log_groups(),
        )
        .await;
        self.logging.buckets.extend(buckets);
        for (region, group) in groups {
            if let Some(regional) = self.regional.get_mut(&region) {
                let name = self.request.settings.flow_logs.log_group.clone();
                regional.log_groups.insert(name, group);
            }
        }
        for (region, named) in aliases {
            self.take_alias(&region, named);
        }
        self.read_policies().await;
    }

    fn wants(&self, read: Read) -> bool {
        self.request.reads.contains(&read)
    }

    /// Where a plan makes what there is nowhere: in the region of the session, or, if that is left out,
    /// in the first that is not.
    fn homes(&self) -> BTreeSet<Region> {
        let home = self.clients.home();
        let first = self.regional.keys().next().filter(|_| !self.regional.contains_key(home));
        std::iter::once(home).chain(first).cloned().collect()
    }

    /// The buckets to be made for a trail or AWS Config, and those that AWS Config delivers to.
    fn planned_buckets(&self, homes: &BTreeSet<Region>) -> BTreeMap<BucketName, Region> {
        let settings = &self.request.settings;
        let account = &self.account.id;
        let named = homes.iter().flat_map(|home| {
            let templates = [&settings.trail.bucket, &settings.config.bucket];
            templates.map(|template| (template.fill(account, home), home.clone()))
        });
        let delivered = self.regional.iter().flat_map(|(region, regional)| {
            let channels = regional.channels.ok().into_iter().flat_map(BTreeMap::values);
            channels.filter_map(|channel| Some((channel.bucket.clone()?, region.clone())))
        });
        named.chain(delivered).collect()
    }

    /// The buckets for the access logs of the account's buckets: S3 writes those in the same region.
    fn access_log_buckets(&self, homes: &BTreeSet<Region>) -> BTreeMap<BucketName, Region> {
        let template = &self.request.settings.trail.access_log_bucket;
        let places = self.trail_buckets(homes).filter(|(_, foreign)| !foreign);
        let places = places.map(|(place, _)| place).chain(homes);
        places.map(|place| (template.fill(&self.account.id, place), place.clone())).collect()
    }

    /// Where the buckets of trails are, or will be made, and whether they are another account's.
    fn trail_buckets<'b>(
        &'b self,
        homes: &'b BTreeSet<Region>,
    ) -> impl Iterator<Item = (&'b Region, bool)> {
        let template = &self.request.settings.trail.bucket;
        let planned = homes.iter().map(|home| (template.fill(&self.account.id, home), home));
        let trails = self.logging.trails.values();
        let named = trails.map(|trail| (trail.bucket.clone(), &trail.home));
        named.chain(planned).filter_map(|(name, near)| {
            Some(match self.logging.bucket(&name).ok()? {
                Bucket::Absent => (near, false),
                Bucket::Foreign { region } => (region, true),
                Bucket::Ours(bucket) => (&bucket.region, false),
            })
        })
    }

    async fn read_buckets(&mut self, names: BTreeMap<BucketName, Region>) {
        let buckets = self.unread_buckets(names).await;
        self.logging.buckets.extend(buckets);
    }

    async fn unread_buckets(
        &self,
        mut names: BTreeMap<BucketName, Region>,
    ) -> BTreeMap<BucketName, Observed<Bucket>> {
        if !self.wants(Read::BaselineBuckets) {
            return BTreeMap::new();
        }
        let read = &self.logging.buckets;
        names.retain(|name, _| read.get(name).is_none_or(|bucket| *bucket == Observed::Unread));
        read_buckets(self.clients, names, &self.request.reads, Read::BaselineBuckets).await
    }

    /// The key that the alias names, in each region that has a bucket of trails.
    async fn aliases(
        &self,
        homes: &BTreeSet<Region>,
    ) -> BTreeMap<Region, Observed<Option<kms::Named>>> {
        if !self.wants(Read::BaselineKeys) {
            return BTreeMap::new();
        }
        let alias = &self.request.settings.trail.key_alias;
        let places = self.trail_buckets(homes).map(|(place, _)| place).chain(homes);
        let places: BTreeSet<&Region> =
            places.filter(|place| self.regional.contains_key(*place)).collect();
        let named = join_all(places.into_iter().map(async |region| {
            let named = observed(kms::key_of_alias(self.clients, region, alias).await);
            (region.clone(), named)
        }));
        named.await.into_iter().collect()
    }

    /// The log group for flow logs, in each region that has a VPC.
    async fn flow_log_groups(&self) -> Vec<(Region, Observed<Option<LogGroup>>)> {
        if !self.wants(Read::FlowLogGroups) {
            return Vec::new();
        }
        let name = &self.request.settings.flow_logs.log_group;
        let has_one = |regional: &Regional| regional.vpcs.ok().is_some_and(|vpcs| !vpcs.is_empty());
        let places = self.regional.iter().filter(|(_, regional)| has_one(regional));
        join_all(places.map(async |(region, _)| {
            (region.clone(), observed(logs::log_group(self.clients, region, name).await))
        }))
        .await
    }

    fn take_alias(&mut self, region: &Region, named: Observed<Option<kms::Named>>) {
        let Some(regional) = self.regional.get_mut(region) else { return };
        let found = match &named {
            Observed::Known(Some(named)) => Some((named.arn.clone(), named.key.clone())),
            Observed::Known(None) => left_behind(self.account, region, regional),
            Observed::Denied { .. } | Observed::Failed { .. } | Observed::Unread => None,
        };
        let alias = self.request.settings.trail.key_alias.clone();
        regional.aliases.insert(alias, named.map(|named| named.map(|named| named.id)));
        if let Some((arn, key)) = found {
            let held = self.logging.keys.entry(arn).or_default();
            if *held == Observed::Unread {
                *held = Observed::Known(Some(key));
            }
        }
    }

    async fn read_policies(&mut self) {
        let wanted = self.wants(Read::KeyPolicies);
        let homes = self.logging.trails.values().filter_map(|trail| {
            let key = trail.key.clone()?;
            Some((key, trail.home.clone()))
        });
        let homes: BTreeMap<KeyArn, Region> = homes.collect();
        let keys = self.logging.keys.iter_mut().filter_map(|(arn, key)| {
            let region = arn.region().or_else(|| homes.get(arn).cloned())?;
            Some((arn, region, key.ok_mut()?.as_mut()?))
        });
        let clients = self.clients;
        join_all(keys.map(async |(arn, region, key)| {
            key.policy = when(wanted, kms::policy(clients, &region, arn.as_str())).await;
        }))
        .await;
    }
}

/// A key that harden has made and that has lost its alias in an undo: a plan takes it up again.
fn left_behind(
    account: &Account,
    region: &Region,
    regional: &Regional,
) -> Option<(KeyArn, TrailKey)> {
    let keys = regional.keys.ok()?.iter();
    let mut usable = keys
        .filter_map(|(id, key)| Some((id, key.detail.ok()?)))
        .filter(|(_, detail)| detail.description == TRAIL_KEY_DESCRIPTION && detail.is_usable());
    let (id, detail) = usable.next()?;
    let arn = account.arn("kms", region.as_str(), &format!("key/{id}"));
    let key =
        TrailKey { customer_managed: true, state: detail.state.clone(), policy: Observed::Unread };
    Some((KeyArn::new(arn), key))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::aws::fake::{Fake, fake};
    use crate::model::{KeyId, PolicyText, Settings, Snapshot};
    use crate::observe::observe;

    const TRAIL_KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/1";
    const ALIAS_KEY: &str = "arn:aws:kms:us-west-2:111122223333:key/2";
    const LEFT_KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/3";

    /// A trail of eu-west-1 with key `1` and its bucket `logs` in us-west-2, where AWS Config delivers to
    /// `history` and the alias names `2`. In eu-west-1 an undo has left `3`.
    fn account(request: &str) -> (u16, String) {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let asked = |action: &str| request.contains(&format!(".{action}\r\n"));
        let far = request.contains("/us-west-2/");
        let key = |arn: &str, description: &str| {
            let (_, id) = arn.split_once('/').unwrap();
            let names = format!(r#""KeyId":"{id}","Arn":"{arn}","Description":"{description}""#);
            let what = r#""KeySpec":"SYMMETRIC_DEFAULT","Origin":"AWS_KMS""#;
            let rest = format!(r#"{what},"KeyManager":"CUSTOMER","KeyState":"Enabled""#);
            format!(r#"{{"KeyMetadata":{{{names},{rest}}}}}"#)
        };
        let json = if request.starts_with("HEAD /logs/") {
            let status = if far { 200 } else { 301 };
            return (status, "x-amz-bucket-region: us-west-2\r\n\r\n".to_owned());
        } else if request.starts_with("HEAD /history/") {
            return (200, "x-amz-bucket-region: us-west-2\r\n\r\n".to_owned());
        } else if request.starts_with("HEAD") {
            return (404, String::new());
        } else if request.contains("?policy") {
            let error = "<Error><Code>NoSuchBucketPolicy</Code></Error>";
            return (404, error.to_owned());
        } else if asked("DescribeTrails") {
            let trail = format!(
                r#"{{"TrailARN":"arn:aws:cloudtrail:eu-west-1:111122223333:trail/main","Name":"main",
                    "HomeRegion":"eu-west-1","S3BucketName":"logs","KmsKeyId":"{TRAIL_KEY}"}}"#
            );
            format!(r#"{{"trailList":[{trail}]}}"#)
        } else if asked("DescribeDeliveryChannels") {
            let channel = r#"{"name":"default","s3BucketName":"history"}"#;
            format!(r#"{{"DeliveryChannels":[{}]}}"#, if far { channel } else { "" })
        } else if asked("ListKeys") {
            format!(r#"{{"Keys":[{}]}}"#, if far { "" } else { r#"{"KeyId":"3"}"# })
        } else if asked("GetKeyRotationStatus") {
            r#"{"KeyRotationEnabled":true}"#.to_owned()
        } else if asked("GetKeyPolicy") {
            let id = if body.contains("key/1") { "of 1" } else { "of another" };
            format!(r#"{{"Policy":"{id}"}}"#)
        } else if asked("DescribeKey") && body.contains("key/1") {
            key(TRAIL_KEY, "")
        } else if asked("DescribeKey") && body.contains("alias/") && far {
            key(ALIAS_KEY, "")
        } else if asked("DescribeKey") && body.contains(r#""3""#) {
            key(LEFT_KEY, TRAIL_KEY_DESCRIPTION)
        } else if asked("DescribeKey") {
            return (400, r#"{"__type":"NotFoundException"}"#.to_owned());
        } else {
            return (403, r#"{"__type":"AccessDeniedException"}"#.to_owned());
        };
        (200, json)
    }

    async fn read(fake: &Fake, reads: &[Read]) -> Snapshot {
        let request = Request {
            reads: reads.iter().copied().collect(),
            regions: Some(["eu-west-1", "us-west-2"].map(Region::new).into()),
            settings: Settings::default(),
            version: "0.1.0".to_owned(),
            taken_at: Timestamp::UNIX_EPOCH,
        };
        observe(&fake.session, &fake.clients, &request, &|_| ()).await.unwrap()
    }

    fn names(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.logging.buckets.keys().map(BucketName::as_str).collect()
    }

    #[tokio::test]
    async fn every_bucket_that_a_plan_may_use_is_read_once() {
        let fake = fake(account);
        let reads = [
            Read::Trails,
            Read::Buckets,
            Read::BucketPolicy,
            Read::DeliveryChannels,
            Read::BaselineBuckets,
        ];
        let snapshot = read(&fake, &reads).await;
        let expected = [
            "harden-access-logs-111122223333-eu-west-1",
            "harden-access-logs-111122223333-us-west-2",
            "harden-config-111122223333-eu-west-1",
            "harden-trail-111122223333-eu-west-1",
            "history",
            "logs",
        ];
        assert_eq!(names(&snapshot), expected);
        let logging = &snapshot.logging;
        for planned in &expected[..4] {
            let bucket = logging.bucket(&BucketName::new(*planned)).unwrap();
            assert_eq!(*bucket, Bucket::Absent);
        }
        for ours in &expected[4..] {
            let Ok(Bucket::Ours(own)) = logging.bucket(&BucketName::new(*ours)) else { panic!() };
            assert_eq!(own.region, Region::new("us-west-2"));
            assert_eq!(own.policy, Observed::Known(None));
            assert_eq!(own.acl, Observed::Unread);
        }
        // One is looked for in a wrong region first.
        assert_eq!(fake.requests("HEAD /").len(), expected.len() + 1);
        assert_eq!(fake.requests("?policy").len(), 2);
        assert!(snapshot.regional.values().all(|regional| regional.aliases.is_empty()));
    }

    #[tokio::test]
    async fn buckets_are_read_without_trails_too() {
        let fake = fake(account);
        let snapshot = read(&fake, &[Read::DeliveryChannels, Read::BaselineBuckets]).await;
        assert_eq!(names(&snapshot).len(), 4);
        assert_eq!(fake.requests("DescribeTrails").len(), 0);
        let snapshot = read(&fake, &[Read::Trails, Read::DeliveryChannels]).await;
        assert_eq!(names(&snapshot), ["logs"]);
        assert_eq!(snapshot.logging.buckets[&BucketName::new("logs")], Observed::Unread);
    }

    #[tokio::test]
    async fn keys_are_read_where_buckets_are_with_their_policies() {
        let fake = fake(account);
        let reads = [
            Read::Trails,
            Read::TrailKeys,
            Read::Buckets,
            Read::Keys,
            Read::BaselineKeys,
            Read::KeyPolicies,
        ];
        let snapshot = read(&fake, &reads).await;
        let alias = |region: &str| {
            let aliases = &snapshot.regional[&Region::new(region)].aliases;
            aliases["alias/harden-cloudtrail"].clone()
        };
        assert_eq!(alias("us-west-2"), Observed::Known(Some(KeyId::new("2"))));
        assert_eq!(alias("eu-west-1"), Observed::Known(None));
        let policies = [TRAIL_KEY, ALIAS_KEY, LEFT_KEY].map(|arn| {
            let key = snapshot.logging.key(&KeyArn::new(arn)).unwrap().unwrap();
            assert!(key.customer_managed);
            key.policy.ok().unwrap().as_str()
        });
        assert_eq!(policies, ["of 1", "of another", "of another"]);
        assert_eq!(snapshot.logging.keys.len(), 3);
        assert_eq!(fake.requests("TrentService.GetKeyPolicy").len(), 3);
        // Two aliases, the key of the trail, the one key that is listed.
        assert_eq!(fake.requests("TrentService.DescribeKey").len(), 4);
    }

    #[tokio::test]
    async fn what_is_denied_is_denied_of_each_thing() {
        let closed = fake(|request| {
            if request.contains("TrentService") {
                (400, r#"{"__type":"AccessDeniedException","message":"no"}"#.to_owned())
            } else {
                (403, String::new())
            }
        });
        let reads = [Read::BaselineBuckets, Read::BaselineKeys, Read::Keys];
        let snapshot = read(&closed, &reads).await;
        assert_eq!(names(&snapshot).len(), 3);
        assert!(snapshot.logging.buckets.values().all(Observed::is_gap));
        let home = &snapshot.regional[&Region::new("eu-west-1")];
        assert!(home.aliases.values().all(Observed::is_gap));
        assert_eq!(home.aliases.len(), 1);
    }

    #[tokio::test]
    async fn policies_are_read_as_values() {
        let fake = fake(account);
        let snapshot = read(&fake, &[Read::Trails, Read::TrailKeys, Read::KeyPolicies]).await;
        let key = snapshot.logging.key(&KeyArn::new(TRAIL_KEY)).unwrap().unwrap();
        assert_eq!(key.policy, Observed::Known(PolicyText::new("of 1")));
        let snapshot = read(&fake, &[Read::Trails, Read::TrailKeys, Read::BaselineKeys]).await;
        let key = snapshot.logging.key(&KeyArn::new(TRAIL_KEY)).unwrap().unwrap();
        assert_eq!(key.policy, Observed::Unread);
    }
}
