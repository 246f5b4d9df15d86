//! Buckets.

use super::{Document, Target};
use crate::model::{
    Bucket, BucketName, Observed, OwnBucket, PolicyText, PublicAccessBlock, Region, Snapshot,
    may_be_public,
};

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn get(target: &Target, on: &Snapshot, name: &BucketName) -> Result<Document, String> {
    let bucket = on.logging.bucket(name).map_err(|gap| gap.reason)?;
    let own = match (target, bucket) {
        (Target::Bucket(..), Bucket::Absent) => return Ok(Document::Presence(false)),
        (_, Bucket::Ours(own)) => own,
        (_, Bucket::Absent | Bucket::Foreign { .. }) => return Err(format!("bucket {name}")),
    };
    Ok(match target {
        Target::BucketPolicy(..) => Document::Policy(super::part(&own.policy)?),
        Target::PublicAccess(..) => Document::PublicAccess(super::part(&own.public_access)?),
        Target::BucketAcl(..) => {
            let mut grants = super::part(&own.acl)?;
            grants.sort();
            Document::Acl(grants)
        }
        Target::AccessLog(..) => Document::AccessLog(super::part(&own.logging)?),
        _ => Document::Presence(true),
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller has sorted the targets")]
pub(super) fn set(
    target: &Target,
    on: &mut Snapshot,
    (region, name): (&Region, &BucketName),
    to: Document,
) -> Result<(), String> {
    if let (Target::Bucket(..), Document::Presence(there)) = (target, &to) {
        let bucket = if *there { fresh(region) } else { Bucket::Absent };
        on.logging.buckets.insert(name.clone(), Observed::Known(bucket));
        return Ok(());
    }
    let Some(Bucket::Ours(own)) = on.logging.buckets.get_mut(name).and_then(Observed::ok_mut)
    else {
        return Err(format!("bucket {name}"));
    };
    match to {
        Document::Policy(policy) => {
            if let Some(public) = own.policy_is_public.ok_mut() {
                *public =
                    is_public(*public, own.policy.ok().and_then(Option::as_ref), policy.as_ref());
            }
            own.policy = Observed::Known(policy);
        }
        Document::PublicAccess(block) => own.public_access = Observed::Known(block),
        Document::Acl(grants) => own.acl = Observed::Known(grants),
        Document::AccessLog(target) => own.logging = Observed::Known(target),
        _ => return Err(format!("another kind of document for bucket {name}")),
    }
    Ok(())
}

/// Whether AWS calls a policy public that takes the place of another, given what it said of that one.
/// Where it sees more than is seen here, it goes on seeing it.
fn is_public(was: bool, before: Option<&PolicyText>, after: Option<&PolicyText>) -> bool {
    let suspects = |policy: Option<&PolicyText>| {
        let statements = policy.and_then(PolicyText::statements).unwrap_or_default();
        statements.into_iter().filter(may_be_public).collect::<Vec<_>>()
    };
    let Some(after) = after else { return false };
    let (suspected, suspect) = (suspects(before), suspects(Some(after)));
    let new = suspect.iter().any(|one| !suspected.contains(one));
    if was && suspected.is_empty() { true } else { new || (was && !suspect.is_empty()) }
}

/// A bucket as S3 makes it.
fn fresh(region: &Region) -> Bucket {
    let closed = PublicAccessBlock {
        block_acls: true,
        ignore_acls: true,
        block_policy: true,
        restrict: true,
    };
    Bucket::Ours(Box::new(OwnBucket {
        region: region.clone(),
        acl: Observed::Known(Vec::new()),
        policy: Observed::Known(None),
        policy_is_public: Observed::Known(false),
        public_access: Observed::Known(Some(closed)),
        ownership: Observed::Known(Some("BucketOwnerEnforced".to_owned())),
        logging: Observed::Known(None),
    }))
}
