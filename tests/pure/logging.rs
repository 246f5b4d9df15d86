//! What 2.1 to 2.7 plan for the accounts that people have.

use std::collections::BTreeSet;

use harden::assess::Verdict;
use harden::change::{Change, Document, Inverse, KeyName, Operation, Risk};
use harden::controls::Why;
use harden::model::{
    AccountId, Action, Bucket, DeliveryChannel, Exclusions, Grant, Grantee, KeyArn, KeyId,
    LastStatus, LogGroup, ManagementEvents, Observed, PolicyText, PublicAccessBlock, Recorder,
    RecorderStatus, RecordingMode, Records, Rotation, Snapshot, TRAIL_KEY_DESCRIPTION, Trail,
    Waiver,
};
use harden::plan::Plan;

use crate::account::{
    FOREIGN, HOME, OTHER, SHUT, add_key, add_trail, at, bucket, left, left_for, letting_in,
    logging, names, new, of_regions, only, own, own_bucket, plan, plan_within, region, role,
    settled, simulated, the, undone, unmet, with_trail,
};
use crate::generate::ACCOUNT;

const BUCKET: &str = "harden-trail-111122223333-eu-west-1";
const ACCESS: &str = "harden-access-logs-111122223333-eu-west-1";
const CONFIG: &str = "harden-config-111122223333-eu-west-1";

fn denied<T>(action: &'static str) -> Observed<T> {
    Observed::Denied { action: Action::new(action) }
}

mod a_new_account {
    use super::*;

    #[test]
    fn gets_everything_in_the_order_that_aws_takes() {
        let before = new();
        let (plan, after) = settled(&before, &logging());
        assert_eq!(
            names(&plan),
            [
                "create-bucket",
                "put-bucket-policy",
                "create-log-group",
                "put-retention-policy",
                "create-role",
                "put-role-policy",
                "create-key",
                "create-alias",
                "enable-key-rotation",
                "create-trail",
                "start-logging",
                "create-bucket",
                "put-bucket-policy",
                "put-bucket-logging",
                "create-service-linked-role",
                "create-bucket",
                "put-bucket-policy",
                "put-configuration-recorder",
                "put-delivery-channel",
                "start-configuration-recorder",
                "put-configuration-recorder",
                "put-delivery-channel",
                "start-configuration-recorder",
            ]
        );
        assert_eq!(plan.not_planned, []);
        assert!(plan.changes.iter().all(|change| change.risk == Risk::Additive));
        assert_eq!(unmet(&after, &logging()), []);
        let Operation::CreateTrail { region: home, name, to, alias, tags } =
            &the(&plan, "create-trail").operation
        else {
            panic!()
        };
        assert_eq!((home.as_str(), name.as_str(), to.bucket.as_str()), (HOME, "harden", BUCKET));
        assert!(to.multi_region && to.global_events && to.validation);
        let logs = to.logs.as_ref().unwrap();
        assert_eq!(logs.group, "arn:aws:logs:eu-west-1:111122223333:log-group:harden/cloudtrail:*");
        assert_eq!(logs.role.as_deref(), Some("arn:aws:iam::111122223333:role/harden-cloudtrail"));
        assert_eq!(to.key.as_ref(), Some(&alias.as_ref().unwrap().name));
        assert_eq!(tags["harden:baseline"], "test");
        let controls: Vec<String> =
            the(&plan, "create-trail").controls.iter().map(ToString::to_string).collect();
        assert_eq!(controls, ["2.1", "2.2", "2.4", "2.7"]);
        let cost: f64 =
            plan.changes.iter().filter_map(|c| c.cost.as_ref()).map(|c| c.usd_per_month).sum();
        assert!((5.0..8.0).contains(&cost), "{cost}");
        let charged = plan.changes.iter().filter(|change| change.cost.is_some());
        let charged: Vec<&str> = charged.map(|change| change.operation.name()).collect();
        // Trail, log group, key, access logs, AWS Config and its two recorders.
        assert_eq!(
            charged,
            [
                "create-bucket",
                "create-log-group",
                "create-key",
                "create-bucket",
                "create-bucket",
                "put-configuration-recorder",
                "put-configuration-recorder"
            ]
        );
    }

    #[test]
    fn records_what_has_no_region_in_one_region() {
        let plan = plan(&of_regions(&[OTHER, HOME, "ap-south-1"]), &only(&["2.5"]));
        let global: Vec<&str> = plan
            .changes
            .iter()
            .filter(|change| {
                matches!(&change.operation, Operation::PutConfigurationRecorder { to, .. }
                    if to.global_types)
            })
            .map(|change| change.region.as_ref().unwrap().as_str())
            .collect();
        // That of the session, wherever it stands among the others.
        assert_eq!(global, [OTHER]);
    }

    /// AWS takes the setting in every region, and does not record all that it says in some.
    #[test]
    fn records_what_has_no_region_where_that_can_be_recorded() {
        let mut new = of_regions(&["il-central-1", OTHER]);
        new.home = Some(region("il-central-1"));
        let plan = plan(&new, &only(&["2.5"]));
        let there: Vec<_> = plan
            .changes
            .iter()
            .filter_map(|change| match &change.operation {
                Operation::PutConfigurationRecorder { region, to, .. } => {
                    Some((region.as_str(), to.global_types))
                }
                _ => None,
            })
            .collect();
        assert_eq!(there, [("il-central-1", false), (OTHER, true)]);
        let alone = of_regions(&["il-central-1"]);
        left_for(&super::plan(&alone, &only(&["2.5"])), "2.5", Why::Manual, "February 2022");
    }

    #[test]
    fn goes_back_to_what_it_was_but_for_the_key() {
        let before = new();
        let plan = plan(&before, &logging());
        let (back, mut after) = undone(&before, &plan);
        // The key, and whether it rotates.
        let kept: Vec<&str> = plan
            .changes
            .iter()
            .filter(|change| matches!(change.undo, Inverse::Impossible { .. }))
            .map(|change| change.operation.name())
            .collect();
        assert_eq!(kept, ["create-key", "enable-key-rotation"]);
        assert_eq!(back.not_planned.len(), 2);
        assert!(back.not_planned.iter().all(|entry| entry.why == Why::Unsupported));
        assert!(back.is_incomplete_undo());
        let keys = at(&mut after, HOME).keys.ok_mut().unwrap();
        assert_eq!(keys.len(), 1);
        keys.clear();
        after.logging.keys.clear();
        assert_eq!(after, before);
        let place = |name| names(&back).iter().position(|other| *other == name).unwrap();
        // One by one, so that the taking back can be taken back as well.
        assert!(place("stop-logging") < place("delete-trail"));
        assert!(place("delete-retention-policy") < place("delete-log-group"));
        assert!(place("delete-trail") < place("delete-role"));
        assert!(place("delete-trail") < place("delete-log-group"));
        assert!(place("stop-configuration-recorder") < place("delete-delivery-channel"));
        assert!(place("delete-delivery-channel") < place("delete-configuration-recorder"));
        assert!(place("delete-configuration-recorder") < place("delete-service-linked-role"));
    }

    /// The key of the first time is found by what is written on it.
    #[test]
    fn is_not_given_a_second_key_after_an_undo() {
        let before = new();
        let first = plan(&before, &only(&["2.1", "2.7"]));
        let (_, left) = undone(&before, &first);
        let (second, after) = settled(&left, &only(&["2.1", "2.7"]));
        assert!(!names(&second).contains(&"create-key"));
        let Operation::CreateAlias { key: KeyName::Id(id), .. } =
            &the(&second, "create-alias").operation
        else {
            panic!()
        };
        assert!(
            after
                .logging
                .keys
                .contains_key(&KeyArn::new(format!("arn:aws:kms:{HOME}:{ACCOUNT}:key/{id}")))
        );
        // Its policy lets the trail in already.
        assert!(!names(&second).contains(&"put-key-policy"));
    }

    #[test]
    fn is_made_at_home_or_in_the_first_region_that_is_read() {
        let mut elsewhere = new();
        elsewhere.home = Some(region("ap-south-1"));
        let plan = plan(&elsewhere, &only(&["2.1"]));
        assert_eq!(the(&plan, "create-trail").region, Some(region(HOME)));
        elsewhere.regional.clear();
        elsewhere.regions = Observed::Known(BTreeSet::new());
        assert_eq!(names(&super::plan(&elsewhere, &logging())), [""; 0]);
    }

    #[test]
    fn has_no_more_than_what_was_asked_for() {
        let plan = plan(&new(), &only(&["2.1"]));
        assert_eq!(
            names(&plan),
            ["create-bucket", "put-bucket-policy", "create-trail", "start-logging"]
        );
        let Operation::CreateTrail { to, .. } = &the(&plan, "create-trail").operation else {
            panic!()
        };
        assert!(!to.validation && to.logs.is_none() && to.key.is_none());
    }

