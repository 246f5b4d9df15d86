//! 2.5: AWS Config records every region, and what has no region in one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::remedy::CONFIG;
use crate::controls::regions::part_of_each;
use crate::controls::words::{list, some};
use crate::controls::{Assess, Case, Check, Control, Finding, Missing, Outcome, Remedy, Waiting};
use crate::model::{
    ControlId, DeliveryChannel, Exclusions, Gap, LastStatus, Level, Observed, Read, Recorder,
    Records, Region,
};

/// 2.5
pub(super) const ID: ControlId = ControlId::new(2, 5);

/// 2.5
pub(super) static CONTROL: Control = Control {
    id: ID,
    level: Level::One,
    scored: true,
    title: "AWS Config records every region",
    why: "A history of how each resource was set up shows what an incident changed, and when.",
    assess: Assess::Automatic {
        reads: &[Read::Recorders, Read::RecorderStatus, Read::DeliveryChannels],
        context: &[],
        check: &Recorded,
    },
    remedy: Remedy::Automatic(&CONFIG),
};

/// What findings are about in a region without a recorder.
pub(super) const RECORDER: &str = "recorder";
/// What the finding is about that no single region is to blame for.
pub(super) const GLOBAL_TYPES: &str = "global-resource-types";

/// Regions that AWS Config has come to since February 2022: it takes the setting there, and records nothing
/// of IAM all the same.
const WITHOUT_GLOBAL_TYPES: [&str; 12] = [
    "ap-east-2",
    "ap-south-2",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "mx-central-1",
];

/// Whether a recorder there can record users, groups, roles and policies of IAM.
pub(super) fn has_global_types(region: &Region) -> bool {
    !WITHOUT_GLOBAL_TYPES.contains(&region.as_str())
}

#[derive(Debug)]
struct Recorded;

impl Check for Recorded {
    fn assess(&self, case: &Case<'_>) -> Outcome {
        let (mut missing, mut findings) = (Vec::new(), Vec::new());
        let (mut pending, mut global) = (Vec::new(), Vec::new());
        let mut left_out = BTreeMap::<_, Vec<String>>::new();
        let regions = part_of_each(case.snapshot, &mut missing, |regional| &regional.recorders);
        let every_recorder_is_known = missing.is_empty();
        for (region, recorders) in regions {
            let Some((name, recorder)) = recorders.iter().next() else {
                findings.push(finding(region, RECORDER, "AWS Config is not set up"));
                continue;
            };
            let channels = case.snapshot.regional.get(region).map(|regional| &regional.channels);
            let exclusions = case.settings.config.exclusions;
            let look = look(recorder, channels.unwrap_or(&Observed::Unread), exclusions);
            if !look.faults.is_empty() {
                findings.push(finding(region, name, &list(&look.faults)));
            }
            if let Some(types) = look.left_out {
                left_out.entry(types).or_default().push(region.to_string());
            }
            let (region, resource) = (Some(region.clone()), name.clone());
            if look.waits {
                let on = "waits for the first delivery of AWS Config".to_owned();
                let (region, resource) = (region.clone(), Some(resource.clone()));
                pending.push(Waiting { region, resource, on });
            }
            missing.extend(look.gaps.into_iter().map(|gap| {
                let (region, resource) = (region.clone(), Some(resource.clone()));
                Missing { region, resource, gap }
            }));
            global
                .extend(region.filter(|region| recorder.global_types && has_global_types(region)));
        }
        // Where only some regions were read, another one may record them.
        if global.is_empty() && every_recorder_is_known && !case.snapshot.narrowed {
            let summary =
                "no region that was read records users, groups, roles and policies of IAM";
            findings.push(Finding::of_account(GLOBAL_TYPES, summary));
        }
        let notes = left_out.iter().map(|(types, regions)| accepted(types, regions));
        let notes = notes.chain(copies(&global)).collect();
        Outcome::Judged { findings, missing, pending, notes }
    }
}

fn finding(region: &Region, resource: &str, summary: &str) -> Finding {
    let (region, resource) = (Some(region.clone()), resource.to_owned());
    Finding { region, resource, summary: summary.to_owned() }
}

/// What is wrong, left out, unknown, or yet to come in one region.
#[derive(Debug, Default)]
struct Look<'a> {
    faults: Vec<String>,
    left_out: Option<&'a BTreeSet<String>>,
    gaps: Vec<Gap>,
    waits: bool,
}

