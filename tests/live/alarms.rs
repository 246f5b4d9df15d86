//! Chains from a trail to somebody who is told, each with one broken link: it is named, what is missing is
//! made beside it, and what others made stays as it is.

use aws_sdk_cloudwatch::types::Statistic;
use serde_json::Value;

use crate::answers::{control, findings, left, notes, reason, same, verdicts};
use crate::support::account::Account;
use crate::support::alarms::{alarm, filter, heard, subscribe, topic};
use crate::support::logging::{HOME, good_trail};
use crate::trip::Trip;
use crate::world::World;

/// Matches what 3.5 is about, in the words of somebody else.
const TRAIL_CHANGES: &str = "{ $.eventName = CreateTrail || $.eventName = UpdateTrail || \
                             $.eventName = DeleteTrail || $.eventName = *Logging }";

/// A trail that fills the log group `main`, a filter for 3.5, and a topic that tells somebody.
async fn watched() -> (World, String) {
    let world = World::whole_with("[monitoring]\nnotify = [\"email:security@acme.dev\"]\n").await;
    good_trail(&world.account, "main").await;
    filter(&world.account, "main", "trails", TRAIL_CHANGES, "Trails").await;
    let topic = heard(&world.account, HOME, "security", "security@acme.dev").await;
    (world, topic)
}

/// The alarms of others, which stay as they are.
async fn theirs(account: &Account) -> Vec<String> {
    let alarms = account.cloudwatch(HOME).describe_alarms().send().await.unwrap();
    let theirs = alarms.metric_alarms.unwrap().into_iter();
    let theirs = theirs.filter(|alarm| !alarm.alarm_name().unwrap().starts_with("harden-"));
    theirs.map(|alarm| format!("{alarm:?}")).collect()
}

/// Asserts what is found of 3.5, and by which changes it passes.
#[track_caller]
fn found(world: &World, finding: &str) {
    let assessed = world.json(["assess", "--control", "3.5"]);
    assert_eq!(findings(&assessed, "3.5"), [finding], "{assessed:#}");
}

#[track_caller]
fn mended<'w>(world: &'w World, expected: &[&str]) -> Trip<'w> {
    let trip = Trip::there(world, "3.5", expected);
    assert_eq!(verdicts(&trip.assessed, &["3.5"]), ["pass"], "{:#}", trip.assessed);
    trip
}

/// An alarm that is spoiled in some way gets one of ours beside it.
async fn gets_one_of_ours(world: &World, finding: &str) {
    found(world, finding);
    let before = theirs(&world.account).await;
    mended(world, &["put-metric-alarm harden-CloudTrailChanges"]).back();
    assert_eq!(theirs(&world.account).await, before);
}

