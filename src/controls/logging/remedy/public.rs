//! 2.3: what lets the public into a bucket of the trails goes, and the door is shut behind it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::work::{CLOSED, Place, Work};
use crate::change::{Operation, Risk};
use crate::controls::logging::public::is_closed;
use crate::controls::logging::seen::Named;
use crate::controls::obstacle::{Obstacle, not_a_policy, takes};
use crate::controls::statements::{self, TrailOf, trail_bucket};
use crate::controls::words::count;
use crate::controls::{Step, Why};
use crate::model::{
    Bucket, BucketName, Grant, OwnBucket, PolicyText, PublicAccessBlock, Service, is_open,
    may_be_public,
};

const SHUT: PublicAccessBlock =
    PublicAccessBlock { block_acls: true, ignore_acls: true, block_policy: true, restrict: true };

/// Plans that the public is let into a bucket no more. Everything else stays as it is.
pub(super) fn close(work: &mut Work<'_>, name: &BucketName, trails: &[Named<'_>]) {
    let Ok(Bucket::Ours(bucket)) = work.case.snapshot.logging.bucket(name) else { return };
    if !work.wants(CLOSED, name.as_str(), &bucket.region) {
        return;
    }
    match steps(work, name, bucket, trails) {
        Ok(steps) => work.bundle(&BTreeSet::from([CLOSED]), title(name), steps),
        Err(obstacle) => work.leave([CLOSED], (name.as_str(), Some(&bucket.region)), &obstacle),
    }
}

pub(super) fn title(name: &BucketName) -> String {
    format!("public access to bucket {name}")
}

