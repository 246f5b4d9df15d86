//! The remedy of 2.5: a recorder, a delivery channel and a start in each region that misses them.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{self, Destination, is_foreign, is_proven, open};
use super::work::{Work, about, additive};
use crate::change::{Cost, Operation, RecorderConfig};
use crate::controls::logging::recorder::{GLOBAL_TYPES, ID, RECORDER, has_global_types};
use crate::controls::obstacle::Obstacle;
use crate::controls::words::some;
use crate::controls::{Case, Fix, Proposal, Scope, Step, Wanted, Why};
use crate::model::{
    BucketName, DeliveryChannel, Exclusions, Gap, LastStatus, Read, Recorder, Records, Region,
    Service,
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

/// What a region has, and is to have.
struct Changing<'a> {
    region: Region,
    recorder: Option<(&'a String, &'a Recorder)>,
    channel: Option<(&'a String, &'a DeliveryChannel)>,
    /// How the recorder is to be, if it has to change; without a role it needs one.
    to: Option<RecorderConfig>,
    starts: bool,
    /// Whether it is given the role that AWS makes.
    takes_role: bool,
    /// The step that lets it into its bucket, where there is one.
    policy: Vec<Step>,
    /// The step that gives it a channel with a bucket, where it needs one.
    deliver: Option<Step>,
    is_global: bool,
}

fn propose(case: &Case<'_>, wanted: &Wanted<'_>, scope: &Scope<'_>) -> Proposal {
    let mut work = Work::new(case, wanted, scope);
    let findings = wanted.get(&ID).into_iter().flatten();
    let mut regions: BTreeSet<Region> = findings.clone().filter_map(|f| f.region.clone()).collect();
    let asked = findings.clone().any(|finding| finding.resource == GLOBAL_TYPES);
    let global = if asked { choose(&work, &regions) } else { None };
    if asked && global.is_none() {
        let detail = "harden changes no recorder that leaves out types, none that is accepted as it is, \
                      and none that hides, and regions that AWS Config has come to since February 2022 \
                      cannot: let another record users, groups, roles and policies of IAM";
        work.leave([ID], (GLOBAL_TYPES, None), &Obstacle::new(Why::Manual, detail));
    }
    regions.extend(global.clone());
    let mut changing = Vec::new();
    for region in regions {
        let is_global = global.as_ref() == Some(&region);
        match Changing::of(&work, &region, is_global) {
            Ok(one) => changing.push(one),
            Err(obstacle) => leave(&mut work, &region, is_global, &obstacle),
        }
    }
    let role = role(&work);
    let changing = with_role(&mut work, changing, &role);
    let (ready, buckets) = with_bucket(&mut work, changing);
    // What they share comes first, as far as one of them has a use for it.
    if let Ok((_, step)) = role
        && ready.iter().any(|one| one.takes_role)
    {
        bundle(&mut work, "service-linked role of AWS Config".to_owned(), step);
    }
    for (bucket, steps) in buckets {
        bundle(&mut work, format!("bucket {bucket}"), steps);
    }
    for one in ready {
        for obstacle in one.recorder.map_or(Vec::new(), |(_, recorder)| beyond(&work, recorder)) {
            work.leave([ID], (one.name(), Some(&one.region)), &obstacle);
        }
        bundle(&mut work, "AWS Config".to_owned(), one.steps());
    }
    work.proposal
}

fn bundle(work: &mut Work<'_>, title: String, steps: impl IntoIterator<Item = Step>) {
    work.bundle(&BTreeSet::from([ID]), title, steps.into_iter().collect());
}

/// Those that have a role, are given one, or need none.
fn with_role<'a>(
    work: &mut Work<'_>,
    changing: Vec<Changing<'a>>,
    role: &Result<(String, Option<Step>), Obstacle>,
) -> Vec<Changing<'a>> {
    let mut ready = Vec::new();
    for mut one in changing {
        if let Some(to) = one.to.as_mut().filter(|to| to.role.is_none()) {
            match role {
                Ok((arn, _)) => to.role = Some(arn.clone()),
                Err(obstacle) => {
                    leave(work, &one.region, one.is_global, obstacle);
                    continue;
                }
            }
            one.takes_role = true;
        }
        ready.push(one);
    }
    ready
}

