//! Accounts of which a part could not be read.

use harden::model::{
    Bucket, BucketName, KeyArn, Observed, OwnBucket, Read, Region, Regional, Settings, Snapshot,
    Topic,
};

/// Makes a read fail wherever it was made, or in one region or for one thing alone, and says in how many
/// places that was.
pub(crate) fn spoil(
    snapshot: &mut Snapshot,
    read: Read,
    failed: bool,
    only: Option<&Region>,
    thing: Option<usize>,
) -> usize {
    let mut how = How { read, failed, thing, met: 0, lost: 0 };
    lose_all(snapshot, &mut how, only);
    how.lost
}

struct How {
    read: Read,
    failed: bool,
    /// The one that is lost, if not all are.
    thing: Option<usize>,
    met: usize,
    lost: usize,
}

impl How {
    fn lose<T>(&mut self, part: &mut Observed<T>) {
        let chosen = self.thing.is_none_or(|thing| thing == self.met);
        self.met += 1;
        if !chosen {
            return;
        }
        self.lost += 1;
        let mut actions = self.read.actions().iter().chain(self.read.actions_from_above());
        let action = actions.next().unwrap().clone();
        *part = if self.failed {
            Observed::Failed { action, reason: "it broke".to_owned() }
        } else {
            Observed::Denied { action }
        };
    }

    fn lose_each<'a, T: 'a>(&mut self, parts: impl IntoIterator<Item = &'a mut Observed<T>>) {
        parts.into_iter().for_each(|part| self.lose(part));
    }
}

