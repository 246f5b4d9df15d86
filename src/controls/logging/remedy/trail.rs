//! What changes on which trail.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::{best, second_copies};
use super::delivery::Delivery;
use super::key::Keys;
use super::work::{DELIVERS, ENCRYPTED, Obstacle, Place, SIGNED, TRAIL, Work, about, additive};
use crate::change::{AliasOf, Operation, Risk, TrailConfig};
use crate::controls::logging::seen::{Named, TRAILS};
use crate::controls::statements::trail_bucket;
use crate::controls::{Step, Why};
use crate::model::{Bucket, BucketName, ControlId, PolicyText, Region};

/// CloudTrail's own limit, in each region.
const MOST_TRAILS: usize = 5;

/// A trail that is to be made.
pub(super) struct New {
    name: String,
    home: Region,
    pub(super) bucket: BucketName,
    pub(super) bucket_region: Region,
    /// The first steps: its bucket.
    prepared: Vec<Step>,
}

/// The trails that the account sees, and the one that is to record everything.
pub(super) struct Trails<'a> {
    all: &'a [Named<'a>],
    main: Option<Named<'a>>,
}

/// A trail's settings while they change.
struct Changing<'a> {
    named: Option<Named<'a>>,
    name: String,
    home: Region,
    bucket_region: Option<Region>,
    to: TrailConfig,
    alias: Option<AliasOf>,
    controls: BTreeSet<ControlId>,
    impact: Vec<String>,
    risk: Risk,
}