    /// The trail is not there yet, and is accepted as it will be.
    #[test]
    fn is_waived_like_any_other() {
        let mut rules = logging();
        let waive = |control: &str, resource: &str| Waiver {
            control: control.parse().unwrap(),
            resource: resource.to_owned(),
            region: Some(HOME.to_owned()),
            reason: "reviewed".to_owned(),
            owner: "team".to_owned(),
            expires: jiff::civil::date(2027, 3, 31),
        };
        rules.waivers =
            vec![waive("2.7", "harden"), waive("2.6", BUCKET), waive("2.5", "recorder")];
        let (plan, _) = settled(&new(), &rules);
        for name in ["create-key", "put-bucket-logging"] {
            assert!(!names(&plan).contains(&name), "{name}");
        }
        // The region is left alone, and what has no region is recorded in the other.
        let recorder = the(&plan, "put-configuration-recorder");
        assert_eq!(recorder.region, Some(region(OTHER)));
    }

    #[test]
    fn without_2_1_has_nothing_to_set_up() {
        for control in ["2.2", "2.4", "2.6", "2.7"] {
            let plan = plan(&new(), &only(&[control]));
            assert_eq!(names(&plan), [""; 0]);
            left_for(&plan, control, Why::NeedsSetting, "2.1, which makes one");
        }
        let plan = plan(&new(), &only(&["2.3"]));
        assert_eq!((plan.changes.len(), plan.not_planned.len()), (0, 0));
    }

    #[test]
    fn is_set_up_as_far_as_names_are_free() {
        let mut taken = new();
        let foreign = Bucket::Foreign { region: region(OTHER) };
        taken.logging.buckets.insert(bucket(BUCKET), Observed::Known(foreign.clone()));
        let nothing = plan(&taken, &only(&["2.1", "2.2", "2.4", "2.6", "2.7"]));
        assert_eq!(names(&nothing), [""; 0]);
        for control in ["2.1", "2.2", "2.4", "2.6", "2.7"] {
            left_for(&nothing, control, Why::Shared, "name another in `trail.bucket`");
        }

        let mut taken = new();
        taken.logging.buckets.insert(bucket(ACCESS), Observed::Known(foreign.clone()));
        let (plan, after) = settled(&taken, &only(&["2.1", "2.6"]));
        left_for(&plan, "2.6", Why::Shared, "`trail.access_log_bucket`");
        assert_eq!(unmet(&after, &only(&["2.1", "2.6"])).len(), 1);
        assert!(!names(&plan).contains(&"put-bucket-logging"));

        let mut taken = new();
        taken.logging.buckets.insert(bucket(CONFIG), Observed::Known(foreign));
        let nothing = super::plan(&taken, &only(&["2.5"]));
        // The role alone would be of no use to anyone.
        assert!(!names(&nothing).iter().any(|name| name.contains("recorder")));
        assert!(left(&nothing, "2.5").iter().all(|(why, _)| *why == Why::Shared));
        assert_eq!(left(&nothing, "2.5").len(), 3);
    }

    #[test]
    fn keeps_a_log_group_of_another_class_and_a_role_of_another_service() {
        let rules = only(&["2.1", "2.4"]);
        let mut rare = new();
        let group = LogGroup {
            class: "INFREQUENT_ACCESS".to_owned(),
            retention_days: None,
            filters: Observed::Unread,
        };
        let groups = &mut at(&mut rare, HOME).log_groups;
        groups.insert("harden/cloudtrail".to_owned(), Observed::Known(Some(group)));
        let (plan, _) = settled(&rare, &rules);
        left_for(&plan, "2.4", Why::Unsupported, "INFREQUENT_ACCESS");
        assert!(!names(&plan).contains(&"create-role"));

        let mut theirs = new();
        let other = role("harden-cloudtrail", "ec2.amazonaws.com");
        theirs.iam.roles.insert("harden-cloudtrail".to_owned(), Observed::Known(Some(other)));
        let (plan, _) = settled(&theirs, &rules);
        left_for(&plan, "2.4", Why::Shared, "does not trust CloudTrail");
        assert!(!names(&plan).contains(&"create-log-group"), "half made");
    }

