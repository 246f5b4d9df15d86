//! The remedy of 2.5: a recorder, a delivery channel and a start in each region that misses them.

use std::collections::{BTreeMap, BTreeSet};

use super::work::{Obstacle, Work, about, additive};
use crate::change::{Operation, RecorderConfig};
use crate::controls::logging::recorder::{GLOBAL_TYPES, ID};
use crate::controls::statements::{config_bucket, lets_in};
use crate::controls::words::some;
use crate::controls::{Case, Fix, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    Bucket, BucketName, DeliveryChannel, Exclusions, LastStatus, PolicyText, Read, Recorder,
    Records, Region, Service,
};

/// The remedy of 2.5.
pub(in crate::controls::logging) static CONFIG: Fix = Fix {
    name: "config",
    turn: 20,
    reads: &[
        Read::Recorders,
        Read::RecorderStatus,
        Read::DeliveryChannels,
        Read::Roles,
        Read::Buckets,
        Read::BucketPolicy,
        Read::BaselineBuckets,
    ],
    changes: "In each enabled region: config:PutConfigurationRecorder for every type, \
              config:PutDeliveryChannel and config:StartConfigurationRecorder, as far as they are \
              missing. A recorder that is there is extended and never replaced: its role, its name and \
              how often it records stay, and so does what somebody left out of it. The types without a \
              region are recorded in one region. The bucket is the one that other regions deliver to, \
              or else one of the baseline's name.",
    breaks: "Nothing. It is usually what costs most: each change to a resource is charged.",
    undo: "Recorders, channels and the bucket that were made are deleted, the bucket only while it is \
           empty; extended recorders go back to what they recorded.",
    propose,
};

/// The name of recorders and channels that AWS gives by itself.
const DEFAULT: &str = "default";

/// Where a region delivers to.
#[derive(Clone, Debug)]
struct Destination {
    bucket: BucketName,
    prefix: Option<String>,
}

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let mut work = Work::new(case, wanted, scope);
    let findings = wanted.get(&ID).into_iter().flatten();
    let mut regions: BTreeSet<Region> = findings.clone().filter_map(|f| f.region.clone()).collect();
    let asked = findings.clone().any(|finding| finding.resource == GLOBAL_TYPES);
    let global = if asked { choose(&work) } else { None };
    if asked && global.is_none() {
        let detail = "every recorder leaves out types, and none is changed in that: let one of them \
                      record users, groups, roles and policies of IAM";
        work.leave([ID], (GLOBAL_TYPES, None), &Obstacle::new(Why::Manual, detail));
    }
    regions.extend(global.clone());
    let role = role(&mut work, &regions);
    let destination = destination(&mut work, &regions);
    for region in &regions {
        let is_global = global.as_ref() == Some(region);
        one(&mut work, region, is_global, role.as_ref(), destination.as_ref());
    }
    work.proposal
}

fn recorder<'a>(work: &Work<'a>, region: &Region) -> Option<(&'a String, &'a Recorder)> {
    work.case.snapshot.regional.get(region)?.recorders.ok()?.iter().next()
}

fn channel<'a>(work: &Work<'a>, region: &Region) -> Option<(&'a String, &'a DeliveryChannel)> {
    work.case.snapshot.regional.get(region)?.channels.ok()?.iter().next()
}

/// The region that is to record what has no region: that of the session if it can be.
fn choose(work: &Work<'_>) -> Option<Region> {
    let snapshot = work.case.snapshot;
    let can = |region: &&Region| {
        let known = snapshot.regional.get(*region).is_some_and(|r| r.recorders.ok().is_some());
        let recorder = recorder(work, region);
        known && recorder.is_none_or(|(_, one)| !matches!(one.records, Records::AllBut(_)))
    };
    snapshot.home.iter().chain(snapshot.regional.keys()).find(can).cloned()
}

