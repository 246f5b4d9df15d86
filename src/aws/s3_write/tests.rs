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
            Operation::PutBucketPolicy { region: region.clone(), bucket: bucket.clone(), policy },
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
        (Operation::DeletePublicAccessBlock { region, bucket }, "DELETE", "?publicAccessBlock", ""),
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
        if request.starts_with("HEAD") { (404, String::new()) } else { error(404, "NoSuchBucket") }
    });
    for (operation, absent) in table {
        for fake in [&none, &gone] {
            let read = reread(&operation, &fake.clients).await;
            assert_eq!(read, Ok(Reread::of(absent.clone())), "{}", operation.name());
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
