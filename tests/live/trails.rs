//! Trails and buckets as people leave them: what is told, what is done about it, and back again.

use aws_sdk_s3::types::{
    BucketCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
};
use serde_json::{Value, json};

use crate::answers::{control, findings, left, notes, reason, verdicts};
use crate::support::account::Account;
use crate::support::logging::{HOME, bucket, create, good_trail, log_group, member, start};
use crate::trip::Trip;
use crate::world::{REGIONS, World};

/// A bucket that lets in the trail `main`, and the trail, which nobody has started.
async fn main_trail(account: &Account, multi_region: bool) -> String {
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, HOME, &name, &[(account, "main")]).await;
    create(account, "main", &bucket).is_multi_region_trail(multi_region).send().await.unwrap();
    bucket
}

async fn policy_of(account: &Account, region: &str, bucket: &str) -> String {
    let policy = account.s3(region).get_bucket_policy().bucket(bucket).send().await;
    policy.unwrap().policy.unwrap()
}

async fn put_policy(account: &Account, region: &str, bucket: &str, policy: &str) {
    let put = account.s3(region).put_bucket_policy().bucket(bucket).policy(policy);
    put.send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_of_one_region_is_widened() {
    let world = World::whole().await;
    main_trail(&world.account, false).await;
    start(&world.account, "main").await;
    let assessed = world.json(["assess", "--control", "2.1,2.2"]);
    assert_eq!(verdicts(&assessed, &["2.1", "2.2"]), ["fail", "fail"]);
    let words = "main in eu-west-1 records one region only";
    assert!(findings(&assessed, "2.1")[0].contains(words), "{assessed:#}");
    let trip = Trip::there(&world, "2.1,2.2", &["update-trail main"]);
    assert_eq!(verdicts(&trip.assessed, &["2.1", "2.2"]), ["pass", "pass"]);
    trip.back();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_trail_is_started() {
    let world = World::whole().await;
    main_trail(&world.account, true).await;
    let assessed = world.json(["assess", "--control", "2.1"]);
    let told = ["- trails: no trail records everything: main in eu-west-1 is stopped"];
    assert_eq!(findings(&assessed, "2.1"), told);
    let trip = Trip::there(&world, "2.1", &["start-logging main"]);
    assert_eq!(verdicts(&trip.assessed, &["2.1"]), ["pass"]);
    trip.back();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_trail_lacks_is_given_in_one_call() {
    const CONTROLS: &str = "2.1,2.2,2.4,2.7";
    let world = World::whole().await;
    main_trail(&world.account, false).await;
    start(&world.account, "main").await;
    let controls = CONTROLS.split(',').collect::<Vec<&str>>();
    let before = world.reading();
    let plan = world.json(["plan", "--control", CONTROLS]);
    let updates = plan["changes"].as_array().unwrap().iter();
    let updates: Vec<&Value> =
        updates.filter(|change| change["operation"]["op"] == "update-trail").collect();
    assert_eq!(updates.len(), 1, "{plan:#}");
    assert_eq!(updates[0]["controls"], json!(controls));
    assert_eq!(updates[0]["risk"], "restrictive");
    assert!(updates[0]["impact"].to_string().contains("needs kms:Decrypt"), "{:#}", updates[0]);
    world.account.forget_calls();
    let result = world.json(["apply", "--control", CONTROLS, "--yes"]);
    assert_eq!(result["outcome"], "complete", "{result:#}");
    let updates = world.writes().into_iter().filter(|call| call.starts_with("cloudtrail:"));
    assert_eq!(updates.collect::<Vec<_>>(), ["cloudtrail:UpdateTrail"]);
    let assessed = world.json(["assess", "--control", CONTROLS]);
    assert_eq!(verdicts(&assessed, &controls), ["pass"; 4], "{assessed:#}");
    world.harden(["undo", "last", "--yes"]).expect(3).says("KMS key can only be scheduled");
    let after = world.reading();
    assert_eq!(after["logging"]["trails"], before["logging"]["trails"]);
    assert_eq!(after["regional"][HOME]["log_groups"], before["regional"][HOME]["log_groups"]);
    assert_eq!(after["iam"], before["iam"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_that_was_widened_and_started_is_stopped_again() {
    let world = World::whole().await;
    main_trail(&world.account, false).await;
    Trip::there(&world, "2.1", &["update-trail main", "start-logging main"]).back();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trail_is_changed_where_it_is_at_home() {
    let far = "ap-south-1";
    let world = World::whole().await;
    let account = &world.account;
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, far, &name, &[]).await;
    let trail = format!("arn:aws:cloudtrail:{far}:{}:trail/main", account.id);
    put_policy(account, far, &bucket, &lets_in(&bucket, &trail)).await;
    let cloudtrail = account.cloudtrail(far);
    cloudtrail.create_trail().name("main").s3_bucket_name(&bucket).send().await.unwrap();
    cloudtrail.start_logging().name("main").send().await.unwrap();
    let expected = [
        "create-log-group harden/cloudtrail",
        "put-retention-policy harden/cloudtrail",
        "create-role harden-cloudtrail",
        "put-role-policy harden-cloudtrail",
        "update-trail main",
    ];
    let trip = Trip::there(&world, "2.1,2.4", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.1", "2.4"]), ["pass", "pass"]);
    for change in trip.plan["changes"].as_array().unwrap() {
        assert!(change["region"].is_null() || change["region"] == far, "{change:#}");
    }
    trip.back();
}

/// The policy that CloudTrail asks for, without conditions.
fn lets_in(bucket: &str, trail: &str) -> String {
    let account = trail.split(':').nth(4).unwrap();
    let may = |action: &str, resource: String| {
        json!({
            "Effect": "Allow",
            "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": action,
            "Resource": resource,
        })
    };
    let arn = format!("arn:aws:s3:::{bucket}");
    let put = may("s3:PutObject", format!("{arn}/AWSLogs/{account}/*"));
    let statements = [may("s3:GetBucketAcl", arn), put];
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_where_the_bucket_is() {
    let far = "us-east-1";
    let world = World::whole().await;
    let account = &world.account;
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, far, &name, &[(account, "main")]).await;
    create(account, "main", &bucket).is_multi_region_trail(true).send().await.unwrap();
    start(account, "main").await;
    let expected = [
        "create-key Encrypts the log files of CloudTrail trails (made by harden)",
        "create-alias alias/harden-cloudtrail",
        "enable-key-rotation alias/harden-cloudtrail",
        "update-trail main",
    ];
    let trip = Trip::there(&world, "2.7", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.7"]), ["pass"]);
    let regions = trip.plan["changes"].as_array().unwrap().iter().map(|one| &one["region"]);
    assert_eq!(regions.collect::<Vec<_>>(), [far, far, far, HOME]);
    world.harden(["undo", "last", "--yes"]).expect(3).says("a KMS key can only be scheduled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_gone_is_made_again() {
    let world = World::whole().await;
    let bucket = main_trail(&world.account, true).await;
    start(&world.account, "main").await;
    let s3 = world.account.s3(HOME);
    s3.delete_bucket().bucket(&bucket).send().await.unwrap();
    let assessed = world.json(["assess", "--control", "2.1,2.3,2.6"]);
    assert_eq!(verdicts(&assessed, &["2.1", "2.3", "2.6"]), ["pass", "fail", "fail"]);
    for id in ["2.3", "2.6"] {
        assert!(findings(&assessed, id)[0].contains("does not exist"), "{assessed:#}");
    }
    assert_eq!(notes(&assessed, "2.1"), "the last delivery of main failed: NoSuchBucket");
    let expected = [
        "create-bucket logs-ACCOUNT",
        "put-bucket-policy logs-ACCOUNT",
        "create-bucket harden-access-logs-ACCOUNT-eu-west-1",
        "put-bucket-policy harden-access-logs-ACCOUNT-eu-west-1",
        "put-bucket-logging logs-ACCOUNT",
    ];
    let trip = Trip::there(&world, "2.1,2.3,2.6", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.1", "2.3", "2.6"]), ["pass"; 3]);
    assert_eq!(notes(&trip.assessed, "2.1"), "");
    trip.back();
}

/// What others wrote, as no printer of JSON would write it.
fn foreign(bucket: &str, account: &str) -> [String; 3] {
    let arn = format!("arn:aws:s3:::{bucket}");
    [
        format!(
            r#"{{ "Sid":"Auditors",  "Effect":"Allow",
               "Principal":{{"AWS":"arn:aws:iam::{account}:root"}},
               "Action":[ "s3:GetObject","s3:ListBucket" ],"Resource":["{arn}","{arn}/*"] }}"#
        ),
        format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["{arn}/*"],
              "Condition": {{"Bool": {{"aws:SecureTransport": "false"}}}}}}"#
        ),
        format!(
            r#"{{"Resource":"{arn}/shared/*","Action":"s3:GetObject","Principal":{{"AWS":"*"}},
"Condition":{{"StringEquals":{{"aws:PrincipalAccount":"{account}"}}}},"Effect":"Allow","Sid":""}}"#
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_of_others_stay_to_the_byte() {
    let world = World::whole().await;
    let account = &world.account;
    // It has the name that the baseline gives, so that a trail is to deliver to it.
    let name = bucket(account, HOME, &format!("harden-trail-{}-{HOME}", account.id), &[]).await;
    let foreign = foreign(&name, &account.id);
    let policy = format!(
        "{{\n\t\"Id\": \"theirs\", \"Statement\": [{}], \"Version\" : \"2012-10-17\"\n}}",
        foreign.join(" ,\n")
    );
    put_policy(account, HOME, &name, &policy).await;
    let expected = [
        "put-bucket-policy harden-trail-ACCOUNT-eu-west-1",
        "create-trail harden",
        "start-logging harden",
    ];
    let trip = Trip::there(&world, "2.1,2.3", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.1", "2.3"]), ["pass", "pass"]);
    let merged = policy_of(account, HOME, &name).await;
    for statement in &foreign {
        assert!(merged.contains(statement.as_str()), "{statement}\nis not in\n{merged}");
    }
    assert!(merged.contains(r#""Id":"theirs""#) && merged.contains("HardenTrailWrite"), "{merged}");
    trip.back();
    assert_eq!(policy_of(account, HOME, &name).await, policy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_bucket_is_closed_and_all_else_in_its_policy_stays() {
    let world = World::whole().await;
    let account = &world.account;
    good_trail(account, "main").await;
    let (far, name) = ("us-east-1", format!("main-{}", account.id));
    let s3 = account.s3(far);
    s3.delete_public_access_block().bucket(&name).send().await.unwrap();
    let writer = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter);
    let controls = OwnershipControls::builder().rules(writer.build().unwrap()).build().unwrap();
    let put = s3.put_bucket_ownership_controls().bucket(&name).ownership_controls(controls);
    put.send().await.unwrap();
    s3.put_bucket_acl().bucket(&name).acl(BucketCannedAcl::PublicRead).send().await.unwrap();
    let ours: Value = serde_json::from_str(&policy_of(account, far, &name).await).unwrap();
    let mut statements: Vec<String> =
        ours["Statement"].as_array().unwrap().iter().map(ToString::to_string).collect();
    let [auditors, deny, shared] = foreign(&name, &account.id);
    let website = format!(
        r#"{{"Sid":"Website","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{name}/*"}}"#
    );
    statements.extend([auditors, website.clone(), deny, shared]);
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(", "));
    put_policy(account, far, &name, &policy).await;

    let assessed = world.json(["assess", "--control", "2.3"]);
    let told = format!(
        "{far} {name}: its ACL grants READ to anyone and its policy (statement Website) allows anyone"
    );
    assert_eq!(findings(&assessed, "2.3"), [told]);
    let expected = [
        "put-bucket-policy main-ACCOUNT",
        "put-bucket-acl main-ACCOUNT",
        "put-public-access-block main-ACCOUNT",
    ];
    let trip = Trip::there(&world, "2.3", &expected);
    assert_eq!(verdicts(&trip.assessed, &["2.3"]), ["pass"]);
    let risks = trip.plan["changes"].as_array().unwrap().iter().map(|change| &change["risk"]);
    assert!(risks.clone().all(|risk| risk == "restrictive"), "{:#}", trip.plan);
    let closed = policy_of(account, far, &name).await;
    statements.retain(|statement| *statement != website);
    for statement in &statements {
        assert!(closed.contains(statement.as_str()), "{statement}\nis not in\n{closed}");
    }
    assert!(!closed.contains("Website"), "{closed}");
    trip.back();
    assert_eq!(policy_of(account, far, &name).await, policy);
    let acl = s3.get_bucket_acl().bucket(&name).send().await.unwrap().grants.unwrap();
    let public = |uri: &str| uri.ends_with("/AllUsers");
    assert!(acl.iter().any(|grant| {
        let uri = grant.grantee.as_ref().and_then(|grantee| grantee.uri());
        uri.is_some_and(public)
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alarms_on_an_organizations_trail_live_in_its_account() {
    let management = World::whole().await.account;
    let mut world = World::whole().await;
    world.account = member(&management).await;
    world.account.settle(json!({ "enabled_regions": REGIONS }));
    let name = format!("organization-{}", management.id);
    let bucket = bucket(&management, HOME, &name, &[(&management, "all")]).await;
    let (group, role) = log_group(&management, "all").await;
    create(&management, "all", &bucket)
        .is_organization_trail(true)
        .is_multi_region_trail(true)
        .enable_log_file_validation(true)
        .cloud_watch_logs_log_group_arn(group)
        .cloud_watch_logs_role_arn(role)
        .send()
        .await
        .unwrap();
    start(&management, "all").await;

    let controls = "2.1,2.2,2.3,2.4,2.6,2.7,3.1-3.14";
    let assessed = world.json(["assess", "--control", controls]);
    assert_eq!(
        verdicts(&assessed, &["2.1", "2.2", "2.4", "2.7"]),
        ["pass", "pass", "pass", "fail"]
    );
    let words = format!("the alarms live in account {}, which owns the trail", management.id);
    for id in ["3.1", "3.4", "3.14"] {
        assert_eq!(control(&assessed, id)["verdict"], "unknown");
        assert!(reason(&assessed, id).starts_with(&words), "{}", reason(&assessed, id));
    }
    let trip = Trip::there(&world, controls, &[]);
    let shared = left(&trip.plan, "2.7");
    assert!(shared[0].starts_with("shared ") && shared[0].contains(&management.id), "{shared:?}");
    assert!(left(&trip.plan, "3.4")[0].contains(&words), "{:#}", trip.plan);
}

/// Two trails that record everything: nobody asks for a third, and what the second costs is told.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_trails_that_record_the_better_is_completed_and_the_other_is_told_of() {
    let world = World::whole().await;
    let account = &world.account;
    let name = format!("logs-{}", account.id);
    let bucket = bucket(account, HOME, &name, &[(account, "main"), (account, "copy")]).await;
    for name in ["main", "copy"] {
        create(account, name, &bucket).is_multi_region_trail(true).send().await.unwrap();
        start(account, name).await;
    }
    let assessed = world.json(["assess", "--control", "2.1"]);
    assert_eq!(verdicts(&assessed, &["2.1"]), ["pass"]);
    let told = "copy and main record the same management events: only the first copy is free, each \
                further one costs about 2.00 USD for 100,000 events";
    assert_eq!(notes(&assessed, "2.1"), told);
    world.harden(["assess", "--control", "2.1"]).expect(0).says(told);
    let trip = Trip::there(&world, "2.1", &[]);
    assert_eq!(left(&trip.plan, "2.1"), [format!("manual -: {told}")]);
    // Both have to be signed, and neither is there a third time.
    let trip = Trip::there(&world, "2.1,2.2", &["update-trail copy", "update-trail main"]);
    trip.back();

    // Of two that do not record everything, one is widened, and the other is told of.
    let cloudtrail = account.cloudtrail(HOME);
    for name in ["main", "copy"] {
        let narrow = cloudtrail.update_trail().name(name).is_multi_region_trail(false);
        narrow.send().await.unwrap();
    }
    let trip = Trip::there(&world, "2.1", &["update-trail copy"]);
    let impact = trip.plan["changes"][0]["impact"].to_string();
    let words = "main records management events too: only the first copy of an event is free";
    assert!(impact.contains(words), "{impact}");
    assert!(trip.plan["changes"][0]["cost"]["usd_per_month"].is_number(), "{:#}", trip.plan);
    trip.back();
}
