//! EC2: the two writes on the inbound rules of a group.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use super::{Clients, ServiceError, ec2_rule};
use crate::approval::Approval;
use crate::change::InboundRule;
use crate::model::{Action, GroupId, Region, RuleId};

const AUTHORIZE: &str = "ec2:AuthorizeSecurityGroupIngress";
const REVOKE: &str = "ec2:RevokeSecurityGroupIngress";

/// Adds inbound rules to a group, all or none.
///
/// EC2 gives all rules of one call the same tags, so the rules must agree in theirs. If one of the
/// rules is there already, EC2 refuses the whole call (`InvalidPermission.Duplicate`): whoever gets
/// that, or no answer, must read again before anything else.
pub(super) async fn authorize(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[InboundRule],
    _: &Approval,
) -> Result<(), ServiceError> {
    let wrong = |message: String| ServiceError::ours(Action::new(AUTHORIZE), message);
    let permissions = rules
        .iter()
        .map(|rule| {
            let unknown = || wrong(format!("harden cannot add a rule from {}", rule.source));
            ec2_rule::permission(rule).ok_or_else(unknown)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let tags = tags(rules).map_err(wrong)?;
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(AUTHORIZE, |ec2| {
            let call = ec2.authorize_security_group_ingress().group_id(group.as_str());
            call.set_ip_permissions(Some(permissions))
                .set_tag_specifications(tags.map(|tags| vec![tags]))
                .send()
        })
        .await?;
    if answer.r#return == Some(false) {
        return Err(ServiceError::doubtful(Action::new(AUTHORIZE), "EC2 did not add the rules"));
    }
    Ok(())
}

fn tags(rules: &[InboundRule]) -> Result<Option<TagSpecification>, String> {
    let [first, others @ ..] = rules else { return Err("there is no rule to add".to_owned()) };
    if others.iter().any(|rule| rule.tags != first.tags) {
        return Err("the rules of one call cannot have different tags".to_owned());
    }
    if first.tags.is_empty() {
        return Ok(None);
    }
    let tags = first.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    let specification = TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroupRule)
        .set_tags(Some(tags.collect()));
    Ok(Some(specification.build()))
}

/// Takes inbound rules away from a group, all or none.
///
/// By id only. By its properties, EC2 may find no rule and report success, or find one that somebody
/// has changed meanwhile.
pub(super) async fn revoke(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[RuleId],
    _: &Approval,
) -> Result<(), ServiceError> {
    let ids: Vec<String> = rules.iter().map(|id| id.as_str().to_owned()).collect();
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(REVOKE, |ec2| {
            ec2.revoke_security_group_ingress()
                .group_id(group.as_str())
                .set_security_group_rule_ids(Some(ids.clone()))
                .send()
        })
        .await?;
    let gone = answer.revoked_security_group_rules();
    let gone = gone.iter().filter_map(|rule| rule.security_group_rule_id());
    let refused = answer.r#return() == Some(false) || !answer.unknown_ip_permissions().is_empty();
    if refused || !agree(&ids, gone) {
        let message = "EC2 did not revoke exactly what it was asked to";
        return Err(ServiceError::doubtful(Action::new(REVOKE), message));
    }
    Ok(())
}

/// Whether what was revoked is what was asked for. An answer that names nothing says nothing.
fn agree<'a>(asked: &'a [String], revoked: impl Iterator<Item = &'a str>) -> bool {
    let revoked: BTreeSet<&str> = revoked.collect();
    revoked.is_empty() || revoked == asked.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{ec2_error, fake};
    use crate::model::{Source, Traffic};

    fn rule(tags: &[(&str, &str)]) -> InboundRule {
        InboundRule {
            id: None,
            traffic: Traffic::All,
            source: Source::Cidr("10.0.0.0/8".parse().unwrap()),
            description: None,
            tags: tags.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    #[test]
    fn the_rules_of_a_call_agree_in_their_tags() {
        assert!(tags(&[]).is_err());
        assert_eq!(tags(&[rule(&[]), rule(&[])]), Ok(None));
        assert!(tags(&[rule(&[("a", "1")]), rule(&[])]).is_err());
        let same = tags(&[rule(&[("a", "1")]), rule(&[("a", "1")])]).unwrap().unwrap();
        assert_eq!(same.tags().len(), 1);
    }

    #[test]
    fn an_answer_must_name_what_was_asked_for() {
        let asked = ["sgr-1", "sgr-2"].map(str::to_owned);
        assert!(agree(&asked, ["sgr-2", "sgr-1"].into_iter()));
        assert!(agree(&asked, std::iter::empty()));
        assert!(!agree(&asked, ["sgr-1"].into_iter()));
        assert!(!agree(&asked, ["sgr-1", "sgr-3"].into_iter()));
    }

    fn returned(verb: &str, value: bool) -> (u16, String) {
        let name = format!("{verb}SecurityGroupIngressResponse");
        (200, format!("<{name}><return>{value}</return></{name}>"))
    }

    async fn revoke_two(
        answer: fn(&str) -> (u16, String),
    ) -> (Result<(), ServiceError>, Vec<String>) {
        let fake = fake(answer);
        let (region, group) = (Region::new("eu-west-1"), GroupId::new("sg-1"));
        let ids = ["sgr-1", "sgr-2"].map(RuleId::new);
        let approval = Approval::for_test();
        let result = revoke(fake.clients.once(), &region, &group, &ids, &approval).await;
        (result, fake.requests("Action=RevokeSecurityGroupIngress"))
    }

    #[tokio::test]
    async fn rules_are_revoked_by_id() {
        let (result, requests) = revoke_two(|_| returned("Revoke", true)).await;
        assert_eq!(result, Ok(()));
        assert!(requests[0].contains("SecurityGroupRuleId.1=sgr-1&SecurityGroupRuleId.2=sgr-2"));
        assert!(!requests[0].contains("IpPermissions"));
    }

    #[tokio::test]
    async fn an_answer_that_denies_is_an_error() {
        let (result, _) = revoke_two(|_| returned("Revoke", false)).await;
        assert!(result.is_err());
    }

    #[tokio::test]
    async fn what_may_have_been_done_is_not_sent_again() {
        let (result, requests) = revoke_two(|_| ec2_error(500, "InternalError", "oops")).await;
        assert!(result.unwrap_err().ambiguous);
        assert_eq!(requests.len(), 1);
    }

    #[tokio::test]
    async fn what_was_refused_for_haste_is_told_so() {
        let slow = |_: &str| ec2_error(503, "RequestLimitExceeded", "Request limit exceeded.");
        let (result, requests) = revoke_two(slow).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (ErrorKind::Throttled, false));
        assert_eq!(requests.len(), 1, "the target must be read before it is sent again");
    }

    #[tokio::test]
    async fn rules_are_added_with_words_and_tags() {
        let fake = fake(|_| returned("Authorize", true));
        let (region, group) = (Region::new("eu-west-1"), GroupId::new("sg-1"));
        let approval = Approval::for_test();
        let described = InboundRule { description: Some("why".to_owned()), ..rule(&[("a", "1")]) };
        authorize(&fake.clients, &region, &group, &[described], &approval).await.unwrap();
        let sent = &fake.requests("Action=AuthorizeSecurityGroupIngress")[0];
        for part in [
            "GroupId=sg-1",
            "IpPermissions.1.IpProtocol=-1",
            "IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F8",
            "IpPermissions.1.IpRanges.1.Description=why",
            "TagSpecification.1.ResourceType=security-group-rule",
            "TagSpecification.1.Tag.1.Key=a",
        ] {
            assert!(sent.contains(part), "{part} in {sent}");
        }
    }
}