impl<'a> Trails<'a> {
    pub(super) fn of(work: &Work<'_>, all: &'a [Named<'a>]) -> Self {
        let asked = work.wanted.contains_key(&TRAIL);
        Self { all, main: asked.then(|| best(work.case.snapshot, all)).flatten() }
    }

    /// Where no trail can be adopted: the bucket of a new one.
    pub(super) fn new_trail(&self, work: &mut Work<'_>) -> Option<New> {
        if self.main.is_some() || !work.wanted.contains_key(&TRAIL) {
            return None;
        }
        match self.plan_new(work) {
            Ok(new) => Some(new),
            Err(obstacle) => {
                // What the other controls miss is the same trail.
                let waiting = work.wanted.iter().filter(|(control, findings)| {
                    **control == TRAIL || findings.iter().any(|one| one.resource == TRAILS)
                });
                let controls: Vec<ControlId> = waiting.map(|(control, _)| *control).collect();
                work.leave(controls, (TRAILS, None), &obstacle);
                None
            }
        }
    }

    fn plan_new(&self, work: &mut Work<'_>) -> Result<New, Obstacle> {
        let home = home(work)?;
        let name = work.case.settings.trail.name.clone();
        let here = self.all.iter().filter(|named| named.trail.home == home && !named.is_foreign());
        if here.clone().any(|named| named.trail.name == name) {
            let detail = format!(
                "the trail {name} in {home} leaves out events by its selectors, and harden changes no \
                 selectors: name another in `trail.name`"
            );
            return Err(Obstacle::new(Why::Manual, detail));
        }
        let seen = work.regional(&home)?.trails.ok().map_or(0, BTreeSet::len);
        if seen >= MOST_TRAILS {
            let detail =
                format!("{seen} trails are seen in {home}, and CloudTrail allows {MOST_TRAILS}");
            return Err(Obstacle::new(Why::Unsupported, detail));
        }
        let bucket = work.case.settings.trail.bucket.fill(&work.account().id, &home);
        let place = work.place(&bucket, &home)?;
        let prepared = self.let_in(work, (&name, &home), (&bucket, &place), None)?;
        let bucket_region = place.region().clone();
        Ok(New { name, home, bucket, bucket_region, prepared })
    }

    /// The steps after which a trail can deliver to a bucket.
    fn let_in(
        &self,
        work: &mut Work<'_>,
        (name, home): (&str, &Region),
        (bucket, place): (&BucketName, &Place<'_>),
        prefix: Option<&str>,
    ) -> Result<Vec<Step>, Obstacle> {
        let account = work.account();
        let arn = account.arn("cloudtrail", home.as_str(), &format!("trail/{name}"));
        let statements =
            |policy: Option<&PolicyText>| trail_bucket(account, bucket, prefix, &arn, policy);
        let cost = about(
            0.1,
            "0.023 for each GB of log files; the first copy of management events is free",
        );
        work.prepare(bucket, place, statements, cost)
    }

    /// Makes the buckets again that trails deliver to and that are gone: as long as they are not there,
    /// anyone can make them and receive the logs.
    pub(super) fn restore_buckets(&self, work: &mut Work<'_>) {
        for named in self.all.iter().filter(|named| !named.is_foreign()) {
            let trail = named.trail;
            let asked: BTreeSet<ControlId> = work
                .wanted
                .iter()
                .filter(|(_, findings)| {
                    findings.iter().any(|one| one.resource == trail.bucket.as_str())
                })
                .map(|(control, _)| *control)
                .collect();
            let gone =
                matches!(work.case.snapshot.logging.bucket(&trail.bucket), Ok(Bucket::Absent));
            if asked.is_empty() || !gone {
                continue;
            }
            let Ok(place) = work.place(&trail.bucket, &trail.home) else { continue };
            let prefix = trail.prefix.as_deref();
            let steps =
                self.let_in(work, (&trail.name, &trail.home), (&trail.bucket, &place), prefix);
            match steps {
                Ok(steps) => work.bundle(&asked, format!("bucket {}", trail.bucket), steps),
                Err(obstacle) => {
                    let resource = (trail.bucket.as_str(), Some(&trail.home));
                    work.leave(asked, resource, &obstacle);
                }
            }
        }
    }

    /// Plans all changes of trails, one call for each.
    pub(super) fn update(&self, work: &mut Work<'_>, new: Option<&New>) {
        let mut changing: Vec<Changing<'_>> = Vec::new();
        changing.extend(new.map(|new| self.make(work, new)));
        for named in self.all.iter().filter(|named| !named.is_foreign()) {
            changing.extend(self.change(work, named));
        }
        self.leave_foreign(work);
        if self.main.is_none() && new.is_none() {
            leave_without_trail(work);
        }
        self.deliver(work, &mut changing);
        encrypt(work, &mut changing);
        for one in changing {
            self.finish(work, one, new);
        }
    }

    /// A new trail has what every selected control asks for.
    fn make(&self, work: &Work<'_>, new: &New) -> Changing<'a> {
        let selected = |control: ControlId| work.scope.selected.contains(&control);
        Changing {
            named: None,
            name: new.name.clone(),
            home: new.home.clone(),
            bucket_region: Some(new.bucket_region.clone()),
            to: TrailConfig {
                bucket: new.bucket.clone(),
                prefix: None,
                multi_region: true,
                global_events: true,
                validation: selected(SIGNED),
                logs: None,
                key: None,
            },
            alias: None,
            controls: [TRAIL, SIGNED, DELIVERS, ENCRYPTED]
                .into_iter()
                .filter(|control| work.wanted.contains_key(control))
                .collect(),
            impact: Vec::new(),
            // Nobody reads it yet.
            risk: Risk::Additive,
        }
    }

    /// What changes on a trail that is there, if anything.
    fn change(&self, work: &mut Work<'_>, named: &Named<'a>) -> Option<Changing<'a>> {
        let trail = named.trail;
        let is_main = self.main.is_some_and(|main| main.arn == named.arn);
        let mut controls: BTreeSet<ControlId> = [SIGNED, DELIVERS, ENCRYPTED]
            .into_iter()
            .filter(|control| work.wants(*control, named.name(), &trail.home))
            .collect();
        if is_main {
            controls.insert(TRAIL);
        }
        let stopped = trail.status.ok().is_some_and(|status| !status.logging) && !is_main;
        if stopped && controls.remove(&DELIVERS) {
            let detail = format!(
                "the trail {} is stopped, and another records: start it, or delete it",
                trail.name
            );
            let obstacle = Obstacle::new(Why::Manual, detail);
            work.leave([DELIVERS], (named.name(), Some(&trail.home)), &obstacle);
        }
        if controls.is_empty() {
            return None;
        }
        if !work.case.snapshot.regional.contains_key(&trail.home) {
            let obstacle = Obstacle::new(
                Why::Unknown,
                format!("the home of the trail, {}, is not among the regions read", trail.home),
            );
            work.leave(controls, (named.name(), Some(&trail.home)), &obstacle);
            return None;
        }
        let mut to = TrailConfig::of(trail);
        to.multi_region |= is_main;
        to.global_events |= is_main;
        to.validation |= controls.contains(&SIGNED);
        let impact = if is_main { second_copies(named, self.all) } else { None };
        let bucket = work.case.snapshot.logging.bucket(&trail.bucket);
        let bucket_region = match bucket {
            Ok(Bucket::Ours(bucket)) => Some(bucket.region.clone()),
            Ok(Bucket::Foreign { region }) => Some(region.clone()),
            Ok(Bucket::Absent) => {
                work.place(&trail.bucket, &trail.home).ok().map(|place| place.region().clone())
            }
            Err(_) => None,
        };
        Some(Changing {
            named: Some(*named),
            name: trail.name.clone(),
            home: trail.home.clone(),
            bucket_region,
            to,
            alias: None,
            controls,
            impact: impact.into_iter().collect(),
            risk: Risk::Additive,
        })
    }

    /// Trails of other accounts are theirs to change.
    fn leave_foreign(&self, work: &mut Work<'_>) {
        for named in self.all.iter().filter(|named| named.is_foreign()) {
            let controls: Vec<ControlId> = [SIGNED, DELIVERS, ENCRYPTED]
                .into_iter()
                .filter(|control| work.wants(*control, named.name(), &named.trail.home))
                .collect();
            let owner = &named.trail.owner;
            let obstacle = Obstacle::new(
                Why::Shared,
                format!("the trail belongs to account {owner}, which alone can change it"),
            );
            work.leave(controls, (named.name(), Some(&named.trail.home)), &obstacle);
        }
    }

    /// Gives each trail that misses one a log group.
    fn deliver(&self, work: &mut Work<'_>, changing: &mut [Changing<'_>]) {
        let mut delivery = Delivery::default();
        for one in changing.iter_mut().filter(|one| one.controls.contains(&DELIVERS)) {
            let result = match (&one.named, &one.to.logs) {
                (Some(named), Some(_)) => Err(broken(named)),
                _ => delivery.for_region(work, self.all, &one.home, &BTreeSet::from([DELIVERS])),
            };
            match result {
                Ok(logs) => one.to.logs = Some(logs),
                // Having started is enough where nothing else was wrong.
                Err(_) if one.starts_only() => {}
                Err(obstacle) => {
                    one.controls.remove(&DELIVERS);
                    let resource = one.named.map_or(TRAILS.to_owned(), |n| n.name().to_owned());
                    work.leave([DELIVERS], (&resource, Some(&one.home)), &obstacle);
                }
            }
        }
    }

    fn finish(&self, work: &mut Work<'_>, one: Changing<'_>, new: Option<&New>) {
        let Changing { named, name, home, to, alias, controls, impact, risk, .. } = one;
        let mut steps = Vec::new();
        let region = home.clone();
        match named {
            None => {
                if let Some(new) = new {
                    let bundle = BTreeSet::from([TRAIL]);
                    work.bundle(&bundle, format!("bucket {}", new.bucket), new.prepared.clone());
                }
                let tags = work.scope.tags.clone();
                let operation =
                    Operation::CreateTrail { region, name: name.clone(), to, alias, tags };
                steps.push(Step { operation, risk, impact, cost: None });
            }
            Some(named) if to != TrailConfig::of(named.trail) => {
                let operation = Operation::UpdateTrail { region, name: name.clone(), to, alias };
                steps.push(Step { operation, risk, impact, cost: None });
            }
            Some(_) => {}
        }
        let runs = named.and_then(|named| Some(named.trail.status.ok()?.logging));
        if controls.contains(&TRAIL) && runs != Some(true) {
            let operation = Operation::StartLogging { region: home, name: name.clone() };
            steps.push(additive(operation, None));
        }
        work.bundle(&controls, format!("trail {name}"), steps);
    }
}

impl Changing<'_> {
    /// Whether a trail that has a log group only has to be started to deliver there.
    fn starts_only(&self) -> bool {
        let status = self.named.as_ref().and_then(|named| named.trail.status.ok());
        self.controls.contains(&TRAIL)
            && status.is_some_and(|status| {
                !status.logging && status.delivered_to_logs == crate::model::Delivery::default()
            })
    }
}

