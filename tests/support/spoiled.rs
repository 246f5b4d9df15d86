//! What harden sets up, set up by somebody else, half done and open to everybody.

use aws_sdk_s3::types::{
    BucketCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
};
use serde_json::{Value, json};

use super::account::Account;
use super::alarms::heard;
use super::logging::{HOME, bucket, create};

/// A trail of one region whose bucket is open in every way, a key of ours that nobody may use, a topic of
/// ours that takes nothing, and a stranger who hears what another sends.
pub(crate) async fn half_done(account: &Account) {
    let name = bucket(account, HOME, &format!("logs-{}", account.id), &[(account, "main")]).await;
    create(account, "main", &name).send().await.unwrap();
    open(account, &name).await;
    let kms = account.kms(HOME);
    let key = kms.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    let alias = kms.create_alias().alias_name("alias/harden-cloudtrail").target_key_id(&key);
    alias.send().await.unwrap();
    let owner = json!({
        "Effect": "Allow",
        "Principal": { "AWS": format!("arn:aws:iam::{}:root", account.id) },
        "Action": "sns:Publish",
        "Resource": format!("arn:aws:sns:{HOME}:{}:harden-alarms", account.id),
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": [owner] }).to_string();
    let topic = account.sns(HOME).create_topic().name("harden-alarms");
    topic.attributes("Policy", policy).send().await.unwrap();
    heard(account, "us-east-1", "orders", "former@contractor.example").await;
}

async fn open(account: &Account, bucket: &str) {
    let s3 = account.s3(HOME);
    s3.delete_public_access_block().bucket(bucket).send().await.unwrap();
    let writer = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter);
    let controls = OwnershipControls::builder().rules(writer.build().unwrap()).build().unwrap();
    let put = s3.put_bucket_ownership_controls().bucket(bucket).ownership_controls(controls);
    put.send().await.unwrap();
    s3.put_bucket_acl().bucket(bucket).acl(BucketCannedAcl::PublicRead).send().await.unwrap();
    let policy = s3.get_bucket_policy().bucket(bucket).send().await.unwrap().policy.unwrap();
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"].as_array_mut().unwrap().push(json!({
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{bucket}/*"),
    }));
    s3.put_bucket_policy().bucket(bucket).policy(policy.to_string()).send().await.unwrap();
}
