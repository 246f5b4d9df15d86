//! AWS Config as people leave it: what is told, what is extended, and back again.

use aws_sdk_config::types::{
    ExclusionByResourceTypes, RecordingGroup, RecordingStrategy, RecordingStrategyType,
    ResourceType,
};
use serde_json::{Value, json};

use crate::answers::{findings, left, notes, verdicts};
use crate::support::account::Account;
use crate::support::logging::{
    HOME, config_bucket, put_channel, put_recorder, recorder, start_recorder,
};
use crate::trip::Trip;
use crate::world::{REGIONS, World};

/// Everything in all regions but the last.
async fn all_but_one(account: &Account) -> &'static str {
    let [home, near, far] = REGIONS;
    recorder(account, home, true).await;
    recorder(account, near, false).await;
    far
}

fn in_region<'a>(reading: &'a Value, region: &str) -> &'a Value {
    &reading["regional"][region]["recorders"]["known"]["default"]
}

/// Asserts what is found, and by which changes it passes.
fn there_and_back(world: &World, found: &str, expected: &[&str]) {
    let assessed = world.json(["assess", "--control", "2.5"]);
    assert_eq!(findings(&assessed, "2.5"), [found]);
    let trip = Trip::there(world, "2.5", expected);
    assert_eq!(verdicts(&trip.assessed, &["2.5"]), ["pass"], "{:#}", trip.assessed);
    trip.back();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_without_a_recorder_gets_one_like_the_others() {
    let world = World::whole().await;
    let far = all_but_one(&world.account).await;
    let assessed = world.json(["assess", "--control", "2.5"]);
    assert_eq!(findings(&assessed, "2.5"), [format!("{far} recorder: AWS Config is not set up")]);
    // Of the buckets that the others deliver to, one is as good as the other.
    let expected = [
        "put-configuration-recorder default",
        "put-delivery-channel default",
        "start-configuration-recorder default",
    ];
    let trip = Trip::there(&world, "2.5", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.5"]), ["pass"], "{:#}", trip.assessed);
    let to = &trip.plan["changes"][1]["operation"]["to"]["bucket"];
    assert_eq!(*to, format!("config-{HOME}-{}", world.account.id));
    assert_eq!(in_region(&world.reading(), far)["global_types"], false);
    trip.back();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_recorder_is_started() {
    let world = World::whole().await;
    let far = all_but_one(&world.account).await;
    put_recorder(&world.account, far, everything()).await;
    put_channel(&world.account, far, &config_bucket(&world.account, far).await).await;
    let found = format!("{far} default: is stopped");
    there_and_back(&world, &found, &["start-configuration-recorder default"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_delivers_nowhere_gets_a_channel_and_is_started() {
    let world = World::whole().await;
    let far = all_but_one(&world.account).await;
    put_recorder(&world.account, far, everything()).await;
    let found = format!("{far} default: is stopped and has no delivery channel");
    let expected = ["put-delivery-channel default", "start-configuration-recorder default"];
    there_and_back(&world, &found, &expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_of_some_types_is_extended_and_goes_back_to_them() {
    let world = World::whole().await;
    let far = all_but_one(&world.account).await;
    let some = RecordingGroup::builder()
        .all_supported(false)
        .resource_types(ResourceType::Volume)
        .resource_types(ResourceType::Instance);
    put_recorder(&world.account, far, some.build()).await;
    put_channel(&world.account, far, &config_bucket(&world.account, far).await).await;
    start_recorder(&world.account, far).await;
    let found = format!("{far} default: records only AWS::EC2::Instance and AWS::EC2::Volume");
    there_and_back(&world, &found, &["put-configuration-recorder default"]);
}

fn everything() -> RecordingGroup {
    RecordingGroup::builder().all_supported(true).include_global_resource_types(false).build()
}

/// What somebody left out stays out: a finding, or a note where the baseline accepts it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_a_finding_or_a_note() {
    let world = World::whole_with("").await;
    let far = all_but_one(&world.account).await;
    let types = ExclusionByResourceTypes::builder().resource_types(ResourceType::Volume);
    let strategy =
        RecordingStrategy::builder().use_only(RecordingStrategyType::ExclusionByResourceTypes);
    let group = RecordingGroup::builder()
        .exclusion_by_resource_types(types.build())
        .recording_strategy(strategy.build());
    put_recorder(&world.account, far, group.build()).await;
    put_channel(&world.account, far, &config_bucket(&world.account, far).await).await;
    start_recorder(&world.account, far).await;

    let assessed = world.json(["assess", "--control", "2.5"]);
    assert_eq!(findings(&assessed, "2.5"), [format!("{far} default: leaves out AWS::EC2::Volume")]);
    let trip = Trip::there(&world, "2.5", &[]);
    let words =
        "manual default: somebody left AWS::EC2::Volume out, and harden keeps what is left out";
    assert!(left(&trip.plan, "2.5")[0].starts_with(words), "{:#}", trip.plan);

    world.settings("[config]\nexclusions = \"warn\"\n");
    let trip = Trip::there(&world, "2.5", &[]);
    assert_eq!(verdicts(&trip.assessed, &["2.5"]), ["pass"], "{:#}", trip.assessed);
    let told = format!("AWS Config leaves out AWS::EC2::Volume in {far}");
    assert!(notes(&trip.assessed, "2.5").starts_with(&told), "{:#}", trip.assessed);

    // What else is wrong with it is put right, and what is left out stays so.
    let config = world.account.config(far);
    let stop = config.stop_configuration_recorder().configuration_recorder_name("default");
    stop.send().await.unwrap();
    let trip = Trip::there(&world, "2.5", &["start-configuration-recorder default"]);
    let recorder = in_region(&world.reading(), far).clone();
    assert_eq!(recorder["records"], json!({ "all-but": ["AWS::EC2::Volume"] }));
    trip.back();
}

/// Somewhere users, groups, roles and policies have to be recorded.
#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_region_is_recorded_in_one() {
    let world = World::whole().await;
    for region in REGIONS {
        recorder(&world.account, region, false).await;
    }
    let found = "- global-resource-types: no region that was read records users, groups, roles and \
                 policies of IAM";
    there_and_back(&world, found, &["put-configuration-recorder default"]);
}

/// A recorder that fails to deliver is not harden's to mend: why is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_recorder_that_cannot_deliver_is_told_of() {
    let world = World::whole().await;
    for region in REGIONS {
        recorder(&world.account, region, region == HOME).await;
    }
    let bucket = format!("config-{HOME}-{}", world.account.id);
    world.account.s3(HOME).delete_bucket().bucket(bucket).send().await.unwrap();
    let assessed = world.json(["assess", "--control", "2.5"]);
    let told = format!("{HOME} default: its last attempt failed: NoSuchBucket");
    assert_eq!(findings(&assessed, "2.5"), [told]);
    let trip = Trip::there(&world, "2.5", &[]);
    let entries = left(&trip.plan, "2.5");
    assert!(
        entries[0].starts_with("manual default: it records, and its last attempt failed"),
        "{entries:?}"
    );
}
