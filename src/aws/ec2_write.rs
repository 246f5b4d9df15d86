//! EC2: the writes on the rules of a group, two each way.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{
    IpPermission, ResourceType, RevokedSecurityGroupRule, Tag, TagSpecification,
};

use super::{Clients, ServiceError, ec2_rule};
use crate::approval::Approval;
use crate::change::GroupRule;
use crate::model::{Action, GroupId, Region, RuleId};

const LET_IN: &str = "ec2:AuthorizeSecurityGroupIngress";
const LET_OUT: &str = "ec2:AuthorizeSecurityGroupEgress";
const SHUT_OUT: &str = "ec2:RevokeSecurityGroupIngress";
const SHUT_IN: &str = "ec2:RevokeSecurityGroupEgress";

/// Adds inbound rules to a group, all or none.
///
/// EC2 gives all rules of one call the same tags, so the rules must agree in theirs. If one of the
/// rules is there already, EC2 refuses the whole call (`InvalidPermission.Duplicate`): whoever gets
/// that, or no answer, must read again before anything else.
pub(super) async fn let_in(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[GroupRule],
    _: &Approval,
) -> Result<(), ServiceError> {
    let (permissions, tags) = added(LET_IN, rules)?;
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(LET_IN, |ec2| {
            let call = ec2.authorize_security_group_ingress().group_id(group.as_str());
            let call = call.set_ip_permissions(Some(permissions));
            call.set_tag_specifications(tags.map(|tags| vec![tags])).send()
        })
        .await?;
    has_added(LET_IN, answer.r#return)
}

/// Adds outbound rules to a group, as [`let_in`] does inbound ones.
pub(super) async fn let_out(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[GroupRule],
    _: &Approval,
) -> Result<(), ServiceError> {
    let (permissions, tags) = added(LET_OUT, rules)?;
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(LET_OUT, |ec2| {
            let call = ec2.authorize_security_group_egress().group_id(group.as_str());
            let call = call.set_ip_permissions(Some(permissions));
            call.set_tag_specifications(tags.map(|tags| vec![tags])).send()
        })
        .await?;
    has_added(LET_OUT, answer.r#return)
}

/// The rules as EC2 takes them, and their tags.
fn added(
    action: &'static str,
    rules: &[GroupRule],
) -> Result<(Vec<IpPermission>, Option<TagSpecification>), ServiceError> {
    let wrong = |message: String| ServiceError::ours(Action::new(action), message);
    let permission = |rule: &GroupRule| {
        let unknown = || wrong(format!("harden cannot add a rule for {}", rule.source));
        ec2_rule::permission(rule).ok_or_else(unknown)
    };
    let permissions = rules.iter().map(permission).collect::<Result<Vec<_>, _>>()?;
    Ok((permissions, tags(rules).map_err(wrong)?))
}

fn has_added(action: &'static str, said: Option<bool>) -> Result<(), ServiceError> {
    if said == Some(false) {
        return Err(ServiceError::doubtful(Action::new(action), "EC2 did not add the rules"));
    }
    Ok(())
}

fn tags(rules: &[GroupRule]) -> Result<Option<TagSpecification>, String> {
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
pub(super) async fn shut_out(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[RuleId],
    _: &Approval,
) -> Result<(), ServiceError> {
    let ids = texts(rules);
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(SHUT_OUT, |ec2| {
            let call = ec2.revoke_security_group_ingress().group_id(group.as_str());
            call.set_security_group_rule_ids(Some(ids.clone())).send()
        })
        .await?;
    let refused = answer.r#return() == Some(false) || !answer.unknown_ip_permissions().is_empty();
    has_revoked(SHUT_OUT, refused, &ids, answer.revoked_security_group_rules())
}

/// Takes outbound rules away from a group, as [`shut_out`] does inbound ones.
pub(super) async fn shut_in(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
    rules: &[RuleId],
    _: &Approval,
) -> Result<(), ServiceError> {
    let ids = texts(rules);
    let ec2 = clients.ec2(region);
    let answer = ec2
        .call(SHUT_IN, |ec2| {
            let call = ec2.revoke_security_group_egress().group_id(group.as_str());
            call.set_security_group_rule_ids(Some(ids.clone())).send()
        })
        .await?;
    let refused = answer.r#return() == Some(false) || !answer.unknown_ip_permissions().is_empty();
    has_revoked(SHUT_IN, refused, &ids, answer.revoked_security_group_rules())
}

fn texts(rules: &[RuleId]) -> Vec<String> {
    rules.iter().map(|id| id.as_str().to_owned()).collect()
}

fn has_revoked(
    action: &'static str,
    refused: bool,
    asked: &[String],
    gone: &[RevokedSecurityGroupRule],
) -> Result<(), ServiceError> {
    if refused || !agree(asked, gone.iter().filter_map(|rule| rule.security_group_rule_id())) {
        let message = "EC2 did not revoke exactly what it was asked to";
        return Err(ServiceError::doubtful(Action::new(action), message));
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

    fn rule(tags: &[(&str, &str)]) -> GroupRule {
        GroupRule {
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

    fn returned(call: &str, value: bool) -> (u16, String) {
        let name = format!("{call}Response");
        (200, format!("<{name}><return>{value}</return></{name}>"))
    }

    fn place() -> (Region, GroupId) {
        (Region::new("eu-west-1"), GroupId::new("sg-1"))
    }

    async fn revoke_two(
        answer: fn(&str) -> (u16, String),
    ) -> (Result<(), ServiceError>, Vec<String>) {
        let fake = fake(answer);
        let (region, group) = place();
        let ids = ["sgr-1", "sgr-2"].map(RuleId::new);
        let approval = Approval::for_test();
        let result = shut_out(fake.clients.once(), &region, &group, &ids, &approval).await;
        (result, fake.requests("Action=RevokeSecurityGroupIngress"))
    }

    #[tokio::test]
    async fn rules_are_revoked_by_id() {
        let (result, requests) = revoke_two(|_| returned("RevokeSecurityGroupIngress", true)).await;
        assert_eq!(result, Ok(()));
        assert!(requests[0].contains("SecurityGroupRuleId.1=sgr-1&SecurityGroupRuleId.2=sgr-2"));
        assert!(!requests[0].contains("IpPermissions"));
    }

    #[tokio::test]
    async fn outbound_rules_are_revoked_by_id_too() {
        let answers = [
            ("<return>true</return>", true),
            ("<return>false</return>", false),
            (
                "<return>true</return><unknownIpPermissionSet><item><ipProtocol>-1</ipProtocol></item></unknownIpPermissionSet>",
                false,
            ),
            (
                "<revokedSecurityGroupRuleSet><item><securityGroupRuleId>sgr-1</securityGroupRuleId></item></revokedSecurityGroupRuleSet>",
                true,
            ),
            (
                "<revokedSecurityGroupRuleSet><item><securityGroupRuleId>sgr-9</securityGroupRuleId></item></revokedSecurityGroupRuleSet>",
                false,
            ),
        ];
        for (body, fine) in answers {
            let name = "RevokeSecurityGroupEgressResponse";
            let fake = fake(move |_| (200, format!("<{name}>{body}</{name}>")));
            let (region, group) = place();
            let ids = [RuleId::new("sgr-1")];
            let approval = Approval::for_test();
            let result = shut_in(fake.clients.once(), &region, &group, &ids, &approval).await;
            assert_eq!(result.is_ok(), fine, "{body}");
            let sent = &fake.requests("Action=RevokeSecurityGroupEgress")[0];
            assert!(sent.contains("GroupId=sg-1") && sent.contains("SecurityGroupRuleId.1=sgr-1"));
            assert!(!sent.contains("IpPermissions"));
            if let Err(error) = result {
                assert_eq!((error.action.as_str(), error.ambiguous), (SHUT_IN, true));
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_denies_is_an_error() {
        let (result, _) = revoke_two(|_| returned("RevokeSecurityGroupIngress", false)).await;
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
        let fake = fake(|request| {
            let out = request.contains("Action=AuthorizeSecurityGroupEgress");
            let way = if out { "Egress" } else { "Ingress" };
            returned(&format!("AuthorizeSecurityGroup{way}"), true)
        });
        let (region, group) = place();
        let approval = Approval::for_test();
        let described = GroupRule { description: Some("why".to_owned()), ..rule(&[("a", "1")]) };
        let_in(&fake.clients, &region, &group, std::slice::from_ref(&described), &approval)
            .await
            .unwrap();
        let_out(&fake.clients, &region, &group, &[described], &approval).await.unwrap();
        for action in
            ["Action=AuthorizeSecurityGroupIngress", "Action=AuthorizeSecurityGroupEgress"]
        {
            let sent = &fake.requests(action)[0];
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

    #[tokio::test]
    async fn outbound_rules_that_are_there_are_an_error() {
        let duplicate = |_: &str| ec2_error(400, "InvalidPermission.Duplicate", "already exists");
        let fake = fake(duplicate);
        let (region, group) = place();
        let approval = Approval::for_test();
        let error = let_out(fake.clients.once(), &region, &group, &[rule(&[])], &approval).await;
        assert_eq!(error.unwrap_err().action.as_str(), LET_OUT);
    }
}