/// A trail that has a log group and does not deliver there: what is wrong is not told by any API.
fn broken(named: &Named<'_>) -> Obstacle {
    let trail = named.trail;
    let group = trail.log_group.as_deref().unwrap_or_default();
    let detail = format!(
        "the trail {} delivers nothing to {group}: look whether the group is there and what its role \
         may do",
        trail.name
    );
    Obstacle::new(Why::Manual, detail)
}

/// Gives each trail that misses one a key in the region of its bucket: one key for all there.
fn encrypt(work: &mut Work<'_>, changing: &mut [Changing<'_>]) {
    let mut keys = Keys::default();
    let mut trails: BTreeMap<Region, Vec<String>> = BTreeMap::new();
    for one in changing.iter().filter(|one| one.controls.contains(&ENCRYPTED)) {
        let arn = format!("trail/{}", one.name);
        let arn = work.account().arn("cloudtrail", one.home.as_str(), &arn);
        if let Some(region) = &one.bucket_region {
            trails.entry(region.clone()).or_default().push(arn);
        }
    }
    for one in changing.iter_mut().filter(|one| one.controls.contains(&ENCRYPTED)) {
        match key(work, &mut keys, &trails, one) {
            Ok(named) => {
                one.to.key = Some(named.key);
                one.alias = named.alias;
                if one.named.is_some() {
                    one.risk = Risk::Restrictive;
                    one.impact.push(readers(&one.to.bucket));
                }
            }
            Err(obstacle) => {
                one.controls.remove(&ENCRYPTED);
                let resource = one.named.map_or(TRAILS.to_owned(), |n| n.name().to_owned());
                work.leave([ENCRYPTED], (&resource, Some(&one.home)), &obstacle);
            }
        }
    }
}

