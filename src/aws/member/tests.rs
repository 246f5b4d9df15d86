use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_credential_types::credential_fn::provide_credentials_fn;

use super::*;
use crate::aws::fake::{Fake, fake, iam_error};
use crate::model::Principal;

const MEMBER: &str = "444455556666";

fn entry() -> Entry {
    Entry {
        account: AccountId::new(MEMBER),
        role: "team/Admin".to_owned(),
        external_id: Some("a b".to_owned()),
        session_name: "roll out: 1".to_owned(),
        budget: Some(Budget::per_second(NonZeroU32::new(500).unwrap())),
    }
}

const NEVER: &str = "2222-02-02T22:22:22Z";
const AT_ONCE: &str = "2020-02-02T20:20:20Z";

/// STS and IAM of a member whose sessions end then. Each session has a key of its own.
fn member(end: &'static str) -> Fake {
    let made = AtomicU32::new(0);
    fake(move |request| answer(request, end, &made))
}

fn answer(request: &str, end: &str, made: &AtomicU32) -> (u16, String) {
    if request.contains("Action=AssumeRole") {
        let key = made.fetch_add(1, Ordering::SeqCst) + 1;
        let keys = format!(
            "<AccessKeyId>ASIA{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>{end}</Expiration>"
        );
        return (200, result("AssumeRole", &format!("<Credentials>{keys}</Credentials>")));
    }
    let answer = if request.contains("Action=GetCallerIdentity") {
        let arn = format!("arn:aws:sts::{MEMBER}:assumed-role/Admin/harden-rollout1");
        let user = format!("<UserId>AROA:x</UserId><Account>{MEMBER}</Account>");
        result("GetCallerIdentity", &format!("<Arn>{arn}</Arn>{user}"))
    } else {
        let alias = "<AccountAliases><member>bank</member></AccountAliases>";
        result("ListAccountAliases", alias)
    };
    (200, answer)
}

fn result(name: &str, inner: &str) -> String {
    format!("<{name}Response><{name}Result>{inner}</{name}Result></{name}Response>")
}

#[tokio::test]
async fn the_session_is_in_the_account_asked_for_and_signed_with_its_own_key() {
    let fake = member(NEVER);
    let session = enter(&fake.session, &entry()).await.unwrap();
    assert_eq!(session.account.id.as_str(), MEMBER);
    assert_eq!(session.account.alias.as_deref(), Some("bank"));
    assert!(session.own.has(Principal::Role("Admin")));
    assert!(!session.own.has(Principal::User("a")), "of another account");
    assert!(session.own_keys.has(&AccessKeyId::new("ASIA1")));
    assert!(session.own_keys.has(&AccessKeyId::new("key")));
    let sent = &fake.requests("Action=AssumeRole")[0];
    for text in [
        "RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fteam%2FAdmin",
        "RoleSessionName=harden-rollout1",
        "ExternalId=a%20b",
        "Credential=key/",
    ] {
        assert!(sent.contains(text), "{text} in {sent}");
    }
    crate::aws::iam::alias(&session.clients()).await.unwrap();
    // One each, the alias twice, and all but the first with the key of the session.
    assert_eq!((fake.requests("").len(), fake.requests("Credential=ASIA1/").len()), (4, 3));
}

#[tokio::test]
async fn credentials_that_come_to_their_end_are_renewed() {
    let fake = member(AT_ONCE);
    let clients = enter(&fake.session, &entry()).await.unwrap().clients();
    for _ in 0..2 {
        crate::aws::iam::alias(&clients).await.unwrap();
    }
    let asked = fake.requests("Action=AssumeRole").len();
    assert!(asked > 3, "asked {asked} times");
    let last = fake.requests("Action=ListAccountAliases").pop().unwrap();
    assert!(last.contains(&format!("Credential=ASIA{asked}/")), "{last}");
}