/// The ARN of the role for recorders that have none, and the step that makes it.
fn role(work: &mut Work<'_>, regions: &BTreeSet<Region>) -> Result<String, Obstacle> {
    let arn = Service::Config.linked_role_arn(work.account());
    let needed = regions
        .iter()
        .any(|region| recorder(work, region).is_none_or(|(_, recorder)| recorder.role.is_none()));
    if !needed {
        return Ok(arn);
    }
    let name = Service::Config.linked_role();
    let unread = || Obstacle::new(Why::Unknown, format!("role {name} was not read"));
    let role = work.case.snapshot.iam.roles.get(name).ok_or_else(unread)?.known();
    if role.map_err(|gap| Obstacle::unknown(&format!("role {name}"), &gap))?.is_none() {
        let service = Service::Config;
        let step = additive(Operation::CreateServiceLinkedRole { service }, None);
        let title = "service-linked role of AWS Config".to_owned();
        work.bundle(&BTreeSet::from([ID]), title, vec![step]);
    }
    Ok(arn)
}

/// Where regions without a bucket shall deliver to, and the steps that make it fit.
fn destination(work: &mut Work<'_>, regions: &BTreeSet<Region>) -> Result<Destination, Obstacle> {
    let adopted = in_use(work);
    let needed = regions
        .iter()
        .any(|region| channel(work, region).is_none_or(|(_, channel)| channel.bucket.is_none()));
    let snapshot = work.case.snapshot;
    let home = snapshot.home.as_ref().or_else(|| snapshot.regional.keys().next());
    let home = home.ok_or_else(|| Obstacle::new(Why::Unknown, "no region was read"))?;
    let destination = adopted.clone().unwrap_or_else(|| Destination {
        bucket: work.case.settings.config.bucket.fill(&work.account().id, home),
        prefix: None,
    });
    if !needed {
        return Ok(destination);
    }
    let Destination { bucket, prefix } = &destination;
    // What other regions deliver to works, whoever keeps it.
    let foreign = matches!(snapshot.logging.bucket(bucket), Ok(Bucket::Foreign { .. }));
    if adopted.is_some() && foreign {
        return Ok(destination);
    }
    let account = work.account();
    let place = work.place(bucket, home)?;
    let let_in = work
        .policy(bucket, &place)?
        .is_some_and(|policy: PolicyText| lets_in(&policy, Service::Config, "s3:PutObject"));
    if !let_in {
        let statements = |_: Option<&PolicyText>| config_bucket(account, bucket, prefix.as_deref());
        let cost = about(0.1, "0.023 for each GB of configuration history");
        let steps = work.prepare(bucket, &place, statements, cost)?;
        work.bundle(&BTreeSet::from([ID]), format!("bucket {bucket}"), steps);
    }
    Ok(destination)
}

/// The bucket that most regions deliver to already.
fn in_use(work: &Work<'_>) -> Option<Destination> {
    let mut count: BTreeMap<(&BucketName, &Option<String>), usize> = BTreeMap::new();
    for region in work.case.snapshot.regional.keys() {
        if let Some((_, channel)) = channel(work, region)
            && let Some(bucket) = &channel.bucket
        {
            *count.entry((bucket, &channel.prefix)).or_default() += 1;
        }
    }
    let ((bucket, prefix), _) =
        count.into_iter().max_by(|(a, n), (b, m)| n.cmp(m).then_with(|| b.cmp(a)))?;
    Some(Destination { bucket: bucket.clone(), prefix: prefix.clone() })
}

/// What one region misses.
fn one(
    work: &mut Work<'_>,
    region: &Region,
    is_global: bool,
    role: Result<&String, &Obstacle>,
    destination: Result<&Destination, &Obstacle>,
) {
    let found = recorder(work, region);
    let name = found.map_or(DEFAULT, |(name, _)| name).to_owned();
    let steps = steps(work, region, is_global, role, destination);
    match steps {
        Ok(steps) => work.bundle(&BTreeSet::from([ID]), "AWS Config".to_owned(), steps),
        Err(obstacle) => {
            let resource =
                if found.is_some() { name.as_str() } else { super::super::recorder::RECORDER };
            return work.leave([ID], (resource, Some(region)), &obstacle);
        }
    }
    for obstacle in found.map_or(Vec::new(), |(_, recorder)| beyond(work, recorder)) {
        work.leave([ID], (&name, Some(region)), &obstacle);
    }
}