fn lose_all(snapshot: &mut Snapshot, how: &mut How, only: Option<&Region>) {
    let (iam, logging) = (&mut snapshot.iam, &mut snapshot.logging);
    let trails = logging.trails.values();
    let delivered: Vec<BucketName> = trails.clone().map(|trail| trail.bucket.clone()).collect();
    let encrypted: Vec<KeyArn> = trails.filter_map(|trail| trail.key.clone()).collect();
    let regions = snapshot
        .regional
        .iter_mut()
        .filter(|(region, _)| only.is_none_or(|only| only == *region))
        .map(|(_, regional)| regional);
    let own = |name: &BucketName| delivered.contains(name);
    let buckets = logging.buckets.iter_mut();
    let flow_logs = Settings::default().flow_logs;
    let is_for_flow = |name: &String| *name == flow_logs.log_group;
    match how.read {
        Read::SecurityContact => how.lose(&mut snapshot.contact),
        Read::PasswordPolicy => how.lose(&mut iam.password_policy),
        Read::AccountSummary => how.lose(&mut iam.summary),
        Read::VirtualMfaDevices => how.lose(&mut iam.virtual_mfa_devices),
        Read::CredentialReport => how.lose(&mut iam.credential_report),
        Read::IdleKeys | Read::OldKeys => {
            how.lose_each(iam.credentials.values_mut().map(|user| &mut user.keys));
        }
        Read::IdlePasswords => {
            how.lose_each(iam.credentials.values_mut().map(|user| &mut user.password));
        }
        Read::RootKeys => how.lose(&mut iam.root_keys),
        Read::People => how.lose(&mut iam.people),
        Read::Keys => how.lose_each(regions.map(|one| &mut one.keys)),
        Read::Rules => how.lose_each(regions.map(|one| &mut one.rules)),
        Read::PrefixLists => how.lose_each(regions.map(|one| &mut one.prefix_lists)),
        Read::Groups => how.lose_each(regions.map(|one| &mut one.groups)),
        Read::DefaultGroups => how.lose_each(regions.map(|one| &mut one.default_groups)),
        Read::Interfaces => how.lose_each(regions.map(|one| &mut one.interfaces)),
        // Only for words.
        Read::Aliases => {}
        Read::Trails => how.lose_each(regions.map(|one| &mut one.trails)),
        Read::TrailStatus => how.lose_each(logging.trails.values_mut().map(|one| &mut one.status)),
        Read::TrailSelectors => {
            how.lose_each(logging.trails.values_mut().map(|one| &mut one.events));
        }
        Read::TrailKeys => {
            let keys = logging.keys.iter_mut().filter(|(arn, _)| encrypted.contains(arn));
            how.lose_each(keys.map(|(_, key)| key));
        }
        Read::Buckets => how.lose_each(buckets.filter(|(name, _)| own(name)).map(|(_, one)| one)),
        Read::BaselineBuckets => {
            how.lose_each(buckets.filter(|(name, _)| !own(name)).map(|(_, one)| one));
        }
        Read::BucketAcl
        | Read::BucketPolicy
        | Read::BucketPolicyStatus
        | Read::BucketPublicAccess
        | Read::BucketOwnership
        | Read::BucketLogging => {
            let own = buckets.filter(|(name, _)| own(name)).filter_map(|(_, one)| ours(one));
            own.for_each(|bucket| lose_part(bucket, how));
        }
        Read::Recorders => how.lose_each(regions.map(|one| &mut one.recorders)),
        Read::RecorderStatus => {
            let recorders = regions.filter_map(|one| one.recorders.ok_mut());
            let recorders = recorders.flat_map(|recorders| recorders.values_mut());
            how.lose_each(recorders.map(|one| &mut one.status));
        }
        Read::DeliveryChannels => how.lose_each(regions.map(|one| &mut one.channels)),
        Read::Roles => {
            let roles = iam.roles.iter_mut().filter(|(name, _)| **name != flow_logs.role);
            how.lose_each(roles.map(|(_, role)| role));
        }
        Read::FlowLogRole => how.lose_each(iam.roles.get_mut(&flow_logs.role)),
        Read::BaselineKeys => how.lose_each(regions.flat_map(|one| one.aliases.values_mut())),
        Read::KeyPolicies => {
            let keys = logging.keys.values_mut().filter_map(|key| key.ok_mut()?.as_mut());
            how.lose_each(keys.map(|key| &mut key.policy));
        }
        Read::Vpcs => how.lose_each(regions.map(|one| &mut one.vpcs)),
        Read::FlowLogs => how.lose_each(regions.map(|one| &mut one.flow_logs)),
        Read::FlowLogGroups => {
            let groups = regions.flat_map(|one| &mut one.log_groups);
            how.lose_each(groups.filter(|(name, _)| is_for_flow(name)).map(|(_, group)| group));
        }
        Read::LogGroups => {
            let groups = regions.flat_map(|one| &mut one.log_groups);
            how.lose_each(groups.filter(|(name, _)| !is_for_flow(name)).map(|(_, group)| group));
        }
        Read::MetricFilters => {
            let groups = regions.flat_map(|one| &mut one.log_groups);
            let groups = groups.filter(|(name, _)| !is_for_flow(name));
            let groups = groups.filter_map(|(_, group)| group.ok_mut()?.as_mut());
            how.lose_each(groups.map(|group| &mut group.filters));
        }
        Read::Alarms => how.lose_each(regions.map(|one| &mut one.alarms)),
        Read::Topics => how.lose_each(regions.map(|one| &mut one.topic_list)),
        Read::TopicAttributes => how.lose_each(topics(regions).map(|topic| &mut topic.attributes)),
        Read::Subscribers => how.lose_each(topics(regions).map(|topic| &mut topic.subscriptions)),
    }
}

fn ours(bucket: &mut Observed<Bucket>) -> Option<&mut OwnBucket> {
    match bucket.ok_mut() {
        Some(Bucket::Ours(own)) => Some(own.as_mut()),
        _ => None,
    }
}

fn lose_part(bucket: &mut OwnBucket, how: &mut How) {
    match how.read {
        Read::BucketAcl => how.lose(&mut bucket.acl),
        Read::BucketPolicy => how.lose(&mut bucket.policy),
        Read::BucketPolicyStatus => how.lose(&mut bucket.policy_is_public),
        Read::BucketPublicAccess => how.lose(&mut bucket.public_access),
        Read::BucketOwnership => how.lose(&mut bucket.ownership),
        _ => how.lose(&mut bucket.logging),
    }
}

fn topics<'a>(
    regions: impl Iterator<Item = &'a mut Regional>,
) -> impl Iterator<Item = &'a mut Topic> {
    regions.flat_map(|one| one.topics.values_mut()).filter_map(|topic| topic.ok_mut()?.as_mut())
}

/// Whether a part of every region holds what this reads.
pub(crate) fn is_regional(read: Read) -> bool {
    matches!(
        read,
        Read::Keys
            | Read::Rules
            | Read::PrefixLists
            | Read::DefaultGroups
            | Read::Trails
            | Read::Recorders
            | Read::RecorderStatus
            | Read::DeliveryChannels
            | Read::Topics
            | Read::Vpcs
            | Read::FlowLogs
    )
}