#[tokio::test]
async fn the_callers_own_credentials_are_asked_for_once() {
    let fake = member(AT_ONCE);
    let times = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&times);
    let keys = provide_credentials_fn(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(Credentials::new("key", "secret", None, None, "test")) }
    });
    let config = fake.session.config.clone().into_builder();
    let config = config
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .identity_cache(IdentityCache::lazy().build());
    let base = Session { config: config.build(), ..fake.session.clone() };
    for _ in 0..3 {
        enter(&base, &entry()).await.unwrap();
    }
    assert!(fake.requests("Action=AssumeRole").len() > 3);
    assert_eq!(times.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_role_that_is_gone_meanwhile_is_not_taken_for_a_missing_permission() {
    let made = AtomicU32::new(0);
    let fake = fake(move |request| {
        if request.contains("Action=AssumeRole") && made.load(Ordering::SeqCst) > 1 {
            return iam_error(403, "AccessDenied", "not authorized to perform: sts:AssumeRole x");
        }
        answer(request, AT_ONCE, &made)
    });
    let clients = enter(&fake.session, &entry()).await.unwrap().clients();
    let error = crate::aws::iam::alias(&clients).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NoCredentials, "{error}");
    assert!(error.to_string().contains("sts:AssumeRole"), "{error}");
}

#[tokio::test]
async fn refusals_say_both_reasons() {
    let fake = fake(|_| iam_error(403, "AccessDenied", "no"));
    let error = enter(&fake.session, &entry()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot take on role `team/Admin` in account 444455556666: AccessDenied: no"
    );
    let hint = error.hint();
    assert!(hint.contains("has a role") && hint.contains("trust policy"), "{hint}");
    assert_eq!(fake.requests("").len(), 1, "a refusal is no matter of trying again");
}

#[tokio::test]
async fn other_errors_have_their_kind() {
    let off = fake(|_| iam_error(403, "RegionDisabledException", "STS is not activated"));
    let error = enter(&off.session, &entry()).await.unwrap_err();
    assert!(matches!(error, EnterError::RegionDisabled { .. }), "{error}");
    let over = fake(|_| iam_error(403, "ExpiredToken", "over"));
    let error = enter(&over.session, &entry()).await.unwrap_err();
    assert_eq!(error.hint(), "get new credentials the way you got these");
    let elsewhere = Entry { account: AccountId::new("777788889999"), ..entry() };
    let error = enter(&member(NEVER).session, &elsewhere).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "asked for account 777788889999, and came to account 444455556666"
    );
    let mut root = member(NEVER).session;
    root.caller = root.account.arn("iam", "", "root");
    let error = enter(&root, &entry()).await.unwrap_err();
    assert_eq!(error.to_string(), "the root user of account 111122223333 cannot take on a role");
}

#[tokio::test]
async fn a_role_that_is_new_is_waited_for_but_not_for_ever() {
    let tries = AtomicU32::new(0);
    let made = AtomicU32::new(0);
    let fresh = fake(move |request| match tries.fetch_add(1, Ordering::SeqCst) {
        0..3 => iam_error(403, "AccessDenied", "no"),
        _ => answer(request, NEVER, &made),
    });
    let (minute, short) = (Duration::from_mins(1), Duration::from_millis(5));
    let session = enter_patiently(&fresh.session, &entry(), minute, short).await.unwrap();
    assert_eq!(session.account.id.as_str(), MEMBER);
    let gone = fake(|_| iam_error(403, "AccessDenied", "no"));
    let error = enter_patiently(&gone.session, &entry(), short * 4, short).await.unwrap_err();
    assert!(matches!(error, EnterError::Refused { .. }));
    let asked = gone.requests("").len();
    assert!((1..=5).contains(&asked), "{asked}");
    let off = fake(|_| iam_error(403, "RegionDisabledException", "off"));
    assert!(enter_patiently(&off.session, &entry(), minute, short).await.is_err());
    assert_eq!(off.requests("").len(), 1);
}

#[test]
fn names_of_sessions_are_fit_for_aws() {
    assert_eq!(session_name("harden-1"), "harden-1");
    assert_eq!(session_name("a/b: ü"), "harden-ab");
    assert_eq!(session_name(""), "harden-");
    assert_eq!(session_name(&"x".repeat(100)).len(), 64);
}
