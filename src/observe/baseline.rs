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
mod tests;