/// An alarm of ours beside what is there, and a topic that tells whom the baseline names.
#[track_caller]
fn gets_a_topic_of_ours(world: &World) -> Trip<'_> {
    let expected = [
        "create-topic harden-alarms",
        "subscribe harden-alarms",
        "put-metric-alarm harden-CloudTrailChanges",
    ];
    let trip = Trip::there(world, "3.5", &expected);
    assert_eq!(control(&trip.assessed, "3.5")["verdict"], "pending", "{:#}", trip.assessed);
    trip
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_chain_of_others_is_used_and_nothing_is_added() {
    let (world, topic) = watched().await;
    alarm(&world.account, "bell", "Trails", &topic).send().await.unwrap();
    let trip = mended(&world, &[]);
    assert_eq!(notes(&trip.assessed, "3.5"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_average_shows_one_event_only_where_it_is_alone() {
    let (world, topic) = watched().await;
    let account = &world.account;
    let average = alarm(account, "bell", "Trails", &topic).statistic(Statistic::Average);
    average.send().await.unwrap();
    // One filter, and no value without events: the average of each period is that of its events.
    mended(&world, &[]);
    filter(account, "main", "logins", "{ $.eventName = ConsoleLogin }", "Trails").await;
    found(&world, "eu-west-1 bell: alarm bell watches the average");
    // Another alarm on that metric would go off at logins, too.
    let before = theirs(&world.account).await;
    let pair =
        ["put-metric-filter harden-CloudTrailChanges", "put-metric-alarm harden-CloudTrailChanges"];
    mended(&world, &pair).back();
    assert_eq!(theirs(&world.account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_filters_may_feed_one_metric_that_is_summed() {
    let (world, topic) = watched().await;
    filter(&world.account, "main", "logins", "{ $.eventName = ConsoleLogin }", "Trails").await;
    alarm(&world.account, "bell", "Trails", &topic).send().await.unwrap();
    mended(&world, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_in_another_namespace_hears_nothing() {
    let (world, topic) = watched().await;
    let elsewhere = alarm(&world.account, "bell", "Trails", &topic).namespace("CISBenchmark");
    elsewhere.send().await.unwrap();
    let told = "eu-west-1 bell: alarm bell watches Trails in namespace CISBenchmark, and filter trails \
                feeds Audit";
    found(&world, told);
    let before = theirs(&world.account).await;
    // Whom an alarm tells that watches something else is not known to be who shall hear of this.
    gets_a_topic_of_ours(&world).back();
    assert_eq!(theirs(&world.account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_whose_actions_are_off_tells_nobody() {
    let (world, topic) = watched().await;
    let silent = alarm(&world.account, "bell", "Trails", &topic).actions_enabled(false);
    silent.send().await.unwrap();
    gets_one_of_ours(&world, "eu-west-1 bell: the actions of alarm bell are off").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_threshold_that_one_event_does_not_reach() {
    let (world, topic) = watched().await;
    alarm(&world.account, "bell", "Trails", &topic).threshold(5.0).send().await.unwrap();
    let told = "eu-west-1 bell: alarm bell has a threshold of 5: 1 event does not reach it";
    gets_one_of_ours(&world, told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_misses_one_event_gets_one_of_ours_beside_it() {
    let (world, topic) = watched().await;
    let account = &world.account;
    let without = TRAIL_CHANGES.replace("*Logging", "StartLogging");
    filter(account, "main", "trails", &without, "Trails").await;
    alarm(account, "bell", "Trails", &topic).send().await.unwrap();
    found(&world, "eu-west-1 trails: filter trails misses StopLogging");
    let before = theirs(account).await;
    let expected =
        ["put-metric-filter harden-CloudTrailChanges", "put-metric-alarm harden-CloudTrailChanges"];
    mended(&world, &expected).back();
    assert_eq!(theirs(account).await, before);
    let filters = account.logs(HOME).describe_metric_filters().log_group_name("main");
    let filters = filters.send().await.unwrap().metric_filters.unwrap();
    assert_eq!(filters.len(), 1);
    assert_eq!(filters[0].filter_pattern(), Some(without.as_str()));
}

/// Somebody was asked and has not answered: there is nothing to do but to wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_nobody_has_confirmed_is_waited_for() {
    let (world, _) = watched().await;
    let account = &world.account;
    let quiet = topic(account, HOME, "quiet").await;
    subscribe(account, &quiet, "ops@acme.dev").await;
    alarm(account, "bell", "Trails", &quiet).send().await.unwrap();
    let assessed = world.json(["assess", "--control", "3.5"]);
    assert_eq!(control(&assessed, "3.5")["verdict"], "pending", "{assessed:#}");
    let waits = "waits until ops@acme.dev confirms: quiet in eu-west-1";
    assert_eq!(reason(&assessed, "3.5"), waits);
    Trip::there(&world, "3.5", &[]);
}

/// Nobody was asked: whom the baseline names is told by an alarm beside it.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_nobody_hears_is_no_end_of_a_chain() {
    let (world, _) = watched().await;
    let account = &world.account;
    let quiet = topic(account, HOME, "quiet").await;
    alarm(account, "bell", "Trails", &quiet).send().await.unwrap();
    let before = theirs(account).await;
    found(&world, "eu-west-1 quiet: nobody has subscribed to topic quiet");
    gets_a_topic_of_ours(&world).back();
    assert_eq!(theirs(account).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_under_the_key_of_sns_takes_no_alarm() {
    let (world, topic) = watched().await;
    let account = &world.account;
    let encrypt = account.sns(HOME).set_topic_attributes().topic_arn(&topic);
    let encrypt = encrypt.attribute_name("KmsMasterKeyId").attribute_value("alias/aws/sns");
    encrypt.send().await.unwrap();
    alarm(account, "bell", "Trails", &topic).send().await.unwrap();
    let told = "eu-west-1 security: topic security encrypts with alias/aws/sns, which CloudWatch cannot \
                use";
    found(&world, told);
    gets_a_topic_of_ours(&world).back();
}

#[tokio::test(flavor = "multi_thread")]
async fn alarms_and_topics_are_made_where_the_trail_is_at_home() {
    let (mut world, topic) = watched().await;
    world.region = "us-east-1";
    alarm(&world.account, "bell", "Trails", &topic).actions_enabled(false).send().await.unwrap();
    let trip = mended(&world, &["put-metric-alarm harden-CloudTrailChanges"]);
    assert_eq!(trip.plan["changes"][0]["region"], HOME);
    trip.back();
}

/// Without somebody to tell, all is made but the subscription, and that is said once.
#[tokio::test(flavor = "multi_thread")]
async fn without_notify_the_missing_subscription_is_one_entry() {
    let (world, _) = watched().await;
    world.settings("");
    let sns = world.account.sns(HOME);
    let listed = sns.list_subscriptions().send().await.unwrap().subscriptions.unwrap();
    let heard = listed[0].subscription_arn().unwrap();
    sns.unsubscribe().subscription_arn(heard).send().await.unwrap();
    let expected = ["create-topic harden-alarms", "put-metric-alarm harden-CloudTrailChanges"];
    let trip = Trip::there(&world, "3.5", &expected);
    assert_eq!(control(&trip.assessed, "3.5")["verdict"], "fail", "{:#}", trip.assessed);
    let entries = left(&trip.plan, "3.5");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0].starts_with("needs_setting harden-alarms: nobody is told"), "{entries:?}");
    // Named on the command line, somebody is told.
    let flags = ["--control", "3.5", "--notify", "email:ops@acme.dev"];
    let told = Trip::with(&world, &flags, &["subscribe harden-alarms"]);
    assert_eq!(told.plan["not_planned"], Value::Array(Vec::new()));
    assert_eq!(control(&told.assessed, "3.5")["verdict"], "pending", "{:#}", told.assessed);
    let undone = world.harden(["undo", "last", "--yes"]).expect(1);
    undone.says("nobody has confirmed the subscription yet, and SNS removes none before that");
    world.account.confirm(HOME, "ops@acme.dev");
    let last = world.runs()[1].file_name().unwrap().to_str().unwrap().to_owned();
    world.harden(["undo", &last, "--yes"]).expect(0).says("Done: 1 applied.");
}

/// Subscribers do not come back with a topic, so the taking back is not taken back by half.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_was_taken_back_with_its_subscribers_is_for_apply_to_make() {
    let (world, _) = watched().await;
    let quiet = topic(&world.account, HOME, "quiet").await;
    alarm(&world.account, "bell", "Trails", &quiet).send().await.unwrap();
    gets_a_topic_of_ours(&world).back();
    let before = world.reading();
    let again = world.harden(["undo", &world.last_run(), "--yes"]).expect(1);
    again.says("`harden apply` makes a topic anew").says("Nothing to change.");
    same(&world.reading(), &before);
}
