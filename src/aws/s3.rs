//! S3: the buckets that AWS services deliver to. Reads only, all of them with the expected owner.

use std::collections::BTreeSet;

use futures::future::{join, join3};

use super::s3_locate::{HEAD, locate};
use super::{Clients, ErrorKind, ServiceError, classify, observed};
use crate::model::{
    Action, Bucket, BucketName, Grant, Grantee, LogTarget, Observed, OwnBucket, PolicyText,
    PublicAccessBlock, Read, Region,
};

/// A bucket, with the parts of it that somebody needs.
///
/// `near` is where it is looked for first: a wrong guess costs nothing, S3 answers with the region.
pub(crate) async fn bucket(
    clients: &Clients,
    near: &Region,
    name: &BucketName,
    reads: &BTreeSet<Read>,
) -> Result<Bucket, ServiceError> {
    let Some(found) = locate(clients, near, name).await? else { return Ok(Bucket::Absent) };
    let at = At { clients, region: &found.region, name };
    if found.refused && at.is_foreign().await {
        return Ok(Bucket::Foreign { region: found.region });
    }
    Ok(Bucket::Ours(Box::new(at.parts(reads).await)))
}

/// Whether the account has this bucket, in this region. That somebody else has it, or that it is
/// elsewhere, is an error: there can be no other of this name.
pub(super) async fn is_there(
    clients: &Clients,
    region: &Region,
    name: &BucketName,
) -> Result<bool, ServiceError> {
    let told = match bucket(clients, region, name, &BTreeSet::new()).await? {
        Bucket::Absent => return Ok(false),
        Bucket::Ours(own) if own.region == *region => return Ok(true),
        Bucket::Ours(own) => format!("the bucket is in {}, not in {region}", own.region),
        Bucket::Foreign { .. } => format!("another account has taken the name {name}"),
    };
    Err(ServiceError::ours(Action::new(HEAD), told))
}

/// A bucket whose region is known.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) clients: &'a Clients,
    pub(super) region: &'a Region,
    pub(super) name: &'a BucketName,
}

/// A call about one bucket, for its expected owner; an answer of one of the codes means that there is
/// no such thing.
macro_rules! ask {
    ($at:expr, $action:literal, $operation:ident, absent: $absent:expr) => {{
        let at: &At<'_> = $at;
        let s3 = at.clients.s3(at.region);
        let answer = s3.call($action, |s3| {
            let owner = at.clients.account().as_str();
            s3.$operation().bucket(at.name.as_str()).expected_bucket_owner(owner).send()
        });
        let absent: &[&str] = $absent;
        match answer.await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code.as_deref().is_some_and(|code| absent.contains(&code)) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }};
}

