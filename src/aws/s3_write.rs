//! S3: makes and deletes buckets, and sets what stands around them.

use aws_sdk_s3::types::{
    AccessControlPolicy, BucketLocationConstraint, BucketLoggingStatus, CreateBucketConfiguration,
    Grant as S3Grant, Grantee as S3Grantee, LoggingEnabled, Owner, Permission,
    PublicAccessBlockConfiguration, Tag, Type,
};
use aws_smithy_types::error::operation::BuildError;

use super::execute::misplaced;
use super::s3::{At, is_there};
use super::{Clients, Handle, Reread, ServiceError};
use crate::approval::Approval;
use crate::change::{Document, Operation, Tags};
use crate::model::{Action, Grant, Grantee, LogTarget, PublicAccessBlock};

const CREATE: &str = "s3:CreateBucket";
const PUT_ACL: &str = "s3:PutBucketAcl";
const PUT_LOGGING: &str = "s3:PutBucketLogging";

/// Whether this is the leader of the commercial regions: what S3 makes there is not to name a location.
fn is_leader(region: &str) -> bool {
    region == "us-east-1"
}

/// Reads the target of an operation on a bucket again.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about buckets")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    use Operation as Op;
    let at = |region, name| At { clients, region, name };
    let document = match operation {
        Op::CreateBucket { region, bucket, .. } | Op::DeleteBucket { region, bucket } => {
            Document::Presence(is_there(clients, region, bucket).await?)
        }
        Op::PutBucketPolicy { region, bucket, .. } | Op::DeleteBucketPolicy { region, bucket } => {
            Document::Policy(or_gone(at(region, bucket).policy().await)?)
        }
        Op::PutPublicAccessBlock { region, bucket, .. }
        | Op::DeletePublicAccessBlock { region, bucket } => {
            Document::PublicAccess(or_gone(at(region, bucket).public_access().await)?)
        }
        Op::PutBucketAcl { region, bucket, .. } => {
            let (mut grants, owner) = or_gone(at(region, bucket).acl_and_owner().await)?;
            grants.sort();
            let handle = owner.map_or(Handle::None, Handle::Id);
            return Ok(Reread { document: Document::Acl(grants), handle });
        }
        Op::PutBucketLogging { region, bucket, .. } => {
            Document::AccessLog(or_gone(at(region, bucket).logging().await)?)
        }
        _ => return Err(misplaced(operation)),
    };
    Ok(Reread::of(document))
}

/// With a bucket goes all that was set on it.
fn or_gone<T: Default>(read: Result<T, ServiceError>) -> Result<T, ServiceError> {
    match read {
        Err(error) if error.code.as_deref() == Some("NoSuchBucket") => Ok(T::default()),
        other => other,
    }
}

/// Carries out an operation on a bucket.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about buckets")]
pub(super) async fn execute(
    operation: &Operation,
    now: &Reread,
    clients: &Clients,
    approval: &Approval,
) -> Result<(), ServiceError> {
    use Operation as Op;
    let at = |region, name| At { clients, region, name };
    match operation {
        Op::CreateBucket { region, bucket, tags } => {
            create(at(region, bucket), tags, approval).await
        }
        Op::DeleteBucket { region, bucket } => delete(at(region, bucket), approval).await,
        Op::PutBucketPolicy { region, bucket, policy } => {
            put_policy(at(region, bucket), policy.as_str(), approval).await
        }
        Op::DeleteBucketPolicy { region, bucket } => {
            delete_policy(at(region, bucket), approval).await
        }
        Op::PutPublicAccessBlock { region, bucket, block } => {
            put_public_access(at(region, bucket), *block, approval).await
        }
        Op::DeletePublicAccessBlock { region, bucket } => {
            delete_public_access(at(region, bucket), approval).await
        }
        Op::PutBucketAcl { region, bucket, grants } => {
            put_acl(at(region, bucket), grants, &now.handle, approval).await
        }
        Op::PutBucketLogging { region, bucket, to } => {
            put_logging(at(region, bucket), to.as_ref(), approval).await
        }
        _ => Err(misplaced(operation)),
    }
}

/// A call about one bucket, for its expected owner.
macro_rules! tell {
    ($at:expr, $action:expr, $operation:ident $(, $field:ident: $value:expr)?) => {{
        let at: At<'_> = $at;
        let s3 = at.clients.s3(at.region);
        let sent = s3.call($action, |s3| {
            let call = s3.$operation().bucket(at.name.as_str());
            call.expected_bucket_owner(at.clients.account().as_str())$(.$field($value))?.send()
        });
        sent.await.map(drop)
    }};
}