fn look<'a>(
    recorder: &'a Recorder,
    channels: &Observed<BTreeMap<String, DeliveryChannel>>,
    exclusions: Exclusions,
) -> Look<'a> {
    let mut look = Look::default();
    match (&recorder.records, exclusions) {
        (Records::Everything, _) => {}
        (Records::AllBut(types), Exclusions::Warn) => look.left_out = Some(types),
        (Records::AllBut(types), Exclusions::Fail) => {
            look.faults.push(format!("leaves out {}", words(types, 3)));
        }
        (Records::Only(types), _) if types.is_empty() => {
            look.faults.push("records nothing".to_owned());
        }
        (Records::Only(types), _) => look.faults.push(format!("records only {}", words(types, 3))),
    }
    match recorder.status.known() {
        Ok(status) if !status.recording => look.faults.push("is stopped".to_owned()),
        Ok(status) => match status.last {
            LastStatus::Failure => {
                let code = status.error.as_deref().unwrap_or("no reason given");
                look.faults.push(format!("its last attempt failed: {code}"));
            }
            LastStatus::Pending => look.waits = true,
            LastStatus::Success | LastStatus::Other => {}
        },
        Err(gap) => look.gaps.push(gap),
    }
    match channels.known() {
        Ok(channels) if channels.is_empty() => {
            look.faults.push("has no delivery channel".to_owned());
        }
        Ok(channels) if channels.values().all(|channel| channel.bucket.is_none()) => {
            look.faults.push("its delivery channel has no bucket".to_owned());
        }
        Ok(_) => {}
        Err(gap) => look.gaps.push(gap),
    }
    look
}

fn words(types: &BTreeSet<String>, most: usize) -> String {
    let types: Vec<String> = types.iter().cloned().collect();
    some(&types, most)
}

/// What the baseline says is no finding. Nothing else names it, so that more of it is named here.
fn accepted(types: &BTreeSet<String>, regions: &[String]) -> String {
    format!("AWS Config leaves out {} in {}", words(types, 10), some(regions, 3))
}

/// Each region that records what has no region is charged for it.
fn copies(regions: &[Region]) -> Vec<String> {
    if regions.len() < 2 {
        return Vec::new();
    }
    let regions: Vec<String> = regions.iter().map(ToString::to_string).collect();
    vec![format!(
        "{} each record users, groups, roles and policies of IAM: one is enough, and each is charged",
        some(&regions, 3)
    )]
}

#[cfg(test)]
mod tests {
    use super::super::tests_support::{account, assess, channel, denied, findings, recorder};
    use super::*;
    use crate::model::{RecorderStatus, Settings, Snapshot};

    /// Two regions, the first of which records what has no region.
    fn recorded() -> Snapshot {
        let mut snapshot = account(vec![]);
        for (number, regional) in snapshot.regional.values_mut().enumerate() {
            let recorder = Recorder { global_types: number == 0, ..recorder() };
            regional.recorders = Observed::Known([("default".to_owned(), recorder)].into());
            regional.channels = Observed::Known([("default".to_owned(), channel())].into());
        }
        snapshot
    }

    fn first(snapshot: &mut Snapshot) -> &mut crate::model::Regional {
        snapshot.regional.values_mut().next().unwrap()
    }

    fn with_recorder(change: impl FnOnce(&mut Recorder)) -> Outcome {
        let mut snapshot = recorded();
        change(first(&mut snapshot).recorders.ok_mut().unwrap().get_mut("default").unwrap());
        assess(&Recorded, &snapshot)
    }

    fn status(recording: bool, last: LastStatus) -> Observed<RecorderStatus> {
        Observed::Known(RecorderStatus { recording, last, error: Some("NoSuchBucket".to_owned()) })
    }

    #[test]
    fn every_region_records_and_one_what_has_no_region() {
        assert_eq!(assess(&Recorded, &recorded()), Outcome::PASS);
        let outcome = with_recorder(|recorder| recorder.global_types = false);
        assert_eq!(findings(&outcome)[0].resource, "global-resource-types");
        let mut late = recorded();
        let regional = first(&mut late).clone();
        late.regional.insert(Region::new("il-central-1"), regional);
        first(&mut late).recorders.ok_mut().unwrap().get_mut("default").unwrap().global_types =
            false;
        assert_eq!(findings(&assess(&Recorded, &late))[0].resource, "global-resource-types");
        let mut twice = recorded();
        for regional in twice.regional.values_mut() {
            regional.recorders.ok_mut().unwrap().get_mut("default").unwrap().global_types = true;
        }
        let Outcome::Judged { findings, notes, .. } = assess(&Recorded, &twice) else { panic!() };
        assert!(findings.is_empty());
        assert!(notes[0].starts_with("eu-west-1 and us-west-2 each record"));
    }