    #[test]
    fn adopts_the_role_and_the_log_group_of_the_baselines_names() {
        let mut some = new();
        let mut ours = role("harden-cloudtrail", "cloudtrail.amazonaws.com");
        ours.arn = format!("arn:aws:iam::{ACCOUNT}:role/team/harden-cloudtrail");
        let theirs = r#"{"Sid":"Theirs","Effect":"Allow","Action":"logs:Put*","Resource":"x"}"#;
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{theirs}}}"#);
        ours.inline.insert("harden-cloudtrail".to_owned(), PolicyText::new(text));
        some.iam.roles.insert("harden-cloudtrail".to_owned(), Observed::Known(Some(ours)));
        let group = LogGroup {
            class: "STANDARD".to_owned(),
            retention_days: Some(30),
            filters: Observed::Known([].into()),
        };
        let groups = &mut at(&mut some, HOME).log_groups;
        groups.insert("harden/cloudtrail".to_owned(), Observed::Known(Some(group)));
        let (plan, after) = settled(&some, &only(&["2.1", "2.4"]));
        let made = ["create-role", "create-log-group", "put-retention-policy"];
        assert!(names(&plan).iter().all(|name| !made.contains(name)));
        let trail = after.logging.trails.values().next().unwrap();
        assert!(trail.role.as_deref().unwrap().ends_with(":role/team/harden-cloudtrail"));
        let role = after.iam.roles["harden-cloudtrail"].ok().unwrap().as_ref().unwrap();
        assert!(role.inline["harden-cloudtrail"].as_str().contains(theirs));
    }

    #[test]
    fn has_room_for_five_trails_in_a_region() {
        let mut full = new();
        let writes = ManagementEvents { read: false, ..ManagementEvents::ALL };
        for number in 0..5 {
            add_trail(&mut full, &format!("trail-{number}"), |trail| {
                trail.events = Observed::Known(writes.clone());
            });
        }
        let nothing = plan(&full, &logging());
        left_for(&nothing, "2.1", Why::Unsupported, "CloudTrail allows 5");
        assert!(!names(&nothing).contains(&"create-bucket") || left(&nothing, "2.5").is_empty());
        assert!(
            nothing
                .changes
                .iter()
                .all(|change| change.controls.iter().all(|c| c.to_string() == "2.5"))
        );
    }

    #[test]
    fn closes_a_bucket_of_its_name_that_is_there_and_public() {
        let mut some = new();
        let name = bucket(BUCKET);
        some.logging.buckets.insert(name, Observed::Known(own_bucket(OTHER)));
        let open = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let theirs = own(&mut some, BUCKET);
        theirs.public_access = Observed::Known(None);
        theirs.policy_is_public = Observed::Known(true);
        theirs.logging = Observed::Known(None);
        theirs.policy =
            Observed::Known(Some(PolicyText::new(format!(r#"{{"Statement":{open}}}"#))));
        let rules = only(&["2.1", "2.3", "2.6", "2.7"]);
        let (plan, mut after) = settled(&some, &rules);
        assert_eq!(unmet(&after, &rules), []);
        assert_eq!(own(&mut after, BUCKET).public_access, Observed::Known(Some(SHUT)));
        // It is closed before anything is delivered to it.
        assert_eq!(names(&plan)[..2], ["put-bucket-policy", "put-public-access-block"]);
        // The key and the access logs are where the bucket is.
        assert_eq!(the(&plan, "create-key").region, Some(region(OTHER)));
        assert_eq!(the(&plan, "create-bucket").region, Some(region(OTHER)));
        // And nothing is delivered to one that stays public.
        let held = plan_within(&some, &rules, Risk::Additive);
        assert_eq!(names(&held), [""; 0]);
        left_for(&held, "2.1", Why::HeldBack, "to close it is restrictive");
        let alone = super::plan(&some, &only(&["2.1"]));
        assert_eq!(names(&alone), [""; 0]);
        left_for(&alone, "2.1", Why::NeedsSetting, "select 2.3 as well");
        own(&mut some, BUCKET).acl = denied("s3:GetBucketAcl");
        own(&mut some, BUCKET).policy_is_public = denied("s3:GetBucketPolicyStatus");
        own(&mut some, BUCKET).policy = Observed::Known(None);
        left_for(&super::plan(&some, &rules), "2.1", Why::Unknown, "whether bucket");
    }
}

mod what_hides {
    use super::*;

    /// Whatever could not be read is not made a second time.
    #[test]
    fn is_not_made() {
        type Hide = fn(&mut Snapshot);
        let table: [(&str, Hide, &[&str]); 9] = [
            ("2.4", |s| hide_role(s, "harden-cloudtrail"), &["create-role", "create-log-group"]),
            (
                "2.4",
                |s| {
                    s.iam.roles.clear();
                },
                &["create-role", "create-log-group"],
            ),
            (
                "2.4",
                |s| {
                    let groups = &mut at(s, HOME).log_groups;
                    groups.insert("harden/cloudtrail".to_owned(), denied("logs:DescribeLogGroups"));
                },
                &["create-role", "create-log-group"],
            ),
            ("2.4", |s| at(s, HOME).log_groups.clear(), &["create-role", "create-log-group"]),
            (
                "2.7",
                |s| {
                    let aliases = &mut at(s, HOME).aliases;
                    let alias = aliases.keys().next().unwrap().clone();
                    aliases.insert(alias, denied("kms:DescribeKey"));
                },
                &["create-key", "create-alias"],
            ),
            ("2.7", |s| at(s, HOME).aliases.clear(), &["create-key", "create-alias"]),
            ("2.7", |s| at(s, HOME).keys = denied("kms:ListKeys"), &["create-key", "create-alias"]),
            (
                "2.7",
                |s| {
                    add_key(s, HOME, "hidden", "", |_| {});
                    let key = KeyId::new("hidden");
                    let keys = at(s, HOME).keys.ok_mut().unwrap();
                    keys.get_mut(&key).unwrap().detail = denied("kms:DescribeKey");
                },
                &["create-key", "create-alias"],
            ),
            (
                "2.6",
                |s| {
                    s.logging.buckets.insert(bucket(ACCESS), denied("s3:ListBucket"));
                },
                &["put-bucket-logging"],
            ),
        ];
        for (number, (control, hide, made)) in table.into_iter().enumerate() {
            let mut snapshot = new();
            hide(&mut snapshot);
            let rules = only(&["2.1", control]);
            let plan = plan(&snapshot, &rules);
            assert!(names(&plan).iter().all(|name| !made.contains(name)), "{number}");
            assert!(names(&plan).contains(&"create-trail"), "{number}: 2.1 stands");
            assert_eq!(left(&plan, control)[0].0, Why::Unknown, "{number}");
        }
    }

    fn hide_role(snapshot: &mut Snapshot, name: &str) {
        snapshot.iam.roles.insert(name.to_owned(), denied("iam:GetRole"));
    }

    #[test]
    fn may_be_the_trail_to_adopt() {
        type Hide = fn(&mut Snapshot);
        let table: [(Hide, &str); 5] = [
            (
                |s| main(s).events = denied("cloudtrail:GetEventSelectors"),
                "what trail main records",
            ),
            (|s| main(s).status = denied("cloudtrail:GetTrailStatus"), "the status of trail main"),
            (
                |s| at(s, OTHER).trails = denied("cloudtrail:DescribeTrails"),
                "the trails in us-east-1",
            ),
            (
                |s| {
                    s.regional.remove(&region(HOME));
                    s.home = Some(region(OTHER));
                },
                "not among the regions",
            ),
            (
                |s| {
                    s.logging.buckets.insert(bucket(BUCKET), denied("s3:ListBucket"));
                },
                "bucket",
            ),
        ];
        for (number, (hide, words)) in table.into_iter().enumerate() {
            let mut snapshot = with_trail(|trail| {
                trail.global_events = false;
                if number == 2 || number == 4 {
                    let none = ManagementEvents { read: false, ..ManagementEvents::ALL };
                    trail.events = Observed::Known(none);
                }
                if number == 2 {
                    trail.multi_region = false;
                }
            });
            hide(&mut snapshot);
            let plan = plan(&snapshot, &only(&["2.1"]));
            assert_eq!(names(&plan), [""; 0], "{number}");
            let all = left(&plan, "2.1");
            assert!(
                all.iter().any(|(why, detail)| *why == Why::Unknown && detail.contains(words)),
                "{all:?}"
            );
        }
    }

    fn main(snapshot: &mut Snapshot) -> &mut Trail {
        snapshot.logging.trails.values_mut().next().unwrap()
    }

    #[test]
    fn in_one_region_leaves_the_others_as_they_are_planned() {
        let mut snapshot = of_regions(&[HOME, OTHER, "ap-south-1"]);
        at(&mut snapshot, OTHER).recorders = denied("config:DescribeConfigurationRecorders");
        at(&mut snapshot, "ap-south-1").channels = denied("config:DescribeDeliveryChannels");
        let plan = plan(&snapshot, &only(&["2.5"]));
        let recorder = the(&plan, "put-configuration-recorder");
        assert_eq!(recorder.region, Some(region(HOME)));
        let all = left(&plan, "2.5");
        assert!(all.iter().all(|(why, _)| *why == Why::Unknown));
        assert!(all.iter().any(|(_, detail)| detail.contains("the delivery channel")), "{all:?}");
        // Who records what has no region is not known while one region hides.
        assert!(matches!(&recorder.operation,
            Operation::PutConfigurationRecorder { to, .. } if !to.global_types));
    }

    #[test]
    fn of_a_bucket_keeps_it_from_being_closed() {
        for hide in [
            |own: &mut harden::model::OwnBucket| {
                own.policy = denied("s3:GetBucketPolicy");
            },
            |own: &mut harden::model::OwnBucket| {
                own.policy_is_public = denied("s3:GetBucketPolicyStatus");
            },
            |own: &mut harden::model::OwnBucket| {
                own.public_access = denied("s3:GetBucketPublicAccessBlock");
            },
        ] {
            let mut snapshot = with_trail(|_| {});
            let logs = own(&mut snapshot, "logs");
            logs.public_access = Observed::Known(None);
            logs.ownership = Observed::Known(None);
            let to = Grantee::Group("http://acs.example/groups/global/AllUsers".to_owned());
            logs.acl = Observed::Known(vec![Grant { to, permission: "READ".to_owned() }]);
            hide(logs);
            let plan = plan(&snapshot, &only(&["2.3"]));
            assert_eq!(names(&plan), [""; 0]);
            assert!(left(&plan, "2.3").iter().all(|(why, _)| *why == Why::Unknown));
        }
    }
}

mod a_trail_that_is_there {
    use super::*;

    fn bare(trail: &mut Trail) {
        trail.multi_region = false;
        trail.global_events = false;
        trail.validation = false;
        trail.log_group = None;
        trail.role = None;
        trail.key = None;
        trail.status.ok_mut().unwrap().delivered_to_logs = harden::model::Delivery::default();
    }

    #[test]
    fn is_widened_in_one_call() {
        let before = with_trail(bare);
        let rules = only(&["2.1", "2.2", "2.4", "2.6", "2.7"]);
        let (plan, after) = settled(&before, &rules);
        let update = the(&plan, "update-trail");
        let Operation::UpdateTrail { to, .. } = &update.operation else { panic!() };
        assert!(to.multi_region && to.global_events && to.validation);
        assert!(to.logs.is_some() && to.key.as_deref() == Some("alias/harden-cloudtrail"));
        assert_eq!(update.risk, Risk::Restrictive);
        assert!(update.impact[0].contains("needs kms:Decrypt"), "{:?}", update.impact);
        assert_eq!(update.controls.len(), 4);
        assert!(
            !names(&plan).contains(&"start-logging") && !names(&plan).contains(&"create-bucket")
        );
        assert_eq!(unmet(&after, &rules), []);
        // Both regions see it from now on.
        assert!(after.regional.values().all(|one| one.trails.ok().unwrap().len() == 1));
        let (_, back) = undone(&before, &plan);
        assert_eq!(back.logging.trails, before.logging.trails);
        assert_eq!(back.regional[&region(OTHER)], before.regional[&region(OTHER)]);
    }

    #[test]
    fn is_started_if_it_is_stopped() {
        let stopped = with_trail(|trail| {
            let status = trail.status.ok_mut().unwrap();
            status.logging = false;
            status.delivered_to_logs.at = Some("2026-11-01T00:00:00Z".parse().unwrap());
        });
        let (plan, after) = settled(&stopped, &logging_without_config());
        assert_eq!(names(&plan), ["start-logging"]);
        // It delivers to the same log group again, and has an hour to show it.
        assert_eq!(unmet(&after, &logging_without_config()), []);
        let (_, back) = undone(&stopped, &plan);
        let logging =
            |of: &Snapshot| of.logging.trails.values().next().unwrap().status.ok().unwrap().logging;
        assert!(!logging(&back) && logging(&after));
    }

    fn logging_without_config() -> harden::assess::Rules {
        only(&["2.1", "2.2", "2.3", "2.4", "2.6", "2.7"])
    }

    #[test]
    fn is_the_best_of_two_and_the_other_is_named() {
        let mut two = new();
        add_trail(&mut two, "small", |trail| trail.multi_region = false);
        add_trail(&mut two, "wide", |trail| trail.global_events = false);
        let (plan, _) = settled(&two, &only(&["2.1"]));
        let update = the(&plan, "update-trail");
        assert_eq!(update.resource, "wide");
        // It records every region already: that is no new copy of anything.
        assert_eq!((&update.impact, &update.cost), (&Vec::new(), &None));

        let mut two = new();
        add_trail(&mut two, "small", |trail| trail.multi_region = false);
        add_trail(&mut two, "other", |trail| {
            trail.multi_region = false;
            trail.home = region(OTHER);
        });
        let (plan, _) = settled(&two, &only(&["2.1"]));
        let update = the(&plan, "update-trail");
        assert_eq!(update.resource, "other");
        assert!(update.impact[0].starts_with("small records management events too"));
        assert!(update.cost.as_ref().unwrap().note.contains("2.00 for each 100,000"));
        assert_eq!(names(&plan), ["update-trail"], "no third one is made");

        // To start one that somebody has stopped would be a second copy.
        let mut two = new();
        add_trail(&mut two, "wide", |trail| trail.status.ok_mut().unwrap().logging = false);
        add_trail(&mut two, "small", |trail| trail.multi_region = false);
        let (plan, _) = settled(&two, &only(&["2.1"]));
        assert_eq!(names(&plan), ["update-trail"]);
        let update = the(&plan, "update-trail");
        assert_eq!((update.resource.as_str(), &update.impact), ("small", &Vec::new()));

        // Both are stopped.
        let mut two = new();
        for name in ["two", "one"] {
            add_trail(&mut two, name, |trail| trail.status.ok_mut().unwrap().logging = false);
        }
        let (plan, _) = settled(&two, &only(&["2.1"]));
        assert_eq!(names(&plan), ["start-logging"]);
        assert_eq!(
            (plan.changes[0].resource.as_str(), &plan.changes[0].impact),
            ("one", &Vec::new())
        );
    }

    #[test]
    fn that_leaves_events_out_keeps_doing_so() {
        let writes = ManagementEvents { read: false, ..ManagementEvents::ALL };
        let custom = with_trail(|trail| trail.events = Observed::Known(writes));
        let (plan, after) = settled(&custom, &logging_without_config());
        let create = the(&plan, "create-trail");
        assert_eq!(create.resource, "harden");
        assert!(create.impact[0].starts_with("main records management events too"));
        assert!(!names(&plan).contains(&"update-trail"));
        // The new one has all that the other one has: 2.2, 2.4, 2.6 and 2.7 passed before.
        assert_eq!(unmet(&after, &logging_without_config()), []);
        // It delivers to where the other one does.
        assert!(!names(&plan).contains(&"create-log-group"));

        let mut taken = with_trail(|trail| {
            trail.name = "harden".to_owned();
            let writes = ManagementEvents { read: false, ..ManagementEvents::ALL };
            trail.events = Observed::Known(writes);
        });
        let nothing = super::plan(&taken, &only(&["2.1"]));
        assert_eq!(names(&nothing), [""; 0]);
        left_for(&nothing, "2.1", Why::Manual, "name another in `trail.name`");
        taken.home = Some(region(OTHER));
        left_for(
            &super::plan(&taken, &only(&["2.1"])),
            "2.1",
            Why::Manual,
            "is at home in eu-west-1",
        );
    }

    #[test]
    fn of_another_account_satisfies_2_1_and_is_theirs_to_change() {
        let organization = with_trail(|trail| {
            bare(trail);
            trail.multi_region = true;
            trail.global_events = true;
            trail.owner = AccountId::new(FOREIGN);
            trail.organization = true;
            trail.bucket = bucket("central");
        });
        let mut organization = organization;
        let foreign = Bucket::Foreign { region: region(OTHER) };
        organization.logging.buckets.insert(bucket("central"), Observed::Known(foreign));
        let rules = logging_without_config();
        let plan = plan(&organization, &rules);
        assert_eq!(names(&plan), [""; 0]);
        assert_eq!(left(&plan, "2.1"), []);
        for control in ["2.2", "2.4", "2.7"] {
            left_for(&plan, control, Why::Shared, FOREIGN);
        }
        for control in ["2.3", "2.6"] {
            left_for(&plan, control, Why::Unknown, "kept by another account");
        }
    }

    #[test]
    fn of_the_organization_and_ours_gets_statements_for_all_its_accounts() {
        let ours = with_trail(|trail| {
            bare(trail);
            trail.organization = true;
        });
        let (plan, _) = settled(&ours, &only(&["2.1", "2.4"]));
        let Operation::PutRolePolicy { policy, .. } = &the(&plan, "put-role-policy").operation
        else {
            panic!()
        };
        assert!(policy.as_str().contains(":log-stream:o-*"));
        let update = the(&plan, "update-trail");
        assert!(update.impact[0].contains("for every account in it"), "{:?}", update.impact);
        // Within additive nothing is made for a trail that is not to change.
        let held = plan_within(&ours, &only(&["2.1", "2.2", "2.4"]), Risk::Additive);
        assert_eq!(names(&held), [""; 0]);
        for control in ["2.1", "2.2", "2.4"] {
            left_for(&held, control, Why::HeldBack, "for every account in it");
        }
    }

    #[test]
    fn is_changed_where_it_is_at_home() {
        let elsewhere = with_trail(|trail| {
            trail.home = region(OTHER);
            trail.validation = false;
            trail.log_group = None;
            trail.role = None;
        });
        let (plan, _) = settled(&elsewhere, &only(&["2.2", "2.4"]));
        assert_eq!(the(&plan, "update-trail").region, Some(region(OTHER)));
        assert_eq!(the(&plan, "create-log-group").region, Some(region(OTHER)));

        let mut unread = elsewhere;
        unread.regional.remove(&region(OTHER));
        unread.regions = Observed::Known([region(HOME)].into());
        let nothing = super::plan(&unread, &only(&["2.2"]));
        assert_eq!(names(&nothing), [""; 0]);
        left_for(&nothing, "2.2", Why::Unknown, "not among the regions");
    }

    #[test]
    fn gets_its_bucket_back() {
        let mut gone = with_trail(|_| {});
        let trail = add_trail(&mut gone, "second", |trail| trail.prefix = Some("two".to_owned()));
        gone.logging.buckets.insert(bucket("logs"), Observed::Known(Bucket::Absent));
        let rules = logging_without_config();
        let (plan, mut after) = settled(&gone, &rules);
        assert_eq!(unmet(&after, &rules), []);
        let made = ["create-bucket", "put-bucket-policy"];
        assert_eq!(names(&plan), [&made[..], &made, &["put-bucket-logging"]].concat());
        let policy = own(&mut after, "logs").policy.ok().unwrap().clone().unwrap();
        assert!(policy.as_str().contains("trail/main") && policy.as_str().contains(trail.as_str()));
        assert!(policy.as_str().contains("logs/two/AWSLogs/111122223333/*"));

        // The trail is changed, and nobody asked about the bucket.
        let mut gone = with_trail(|trail| trail.validation = false);
        gone.logging.buckets.insert(bucket("logs"), Observed::Known(Bucket::Absent));
        let plan = super::plan(&gone, &only(&["2.2"]));
        assert_eq!(names(&plan), ["create-bucket", "put-bucket-policy", "update-trail"]);
    }

    #[test]
    fn that_only_others_have_is_not_given_a_bucket() {
        let mut gone = with_trail(|trail| {
            trail.owner = AccountId::new(FOREIGN);
            trail.bucket = bucket("central");
        });
        gone.logging.buckets.insert(bucket("central"), Observed::Known(Bucket::Absent));
        let plan = plan(&gone, &only(&["2.3", "2.6"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.3", Why::Shared, "only trails of other accounts");
        left_for(&plan, "2.6", Why::Shared, "only trails of other accounts");
    }

    /// CloudTrail takes no change of a trail that cannot deliver.
    #[test]
    fn is_let_into_its_bucket_before_it_changes() {
        let mut shut = with_trail(|trail| trail.validation = false);
        let theirs = r#"{"Sid" : "Theirs", "Effect":"Deny", "Principal":"*","Action":"s3:Delete*","Resource":"arn:aws:s3:::logs/*"}"#;
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{theirs}]}}"#);
        own(&mut shut, "logs").policy = Observed::Known(Some(PolicyText::new(text)));
        let (plan, mut after) = settled(&shut, &only(&["2.2"]));
        assert_eq!(names(&plan), ["put-bucket-policy", "update-trail"]);
        let policy = own(&mut after, "logs").policy.ok().unwrap().clone().unwrap();
        assert!(policy.as_str().contains(theirs), "{policy}");
    }

    #[test]
    fn with_a_bucket_of_another_account_does_not_touch_it() {
        let mut central = with_trail(|trail| {
            bare(trail);
            trail.bucket = bucket("central");
        });
        let foreign = Bucket::Foreign { region: region(OTHER) };
        central.logging.buckets.insert(bucket("central"), Observed::Known(foreign));
        let (plan, _) = settled(&central, &logging_without_config());
        let about: BTreeSet<&str> = plan.changes.iter().map(|c| c.resource.as_str()).collect();
        assert!(!about.contains("central"), "{about:?}");
        assert!(names(&plan).contains(&"update-trail"));
        left_for(&plan, "2.7", Why::Shared, "whose readers can use no key of this one");
        left_for(&plan, "2.3", Why::Unknown, "kept by another account");
    }

    #[test]
    fn that_is_stopped_beside_another_is_for_a_person() {
        let mut two = with_trail(|_| {});
        add_trail(&mut two, "old", |trail| {
            bare(trail);
            trail.status.ok_mut().unwrap().logging = false;
        });
        let plan = plan(&two, &only(&["2.1", "2.4"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.4", Why::Manual, "start it, or delete it");
    }

    /// Else it would be adopted by the next plan, and not by this one.
    #[test]
    fn delivers_to_where_one_does_that_is_started() {
        let mut two = with_trail(|trail| trail.status.ok_mut().unwrap().logging = false);
        add_trail(&mut two, "some", |trail| {
            let writes = ManagementEvents { read: false, ..ManagementEvents::ALL };
            trail.events = Observed::Known(writes);
            (trail.log_group, trail.role, trail.bucket) = (None, None, bucket("some"));
        });
        let other = role("harden-cloudtrail", "ec2.amazonaws.com");
        two.iam.roles.insert("harden-cloudtrail".to_owned(), Observed::Known(Some(other)));
        let (plan, after) = settled(&two, &only(&["2.1", "2.4"]));
        assert!(["update-trail", "start-logging"].iter().all(|one| names(&plan).contains(one)));
        let group = |name: &str| {
            let mut trails = after.logging.trails.values();
            trails.find(|trail| trail.name == name).unwrap().log_group.clone()
        };
        assert_eq!(group("some"), group("main"));
    }

    #[test]
    fn that_cannot_deliver_to_its_log_group_is_for_a_person() {
        let broken = with_trail(|trail| {
            let status = trail.status.ok_mut().unwrap();
            status.delivered_to_logs.error = Some("AccessDenied".to_owned());
            trail.validation = false;
        });
        let (plan, _) = settled(&broken, &only(&["2.2", "2.4"]));
        assert_eq!(names(&plan), ["update-trail"]);
        left_for(&plan, "2.4", Why::Manual, "delivers nothing to");
    }

    #[test]
    fn keeps_its_rights_to_encrypt_and_is_not_encrypted_within_additive() {
        let before = with_trail(bare);
        let rules = logging_without_config();
        let plan = plan_within(&before, &rules, Risk::Additive);
        let Operation::UpdateTrail { to, .. } = &the(&plan, "update-trail").operation else {
            panic!()
        };
        assert!(to.multi_region && to.validation && to.logs.is_some() && to.key.is_none());
        assert!(!names(&plan).contains(&"create-key"), "of no use yet");
        left_for(&plan, "2.7", Why::HeldBack, "`--max-risk restrictive` lets it in");
        // A new trail has nobody who reads it.
        let plan = plan_within(&new(), &rules, Risk::Additive);
        assert!(names(&plan).contains(&"create-key"));
        assert_eq!(plan.not_planned, []);
    }
}

mod buckets {
    use super::*;

    const DENY: &str = r#"{ "Sid":"Tls", "Effect":"Deny","Principal":"*", "Action":"s3:*","Resource":["arn:aws:s3:::logs","arn:aws:s3:::logs/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}"#;
    const PINNED: &str = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}"#;
    const AUDIT: &str = r#"{"Sid":"Audit","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::logs/*"}"#;
    const OPEN: &str = r#"{"Sid":"Web","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}"#;
    const LOOSE: &str = r#"{"Sid":"Loose","Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*","Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}"#;

    fn with_policy(statements: &[&str], public: bool) -> Snapshot {
        let mut snapshot = with_trail(|_| {});
        let arn = snapshot.logging.trails.keys().next().unwrap().clone();
        let ours = letting_in(&arn, &bucket("logs"));
        let ours: Vec<String> =
            ours.statements().unwrap().iter().map(ToString::to_string).collect();
        let all: Vec<&str> =
            statements.iter().copied().chain(ours.iter().map(String::as_str)).collect();
        let text =
            format!(r#"{{"Version":"2008-10-17","Id":"x","Statement":[{}]}}"#, all.join(" , "));
        let logs = own(&mut snapshot, "logs");
        logs.policy = Observed::Known(Some(PolicyText::new(text)));
        logs.policy_is_public = Observed::Known(public);
        logs.public_access = Observed::Known(None);
        snapshot
    }

    fn policy_of(snapshot: &mut Snapshot, name: &str) -> String {
        own(snapshot, name).policy.ok().unwrap().clone().unwrap().to_string()
    }

    #[test]
    fn lose_what_lets_in_the_public_and_nothing_else() {
        let open = with_policy(&[DENY, OPEN, PINNED, LOOSE, AUDIT], true);
        let (plan, mut after) = settled(&open, &only(&["2.3"]));
        assert_eq!(names(&plan), ["put-bucket-policy", "put-public-access-block"]);
        let text = policy_of(&mut after, "logs");
        for kept in [DENY, PINNED, AUDIT, r#""Version":"2008-10-17","Id":"x""#] {
            assert!(text.contains(kept), "{text}");
        }
        for gone in [OPEN, LOOSE] {
            assert!(!text.contains(gone), "{text}");
        }
        let shut = the(&plan, "put-bucket-policy");
        assert_eq!(shut.risk, Risk::Restrictive);
        assert!(shut.impact[0].contains("2 statements"), "{:?}", shut.impact);
        assert_eq!(own(&mut after, "logs").policy_is_public, Observed::Known(false));
        let (_, back) = undone(&open, &plan);
        assert_eq!(back, open);
    }

    #[test]
    fn keep_a_policy_that_aws_takes_no_more() {
        const GONE: &str = r#"{"Effect":"Allow","Principal":{"AWS":"AIDAGONE23456789EXAMPLE"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::logs/*"}"#;
        let plan = plan(&with_policy(&[OPEN, GONE], true), &only(&["2.3"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.3", Why::Manual, "AIDAGONE23456789EXAMPLE, which is deleted");
    }

    #[test]
    fn that_deny_their_trail_are_for_a_person() {
        const SHUT: &str = r#"{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*"}"#;
        let mut denied = with_policy(&[SHUT], false);
        denied.logging.trails.values_mut().next().unwrap().validation = false;
        let plan = plan(&denied, &only(&["2.1", "2.2"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.2", Why::Manual, "statement Shut of the policy of bucket logs");
        // What only may be meant is left to CloudTrail to tell.
        let unsure = SHUT.replace(
            '}',
            r#","Condition":{"StringNotEquals":{"s3:x-amz-server-side-encryption":"aws:kms"}}}"#,
        );
        let mut unsure = with_policy(&[&unsure], false);
        unsure.logging.trails.values_mut().next().unwrap().validation = false;
        assert_eq!(names(&super::plan(&unsure, &only(&["2.2"]))), ["update-trail"]);
    }

    #[test]
    fn keep_statements_that_aws_does_not_call_public() {
        let fine = with_policy(&[DENY, PINNED, LOOSE], false);
        assert_eq!(names(&plan(&fine, &only(&["2.3"]))), [""; 0]);
    }

    #[test]
    fn keep_strange_statements_when_a_statement_is_added() {
        let mut snapshot = with_policy(&[DENY, PINNED, AUDIT], false);
        own(&mut snapshot, "logs").logging = Observed::Known(None);
        // The bucket for access logs is there, and has a policy of somebody else's.
        let mut access = own_bucket(HOME);
        let Bucket::Ours(theirs) = &mut access else { panic!() };
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{DENY} ,  {AUDIT}]}}"#);
        theirs.policy = Observed::Known(Some(PolicyText::new(text)));
        snapshot.logging.buckets.insert(bucket(ACCESS), Observed::Known(access));
        let (plan, mut after) = settled(&snapshot, &only(&["2.6"]));
        assert_eq!(names(&plan), ["put-bucket-policy", "put-bucket-logging"]);
        let text = policy_of(&mut after, ACCESS);
        assert!(text.contains(DENY) && text.contains(AUDIT), "{text}");
    }

    /// What lets in anyone may be all that lets in CloudTrail.
    #[test]
    fn go_on_receiving_from_the_trail() {
        let mut open = with_policy(&[], true);
        let all = r#"{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}"#;
        let text = format!(r#"{{"Statement":[{all}]}}"#);
        own(&mut open, "logs").policy = Observed::Known(Some(PolicyText::new(text)));
        let (_, mut after) = settled(&open, &only(&["2.3"]));
        let text = policy_of(&mut after, "logs");
        assert!(text.contains("trail/main") && text.contains("HardenTrailWrite"), "{text}");

        let mut theirs = open.clone();
        let trail = theirs.logging.trails.values().next().unwrap().clone();
        theirs.logging.trails.clear();
        for regional in theirs.regional.values_mut() {
            regional.trails.ok_mut().unwrap().clear();
        }
        let mut policy = None;
        add_trail(&mut theirs, "main", |one| {
            *one = Trail { owner: AccountId::new(FOREIGN), ..trail };
        });
        std::mem::swap(&mut policy, own(&mut theirs, "logs").policy.ok_mut().unwrap());
        own(&mut theirs, "logs").policy = own(&mut open, "logs").policy.clone();
        let plan = plan(&theirs, &only(&["2.3"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.3", Why::Shared, FOREIGN);
    }

    #[test]
    fn without_any_other_statement_lose_their_policy_or_keep_the_block() {
        let mut only_web = with_policy(&[], true);
        let text = format!(r#"{{"Statement":{OPEN}}}"#);
        own(&mut only_web, "logs").policy = Observed::Known(Some(PolicyText::new(text)));
        let (plan, _) = settled(&only_web, &only(&["2.3"]));
        assert_eq!(names(&plan), ["delete-bucket-policy", "put-public-access-block"]);

        // AWS sees something that harden does not.
        let unclear = with_policy(&[AUDIT], true);
        let (plan, _) = settled(&unclear, &only(&["2.3"]));
        assert_eq!(names(&plan), ["put-public-access-block"]);
        assert!(plan.changes[0].impact[1].contains("lets in nobody but this account"));
    }

    #[test]
    fn lose_public_grants_and_keep_the_others() {
        let mut granted = with_trail(|_| {});
        let group = |name: &str, permission: &str| Grant {
            to: Grantee::Group(format!("http://acs.example/groups/{name}")),
            permission: permission.to_owned(),
        };
        let owner = Grant {
            to: Grantee::Account("owner".to_owned()),
            permission: "FULL_CONTROL".to_owned(),
        };
        let logs = own(&mut granted, "logs");
        logs.ownership = Observed::Known(Some("ObjectWriter".to_owned()));
        logs.public_access =
            Observed::Known(Some(PublicAccessBlock { block_policy: true, ..Default::default() }));
        logs.acl = Observed::Known(vec![
            group("global/AllUsers", "READ"),
            owner.clone(),
            group("global/AuthenticatedUsers", "WRITE"),
            group("s3/LogDelivery", "WRITE"),
        ]);
        let (plan, mut after) = settled(&granted, &only(&["2.3"]));
        assert_eq!(names(&plan), ["put-bucket-acl", "put-public-access-block"]);
        let kept = own(&mut after, "logs").acl.ok().unwrap().clone();
        assert_eq!(kept.len(), 2);
        assert!(kept.contains(&owner) && kept.contains(&group("s3/LogDelivery", "WRITE")));
        // Merged upward.
        assert_eq!(own(&mut after, "logs").public_access, Observed::Known(Some(SHUT)));
    }

    #[test]
    fn that_are_logged_share_one_bucket_in_each_region() {
        let mut three = with_trail(|_| {});
        for (name, at) in [("two", HOME), ("three", OTHER)] {
            three.logging.buckets.insert(bucket(name), Observed::Known(own_bucket(at)));
            add_trail(&mut three, name, |trail| trail.bucket = bucket(name));
            own(&mut three, name).logging = Observed::Known(None);
        }
        own(&mut three, "logs").logging = Observed::Known(None);
        let (plan, mut after) = settled(&three, &only(&["2.6"]));
        assert_eq!(
            names(&plan),
            [
                "create-bucket",
                "put-bucket-policy",
                "put-bucket-logging",
                "put-bucket-logging",
                "create-bucket",
                "put-bucket-policy",
                "put-bucket-logging",
            ]
        );
        let text = policy_of(&mut after, ACCESS);
        assert!(text.contains(r#""arn:aws:s3:::logs","arn:aws:s3:::two""#), "{text}");
    }

    #[test]
    fn are_never_logged_into_themselves() {
        let mut same = with_trail(|trail| trail.bucket = bucket(ACCESS));
        same.logging.buckets.insert(bucket(ACCESS), Observed::Known(own_bucket(HOME)));
        own(&mut same, ACCESS).logging = Observed::Known(None);
        let plan = plan(&same, &only(&["2.6"]));
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.6", Why::Unsupported, "into itself");
        let mut elsewhere = with_trail(|_| {});
        own(&mut elsewhere, "logs").logging = Observed::Known(None);
        elsewhere.logging.buckets.insert(bucket(ACCESS), Observed::Known(own_bucket(OTHER)));
        let plan = super::plan(&elsewhere, &only(&["2.6"]));
        left_for(&plan, "2.6", Why::Unsupported, "only within a region");
    }
}

mod keys {
    use super::*;

    const ALIAS: &str = "alias/harden-cloudtrail";

    fn bare() -> Snapshot {
        with_trail(|trail| trail.key = None)
    }

    fn name(snapshot: &mut Snapshot, key: &str) {
        let aliases = &mut at(snapshot, HOME).aliases;
        aliases.insert(ALIAS.to_owned(), Observed::Known(Some(KeyId::new(key))));
    }

    #[test]
    fn of_the_baselines_alias_are_adopted_and_keep_their_policy() {
        let mut named = bare();
        add_key(&mut named, HOME, "theirs", "anything", |_| {});
        name(&mut named, "theirs");
        let (plan, after) = settled(&named, &only(&["2.7"]));
        assert_eq!(names(&plan), ["put-key-policy", "update-trail"]);
        let arn = KeyArn::new(format!("arn:aws:kms:{HOME}:{ACCOUNT}:key/theirs"));
        let Operation::UpdateTrail { to, alias, .. } = &the(&plan, "update-trail").operation else {
            panic!()
        };
        assert_eq!((to.key.as_deref(), alias), (Some(arn.as_str()), &None));
        let key = after.logging.keys[&arn].ok().unwrap().as_ref().unwrap();
        let policy = key.policy.ok().unwrap().as_str();
        assert!(policy.contains("Theirs") && policy.contains("HardenTrailEncrypt"));
        let (_, back) = undone(&named, &plan);
        assert_eq!(back, named);
    }

    #[test]
    fn left_behind_by_an_undo_are_adopted() {
        let mut behind = bare();
        add_key(&mut behind, HOME, "behind", TRAIL_KEY_DESCRIPTION, |_| {});
        let (plan, _) = settled(&behind, &only(&["2.7"]));
        assert_eq!(names(&plan), ["put-key-policy", "create-alias", "update-trail"]);
        // On its way out, it does not come back.
        add_key(&mut behind, HOME, "behind", TRAIL_KEY_DESCRIPTION, |key| {
            key.state = "PendingDeletion".to_owned();
        });
        let (plan, _) = settled(&behind, &only(&["2.7"]));
        assert!(names(&plan).contains(&"create-key"));
    }

    #[test]
    fn that_cannot_be_used_are_for_a_person() {
        let rules = only(&["2.7"]);
        let mut disabled = bare();
        add_key(&mut disabled, HOME, "theirs", "", |key| key.state = "Disabled".to_owned());
        name(&mut disabled, "theirs");
        let nothing = plan(&disabled, &rules);
        assert_eq!(names(&nothing), [""; 0]);
        left_for(&nothing, "2.7", Why::Unsupported, "is Disabled: enable it");

        let mut behind = bare();
        add_key(&mut behind, HOME, "b", TRAIL_KEY_DESCRIPTION, |k| k.state = "Disabled".to_owned());
        left_for(&plan(&behind, &rules), "2.7", Why::Unsupported, "is Disabled: enable it");

        let mut signing = bare();
        add_key(&mut signing, HOME, "theirs", "", |key| key.spec = "RSA_2048".to_owned());
        name(&mut signing, "theirs");
        left_for(&plan(&signing, &rules), "2.7", Why::Unsupported, "not a symmetric key");

        let mut hidden = bare();
        add_key(&mut hidden, HOME, "theirs", "", |_| {});
        name(&mut hidden, "theirs");
        let arn = KeyArn::new(format!("arn:aws:kms:{HOME}:{ACCOUNT}:key/theirs"));
        hidden.logging.keys.get_mut(&arn).unwrap().ok_mut().unwrap().as_mut().unwrap().policy =
            denied("kms:GetKeyPolicy");
        left_for(&plan(&hidden, &rules), "2.7", Why::Unknown, "the policy of key theirs");
    }

    #[test]
    fn that_a_trail_has_and_cannot_use_are_for_a_person() {
        let mut disabled = with_trail(|_| {});
        add_key(&mut disabled, HOME, "trail", "", |key| key.state = "Disabled".to_owned());
        let nothing = plan(&disabled, &only(&["2.7"]));
        assert_eq!(names(&nothing), [""; 0]);
        left_for(&nothing, "2.7", Why::Manual, "which cannot be used");
    }

    #[test]
    fn are_one_for_all_trails_of_a_region() {
        let mut two = bare();
        add_trail(&mut two, "second", |trail| trail.key = None);
        add_trail(&mut two, "third", |trail| {
            trail.key = None;
            trail.bucket = bucket("far");
        });
        two.logging.buckets.insert(bucket("far"), Observed::Known(own_bucket(OTHER)));
        let (plan, _) = settled(&two, &only(&["2.7"]));
        let keys: Vec<&Change> =
            plan.changes.iter().filter(|c| c.operation.name() == "create-key").collect();
        assert_eq!(keys.len(), 2);
        let Operation::CreateKey { policy, .. } = &keys[0].operation else { panic!() };
        assert!(policy.as_str().contains("trail/main") && policy.as_str().contains("trail/second"));
        assert!(!policy.as_str().contains("trail/third"));
        // Each trail needs the alias of its own region and no other.
        for change in plan.changes.iter().filter(|c| c.operation.name() == "update-trail") {
            let aliases =
                change.requires.iter().filter(|id| id.as_str().starts_with("create-alias"));
            assert_eq!(aliases.count(), 1, "{:?}", change.requires);
        }
    }

    #[test]
    fn that_are_new_rotate() {
        let (_, after) = settled(&bare(), &only(&["2.7", "2.8"]));
        let keys = after.regional[&region(HOME)].keys.ok().unwrap();
        let rotates = |key: &harden::model::Key| {
            *key.detail.ok().unwrap().rotation.ok().unwrap() == Rotation::On { period_days: 365 }
        };
        assert!(keys.values().all(rotates));
    }
}

mod config {
    use super::*;

    fn recorder() -> Recorder {
        Recorder {
            role: Some(format!("arn:aws:iam::{ACCOUNT}:role/config")),
            records: Records::Everything,
            global_types: false,
            mode: Some(RecordingMode { frequency: "DAILY".to_owned(), overrides: Vec::new() }),
            status: status(true, LastStatus::Success),
        }
    }

    fn status(recording: bool, last: LastStatus) -> Observed<RecorderStatus> {
        Observed::Known(RecorderStatus { recording, last, error: None })
    }

    fn channel() -> DeliveryChannel {
        DeliveryChannel {
            bucket: Some(bucket("history")),
            prefix: Some("p".to_owned()),
            topic: Some("arn:aws:sns:eu-west-1:111122223333:t".to_owned()),
            key: None,
            frequency: Some("One_Hour".to_owned()),
        }
    }

    /// Two regions that record everything, the first of them what has no region as well.
    fn recorded() -> Snapshot {
        let mut snapshot = new();
        for (name, global_types) in [(HOME, true), (OTHER, false)] {
            let one = Recorder { global_types, ..recorder() };
            at(&mut snapshot, name).recorders = Observed::Known([("mine".to_owned(), one)].into());
            let one = ("mine".to_owned(), channel());
            at(&mut snapshot, name).channels = Observed::Known([one].into());
        }
        let mut history = own_bucket(HOME);
        let Bucket::Ours(own) = &mut history else { panic!() };
        own.policy = Observed::Known(Some(PolicyText::new(
            r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":["s3:GetBucketAcl","s3:PutObject"],"Resource":["arn:aws:s3:::history","arn:aws:s3:::history/*"]}]}"#,
        )));
        snapshot.logging.buckets.insert(bucket("history"), Observed::Known(history));
        snapshot
    }

    fn change(snapshot: &mut Snapshot, at_region: &str, change: impl FnOnce(&mut Recorder)) {
        let recorders = at(snapshot, at_region).recorders.ok_mut().unwrap();
        change(recorders.get_mut("mine").unwrap());
    }

    fn rules() -> harden::assess::Rules {
        only(&["2.5"])
    }

    #[test]
    fn that_records_everything_is_left_alone() {
        assert_eq!(names(&plan(&recorded(), &rules())), [""; 0]);
    }

    fn stop(snapshot: &mut Snapshot) {
        change(snapshot, OTHER, |one| one.status = status(false, LastStatus::Pending));
    }

    fn history(snapshot: &mut Snapshot) -> &mut harden::model::OwnBucket {
        match snapshot.logging.buckets.get_mut(&bucket("history")).unwrap().ok_mut() {
            Some(Bucket::Ours(own)) => own,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn that_is_started_is_let_into_its_bucket_first() {
        let mut stopped = recorded();
        stop(&mut stopped);
        history(&mut stopped).policy = Observed::Known(None);
        let (plan, _) = settled(&stopped, &rules());
        assert_eq!(names(&plan), ["put-bucket-policy", "start-configuration-recorder"]);
        let start = &plan.changes[1];
        assert!(start.requires.contains(&plan.changes[0].id), "{start:?}");
        assert!(start.cost.is_some(), "from now on it is charged");
        let (_, back) = undone(&stopped, &plan);
        assert_eq!(back, stopped);
    }

    #[test]
    fn whose_channel_has_a_prefix_and_no_bucket_may_write_under_that_prefix() {
        let mut snapshot = new();
        for name in [HOME, OTHER] {
            let bare = DeliveryChannel { bucket: None, ..channel() };
            at(&mut snapshot, name).channels = Observed::Known([("mine".to_owned(), bare)].into());
        }
        let (plan, after) = settled(&snapshot, &rules());
        let Document::Policy(Some(policy)) = &the(&plan, "put-bucket-policy").after else {
            panic!()
        };
        assert!(policy.as_str().contains("/p/AWSLogs/"), "{policy:?}");
        for name in [HOME, OTHER] {
            let channels = after.regional[&region(name)].channels.ok().unwrap();
            assert_eq!(channels["mine"].prefix.as_deref(), Some("p"));
        }
    }

    #[test]
    fn whose_bucket_two_prefixes_share_may_write_under_both() {
        let mut snapshot = new();
        for (name, prefix) in [(HOME, "p"), (OTHER, "q")] {
            let prefix = Some(prefix.to_owned());
            let bare = DeliveryChannel { bucket: None, prefix, ..channel() };
            at(&mut snapshot, name).channels = Observed::Known([("mine".to_owned(), bare)].into());
        }
        let (plan, mut after) = settled(&snapshot, &rules());
        assert_eq!(names(&plan).iter().filter(|name| **name == "put-bucket-policy").count(), 1);
        let policy = own(&mut after, CONFIG).policy.ok().unwrap().clone().unwrap();
        for path in ["/p/AWSLogs/", "/q/AWSLogs/"] {
            assert!(policy.as_str().contains(path), "{policy:?}");
        }
    }

    #[test]
    fn that_is_stopped_starts_into_a_bucket_of_others_only_if_a_region_delivers_there() {
        let mut stopped = recorded();
        change(&mut stopped, OTHER, |one| one.status = status(false, LastStatus::Success));
        let foreign = Bucket::Foreign { region: region(OTHER) };
        stopped.logging.buckets.insert(bucket("history"), Observed::Known(foreign));
        let (plan, _) = settled(&stopped, &rules());
        assert_eq!(names(&plan), ["start-configuration-recorder"]);

        let elsewhere = DeliveryChannel { prefix: None, ..channel() };
        let channels = at(&mut stopped, OTHER).channels.ok_mut().unwrap();
        channels.insert("mine".to_owned(), elsewhere);
        let plan = super::plan(&stopped, &rules());
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.5", Why::Shared, "would deliver to bucket history of another account");
    }

    #[test]
    fn whose_bucket_is_gone_starts_into_a_new_one_of_its_name() {
        let mut stopped = recorded();
        stop(&mut stopped);
        stopped.logging.buckets.insert(bucket("history"), Observed::Known(Bucket::Absent));
        let (plan, _) = settled(&stopped, &rules());
        let steps = ["create-bucket", "put-bucket-policy", "start-configuration-recorder"];
        assert_eq!(names(&plan), steps);
        let resource = |at: usize| plan.changes[at].resource.as_str();
        assert_eq!((resource(0), resource(1)), ("history", "history"));
    }

    #[test]
    fn whose_bucket_denies_it_or_hides_is_not_started() {
        let mut denied = recorded();
        stop(&mut denied);
        history(&mut denied).policy = Observed::Known(Some(PolicyText::new(
            r#"{"Statement":[{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"s3:Put*","Resource":"*"}]}"#,
        )));
        let plan = plan(&denied, &rules());
        assert_eq!(names(&plan), [""; 0]);
        let (why, said) = left(&plan, "2.5").remove(0);
        assert!(why == Why::Manual && said.contains("denies what config.amazonaws.com"), "{said}");

        let mut hidden = recorded();
        stop(&mut hidden);
        history(&mut hidden).policy = Observed::Unread;
        let plan = super::plan(&hidden, &rules());
        assert_eq!(names(&plan), [""; 0]);
        let (why, said) = left(&plan, "2.5").remove(0);
        assert!(why == Why::Unknown && said.starts_with("the policy of bucket history"), "{said}");
    }

    #[test]
    fn that_records_some_types_is_extended_and_keeps_the_rest() {
        let mut some = recorded();
        change(&mut some, HOME, |one| {
            one.records = Records::Only(["AWS::EC2::Volume".to_owned()].into());
            one.global_types = false;
        });
        change(&mut some, OTHER, |one| one.global_types = true);
        let (plan, after) = settled(&some, &rules());
        assert_eq!(names(&plan), ["put-configuration-recorder"]);
        let now = &after.regional[&region(HOME)].recorders.ok().unwrap()["mine"];
        assert_eq!(*now, Recorder { global_types: false, ..recorder() });
        let (_, back) = undone(&some, &plan);
        assert_eq!(back, some);
    }

    #[test]
    fn that_is_stopped_is_started() {
        let mut stopped = recorded();
        change(&mut stopped, OTHER, |one| one.status = status(false, LastStatus::Failure));
        let (plan, after) = settled(&stopped, &rules());
        assert_eq!(names(&plan), ["start-configuration-recorder"]);
        assert_eq!(unmet(&after, &rules()), []);
    }

    #[test]
    fn that_leaves_types_out_keeps_them_out() {
        let mut out = recorded();
        let types = Records::AllBut(["AWS::EC2::Volume".to_owned()].into());
        change(&mut out, OTHER, |one| {
            one.records = types.clone();
            one.status = status(false, LastStatus::Success);
        });
        let plan = plan(&out, &rules());
        assert_eq!(names(&plan), ["start-configuration-recorder"]);
        left_for(&plan, "2.5", Why::Manual, "harden keeps what is left out");

        let mut accepted = rules();
        accepted.settings.config.exclusions = Exclusions::Warn;
        let (plan, after) = settled(&out, &accepted);
        assert_eq!(names(&plan), ["start-configuration-recorder"]);
        assert_eq!((unmet(&after, &accepted), plan.not_planned), (vec![], vec![]));

        // What has no region goes to a recorder that leaves nothing out.
        let mut nowhere = recorded();
        change(&mut nowhere, HOME, |one| {
            one.records = types.clone();
            one.global_types = false;
        });
        let (plan, _) = settled(&nowhere, &accepted);
        assert_eq!(the(&plan, "put-configuration-recorder").region, Some(region(OTHER)));
        change(&mut nowhere, OTHER, |one| one.records = types);
        let plan = super::plan(&nowhere, &accepted);
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.5", Why::Manual, "leaves out types");
    }

    #[test]
    fn without_a_bucket_delivers_to_that_of_the_others() {
        let mut lost = recorded();
        let channels = at(&mut lost, OTHER).channels.ok_mut().unwrap();
        let bare = DeliveryChannel { bucket: None, prefix: None, ..channel() };
        channels.insert("mine".to_owned(), bare);
        let (plan, after) = settled(&lost, &rules());
        assert_eq!(names(&plan), ["put-delivery-channel"]);
        assert_eq!(after.regional[&region(OTHER)].channels.ok().unwrap()["mine"], channel());

        // It belongs to another account, and works.
        let foreign = Bucket::Foreign { region: region(OTHER) };
        lost.logging.buckets.insert(bucket("history"), Observed::Known(foreign));
        assert_eq!(names(&super::plan(&lost, &rules())), ["put-delivery-channel"]);

        // It lets in a role of the other region's, and not the service.
        lost.logging.buckets.insert(bucket("history"), Observed::Known(own_bucket(HOME)));
        let (plan, _) = settled(&lost, &rules());
        assert_eq!(names(&plan), ["put-bucket-policy", "put-delivery-channel"]);

        // The other region cannot deliver there itself.
        change(&mut lost, HOME, |one| one.status = status(true, LastStatus::Failure));
        let plan = super::plan(&lost, &rules());
        assert_eq!(names(&plan), ["create-bucket", "put-bucket-policy", "put-delivery-channel"]);
        left_for(&plan, "2.5", Why::Manual, "its last attempt failed");

        // Whether it lets in the service is not known.
        let mut hidden = recorded();
        at(&mut hidden, OTHER).channels = Observed::Known([].into());
        hidden.logging.buckets.insert(bucket("history"), denied("s3:ListBucket"));
        let plan = super::plan(&hidden, &rules());
        assert_eq!(names(&plan), [""; 0]);
        left_for(&plan, "2.5", Why::Unknown, "bucket history");
    }

    #[test]
    fn of_one_region_is_extended_to_the_others() {
        let mut one = recorded();
        at(&mut one, OTHER).recorders = Observed::Known([].into());
        at(&mut one, OTHER).channels = Observed::Known([].into());
        let (plan, after) = settled(&one, &rules());
        assert_eq!(
            names(&plan),
            [
                "create-service-linked-role",
                "put-configuration-recorder",
                "put-delivery-channel",
                "start-configuration-recorder"
            ]
        );
        let made = &after.regional[&region(OTHER)].recorders.ok().unwrap()["default"];
        assert!(made.role.as_deref().unwrap().ends_with("/AWSServiceRoleForConfig"));
        assert!(!made.global_types);
    }

    #[test]
    fn whose_role_hides_is_not_set_up() {
        let mut hidden = new();
        let name = "AWSServiceRoleForConfig".to_owned();
        hidden.iam.roles.insert(name, denied("iam:GetRole"));
        let plan = plan(&hidden, &rules());
        assert!(
            !names(&plan).iter().any(|name| name.contains("recorder") || name.contains("role"))
        );
        assert_eq!(left(&plan, "2.5").len(), 3, "both regions, and what has none");
    }

    #[test]
    fn whose_status_hides_is_left_as_it_is() {
        let mut hidden = recorded();
        change(&mut hidden, HOME, |one| {
            one.records = Records::Only([].into());
            one.status = denied("config:DescribeConfigurationRecorderStatus");
        });
        let plan = plan(&hidden, &rules());
        assert_eq!(names(&plan), [""; 0]);
        assert!(left(&plan, "2.5").iter().any(|(_, detail)| detail.contains("the status")));
    }
}

/// Turns are taken: what one fix makes, the next one finds.
#[test]
fn one_bucket_can_serve_several_controls() {
    let mut rules = logging();
    rules.settings.config.bucket = BUCKET.parse().unwrap();
    let (plan, mut after) = settled(&new(), &rules);
    let policies: Vec<&Change> = plan
        .changes
        .iter()
        .filter(|c| c.operation.name() == "put-bucket-policy" && c.resource == BUCKET)
        .collect();
    assert_eq!(policies.len(), 1, "one call for what both have to say");
    assert_eq!(policies[0].controls.len(), 2);
    let text = own(&mut after, BUCKET).policy.ok().unwrap().clone().unwrap();
    assert!(
        text.as_str().contains("HardenTrailWrite") && text.as_str().contains("HardenConfigPut")
    );
    let (_, mut back) = undone(&new(), &plan);
    back.logging.keys.clear();
    at(&mut back, HOME).keys.ok_mut().unwrap().clear();
    assert_eq!(back, new());
}

#[test]
fn a_failing_verdict_does_not_hide_behind_a_plan() {
    let plan: Plan = plan(&new(), &logging());
    let after = simulated(&new(), &plan);
    let verdicts: Vec<Verdict> = harden::assess::judge(&after, &logging())
        .into_iter()
        .map(|one| one.report.verdict)
        .collect();
    // 2.4 waits for the first delivery, 2.5 for that of AWS Config.
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Pending).count(), 2);
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Verdict::Pass).count(), 5);
}
