//! IAM: access keys and passwords of users, beyond what the credential report tells. Reads and writes.

use std::collections::BTreeMap;

use aws_sdk_iam::types::StatusType;
use jiff::Timestamp;

use super::execute::misplaced;
use super::limits::Limited;
use super::{Clients, Reread, ServiceError, observed};
use crate::approval::Approval;
use crate::change::{Document, Operation};
use crate::model::{
    AccessKey, AccessKeyId, Action, KeyStatus, KeyUse, Observed, Password, UsedFor, UserName,
};

const LIST: &str = "iam:ListAccessKeys";
const LAST_USED: &str = "iam:GetAccessKeyLastUsed";
const UPDATE: &str = "iam:UpdateAccessKey";
const PROFILE: &str = "iam:GetLoginProfile";
const USER: &str = "iam:GetUser";
const DELETE_PROFILE: &str = "iam:DeleteLoginProfile";

/// Whose access key it is; `None`: nobody's any more.
pub(super) async fn owner(
    clients: &Clients,
    key: &AccessKeyId,
) -> Result<Option<UserName>, ServiceError> {
    let asked = clients
        .iam()
        .call(LAST_USED, |iam| iam.get_access_key_last_used().access_key_id(key.as_str()).send());
    Ok(asked.await?.user_name.map(UserName::new))
}

/// The access keys of a user, with the last use of those that are active. Whoever is gone has none.
pub(crate) async fn access_keys(
    clients: &Clients,
    user: &UserName,
    signs: impl Fn(&AccessKeyId) -> bool,
) -> Result<BTreeMap<AccessKeyId, AccessKey>, ServiceError> {
    let mut keys = BTreeMap::new();
    let iam = clients.iam();
    for Listed { id, status, made } in list(iam, Some(user)).await? {
        let last_used = match status {
            KeyStatus::Active => observed(last_used(iam, &id).await),
            KeyStatus::Inactive => Observed::Unread,
        };
        let signs = signs(&id);
        keys.insert(id, AccessKey { status, made, last_used, signs });
    }
    Ok(keys)
}

/// The password of a user; `None`: there is none.
pub(crate) async fn password(
    clients: &Clients,
    user: &UserName,
) -> Result<Option<Password>, ServiceError> {
    let name = user.name();
    let iam = clients.iam();
    let profile = iam.call(PROFILE, |iam| iam.get_login_profile().user_name(name).send()).await;
    let Some(profile) = if_there(profile)? else { return Ok(None) };
    let person = iam.call(USER, |iam| iam.get_user().user_name(name).send()).await;
    let Some(person) = if_there(person)? else { return Ok(None) };
    let missing = |action: &'static str, what: &str| {
        ServiceError::ours(Action::new(action), format!("an answer without {what}"))
    };
    let profile = profile.login_profile.ok_or_else(|| missing(PROFILE, "the profile"))?;
    let person = person.user.ok_or_else(|| missing(USER, "the user"))?;
    let last_used = person.password_last_used.map(|time| seconds(USER, time.secs()));
    Ok(Some(Password {
        made: seconds(PROFILE, profile.create_date.secs())?,
        last_used: last_used.transpose()?,
    }))
}

/// An access key as it is listed.
pub(super) struct Listed {
    pub(super) id: AccessKeyId,
    pub(super) status: KeyStatus,
    pub(super) made: Timestamp,
}

/// The access keys of a user, or of whoever asks.
pub(super) async fn list(
    iam: &Limited<aws_sdk_iam::Client>,
    user: Option<&UserName>,
) -> Result<Vec<Listed>, ServiceError> {
    let name = user.map(|user| user.name().to_owned());
    let listing = iam.call(LIST, |iam| {
        iam.list_access_keys().set_user_name(name).into_paginator().items().send().try_collect()
    });
    let keys: Vec<_> = if_there(listing.await)?.unwrap_or_default();
    let missing = |what: &str| {
        let text = format!("an answer without {what} of an access key");
        ServiceError::ours(Action::new(LIST), text)
    };
    let listed = keys.into_iter().map(|key| {
        let made = key.create_date.ok_or_else(|| missing("the time"))?;
        // Anything but this word opens nothing, as far as is known.
        let active = key.status == Some(StatusType::Active);
        Ok(Listed {
            id: AccessKeyId::new(key.access_key_id.ok_or_else(|| missing("the id"))?),
            status: if active { KeyStatus::Active } else { KeyStatus::Inactive },
            made: seconds(LIST, made.secs())?,
        })
    });
    listed.collect()
}