fn steps(
    work: &Work<'_>,
    region: &Region,
    is_global: bool,
    role: Result<&String, &Obstacle>,
    destination: Result<&Destination, &Obstacle>,
) -> Result<Vec<Step>, Obstacle> {
    let found = recorder(work, region);
    let name = found.map_or(DEFAULT, |(name, _)| name).to_owned();
    let mut steps = Vec::new();
    let was = found.map(|(_, recorder)| RecorderConfig::of(recorder));
    let mut to = was.clone().unwrap_or(RecorderConfig {
        role: None,
        records: Records::Everything,
        global_types: false,
        mode: None,
    });
    if to.role.is_none() {
        to.role = Some(role.map_err(Clone::clone)?.clone());
    }
    if let Records::Only(_) = to.records {
        to.records = Records::Everything;
    }
    to.global_types |= is_global;
    if was.as_ref() != Some(&to) {
        let (region, name) = (region.clone(), name.clone());
        let cost = about(
            2.0,
            "0.003 for each recorded change of a resource: 2 to 10 in a quiet region, hundreds in one \
             that changes all day, next to nothing in an empty one",
        );
        steps.push(additive(Operation::PutConfigurationRecorder { region, name, to }, cost));
    }
    steps.extend(deliver(work, region, destination)?);
    let recording =
        found.and_then(|(_, one)| one.status.ok()).is_some_and(|status| status.recording);
    if !recording {
        let region = region.clone();
        steps.push(additive(Operation::StartConfigurationRecorder { region, name }, None));
    }
    Ok(steps)
}

/// The step that gives a region a channel with a bucket. What a channel has besides stays.
fn deliver(
    work: &Work<'_>,
    region: &Region,
    destination: Result<&Destination, &Obstacle>,
) -> Result<Option<Step>, Obstacle> {
    let found = channel(work, region);
    if found.is_some_and(|(_, channel)| channel.bucket.is_some()) {
        return Ok(None);
    }
    let Destination { bucket, prefix } = destination.map_err(Clone::clone)?;
    let was = found.map(|(_, channel)| channel.clone());
    let to = DeliveryChannel {
        bucket: Some(bucket.clone()),
        prefix: was.as_ref().and_then(|was| was.prefix.clone()).or_else(|| prefix.clone()),
        topic: was.as_ref().and_then(|was| was.topic.clone()),
        key: was.as_ref().and_then(|was| was.key.clone()),
        frequency: was.and_then(|was| was.frequency),
    };
    let name = found.map_or(DEFAULT, |(name, _)| name).to_owned();
    let region = region.clone();
    Ok(Some(additive(Operation::PutDeliveryChannel { region, name, to }, None)))
}

/// What is wrong with a recorder that only a person can put right.
fn beyond(work: &Work<'_>, recorder: &Recorder) -> Vec<Obstacle> {
    let mut left = Vec::new();
    if let (Records::AllBut(types), Exclusions::Fail) =
        (&recorder.records, work.case.settings.config.exclusions)
    {
        let types: Vec<String> = types.iter().cloned().collect();
        let detail = format!(
            "somebody left {} out, and harden keeps what is left out: record it as well, or accept it \
             with `config.exclusions = \"warn\"`",
            some(&types, 3)
        );
        left.push(Obstacle::new(Why::Manual, detail));
    }
    if let Some(status) = recorder.status.ok().filter(|status| status.recording)
        && status.last == LastStatus::Failure
    {
        let code = status.error.as_deref().unwrap_or("no reason given");
        let detail = format!(
            "it records, and its last attempt failed: {code}. Look at its role and its bucket"
        );
        left.push(Obstacle::new(Why::Manual, detail));
    }
    left
}
