//! Reads access keys and passwords, of those users whom the credential report tells something bad of: the
//! report knows no key by its id, and may be hours old.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::future::join;

use super::{Request, when};
use crate::aws::{Clients, Session, user_credentials};
use crate::controls::{Suspect, suspects};
use crate::model::{CredentialReport, Observed, Read, UserCredentials};

/// How many users are read at once. IAM has a queue of its own besides.
const AT_ONCE: usize = 16;

/// The users that somebody has to know more of, by name.
pub(super) async fn read_credentials(
    session: &Session,
    clients: &Clients,
    request: &Request,
    report: &Observed<CredentialReport>,
) -> BTreeMap<String, UserCredentials> {
    let Some(report) = report.ok() else { return BTreeMap::new() };
    let limits = &request.settings.credentials;
    let found = suspects(report, limits, request.taken_at).into_iter();
    let asked = found.map(|suspect| Asked::of(request, suspect)).filter(Asked::is_something);
    futures::stream::iter(asked)
        .map(async |asked| asked.read(session, clients).await)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

/// What is to be read of a user.
struct Asked {
    suspect: Suspect,
    keys: bool,
    password: bool,
}

impl Asked {
    fn of(request: &Request, suspect: Suspect) -> Self {
        let wanted = |read| request.reads.contains(&read);
        let keys = (suspect.idle_keys && wanted(Read::IdleKeys))
            || (suspect.old_keys && wanted(Read::OldKeys));
        let password = suspect.idle_password && wanted(Read::IdlePasswords);
        Self { suspect, keys, password }
    }

    const fn is_something(&self) -> bool {
        self.keys || self.password
    }

    async fn read(&self, session: &Session, clients: &Clients) -> (String, UserCredentials) {
        let user = &self.suspect.user;
        let signs = |id: &_| session.own_keys.has(id);
        let (keys, password) = join(
            when(self.keys, user_credentials::access_keys(clients, user, signs)),
            when(self.password, user_credentials::password(clients, user)),
        )
        .await;
        (user.name().to_owned(), UserCredentials { keys, password })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::aws::fake::{Fake, fake, iam_error};
    use crate::model::{AccessKeyId, KeyStatus, Settings, Snapshot};
    use crate::observe::observe;

    const HEADER: &str = "user,arn,password_enabled,password_last_used,password_last_changed,\
        mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,\
        access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,\
        access_key_2_last_used_service";
    const NO_KEY: &str = "false,N/A,N/A,N/A,N/A";
    const OLD: &str = "2025-01-01T00:00:00+00:00";
    const LATE: &str = "2026-11-24T00:00:00+00:00";

    /// `old` is used, `idle` is not, `rests` has a password that is not, `new` is all right.
    fn report() -> String {
        let key = |made: &str, used: &str| format!("true,{made},{used},eu-west-1,s3");
        let row = |user: &str, password: &str, key: &str| {
            format!("{user},arn:x:iam::1:user/team/{user},{password},false,{key},{NO_KEY}")
        };
        let none = "false,N/A,N/A";
        [
            HEADER.to_owned(),
            row("old", none, &key(OLD, LATE)),
            row("idle", none, &key(OLD, "N/A")),
            row("rests", &format!("true,{OLD},{OLD}"), NO_KEY),
            row("new", &format!("true,{LATE},{OLD}"), &key(LATE, "N/A")),
        ]
        .join("\n")
    }

    fn base64(text: &str) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for three in text.as_bytes().chunks(3) {
            let mut word = [0_u8; 3];
            word[..three.len()].copy_from_slice(three);
            let bits = u32::from_be_bytes([0, word[0], word[1], word[2]]);
            for at in 0..4 {
                let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap();
                let letter = char::from(LETTERS[index]);
                out.push(if at <= u32::try_from(three.len()).unwrap() { letter } else { '=' });
            }
        }
        out
    }

    /// Each user has one key, whose id is `key`, with which the fake is signed to.
    fn account(request: &str) -> (u16, String) {
        let (_, body) = request.split_once("\r\n\r\n").unwrap();
        let wrapped = |name: &str, result: String| {
            (200, format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
        };
        let asked = |action: &str| body.contains(&format!("Action={action}&"));
        if asked("GenerateCredentialReport") {
            wrapped("GenerateCredentialReport", "<State>COMPLETE</State>".to_owned())
        } else if asked("GetCredentialReport") {
            let content = base64(&report());
            let when = "<GeneratedTime>2026-11-25T11:00:00Z</GeneratedTime>";
            wrapped("GetCredentialReport", format!("<Content>{content}</Content>{when}"))
        } else if asked("ListAccessKeys") {
            let made = "<CreateDate>2025-01-01T00:00:00Z</CreateDate>";
            let key = format!("<AccessKeyId>key</AccessKeyId><Status>Active</Status>{made}");
            let list = format!("<AccessKeyMetadata><member>{key}</member></AccessKeyMetadata>");
            wrapped("ListAccessKeys", format!("{list}<IsTruncated>false</IsTruncated>"))
        } else if asked("GetAccessKeyLastUsed") {
            let never = "<Region>N/A</Region><ServiceName>N/A</ServiceName>";
            let last = format!("<AccessKeyLastUsed>{never}</AccessKeyLastUsed>");
            wrapped("GetAccessKeyLastUsed", format!("<UserName>x</UserName>{last}"))
        } else if asked("GetLoginProfile") {
            let made = "<CreateDate>2025-01-01T00:00:00Z</CreateDate>";
            let profile = format!("<UserName>rests</UserName>{made}");
            wrapped("GetLoginProfile", format!("<LoginProfile>{profile}</LoginProfile>"))
        } else if asked("GetUser") {
            let made = "<CreateDate>2025-01-01T00:00:00Z</CreateDate>";
            let names =
                "<Path>/team/</Path><UserName>rests</UserName><UserId>A</UserId><Arn>a</Arn>";
            wrapped("GetUser", format!("<User>{names}{made}</User>"))
        } else {
            iam_error(403, "AccessDenied", "no")
        }
    }

    async fn read(fake: &Fake, reads: &[Read]) -> Snapshot {
        let request = Request {
            reads: reads.iter().copied().chain([Read::CredentialReport]).collect(),
            regions: None,
            settings: Settings::default(),
            version: "0.1.0".to_owned(),
            taken_at: "2026-11-25T12:00:00Z".parse::<Timestamp>().unwrap(),
        };
        observe(&fake.session, &fake.clients, &request, &|_| ()).await.unwrap()
    }

    fn users(snapshot: &Snapshot) -> Vec<&str> {
        snapshot.iam.credentials.keys().map(String::as_str).collect()
    }

    /// The calls that name a user, as `Action user`.
    fn calls(fake: &Fake) -> Vec<String> {
        let name = |request: &str| {
            let field = |name: &str| {
                let (_, rest) = request.split_once(&format!("{name}="))?;
                rest.split('&').next().map(|text| text.trim().to_owned())
            };
            let action = field("Action")?;
            let of = field("UserName").or_else(|| field("AccessKeyId"))?;
            Some(format!("{action} {of}"))
        };
        let mut calls: Vec<String> =
            fake.requests("Action=").iter().filter_map(|request| name(request)).collect();
        calls.sort();
        calls
    }

    #[tokio::test]
    async fn only_users_with_findings_are_read_and_each_once() {
        let fake = fake(account);
        let all = [Read::IdleKeys, Read::OldKeys, Read::IdlePasswords];
        let snapshot = read(&fake, &all).await;
        assert_eq!(users(&snapshot), ["idle", "old", "rests"]);
        let last = "GetAccessKeyLastUsed key";
        let expected = [
            last,
            last,
            "GetLoginProfile rests",
            "GetUser rests",
            "ListAccessKeys idle",
            "ListAccessKeys old",
        ];
        assert_eq!(calls(&fake), expected);
        let old = &snapshot.iam.credentials["old"];
        let key = &old.keys.ok().unwrap()[&AccessKeyId::new("key")];
        // The session of the fake signs with it.
        assert!(key.signs && key.status == KeyStatus::Active);
        assert_eq!(key.last_used, Observed::Known(None));
        assert_eq!(old.password, Observed::Unread);
    }

    #[tokio::test]
    async fn each_control_has_its_own_users_read() {
        let read_of = async |reads: &[Read]| {
            let fake = fake(account);
            users(&read(&fake, reads).await).join(" ")
        };
        assert_eq!(read_of(&[Read::IdleKeys]).await, "idle");
        // A key that was never used is old as well.
        assert_eq!(read_of(&[Read::OldKeys]).await, "idle old");
        assert_eq!(read_of(&[Read::IdlePasswords]).await, "rests");
        assert_eq!(read_of(&[]).await, "");
    }

    #[tokio::test]
    async fn what_is_denied_is_denied_of_each_user() {
        let closed = fake(|request| {
            let about_users = ["ListAccessKeys", "GetLoginProfile", "GetUser"];
            if about_users.iter().any(|action| request.contains(&format!("Action={action}&"))) {
                return iam_error(403, "AccessDenied", "no");
            }
            account(request)
        });
        let snapshot = read(&closed, &[Read::IdleKeys, Read::IdlePasswords]).await;
        assert!(snapshot.iam.credentials["idle"].keys.is_gap());
        assert!(snapshot.iam.credentials["rests"].password.is_gap());
        // Without the report nobody is looked at.
        let blind = fake(|_| iam_error(403, "AccessDenied", "no"));
        assert_eq!(users(&read(&blind, &[Read::IdleKeys]).await), [""; 0]);
        assert_eq!(calls(&blind), [""; 0]);
    }
}
