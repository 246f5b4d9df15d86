//! A trail as people leave it: in one region, unsigned, its bucket open to the world.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde_json::json;

use super::account::Account;
use super::logging::{HOME, create, start};

/// A trail that records, and little else.
pub(crate) async fn trail(account: &Account) {
    let bucket = format!("acme-logs-{}", account.id);
    let s3 = account.s3(HOME);
    let place = BucketLocationConstraint::from(HOME);
    let place = CreateBucketConfiguration::builder().location_constraint(place).build();
    s3.create_bucket().bucket(&bucket).create_bucket_configuration(place).send().await.unwrap();
    // As buckets were before S3 closed them by itself.
    s3.delete_public_access_block().bucket(&bucket).send().await.unwrap();
    let policy = policy(account, &bucket);
    s3.put_bucket_policy().bucket(&bucket).policy(policy).send().await.unwrap();
    create(account, "main", &bucket).send().await.unwrap();
    start(account, "main").await;
}

fn policy(account: &Account, bucket: &str) -> String {
    let (arn, service) = (format!("arn:aws:s3:::{bucket}"), "cloudtrail.amazonaws.com");
    let objects = format!("{arn}/*");
    let delivered = format!("{arn}/AWSLogs/{}/*", account.id);
    let owner = json!({ "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } });
    let plain = json!({ "Bool": { "aws:SecureTransport": "false" } });
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AclCheck", "Effect": "Allow", "Principal": { "Service": service },
                "Action": "s3:GetBucketAcl", "Resource": arn,
            },
            {
                "Sid": "Write", "Effect": "Allow", "Principal": { "Service": service },
                "Action": "s3:PutObject", "Resource": delivered, "Condition": owner,
            },
            {
                "Sid": "ForTheAuditors", "Effect": "Allow", "Principal": "*",
                "Action": "s3:GetObject", "Resource": objects,
            },
            {
                "Sid": "TlsOnly", "Effect": "Deny", "Principal": "*",
                "Action": "s3:*", "Resource": [arn, objects], "Condition": plain,
            },
        ],
    })
    .to_string()
}