/// Those whose bucket takes what they deliver, and what makes it so.
fn with_bucket<'a>(
    work: &mut Work<'_>,
    changing: Vec<Changing<'a>>,
) -> (Vec<Changing<'a>>, Buckets) {
    let (mut ready, mut waiting) = (Vec::new(), BTreeMap::<_, Vec<_>>::new());
    for mut one in changing {
        match one.destination(work) {
            Ok(Some(to)) => {
                if one.needs_bucket() {
                    one.deliver = Some(one.channel_to(&to));
                }
                waiting.entry(to).or_default().push(one);
            }
            Ok(None) => ready.push(one),
            Err(obstacle) => leave(work, &one.region, one.is_global, &obstacle),
        }
    }
    let mut buckets: Buckets = Vec::new();
    for (to, changing) in waiting {
        let regions: Vec<&Region> = changing.iter().map(|one| &one.region).collect();
        match open(work, &to, &regions) {
            Ok(steps) => {
                // A start says nothing of its bucket: it rests on the policy by standing beside it.
                let policy: Vec<Step> = steps
                    .iter()
                    .filter(|step| step.operation.target().is_policy())
                    .cloned()
                    .collect();
                buckets.push((to.bucket, steps));
                ready.extend(
                    changing.into_iter().map(|one| Changing { policy: policy.clone(), ..one }),
                );
            }
            Err(obstacle) => {
                for one in changing {
                    leave(work, &one.region, one.is_global, &obstacle);
                }
            }
        }
    }
    // Where several let somebody in, all rest on what the last of them writes.
    for one in &mut ready {
        for step in &mut one.policy {
            let target = step.operation.target();
            let mut steps = buckets.iter().rev().flat_map(|(_, steps)| steps);
            if let Some(last) = steps.find(|last| last.operation.target() == target) {
                *step = last.clone();
            }
        }
    }
    ready.sort_by(|one, other| one.region.cmp(&other.region));
    (ready, buckets)
}

/// The steps for each bucket.
type Buckets = Vec<(BucketName, Vec<Step>)>;

fn recorder<'a>(work: &Work<'a>, region: &Region) -> Option<(&'a String, &'a Recorder)> {
    work.case.snapshot.regional.get(region)?.recorders.ok()?.iter().next()
}

/// Leaves a region as it is, and what it was to record for all.
fn leave(work: &mut Work<'_>, region: &Region, is_global: bool, obstacle: &Obstacle) {
    let name = recorder(work, region).map_or(RECORDER, |(name, _)| name);
    work.leave([ID], (name, Some(region)), obstacle);
    if is_global {
        work.leave([ID], (GLOBAL_TYPES, None), obstacle);
    }
}

/// The region that is to record what has no region: that of the session if it can be. One that has no
/// recorder and is not asked for is not given one for this alone.
fn choose(work: &Work<'_>, asked: &BTreeSet<Region>) -> Option<Region> {
    let snapshot = work.case.snapshot;
    let can = |region: &&Region| {
        let fits = match recorder(work, region) {
            None => asked.contains(*region),
            Some((name, one)) => {
                !matches!(one.records, Records::AllBut(_)) && work.scope.asks(ID, name, region)
            }
        };
        fits && has_global_types(region) && Changing::of(work, region, true).is_ok()
    };
    snapshot.home.iter().chain(snapshot.regional.keys()).find(can).cloned()
}

impl<'a> Changing<'a> {
    /// What a region lacks, unless part of it hides.
    fn of(work: &Work<'a>, region: &Region, is_global: bool) -> Result<Self, Obstacle> {
        let regional = work.regional(region)?;
        let hides = |what: &'static str| move |gap: Gap| Obstacle::unread(what, &gap);
        let recorders = regional.recorders.known().map_err(hides("the recorder"))?;
        let channels = regional.channels.known().map_err(hides("the delivery channel"))?;
        let recorder = recorders.iter().next();
        let starts = match recorder {
            None => true,
            Some((_, one)) => {
                !one.status.known().map_err(hides("the status of the recorder"))?.recording
            }
        };
        let to = wanted(recorder.map(|(_, one)| one), is_global);
        let (region, channel) = (region.clone(), channels.iter().next());
        if let Some(to) = channel.and_then(|(_, channel)| Destination::of(channel))
            && starts
            && is_foreign(work, &to.bucket)
            && !is_proven(work, &to)
        {
            let detail = format!(
                "AWS Config is stopped, and would deliver to bucket {} of another account: start it \
                 if that is meant, or give its delivery channel another bucket",
                to.bucket
            );
            return Err(Obstacle::new(Why::Shared, detail));
        }
        Ok(Self {
            region,
            recorder,
            channel,
            to,
            starts,
            takes_role: false,
            policy: Vec::new(),
            deliver: None,
            is_global,
        })
    }

