//! 2.3: what lets the public into a bucket of the trails goes, and the door is shut behind it.

use std::collections::BTreeSet;

use super::work::{CLOSED, Obstacle, Place, Work};
use crate::change::{Operation, Risk};
use crate::controls::words::count;
use crate::controls::{Step, Why};
use crate::model::{BucketName, Grant, OwnBucket, PolicyText, PublicAccessBlock, is_open};

const SHUT: PublicAccessBlock =
    PublicAccessBlock { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };

/// Plans that the public is let in no more. Everything else stays as it is.
pub(super) fn close(work: &mut Work<'_>, name: &BucketName, bucket: &OwnBucket) {
    match steps(work, name, bucket) {
        Ok(steps) => {
            work.bundle(
                &BTreeSet::from([CLOSED]),
                format!("public access to bucket {name}"),
                steps,
            );
        }
        Err(obstacle) => {
            work.leave([CLOSED], (name.as_str(), Some(&bucket.region)), &obstacle);
        }
    }
}

/// Statements and grants first: once public access is blocked, S3 shows neither, and takes no public
/// policy back.
fn steps(
    work: &mut Work<'_>,
    name: &BucketName,
    bucket: &OwnBucket,
) -> Result<Vec<Step>, Obstacle> {
    let mut steps = Vec::new();
    if let Some(policy) = work.policy(name, &Place::There(bucket))? {
        steps.extend(without_statements(work, name, bucket, &policy)?);
    }
    if !bucket.ignores_acls() {
        let acl = bucket.acl.known();
        let acl =
            acl.map_err(|gap| Obstacle::unknown(&format!("the ACL of bucket {name}"), &gap))?;
        steps.extend(without_grants(name, bucket, acl));
    }
    let block = bucket.public_access.known().map_err(|gap| {
        Obstacle::unknown(&format!("the public access block of bucket {name}"), &gap)
    })?;
    if *block != Some(SHUT) {
        let (region, name) = (bucket.region.clone(), name.clone());
        let operation = Operation::PutPublicAccessBlock { region, bucket: name, block: SHUT };
        let impact =
            vec!["S3 refuses public ACLs and policies of this bucket from then on".to_owned()];
        steps.push(Step { operation, risk: Risk::Restrictive, impact, cost: None });
    }
    Ok(steps)
}

/// Without the statements that let in anyone without a condition; where only those with one are left,
/// and AWS calls the policy public, without these.
fn without_statements(
    work: &mut Work<'_>,
    name: &BucketName,
    bucket: &OwnBucket,
    policy: &PolicyText,
) -> Result<Option<Step>, Obstacle> {
    let public = bucket.policy_is_public.known();
    let public = public.map_err(|gap| {
        Obstacle::unknown(&format!("whether the policy of bucket {name} is public"), &gap)
    })?;
    let not_a_policy = || {
        let detail = format!("the policy of bucket {name} cannot be read as one");
        Obstacle::new(Why::Unsupported, detail)
    };
    let statements = policy.statements().ok_or_else(not_a_policy)?;
    let plain = |one: &serde_json::Value| {
        let condition = one.get("Condition").and_then(serde_json::Value::as_object);
        is_open(one) && condition.is_none_or(serde_json::Map::is_empty)
    };
    let any_plain = statements.iter().any(plain);
    let goes =
        |one: &serde_json::Value| if any_plain { plain(one) } else { *public && is_open(one) };
    let gone: Vec<&serde_json::Value> = statements.iter().filter(|one| goes(one)).collect();
    if gone.is_empty() {
        return Ok(None);
    }
    let after = policy.without(goes).ok_or_else(not_a_policy)?;
    let impact = vec![format!(
        "whoever is let in by {} alone is shut out",
        if gone.len() == 1 {
            "this statement".to_owned()
        } else {
            count(gone.len(), "statement", "statements")
        }
    )];
    Ok(Some(work.put_policy(name, &bucket.region, after, Risk::Restrictive, impact)))
}

fn without_grants(name: &BucketName, bucket: &OwnBucket, acl: &[Grant]) -> Option<Step> {
    let grants: Vec<Grant> =
        acl.iter().filter(|grant| grant.to.public().is_none()).cloned().collect();
    if grants.len() == acl.len() {
        return None;
    }
    let (region, bucket) = (bucket.region.clone(), name.clone());
    let operation = Operation::PutBucketAcl { region, bucket, grants };
    let impact = vec!["the public can no longer use the bucket by its ACL".to_owned()];
    Some(Step { operation, risk: Risk::Restrictive, impact, cost: None })
}