pub(super) async fn last_used(
    iam: &Limited<aws_sdk_iam::Client>,
    id: &AccessKeyId,
) -> Result<Option<KeyUse>, ServiceError> {
    let call =
        iam.call(LAST_USED, |iam| iam.get_access_key_last_used().access_key_id(id.as_str()).send());
    let missing = || ServiceError::ours(Action::new(LAST_USED), "an answer without the last use");
    let last = call.await?.access_key_last_used.ok_or_else(missing)?;
    let Some(at) = last.last_used_date else { return Ok(None) };
    let told = |text: String| (!text.is_empty() && text != "N/A").then_some(text);
    let used_for = told(last.service_name).zip(told(last.region));
    Ok(Some(KeyUse {
        at: seconds(LAST_USED, at.secs())?,
        used_for: used_for.map(|(service, region)| UsedFor { service, region }),
    }))
}

fn seconds(action: &'static str, seconds: i64) -> Result<Timestamp, ServiceError> {
    let odd = |_| ServiceError::ours(Action::new(action), "a time out of range");
    Timestamp::from_second(seconds).map_err(odd)
}

/// Exactly this code: what other things are not found, such as a wrong endpoint, is no absence.
fn if_there<T>(answer: Result<T, ServiceError>) -> Result<Option<T>, ServiceError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code.as_deref() == Some("NoSuchEntity") => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the target of an operation on a credential again, its last use included where that decides.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about credentials")]
pub(super) async fn reread(
    operation: &Operation,
    clients: &Clients,
) -> Result<Reread, ServiceError> {
    let document = match operation {
        Operation::UpdateAccessKey { user, key, .. } => {
            let iam = clients.iam();
            let listed = list(iam, Some(user)).await?;
            let state = match listed.into_iter().find(|listed| listed.id == *key) {
                None => None,
                Some(Listed { status, .. }) => {
                    let asks =
                        status == KeyStatus::Active && operation.asks_for_use_since().is_some();
                    let used = if asks { last_used(iam, key).await? } else { None };
                    Some(operation.document_of_key(status, used))
                }
            };
            Document::AccessKey(state)
        }
        Operation::DeleteLoginProfile { user, .. } => {
            let password = password(clients, user).await?;
            let state = |password| operation.document_of_password(password);
            Document::Password(password.as_ref().map(state))
        }
        _ => return Err(misplaced(operation)),
    };
    Ok(Reread::of(document))
}