    fn needs_bucket(&self) -> bool {
        self.channel.is_none_or(|(_, channel)| channel.bucket.is_none())
    }

    /// Where it delivers to from now on, if it does not deliver yet.
    fn destination(&self, work: &Work<'_>) -> Result<Option<Destination>, Obstacle> {
        let own = self.channel.map(|(_, channel)| channel);
        if let Some(is) = own.and_then(Destination::of) {
            return Ok(self.starts.then_some(is));
        }
        let to = history::destination(work)?;
        let prefix = own.and_then(|channel| channel.prefix.clone()).or(to.prefix);
        Ok(Some(Destination { prefix, ..to }))
    }

    /// What the recorder is called, or is to be.
    fn recorder_name(&self) -> String {
        self.recorder.map_or(DEFAULT, |(name, _)| name).to_owned()
    }

    /// What is found fault with.
    fn name(&self) -> &str {
        self.recorder.map_or(RECORDER, |(name, _)| name)
    }

    fn steps(self) -> Vec<Step> {
        let (region, name) = (self.region.clone(), self.recorder_name());
        let starts = Operation::StartConfigurationRecorder { region, name };
        let starts = self
            .starts
            .then(|| additive(starts, if self.to.is_none() { recording() } else { None }));
        let (region, name) = (self.region.clone(), self.recorder_name());
        let records = self.to.map(|to| {
            additive(Operation::PutConfigurationRecorder { region, name, to }, recording())
        });
        records.into_iter().chain(self.deliver).chain(self.policy).chain(starts).collect()
    }

    /// The step that gives a region a channel with a bucket. What a channel has besides stays.
    fn channel_to(&self, destination: &Destination) -> Step {
        let Destination { bucket, prefix } = destination.clone();
        let to = match self.channel {
            Some((_, was)) => DeliveryChannel { bucket: Some(bucket), prefix, ..was.clone() },
            None => DeliveryChannel {
                bucket: Some(bucket),
                prefix,
                topic: None,
                key: None,
                frequency: None,
            },
        };
        let name = self.channel.map_or(DEFAULT, |(name, _)| name).to_owned();
        let region = self.region.clone();
        additive(Operation::PutDeliveryChannel { region, name, to }, None)
    }
}

/// What a recorder costs that records, or records more.
fn recording() -> Option<Cost> {
    about(
        2.0,
        "0.003 for each recorded change of a resource: 2 to 10 in a quiet region, hundreds in one that \
         changes all day, next to nothing in an empty one",
    )
}

/// How a recorder is to be, if it has to change.
fn wanted(recorder: Option<&Recorder>, is_global: bool) -> Option<RecorderConfig> {
    let Some(recorder) = recorder else {
        let records = Records::Everything;
        return Some(RecorderConfig { role: None, records, global_types: is_global, mode: None });
    };
    let was = RecorderConfig::of(recorder);
    let mut to = was.clone();
    if let Records::Only(_) = to.records {
        to.records = Records::Everything;
    }
    to.global_types |= is_global;
    (to != was).then_some(to)
}

/// The ARN of the role for recorders that have none, and the step that makes it.
fn role(work: &Work<'_>) -> Result<(String, Option<Step>), Obstacle> {
    let (service, name) = (Service::Config, Service::Config.linked_role());
    let unread = || Obstacle::new(Why::Unknown, format!("role {name} was not read"));
    let role = work.case.snapshot.iam.roles.get(name).ok_or_else(unread)?.known();
    let role = role.map_err(|gap| Obstacle::unread(&format!("role {name}"), &gap))?;
    let make = || additive(Operation::CreateServiceLinkedRole { service }, None);
    Ok((service.linked_role_arn(work.account()), role.is_none().then(make)))
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
