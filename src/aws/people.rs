//! IAM: users, groups and their policies, all in one paged call.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail};

use super::text::decoded;
use super::{Clients, ServiceError};
use crate::model::{Action, People, Policies, PolicyText, User, UserGroup};

const DETAILS: &str = "iam:GetAccountAuthorizationDetails";

/// The most entries of a page.
const PAGE: i32 = 1000;

/// Every user and every group with its policies, a page at a time and never one by one.
pub(crate) async fn people(clients: &Clients) -> Result<People, ServiceError> {
    let pages = clients
        .iam()
        .call(DETAILS, |iam| {
            let call = iam.get_account_authorization_details();
            let call = call.filter(EntityType::User).filter(EntityType::Group).max_items(PAGE);
            call.into_paginator().send().try_collect()
        })
        .await?;
    let mut people = People::default();
    for page in pages {
        for user in page.user_detail_list.unwrap_or_default() {
            let policies = policies(user.attached_managed_policies, user.user_policy_list)?;
            let groups = user.group_list.unwrap_or_default().into_iter().collect();
            people.users.insert(given(user.user_name, "user")?, User { groups, policies });
        }
        for group in page.group_detail_list.unwrap_or_default() {
            let policies = policies(group.attached_managed_policies, group.group_policy_list)?;
            people.groups.insert(given(group.group_name, "group")?, UserGroup { policies });
        }
    }
    Ok(people)
}

fn policies(
    attached: Option<Vec<AttachedPolicy>>,
    inline: Option<Vec<PolicyDetail>>,
) -> Result<Policies, ServiceError> {
    let attached: Result<BTreeSet<String>, _> = attached
        .unwrap_or_default()
        .into_iter()
        .map(|policy| given(policy.policy_arn, "attached policy"))
        .collect();
    let inline: Result<BTreeMap<String, PolicyText>, _> = inline
        .unwrap_or_default()
        .into_iter()
        .map(|policy| {
            let text = policy.policy_document.and_then(|text| decoded(&text));
            let text = PolicyText::new(given(text, "text of a policy")?);
            Ok((given(policy.policy_name, "inline policy")?, text))
        })
        .collect();
    Ok(Policies { attached: attached?, inline: inline? })
}

/// What has no name, or no text, is not to be taken for nothing.
fn given(text: Option<String>, what: &str) -> Result<String, ServiceError> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        ServiceError::ours(Action::new(DETAILS), format!("an answer without the name of a {what}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{fake, iam_error};

    fn page(users: &str, groups: &str, marker: Option<&str>) -> (u16, String) {
        let more = marker.map_or("<IsTruncated>false</IsTruncated>".to_owned(), |marker| {
            format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
        });
        let name = "GetAccountAuthorizationDetails";
        let lists = format!(
            "<UserDetailList>{users}</UserDetailList><GroupDetailList>{groups}</GroupDetailList>"
        );
        (
            200,
            format!("<{name}Response><{name}Result>{lists}{more}</{name}Result></{name}Response>"),
        )
    }

    /// A policy with a blank, a quotation mark and an umlaut, as IAM writes it.
    const ENCODED: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%20%22Id%22%3A%22%C3%BC%22%7D";
    const WRITTEN: &str = r#"{"Version":"2012-10-17", "Id":"ü"}"#;

    fn user(name: &str, inline: &str) -> String {
        let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        format!(
            "<member><UserName>{name}</UserName>\
             <GroupList><member>devs</member></GroupList>\
             <AttachedManagedPolicies><member><PolicyName>ReadOnlyAccess</PolicyName>\
             <PolicyArn>{arn}</PolicyArn></member></AttachedManagedPolicies>\
             <UserPolicyList><member><PolicyName>own</PolicyName>\
             <PolicyDocument>{inline}</PolicyDocument></member></UserPolicyList>\
             <PermissionsBoundary><PermissionsBoundaryArn>arn:b</PermissionsBoundaryArn>\
             </PermissionsBoundary></member>"
        )
    }

    #[tokio::test]
    async fn every_page_is_read_and_texts_are_decoded() {
        let fake = fake(|request| {
            if request.contains("Marker=2") {
                let group = "<member><GroupName>devs</GroupName></member>";
                page(&user("bo", ENCODED), group, None)
            } else {
                page(&user("al", ENCODED), "", Some("2"))
            }
        });
        let people = people(&fake.clients).await.unwrap();
        assert_eq!(people.users.keys().collect::<Vec<_>>(), ["al", "bo"]);
        let al = &people.users["al"];
        assert_eq!(al.groups, ["devs".to_owned()].into());
        assert_eq!(
            al.policies.attached,
            ["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()].into()
        );
        assert_eq!(al.policies.inline["own"].as_str(), WRITTEN);
        assert!(people.groups["devs"].policies.is_empty());
        let asked = fake.requests("Action=GetAccountAuthorizationDetails");
        assert_eq!((asked.len(), fake.requests("").len()), (2, 2));
        for part in ["Filter.member.1=User", "Filter.member.2=Group", "MaxItems=1000"] {
            assert!(asked[0].contains(part), "{part} in {}", asked[0]);
        }
    }

    #[tokio::test]
    async fn a_part_that_is_missing_fails_the_whole() {
        let broken = fake(|request| {
            if request.contains("Marker=2") {
                iam_error(403, "AccessDenied", "no")
            } else {
                page(&user("al", ENCODED), "", Some("2"))
            }
        });
        assert_eq!(people(&broken.clients).await.unwrap_err().kind, ErrorKind::Denied);
        for answer in [user("", ENCODED), user("al", ""), user("al", "%zz")] {
            let odd = fake(move |_| page(&answer, "", None));
            let error = people(&odd.clients).await.unwrap_err();
            assert!(error.to_string().starts_with("an answer without the name of a"), "{error}");
        }
    }
}