/// Makes a bucket as S3 makes them today: closed to the public, without ACLs.
///
/// In the leader region S3 says that all is well, and takes back what an ACL gave, where the bucket is
/// there already and ours: whoever calls this must just have looked.
async fn create(at: At<'_>, tags: &Tags, _: &Approval) -> Result<(), ServiceError> {
    let wrong = |error| ours(CREATE, &error);
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags = tags.collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    let place = at.region.as_str();
    let place = (!is_leader(place)).then(|| BucketLocationConstraint::from(place));
    let configuration = (place.is_some() || !tags.is_empty()).then(|| {
        CreateBucketConfiguration::builder()
            .set_location_constraint(place)
            .set_tags((!tags.is_empty()).then_some(tags))
            .build()
    });
    at.clients
        .s3(at.region)
        .call(CREATE, |s3| {
            let call = s3.create_bucket().bucket(at.name.as_str());
            call.set_create_bucket_configuration(configuration).send()
        })
        .await
        .map(drop)
}

/// Deletes a bucket, which S3 refuses while there is anything in it.
async fn delete(at: At<'_>, _: &Approval) -> Result<(), ServiceError> {
    let deleted: Result<(), ServiceError> = tell!(at, "s3:DeleteBucket", delete_bucket);
    deleted.map_err(|error| match error.code.as_deref() {
        Some("BucketNotEmpty") => {
            let message = "it holds objects, and harden deletes none: the bucket stays".to_owned();
            ServiceError { message, ..error }
        }
        _ => error,
    })
}

async fn put_policy(at: At<'_>, policy: &str, _: &Approval) -> Result<(), ServiceError> {
    tell!(at, "s3:PutBucketPolicy", put_bucket_policy, policy: policy)
}

async fn delete_policy(at: At<'_>, _: &Approval) -> Result<(), ServiceError> {
    tell!(at, "s3:DeleteBucketPolicy", delete_bucket_policy)
}

/// Sets all four: S3 turns off what is left out.
async fn put_public_access(
    at: At<'_>,
    block: PublicAccessBlock,
    _: &Approval,
) -> Result<(), ServiceError> {
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(block.block_acls)
        .ignore_public_acls(block.ignore_acls)
        .block_public_policy(block.block_policy)
        .restrict_public_buckets(block.restrict)
        .build();
    tell!(
        at, "s3:PutBucketPublicAccessBlock", put_public_access_block,
        public_access_block_configuration: block
    )
}

async fn delete_public_access(at: At<'_>, _: &Approval) -> Result<(), ServiceError> {
    tell!(at, "s3:PutBucketPublicAccessBlock", delete_public_access_block)
}

/// Sets all grants. The owner has to be said with them, and stays who it is.
async fn put_acl(
    at: At<'_>,
    grants: &[Grant],
    owner: &Handle,
    _: &Approval,
) -> Result<(), ServiceError> {
    let Handle::Id(owner) = owner else {
        return Err(ours(PUT_ACL, &"S3 does not say who owns the bucket"));
    };
    let grants = grants.iter().map(grant_to).collect::<Result<Vec<_>, _>>();
    let list = AccessControlPolicy::builder()
        .owner(Owner::builder().id(owner).build())
        .set_grants(Some(grants.map_err(|error| ours(PUT_ACL, &error))?))
        .build();
    tell!(at, PUT_ACL, put_bucket_acl, access_control_policy: list)
}

fn grant_to(grant: &Grant) -> Result<S3Grant, BuildError> {
    let to = S3Grantee::builder();
    let to = match &grant.to {
        Grantee::Group(uri) => to.r#type(Type::Group).uri(uri),
        Grantee::Account(mail) if mail.contains('@') => {
            to.r#type(Type::AmazonCustomerByEmail).email_address(mail)
        }
        Grantee::Account(id) => to.r#type(Type::CanonicalUser).id(id),
    };
    let permission = Permission::from(grant.permission.as_str());
    Ok(S3Grant::builder().grantee(to.build()?).permission(permission).build())
}

/// Says where requests are logged. A status that says nothing turns it off.
async fn put_logging(at: At<'_>, to: Option<&LogTarget>, _: &Approval) -> Result<(), ServiceError> {
    let enabled = to.map(|to| {
        let enabled = LoggingEnabled::builder().target_bucket(to.bucket.as_str());
        enabled.target_prefix(&to.prefix).build()
    });
    let enabled = enabled.transpose().map_err(|error| ours(PUT_LOGGING, &error))?;
    let status = BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
    tell!(at, PUT_LOGGING, put_bucket_logging, bucket_logging_status: status)
}

fn ours(action: &'static str, what: &impl ToString) -> ServiceError {
    ServiceError::ours(Action::new(action), what.to_string())
}

#[cfg(test)]
mod tests;