impl At<'_> {
    /// Whether a bucket that was refused belongs to another account: only within an account, S3 says
    /// which permission is missing.
    async fn is_foreign(&self) -> bool {
        match ask!(self, "s3:GetBucketAcl", get_bucket_acl, absent: &[]) {
            Ok(_) => false,
            Err(error) => {
                error.kind == ErrorKind::Denied && !classify::names_permission(&error.message)
            }
        }
    }

    async fn parts(&self, reads: &BTreeSet<Read>) -> OwnBucket {
        let ((acl, policy, policy_is_public), (public_access, ownership, logging)) = join(
            join3(
                part(reads, Read::BucketAcl, self.acl()),
                part(reads, Read::BucketPolicy, self.policy()),
                part(reads, Read::BucketPolicyStatus, self.policy_is_public()),
            ),
            join3(
                part(reads, Read::BucketPublicAccess, self.public_access()),
                part(reads, Read::BucketOwnership, self.ownership()),
                part(reads, Read::BucketLogging, self.logging()),
            ),
        )
        .await;
        let region = self.region.clone();
        OwnBucket { region, acl, policy, policy_is_public, public_access, ownership, logging }
    }

    async fn acl(&self) -> Result<Vec<Grant>, ServiceError> {
        Ok(self.acl_and_owner().await?.0)
    }

    /// The grants, and the canonical id of the owner.
    pub(super) async fn acl_and_owner(&self) -> Result<(Vec<Grant>, Option<String>), ServiceError> {
        let answer = ask!(self, "s3:GetBucketAcl", get_bucket_acl, absent: &[])?;
        let (grants, owner) =
            answer.map_or((None, None), |acl| (acl.grants, acl.owner.and_then(|owner| owner.id)));
        let grants = grants.unwrap_or_default().into_iter().map(|grant| {
            // Half a grant must not pass for none.
            grant_of(grant).ok_or_else(|| {
                let action = Action::new("s3:GetBucketAcl");
                ServiceError::ours(action, "a grant without its essentials")
            })
        });
        Ok((grants.collect::<Result<_, _>>()?, owner))
    }

    pub(super) async fn policy(&self) -> Result<Option<PolicyText>, ServiceError> {
        let absent = &["NoSuchBucketPolicy"];
        let answer = ask!(self, "s3:GetBucketPolicy", get_bucket_policy, absent: absent)?;
        Ok(answer.and_then(|answer| answer.policy).map(PolicyText::new))
    }

    async fn policy_is_public(&self) -> Result<bool, ServiceError> {
        let absent = &["NoSuchBucketPolicy"];
        let answer = ask!(
            self, "s3:GetBucketPolicyStatus", get_bucket_policy_status, absent: absent
        )?;
        let Some(answer) = answer else { return Ok(false) };
        let public = answer.policy_status.and_then(|status| status.is_public);
        public.ok_or_else(|| {
            let action = Action::new("s3:GetBucketPolicyStatus");
            ServiceError::ours(action, "an answer without a status")
        })
    }

    pub(super) async fn public_access(&self) -> Result<Option<PublicAccessBlock>, ServiceError> {
        let absent = &["NoSuchPublicAccessBlockConfiguration"];
        let answer = ask!(
            self, "s3:GetBucketPublicAccessBlock", get_public_access_block, absent: absent
        )?;
        let block = answer.and_then(|answer| answer.public_access_block_configuration);
        Ok(block.map(|block| PublicAccessBlock {
            block_acls: block.block_public_acls.unwrap_or(false),
            ignore_acls: block.ignore_public_acls.unwrap_or(false),
            block_policy: block.block_public_policy.unwrap_or(false),
            restrict: block.restrict_public_buckets.unwrap_or(false),
        }))
    }

    async fn ownership(&self) -> Result<Option<String>, ServiceError> {
        let absent = &["OwnershipControlsNotFoundError"];
        let answer = ask!(
            self, "s3:GetBucketOwnershipControls", get_bucket_ownership_controls, absent: absent
        )?;
        let rules = answer.and_then(|answer| answer.ownership_controls).map(|all| all.rules);
        let rule = rules.unwrap_or_default().into_iter().next();
        Ok(rule.map(|rule| rule.object_ownership.as_str().to_owned()))
    }

    pub(super) async fn logging(&self) -> Result<Option<LogTarget>, ServiceError> {
        let answer = ask!(self, "s3:GetBucketLogging", get_bucket_logging, absent: &[])?;
        let enabled = answer.and_then(|answer| answer.logging_enabled);
        Ok(enabled.filter(|target| !target.target_bucket.is_empty()).map(|target| LogTarget {
            bucket: BucketName::new(target.target_bucket),
            prefix: target.target_prefix,
        }))
    }
}

fn grant_of(grant: aws_sdk_s3::types::Grant) -> Option<Grant> {
    let to = grant.grantee?;
    let account = to.id.or(to.email_address);
    Some(Grant {
        to: to.uri.map(Grantee::Group).or(account.map(Grantee::Account))?,
        permission: grant.permission?.as_str().to_owned(),
    })
}