/// Carries out an operation on a credential. The user is always named: IAM would take whoever asks.
#[expect(clippy::wildcard_enum_match_arm, reason = "all others are not about credentials")]
pub(super) async fn execute(
    operation: &Operation,
    clients: &Clients,
    _: &Approval,
) -> Result<(), ServiceError> {
    let iam = clients.iam();
    match operation {
        Operation::UpdateAccessKey { user, key, to, .. } => {
            let status = match to {
                KeyStatus::Active => StatusType::Active,
                KeyStatus::Inactive => StatusType::Inactive,
            };
            let call = iam.call(UPDATE, |iam| {
                let update = iam.update_access_key().user_name(user.name());
                update.access_key_id(key.as_str()).status(status).send()
            });
            call.await.map(drop)
        }
        Operation::DeleteLoginProfile { user, .. } => {
            let call = iam.call(DELETE_PROFILE, |iam| {
                iam.delete_login_profile().user_name(user.name()).send()
            });
            call.await.map(drop)
        }
        _ => Err(misplaced(operation)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{Fake, fake, iam_error};

    fn wrapped(name: &str, result: &str) -> (u16, String) {
        (200, format!("<{name}Response><{name}Result>{result}</{name}Result></{name}Response>"))
    }

    fn key(id: &str, status: &str) -> String {
        format!(
            "<member><UserName>al</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status>\
             <CreateDate>2026-01-02T03:04:05Z</CreateDate></member>"
        )
    }

    /// A user with two keys, on two pages, and a password; `used`: when both were used last.
    fn account(used: &'static str) -> Fake {
        fake(move |request| {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let asked = |action: &str| body.contains(&format!("Action={action}&"));
            if asked("ListAccessKeys") {
                let first = !body.contains("Marker=");
                let member = if first { key("AKIA1", "Active") } else { key("AKIA2", "Inactive") };
                let more = if first { "<Marker>m</Marker>" } else { "" };
                let list = format!("<AccessKeyMetadata>{member}</AccessKeyMetadata>");
                let list = format!("{list}<IsTruncated>{first}</IsTruncated>{more}");
                wrapped("ListAccessKeys", &list)
            } else if asked("GetAccessKeyLastUsed") {
                let date = if used.is_empty() {
                    "<Region>N/A</Region><ServiceName>N/A</ServiceName>".to_owned()
                } else {
                    format!(
                        "<LastUsedDate>{used}</LastUsedDate><Region>eu-west-1</Region>\
                         <ServiceName>s3</ServiceName>"
                    )
                };
                let last = format!("<AccessKeyLastUsed>{date}</AccessKeyLastUsed>");
                wrapped("GetAccessKeyLastUsed", &format!("<UserName>al</UserName>{last}"))
            } else if asked("GetLoginProfile") {
                let profile =
                    "<UserName>al</UserName><CreateDate>2026-01-02T03:04:05Z</CreateDate>";
                wrapped("GetLoginProfile", &format!("<LoginProfile>{profile}</LoginProfile>"))
            } else if asked("GetUser") {
                let last = if used.is_empty() {
                    String::new()
                } else {
                    format!("<PasswordLastUsed>{used}</PasswordLastUsed>")
                };
                let person = format!(
                    "<Path>/</Path><UserName>al</UserName><UserId>AIDA</UserId><Arn>arn</Arn>\
                     <CreateDate>2026-01-02T03:04:05Z</CreateDate>{last}"
                );
                wrapped("GetUser", &format!("<User>{person}</User>"))
            } else {
                (200, "<R></R>".to_owned())
            }
        })
    }

    fn user() -> UserName {
        UserName::new("team/al")
    }

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn update(to: KeyStatus) -> Operation {
        let (user, key) = (user(), AccessKeyId::new("AKIA1"));
        let unused_since = Some(time("2026-02-01T00:00:00Z"));
        Operation::UpdateAccessKey { user, key, to, unused_since }
    }

    fn delete() -> Operation {
        let unused_since = time("2026-02-01T00:00:00Z");
        Operation::DeleteLoginProfile { user: user(), unused_since }
    }

    #[tokio::test]
    async fn all_keys_are_listed_and_only_active_ones_looked_up() {
        let fake = account("2026-02-03T04:05:06Z");
        let keys = access_keys(&fake.clients, &user(), |id| id.as_str() == "AKIA2").await.unwrap();
        let [first, second] = ["AKIA1", "AKIA2"].map(|id| &keys[&AccessKeyId::new(id)]);
        assert_eq!((first.status, first.signs), (KeyStatus::Active, false));
        assert_eq!(first.made, time("2026-01-02T03:04:05Z"));
        let last = first.last_used.ok().unwrap().as_ref().unwrap();
        assert_eq!(last.to_string(), "2026-02-03 04:05 UTC for s3 in eu-west-1");
        assert_eq!((second.status, second.signs), (KeyStatus::Inactive, true));
        assert_eq!(second.last_used, Observed::Unread);
        assert_eq!(keys.len(), 2);
        // Two pages, and one key that is active. The user is named without the path.
        assert_eq!(fake.requests("Action=ListAccessKeys").len(), 2);
        assert!(fake.requests("Action=ListAccessKeys").iter().all(|r| r.contains("UserName=al")));
        assert_eq!(fake.requests("Action=GetAccessKeyLastUsed").len(), 1);
        let never = access_keys(&account("").clients, &user(), |_| false).await.unwrap();
        assert_eq!(never[&AccessKeyId::new("AKIA1")].last_used, Observed::Known(None));
    }

    #[tokio::test]
    async fn a_password_is_made_once_and_used_now_and_then() {
        let found = password(&account("2026-02-03T04:05:06Z").clients, &user()).await.unwrap();
        let made = time("2026-01-02T03:04:05Z");
        let last_used = Some(time("2026-02-03T04:05:06Z"));
        assert_eq!(found, Some(Password { made, last_used }));
        let never = password(&account("").clients, &user()).await.unwrap();
        assert_eq!(never, Some(Password { made, last_used: None }));
    }

    #[tokio::test]
    async fn whoever_is_gone_has_nothing_and_denied_is_no_absence() {
        let gone = fake(|_| iam_error(404, "NoSuchEntity", "none"));
        assert_eq!(password(&gone.clients, &user()).await, Ok(None));
        assert_eq!(access_keys(&gone.clients, &user(), |_| false).await, Ok(BTreeMap::new()));
        let read = reread(&update(KeyStatus::Inactive), &gone.clients).await.unwrap();
        assert_eq!(read.document, Document::AccessKey(None));
        let read = reread(&delete(), &gone.clients).await.unwrap();
        assert_eq!(read.document, Document::Password(None));
        for answer in [(403, "AccessDenied"), (404, "ResourceNotFoundException")] {
            let closed = fake(move |_| iam_error(answer.0, answer.1, "no"));
            assert!(password(&closed.clients, &user()).await.is_err());
            assert!(access_keys(&closed.clients, &user(), |_| false).await.is_err());
            assert!(reread(&update(KeyStatus::Active), &closed.clients).await.is_err());
        }
    }

    #[tokio::test]
    async fn a_last_use_that_is_denied_is_not_taken_for_none() {
        let half = fake(|request| {
            if request.contains("Action=ListAccessKeys") {
                let list =
                    format!("<AccessKeyMetadata>{}</AccessKeyMetadata>", key("AKIA1", "Active"));
                return wrapped(
                    "ListAccessKeys",
                    &format!("{list}<IsTruncated>false</IsTruncated>"),
                );
            }
            iam_error(403, "AccessDenied", "no")
        });
        let keys = access_keys(&half.clients, &user(), |_| false).await.unwrap();
        let action = Action::new(LAST_USED);
        assert_eq!(keys[&AccessKeyId::new("AKIA1")].last_used, Observed::Denied { action });
        let error = reread(&update(KeyStatus::Inactive), &half.clients).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Denied);
        // Whoever gives a key back does not ask for it.
        assert!(reread(&update(KeyStatus::Active), &half.clients).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_used_since_is_seen_just_before_the_write() {
        for (used, again) in
            [("", false), ("2026-02-01T00:00:00Z", false), ("2026-02-03T04:05:06Z", true)]
        {
            let fake = account(used);
            let read = reread(&update(KeyStatus::Inactive), &fake.clients).await.unwrap();
            let Document::AccessKey(Some(state)) = read.document else { panic!() };
            assert_eq!((state.status, state.used_again.is_some()), (KeyStatus::Active, again));
            let read = reread(&delete(), &fake.clients).await.unwrap();
            let Document::Password(Some(state)) = read.document else { panic!() };
            assert_eq!((state.used_again.is_some(), state.set_again), (again, None));
        }
    }

    #[tokio::test]
    async fn the_user_is_named_in_every_write() {
        let fake = account("");
        let approval = Approval::for_test();
        execute(&update(KeyStatus::Inactive), &fake.clients, &approval).await.unwrap();
        execute(&update(KeyStatus::Active), &fake.clients, &approval).await.unwrap();
        let sent = fake.requests("Action=UpdateAccessKey");
        for (sent, status) in sent.iter().zip(["Inactive", "Active"]) {
            for field in ["UserName=al", "AccessKeyId=AKIA1", &format!("Status={status}")] {
                assert!(sent.contains(field), "{field} in {sent}");
            }
        }
        execute(&delete(), &fake.clients, &approval).await.unwrap();
        assert!(fake.requests("Action=DeleteLoginProfile")[0].contains("UserName=al"));
        let other = Operation::DeleteAccountPasswordPolicy;
        assert!(execute(&other, &fake.clients, &approval).await.is_err());
        assert!(reread(&other, &fake.clients).await.is_err());
    }
}
