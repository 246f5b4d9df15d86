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
            Document::Policy(unless_gone(at(region, bucket).policy().await)?)
        }
        Op::PutPublicAccessBlock { region, bucket, .. }
        | Op::DeletePublicAccessBlock { region, bucket } => {
            Document::PublicAccess(unless_gone(at(region, bucket).public_access().await)?)
        }
        Op::PutBucketAcl { region, bucket, .. } => {
            let (mut grants, owner) = at(region, bucket).acl_and_owner().await?;
            grants.sort();
            let handle = owner.map_or(Handle::None, Handle::Id);
            return Ok(Reread { document: Document::Acl(grants), handle });
        }
        Op::PutBucketLogging { region, bucket, .. } => {
            Document::AccessLog(unless_gone(at(region, bucket).logging().await)?)
        }
        _ => return Err(misplaced(operation)),
    };
    Ok(Reread::of(document))
}

/// Nothing is set on a bucket that is not there: so it is after an undo that first took back what was set
/// on it.
fn unless_gone<T>(read: Result<Option<T>, ServiceError>) -> Result<Option<T>, ServiceError> {
    read.or_else(|error| {
        let gone = error.code.as_deref() == Some("NoSuchBucket");
        if gone { Ok(None) } else { Err(error) }
    })
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
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake};
    use crate::model::{BucketName, PolicyText, Region};

    fn at() -> (Region, BucketName) {
        (Region::new("eu-west-1"), BucketName::new("logs"))
    }

    fn error(status: u16, code: &str) -> (u16, String) {
        (status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"))
    }

    fn create(region: &str, tags: &[(&str, &str)]) -> Operation {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let (region, bucket) = (Region::new(region), at().1);
        Operation::CreateBucket { region, bucket, tags: tags.collect() }
    }

    fn set_acl(grants: &[Grant]) -> Operation {
        let (region, bucket) = at();
        Operation::PutBucketAcl { region, bucket, grants: grants.to_vec() }
    }

    fn log_to(to: Option<LogTarget>) -> Operation {
        let (region, bucket) = at();
        Operation::PutBucketLogging { region, bucket, to }
    }

    async fn run(fake: &Fake, operation: &Operation, handle: Handle) -> Result<(), ServiceError> {
        let now = Reread { document: Document::Presence(false), handle };
        execute(operation, &now, &fake.clients, &Approval::for_test()).await
    }

    /// What is sent for an operation.
    async fn sent(operation: &Operation, handle: Handle) -> String {
        let fake = fake(|_| (200, String::new()));
        run(&fake, operation, handle).await.unwrap();
        let [sent] = &fake.requests("")[..] else { panic!("one call") };
        sent.clone()
    }

    #[tokio::test]
    async fn a_bucket_is_made_where_it_is_to_be_with_its_tags() {
        let made = sent(&create("eu-west-1", &[("a", "1")]), Handle::None).await;
        assert!(made.starts_with("PUT /logs/ HTTP"), "{made}");
        assert!(made.contains("<LocationConstraint>eu-west-1</LocationConstraint>"), "{made}");
        let tags = "<Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>";
        assert!(made.contains(tags), "{made}");
        // There, a location would be refused.
        let leader = sent(&create("us-east-1", &[("a", "1")]), Handle::None).await;
        assert!(!leader.contains("LocationConstraint") && leader.contains(tags), "{leader}");
        let bare = sent(&create("us-east-1", &[]), Handle::None).await;
        assert!(!bare.contains("CreateBucketConfiguration"), "{bare}");
    }

    #[tokio::test]
    async fn who_came_first_is_for_the_next_reading_to_say() {
        for code in ["BucketAlreadyExists", "BucketAlreadyOwnedByYou"] {
            let taken = fake(|request| {
                let theirs = request.contains("/eu-west-1/");
                let code = if theirs { "BucketAlreadyExists" } else { "BucketAlreadyOwnedByYou" };
                error(409, code)
            });
            let region = if code.ends_with("Exists") { "eu-west-1" } else { "eu-west-2" };
            let refused = run(&taken, &create(region, &[]), Handle::None).await.unwrap_err();
            assert_eq!((refused.kind, refused.ambiguous), (ErrorKind::Other, false));
            assert_eq!(refused.code.as_deref(), Some(code));
        }
    }

    #[tokio::test]
    async fn each_setting_goes_to_the_bucket_of_the_expected_owner() {
        let (region, bucket) = at();
        let policy = PolicyText::new(r#"{"Statement":[]}"#);
        let block = PublicAccessBlock { block_acls: true, restrict: true, ..Default::default() };
        let to = Some(LogTarget { bucket: BucketName::new("access"), prefix: "logs/".to_owned() });
        let table = [
            (
                Operation::DeleteBucket { region: region.clone(), bucket: bucket.clone() },
                "DELETE",
                "/logs/",
                "",
            ),
            (
                Operation::PutBucketPolicy {
                    region: region.clone(),
                    bucket: bucket.clone(),
                    policy,
                },
                "PUT",
                "?policy",
                r#"{"Statement":[]}"#,
            ),
            (
                Operation::DeleteBucketPolicy { region: region.clone(), bucket: bucket.clone() },
                "DELETE",
                "?policy",
                "",
            ),
            (
                Operation::PutPublicAccessBlock {
                    region: region.clone(),
                    bucket: bucket.clone(),
                    block,
                },
                "PUT",
                "?publicAccessBlock",
                "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
                 <BlockPublicPolicy>false</BlockPublicPolicy>\
                 <RestrictPublicBuckets>true</RestrictPublicBuckets>",
            ),
            (
                Operation::DeletePublicAccessBlock { region, bucket },
                "DELETE",
                "?publicAccessBlock",
                "",
            ),
            (
                log_to(to),
                "PUT",
                "?logging",
                "<TargetBucket>access</TargetBucket><TargetPrefix>logs/</TargetPrefix>",
            ),
        ];
        for (operation, verb, path, body) in table {
            let sent = sent(&operation, Handle::None).await;
            assert!(sent.starts_with(&format!("{verb} /logs/")), "{sent}");
            assert!(sent.contains(path) && sent.contains(body), "{sent}");
            assert!(sent.contains("x-amz-expected-bucket-owner: 111122223333\r\n"), "{sent}");
        }
        let off = sent(&log_to(None), Handle::None).await;
        assert!(off.contains("<BucketLoggingStatus") && !off.contains("LoggingEnabled"), "{off}");
    }

    #[tokio::test]
    async fn grants_are_sent_with_the_owner_as_just_read() {
        let grant = |to: Grantee, permission: &str| Grant { to, permission: permission.to_owned() };
        let grants = [
            grant(Grantee::Account("c0ffee".to_owned()), "FULL_CONTROL"),
            grant(Grantee::Account("a@acme.dev".to_owned()), "READ"),
            grant(Grantee::Group("http://acs.example/LogDelivery".to_owned()), "WRITE"),
        ];
        let sent = sent(&set_acl(&grants), Handle::Id("c0ffee".to_owned())).await;
        for part in [
            "<Owner><ID>c0ffee</ID></Owner>",
            r#"xsi:type="CanonicalUser""#,
            "<EmailAddress>a@acme.dev</EmailAddress>",
            "<URI>http://acs.example/LogDelivery</URI>",
            "<Permission>FULL_CONTROL</Permission>",
        ] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
        let fake = fake(|_| (200, String::new()));
        assert!(run(&fake, &set_acl(&grants), Handle::None).await.is_err());
        assert_eq!(fake.requests("").len(), 0);
    }

    #[tokio::test]
    async fn each_target_is_read_again_and_may_be_absent() {
        let none = fake(|request| {
            let asked = |what: &str| request.contains(&format!("?{what}"));
            if request.starts_with("HEAD") {
                (404, String::new())
            } else if asked("policy") {
                error(404, "NoSuchBucketPolicy")
            } else if asked("publicAccessBlock") {
                error(404, "NoSuchPublicAccessBlockConfiguration")
            } else {
                (200, "<BucketLoggingStatus/>".to_owned())
            }
        });
        let (region, bucket) = at();
        let table = [
            (create("eu-west-1", &[]), Document::Presence(false)),
            (
                Operation::DeleteBucketPolicy { region: region.clone(), bucket: bucket.clone() },
                Document::Policy(None),
            ),
            (Operation::DeletePublicAccessBlock { region, bucket }, Document::PublicAccess(None)),
            (log_to(None), Document::AccessLog(None)),
        ];
        let gone = fake(|request| {
            if request.starts_with("HEAD") {
                (404, String::new())
            } else {
                error(404, "NoSuchBucket")
            }
        });
        for (operation, absent) in table {
            for clients in [&none.clients, &gone.clients] {
                assert_eq!(reread(&operation, clients).await, Ok(Reread::of(absent.clone())));
            }
        }
        let denied = fake(|_| error(403, "AccessDenied"));
        let refused = reread(&log_to(None), &denied.clients).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Denied);
    }

    #[tokio::test]
    async fn grants_are_read_in_order_and_with_the_owner() {
        let fake = fake(|_| {
            let grant = |id: &str| {
                let xsi = r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""#;
                let grantee = format!("<ID>{id}</ID></Grantee><Permission>READ</Permission>");
                format!(r#"<Grant><Grantee {xsi} xsi:type="CanonicalUser">{grantee}</Grant>"#)
            };
            let list = format!("{}{}", grant("b"), grant("a"));
            let owner = "<Owner><ID>c0ffee</ID></Owner>";
            let acl = format!("{owner}<AccessControlList>{list}</AccessControlList>");
            (200, format!("<AccessControlPolicy>{acl}</AccessControlPolicy>"))
        });
        let now = reread(&set_acl(&[]), &fake.clients).await.unwrap();
        let grant =
            |id: &str| Grant { to: Grantee::Account(id.to_owned()), permission: "READ".to_owned() };
        assert_eq!(now.document, Document::Acl(vec![grant("a"), grant("b")]));
        assert_eq!(now.handle, Handle::Id("c0ffee".to_owned()));
    }

    #[tokio::test]
    async fn a_bucket_with_anything_in_it_stays() {
        let full = fake(|_| error(409, "BucketNotEmpty"));
        let (region, bucket) = at();
        let delete = Operation::DeleteBucket { region, bucket };
        let refused = run(&full, &delete, Handle::None).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "BucketNotEmpty: it holds objects, and harden deletes none: the bucket stays"
        );
        assert!(!refused.ambiguous);
    }
}
