//! Buckets.

use super::{Document, Target};
use crate::model::{
    Bucket, BucketName, Observed, OwnBucket, PublicAccessBlock, Region, Snapshot, open_statements,
};

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
            let open = policy.as_ref().and_then(open_statements);
            if open.is_none_or(|open| open.is_empty()) {
                own.policy_is_public = Observed::Known(false);
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