/// The steps that close a bucket before a new trail delivers to it. To one that stays public no trail is to
/// deliver, unless somebody accepts that.
pub(super) fn before_use(
    work: &mut Work<'_>,
    name: &BucketName,
    bucket: &OwnBucket,
    trails: &[Named<'_>],
) -> Result<Vec<Step>, Obstacle> {
    let closed = is_closed(bucket);
    if closed.map_err(|gap| Obstacle::unread(&format!("whether bucket {name} is public"), &gap))? {
        return Ok(Vec::new());
    }
    let public = format!("bucket {name} is there and public");
    if !work.scope.selected.contains(&CLOSED) {
        let detail = format!("{public}: select 2.3 as well, or name another in `trail.bucket`");
        return Err(Obstacle::new(Why::NeedsSetting, detail));
    }
    if !work.scope.asks(CLOSED, name.as_str(), &bucket.region) {
        return Ok(Vec::new());
    }
    if work.scope.max_risk < Risk::Restrictive {
        work.try_out(|work| steps(work, name, bucket, trails))?;
        let detail =
            format!("{public}: to close it is restrictive, `--max-risk restrictive` lets it in");
        return Err(Obstacle::new(Why::HeldBack, detail));
    }
    steps(work, name, bucket, trails)
}

/// Statements and grants first: once public access is blocked, S3 shows neither, and takes no public
/// policy back. What counts for nothing as things are set is left alone.
fn steps(
    work: &mut Work<'_>,
    name: &BucketName,
    bucket: &OwnBucket,
    trails: &[Named<'_>],
) -> Result<Vec<Step>, Obstacle> {
    let block = bucket.public_access.known().map_err(|gap| {
        Obstacle::unread(&format!("the public access block of bucket {name}"), &gap)
    })?;
    let now = block.unwrap_or_default();
    let mut steps = Vec::new();
    let mut stays_public = false;
    if !now.restrict {
        let public = bucket.policy_is_public.known().map_err(|gap| {
            Obstacle::unread(&format!("whether the policy of bucket {name} is public"), &gap)
        })?;
        let policy = work.policy(name, &Place::There(bucket))?;
        let after = policy.as_ref().map(|policy| closed(name, policy, *public)).transpose()?;
        match (policy, after.flatten()) {
            (Some(before), Some((after, gone))) => {
                let after = let_trails_in(work, name, trails, &before, after)?;
                after.iter().try_for_each(|after| takes(after, &format!("bucket {name}")))?;
                let impact = vec![shut_out(gone)];
                let risk = Risk::Restrictive;
                steps.push(work.put_policy(name, &bucket.region, after, risk, impact));
            }
            _ => stays_public = *public,
        }
    }
    if !now.ignore_acls && !bucket.ignores_acls() {
        let acl = bucket.acl.known();
        let acl =
            acl.map_err(|gap| Obstacle::unread(&format!("the ACL of bucket {name}"), &gap))?;
        steps.extend(without_grants(name, bucket, acl));
    }
    if *block != Some(SHUT) {
        let (region, name) = (bucket.region.clone(), name.clone());
        let operation = Operation::PutPublicAccessBlock { region, bucket: name, block: SHUT };
        let refuses = "S3 refuses public ACLs and policies of this bucket from then on";
        let mut impact = vec![refuses.to_owned()];
        if stays_public {
            let only = "AWS calls its policy public, and harden does not see by what: it lets in nobody \
                        but this account and AWS's services from then on";
            impact.push(only.to_owned());
        }
        steps.push(Step { operation, risk: Risk::Restrictive, impact, cost: None });
    }
    Ok(steps)
}

/// The policy without what lets in the public, and how many statements that is; `None` if nothing does.
///
/// What lets in anyone goes; with a condition that pins down whom, only where AWS calls the policy public
/// and nothing else explains it.
fn closed(
    name: &BucketName,
    policy: &PolicyText,
    public: bool,
) -> Result<Option<(Option<PolicyText>, usize)>, Obstacle> {
    let whose = format!("bucket {name}");
    let Some(statements) = policy.statements() else {
        return if public { Err(not_a_policy(&whose)) } else { Ok(None) };
    };
    let goes: fn(&Value) -> bool = if !public {
        is_plain
    } else if statements.iter().any(may_be_public) {
        may_be_public
    } else {
        is_open
    };
    let gone = statements.iter().filter(|one| goes(one)).count();
    if gone == 0 {
        return Ok(None);
    }
    let after = policy.without(goes).ok_or_else(|| not_a_policy(&whose))?;
    Ok(Some((after, gone)))
}

/// Whether a statement lets in anyone, whatever AWS says of the policy.
fn is_plain(statement: &Value) -> bool {
    let condition = statement.get("Condition").and_then(Value::as_object);
    is_open(statement) && condition.is_none_or(serde_json::Map::is_empty)
}

fn shut_out(statements: usize) -> String {
    let by = if statements == 1 {
        "one statement".to_owned()
    } else {
        count(statements, "statement", "statements")
    };
    format!("whoever is let in by {by} that let in anyone, and by nothing else, is shut out")
}

/// Trails that came in where anyone could have to go on delivering.
fn let_trails_in(
    work: &Work<'_>,
    name: &BucketName,
    trails: &[Named<'_>],
    before: &PolicyText,
    after: Option<PolicyText>,
) -> Result<Option<PolicyText>, Obstacle> {
    let mut after = after;
    for named in trails {
        let arn = named.arn.as_str();
        let still = after.as_ref().is_some_and(|after| lets_in(after, arn));
        if still || !lets_in(before, arn) {
            continue;
        }
        if named.is_foreign() {
            let owner = &named.trail.owner;
            let detail = format!(
                "only what lets in anyone lets in the trail of account {owner}: give \
                 CloudTrail a statement of its own first"
            );
            return Err(Obstacle::new(Why::Shared, detail));
        }
        let of = TrailOf { arn, organization: named.trail.organization };
        let bucket = (name, named.trail.prefix.as_deref());
        let ours = trail_bucket(work.account(), bucket, of, after.as_ref());
        after = match after {
            None => Some(PolicyText::of(&ours)),
            Some(after) => {
                Some(after.with(&ours).ok_or_else(|| not_a_policy(&format!("bucket {name}")))?)
            }
        };
    }
    Ok(after)
}

/// Whether the policy of a bucket lets in a trail, as far as conditions on the source tell: what may let it in
/// counts.
fn lets_in(policy: &PolicyText, trail: &str) -> bool {
    ["s3:GetBucketAcl", "s3:PutObject"]
        .iter()
        .all(|action| statements::lets_in(policy, Service::CloudTrail, action, trail))
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