    #[test]
    fn each_fault_is_named() {
        type Change = fn(&mut Recorder);
        fn types() -> BTreeSet<String> {
            ["AWS::EC2::Volume".to_owned()].into()
        }
        let table: [(&str, Change); 5] = [
            ("leaves out AWS::EC2::Volume", |one| one.records = Records::AllBut(types())),
            ("records only AWS::EC2::Volume", |one| one.records = Records::Only(types())),
            ("records nothing", |one| one.records = Records::Only([].into())),
            ("is stopped", |one| one.status = status(false, LastStatus::Success)),
            ("its last attempt failed: NoSuchBucket", |one| {
                one.status = status(true, LastStatus::Failure);
            }),
        ];
        for (summary, change) in table {
            let outcome = with_recorder(change);
            assert_eq!(findings(&outcome)[0].summary, summary);
            assert_eq!(findings(&outcome)[0].region, Some(Region::new("eu-west-1")));
        }
    }

    #[test]
    fn what_the_baseline_lets_out_is_a_note() {
        let mut snapshot = recorded();
        let types = |names: &[&str]| -> BTreeSet<String> {
            names.iter().map(|name| (*name).to_owned()).collect()
        };
        let two = types(&["AWS::EC2::Volume", "AWS::SSM::FileData"]);
        for regional in snapshot.regional.values_mut() {
            let recorder = regional.recorders.ok_mut().unwrap().get_mut("default").unwrap();
            recorder.records = Records::AllBut(two.clone());
        }
        let outcome = |snapshot: &Snapshot| {
            let mut settings = Settings::default();
            settings.config.exclusions = Exclusions::Warn;
            Recorded.assess(&Case { snapshot, settings: &settings })
        };
        let note = "AWS Config leaves out AWS::EC2::Volume and AWS::SSM::FileData in eu-west-1 and \
                    us-west-2";
        let passed = outcome(&snapshot);
        assert_eq!(findings(&passed), []);
        let Outcome::Judged { notes, .. } = passed else { panic!() };
        assert_eq!(notes, [note]);
        assert_eq!(
            findings(&assess(&Recorded, &snapshot)).len(),
            2,
            "a finding without the setting"
        );

        let recorder = first(&mut snapshot).recorders.ok_mut().unwrap().get_mut("default").unwrap();
        recorder.records = Records::Only(two);
        let outcome = outcome(&snapshot);
        let summary = &findings(&outcome)[0].summary;
        assert_eq!(summary, "records only AWS::EC2::Volume and AWS::SSM::FileData");
    }

    #[test]
    fn a_region_without_recorder_or_channel_fails() {
        let mut snapshot = recorded();
        first(&mut snapshot).recorders = Observed::Known(BTreeMap::new());
        let outcome = assess(&Recorded, &snapshot);
        let resources: Vec<&str> = findings(&outcome).iter().map(|f| f.resource.as_str()).collect();
        assert_eq!(resources, ["recorder", "global-resource-types"]);
        let mut snapshot = recorded();
        first(&mut snapshot).channels = Observed::Known(BTreeMap::new());
        let outcome = assess(&Recorded, &snapshot);
        assert_eq!(findings(&outcome)[0].summary, "has no delivery channel");
        let bare = DeliveryChannel { bucket: None, ..channel() };
        first(&mut snapshot).channels = Observed::Known([("default".to_owned(), bare)].into());
        let outcome = assess(&Recorded, &snapshot);
        assert_eq!(findings(&outcome)[0].summary, "its delivery channel has no bucket");
    }

    #[test]
    fn a_new_recorder_is_waited_for() {
        let outcome = with_recorder(|r| r.status = status(true, LastStatus::Pending));
        let Outcome::Judged { findings, pending, .. } = outcome else { panic!() };
        assert_eq!((findings.len(), pending.len()), (0, 1));
    }

    #[test]
    fn what_is_denied_in_one_region_is_unknown_there() {
        let parts: [fn(&mut crate::model::Regional); 3] = [
            |regional| regional.recorders = denied("config:DescribeConfigurationRecorders"),
            |regional| regional.channels = denied("config:DescribeDeliveryChannels"),
            |regional| {
                let recorder = regional.recorders.ok_mut().unwrap().get_mut("default").unwrap();
                recorder.status = denied("config:DescribeConfigurationRecorderStatus");
            },
        ];
        for part in parts {
            let mut snapshot = recorded();
            part(first(&mut snapshot));
            let Outcome::Judged { findings, missing, .. } = assess(&Recorded, &snapshot) else {
                panic!()
            };
            assert_eq!((findings.len(), missing.len()), (0, 1), "{findings:?}");
            assert_eq!(missing[0].region, Some(Region::new("eu-west-1")));
        }
    }
}