fn key(
    work: &mut Work<'_>,
    keys: &mut Keys,
    trails: &BTreeMap<Region, Vec<String>>,
    one: &Changing<'_>,
) -> Result<super::key::Named, Obstacle> {
    if let Some(key) = &one.to.key {
        let detail = format!(
            "the trail {} encrypts with {key}, which cannot be used: mend that key, or give the trail \
             another",
            one.name
        );
        return Err(Obstacle::new(Why::Manual, detail));
    }
    if one.named.is_some() && work.scope.max_risk < Risk::Restrictive {
        let detail = format!(
            "trail {}: restrictive, `--max-risk restrictive` lets it in; {}",
            one.name,
            readers(&one.to.bucket)
        );
        return Err(Obstacle::new(Why::HeldBack, detail));
    }
    let region = one.bucket_region.as_ref().ok_or_else(|| {
        let bucket = &one.to.bucket;
        Obstacle::new(Why::Unknown, format!("where bucket {bucket} is could not be read"))
    })?;
    let none = Vec::new();
    let trails = trails.get(region).unwrap_or(&none);
    keys.for_region(work, region, trails, &BTreeSet::from([ENCRYPTED]))
}

fn readers(bucket: &BucketName) -> String {
    format!(
        "whoever reads the log files in {bucket} needs kms:Decrypt on the key from then on; older files \
         stay as they are"
    )
}

/// The region that a new trail is at home in.
fn home(work: &Work<'_>) -> Result<Region, Obstacle> {
    let snapshot = work.case.snapshot;
    let home = snapshot.home.as_ref().filter(|home| snapshot.regional.contains_key(*home));
    home.or_else(|| snapshot.regional.keys().next())
        .cloned()
        .ok_or_else(|| Obstacle::new(Why::Unknown, "no region was read"))
}

/// Where there is no trail and none is to be made, the other controls wait for 2.1.
fn leave_without_trail(work: &mut Work<'_>) {
    if work.wanted.contains_key(&TRAIL) {
        return;
    }
    let waiting: Vec<ControlId> = work
        .wanted
        .iter()
        .filter(|(_, findings)| findings.iter().any(|one| one.resource == TRAILS))
        .map(|(control, _)| *control)
        .collect();
    let detail = "there is no trail: select 2.1 as well, which makes one";
    work.leave(waiting, (TRAILS, None), &Obstacle::new(Why::NeedsSetting, detail));
}