async fn part<T>(
    reads: &BTreeSet<Read>,
    read: Read,
    call: impl Future<Output = Result<T, ServiceError>>,
) -> Observed<T> {
    if reads.contains(&read) { observed(call.await) } else { Observed::Unread }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::fake::{Fake, fake};

    const FAR: &str = "x-amz-bucket-region: us-west-2\r\n\r\n";

    fn all() -> BTreeSet<Read> {
        Read::ALL.into()
    }

    async fn read(fake: &Fake, reads: &BTreeSet<Read>) -> Result<Bucket, ServiceError> {
        let name = BucketName::new("logs");
        bucket(&fake.clients, &Region::new("eu-west-1"), &name, reads).await
    }

    fn error(status: u16, code: &str, message: &str) -> (u16, String) {
        (status, format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"))
    }

    /// What a bucket without any settings answers.
    fn bare(request: &str) -> (u16, String) {
        let asked = |what: &str| request.contains(&format!("?{what}"));
        if request.starts_with("HEAD") {
            (if request.contains("/us-west-2/s3/") { 200 } else { 301 }, FAR.to_owned())
        } else if asked("acl") {
            let group = "http://acs.example/groups/global/AllUsers";
            let grantee = format!(
                r#"<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">
                   <URI>{group}</URI></Grantee><Permission>READ</Permission>"#
            );
            let list = format!("<AccessControlList><Grant>{grantee}</Grant></AccessControlList>");
            (200, format!("<AccessControlPolicy>{list}</AccessControlPolicy>"))
        } else if asked("policy") {
            error(404, "NoSuchBucketPolicy", "none")
        } else if asked("publicAccessBlock") {
            error(404, "NoSuchPublicAccessBlockConfiguration", "none")
        } else if asked("ownershipControls") {
            error(404, "OwnershipControlsNotFoundError", "none")
        } else {
            (200, "<BucketLoggingStatus/>".to_owned())
        }
    }

    #[tokio::test]
    async fn what_a_bucket_does_not_have_is_known() {
        let fake = fake(bare);
        let Bucket::Ours(own) = read(&fake, &all()).await.unwrap() else { panic!() };
        assert_eq!(own.region, Region::new("us-west-2"));
        let to = Grantee::Group("http://acs.example/groups/global/AllUsers".to_owned());
        let grant = Grant { to, permission: "READ".to_owned() };
        assert_eq!(own.acl, Observed::Known(vec![grant]));
        assert_eq!(own.policy, Observed::Known(None));
        assert_eq!(own.policy_is_public, Observed::Known(false));
        assert_eq!(own.public_access, Observed::Known(None));
        assert_eq!(own.ownership, Observed::Known(None));
        assert_eq!(own.logging, Observed::Known(None));
        // Each once, all for the expected owner, and where the bucket is.
        let owner = "x-amz-expected-bucket-owner: 111122223333";
        assert_eq!((fake.requests("").len(), fake.requests(owner).len()), (8, 8));
        assert_eq!(fake.requests("/us-west-2/s3/").len(), 7);
    }

    #[tokio::test]
    async fn only_what_is_wanted_is_read() {
        let fake = fake(bare);
        let reads = BTreeSet::from([Read::Buckets, Read::BucketLogging]);
        let Bucket::Ours(own) = read(&fake, &reads).await.unwrap() else { panic!() };
        assert_eq!((own.acl, own.logging), (Observed::Unread, Observed::Known(None)));
        assert_eq!(fake.requests("").len(), 3);
    }

    #[tokio::test]
    async fn a_bucket_may_be_gone_or_hidden() {
        let gone = fake(|_| (404, String::new()));
        assert_eq!(read(&gone, &all()).await.unwrap(), Bucket::Absent);
        let hidden = fake(|_| (403, String::new()));
        let denied = read(&hidden, &all()).await.unwrap_err();
        let action = Action::new("s3:ListBucket");
        assert_eq!(denied.observed::<()>(), Observed::Denied { action });
    }

    /// A redirect comes before S3 looks whose it is.
    #[tokio::test]
    async fn another_region_may_hold_what_is_anothers() {
        let foreign = fake(|request| {
            if request.starts_with("HEAD") {
                (if request.contains("/us-west-2/s3/") { 403 } else { 301 }, FAR.to_owned())
            } else {
                error(403, "AccessDenied", "Access Denied")
            }
        });
        let region = Region::new("us-west-2");
        assert_eq!(read(&foreign, &all()).await.unwrap(), Bucket::Foreign { region });
        let round = fake(|request| {
            let far = if request.contains("/us-west-2/s3/") { "ap-east-1" } else { "us-west-2" };
            (301, format!("x-amz-bucket-region: {far}\r\n\r\n"))
        });
        assert!(read(&round, &all()).await.is_err());
    }

    #[tokio::test]
    async fn a_bucket_is_there_if_it_is_ours_and_here() {
        async fn ask(fake: &Fake) -> Result<bool, String> {
            let (region, name) = (Region::new("eu-west-1"), BucketName::new("logs"));
            is_there(&fake.clients, &region, &name).await.map_err(|error| error.to_string())
        }
        assert_eq!(ask(&fake(|_| (200, String::new()))).await, Ok(true));
        assert_eq!(ask(&fake(|_| (404, String::new()))).await, Ok(false));
        let elsewhere = ask(&fake(bare)).await;
        assert_eq!(elsewhere, Err("the bucket is in us-west-2, not in eu-west-1".to_owned()));
        let foreign = fake(|request| {
            if request.starts_with("HEAD") {
                (403, "x-amz-bucket-region: eu-west-1\r\n\r\n".to_owned())
            } else {
                error(403, "AccessDenied", "Access Denied")
            }
        });
        let taken = Err("another account has taken the name logs".to_owned());
        assert_eq!(ask(&foreign).await, taken);
    }

    #[tokio::test]
    async fn a_refusal_tells_another_account_from_a_missing_permission() {
        let foreign = fake(|request| {
            if request.starts_with("HEAD") {
                (403, FAR.to_owned())
            } else {
                error(403, "AccessDenied", "Access Denied")
            }
        });
        let region = Region::new("us-west-2");
        assert_eq!(read(&foreign, &all()).await.unwrap(), Bucket::Foreign { region });
        assert_eq!(foreign.requests("").len(), 2);
        let denied = fake(|request| {
            if request.starts_with("HEAD") {
                return (403, FAR.to_owned());
            }
            let user = "arn:aws:iam::111122223333:user/a";
            let why = "because no identity-based policy allows it";
            let message = format!("User: {user} is not authorized to perform: s3:Get {why}");
            error(403, "AccessDenied", &message)
        });
        let Bucket::Ours(own) = read(&denied, &all()).await.unwrap() else { panic!() };
        let action = Action::new("s3:GetBucketLogging");
        assert_eq!(own.logging, Observed::Denied { action });
        // Not even HEAD may be allowed, where all else is.
        let open =
            fake(
                |request| {
                    if request.starts_with("HEAD") { (403, FAR.to_owned()) } else { bare(request) }
                },
            );
        let Bucket::Ours(own) = read(&open, &all()).await.unwrap() else { panic!() };
        assert_eq!(own.policy, Observed::Known(None));
    }
}
