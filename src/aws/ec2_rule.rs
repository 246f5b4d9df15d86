//! Security group rules: from the form of EC2 to that of the model, and back.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId as PrefixListRange, ReferencedSecurityGroup,
    SecurityGroupRule, Tag, UserIdGroupPair,
};

use crate::change::GroupRule;
use crate::model::{AccountId, Cidr, GroupId, PrefixListId, Rule, RuleId, Source, Traffic};

/// Tags that only AWS may write: whoever puts a rule back cannot put them back.
const RESERVED: &str = "aws:";

/// The rule, its id and its group; `None` if EC2 left out one of the things every rule has.
///
/// EC2 names the owner of the group; where an emulator does not, it is `account`.
pub(super) fn read(
    rule: SecurityGroupRule,
    account: &AccountId,
) -> Option<(GroupId, RuleId, Rule)> {
    let source = source(&rule, account);
    let group = GroupId::new(rule.group_id?);
    let id = RuleId::new(rule.security_group_rule_id?);
    let rule = Rule {
        owner: rule.group_owner_id.map_or_else(|| account.clone(), AccountId::new),
        egress: rule.is_egress?,
        traffic: Traffic::from_ec2(&rule.ip_protocol?, rule.from_port, rule.to_port),
        source,
        description: rule.description.filter(|text| !text.is_empty()),
        tags: tags(rule.tags.unwrap_or_default()),
    };
    Some((group, id, rule))
}

fn source(rule: &SecurityGroupRule, account: &AccountId) -> Source {
    if let Some(range) = rule.cidr_ipv4().or(rule.cidr_ipv6()) {
        return range
            .parse::<Cidr>()
            .map_or_else(|_| Source::Other(range.to_owned()), Source::Cidr);
    }
    if let Some(list) = rule.prefix_list_id() {
        return Source::PrefixList(PrefixListId::new(list));
    }
    rule.referenced_group_info().and_then(|of| referred_to(of, account)).map_or_else(
        || Source::Other("unknown".to_owned()),
        |group| Source::Group(GroupId::new(group)),
    )
}

/// A group of another account, in a peered VPC, is named with the account, as AWS's console does: without
/// it the rule could not be put back.
fn referred_to(group: &ReferencedSecurityGroup, account: &AccountId) -> Option<String> {
    let id = group.group_id()?;
    Some(match group.user_id().filter(|owner| *owner != account.as_str()) {
        Some(owner) => format!("{owner}/{id}"),
        None => id.to_owned(),
    })
}

fn tags(tags: Vec<Tag>) -> BTreeMap<String, String> {
    tags.into_iter()
        .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
        .filter(|(key, _)| !key.starts_with(RESERVED))
        .collect()
}

/// The rule as EC2 takes it; `None` if its source is of a kind that this version does not know.
pub(super) fn permission(rule: &GroupRule) -> Option<IpPermission> {
    let (protocol, from, to) = rule.traffic.to_ec2();
    let permission =
        IpPermission::builder().ip_protocol(protocol).set_from_port(from).set_to_port(to);
    let text = rule.description.clone();
    let permission = match &rule.source {
        Source::Cidr(cidr) if cidr.is_ipv6() => {
            let range = Ipv6Range::builder().cidr_ipv6(cidr.to_string()).set_description(text);
            permission.ipv6_ranges(range.build())
        }
        Source::Cidr(cidr) => {
            let range = IpRange::builder().cidr_ip(cidr.to_string()).set_description(text);
            permission.ip_ranges(range.build())
        }
        Source::PrefixList(list) => {
            let list = PrefixListRange::builder().prefix_list_id(list.as_str());
            permission.prefix_list_ids(list.set_description(text).build())
        }
        Source::Group(group) => {
            let (owner, id) = match group.as_str().split_once('/') {
                Some((owner, id)) => (Some(owner.to_owned()), id),
                None => (None, group.as_str()),
            };
            let group = UserIdGroupPair::builder().group_id(id).set_user_id(owner);
            permission.user_id_group_pairs(group.set_description(text).build())
        }
        Source::Other(_) => return None,
    };
    Some(permission.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us() -> AccountId {
        AccountId::new("111122223333")
    }

    fn ssh() -> aws_sdk_ec2::types::builders::SecurityGroupRuleBuilder {
        SecurityGroupRule::builder()
            .security_group_rule_id("sgr-1")
            .group_id("sg-1")
            .group_owner_id("444455556666")
            .is_egress(false)
            .ip_protocol("tcp")
            .from_port(22)
            .to_port(22)
    }

    fn source_of(rule: aws_sdk_ec2::types::builders::SecurityGroupRuleBuilder) -> Source {
        read(rule.build(), &us()).unwrap().2.source
    }

    #[test]
    fn every_kind_of_source_is_read() {
        let world = |text: &str| Source::Cidr(text.parse().unwrap());
        assert_eq!(source_of(ssh().cidr_ipv4("0.0.0.0/0")), world("0.0.0.0/0"));
        assert_eq!(source_of(ssh().cidr_ipv6("::/0")), world("::/0"));
        let list = Source::PrefixList(PrefixListId::new("pl-1"));
        assert_eq!(source_of(ssh().prefix_list_id("pl-1")), list);
        let group = ReferencedSecurityGroup::builder().group_id("sg-2").build();
        let group = ssh().referenced_group_info(group);
        assert_eq!(source_of(group), Source::Group(GroupId::new("sg-2")));
        for (owner, name) in [("111122223333", "sg-2"), ("444455556666", "444455556666/sg-2")] {
            let group = ReferencedSecurityGroup::builder().group_id("sg-2").user_id(owner).build();
            let group = ssh().referenced_group_info(group);
            assert_eq!(source_of(group), Source::Group(GroupId::new(name)));
        }
        let odd = Source::Other("10.0.0.0/99".to_owned());
        assert_eq!(source_of(ssh().cidr_ipv4("10.0.0.0/99")), odd);
        assert!(matches!(source_of(ssh()), Source::Other(_)));
    }

    #[test]
    fn a_rule_without_its_essentials_is_none() {
        assert!(read(SecurityGroupRule::builder().group_id("sg-1").build(), &us()).is_none());
    }

    #[test]
    fn empty_words_and_tags_of_aws_are_left_out() {
        let tag = |key: &str| Tag::builder().key(key).value("v").build();
        let rule = ssh().description("").tags(tag("team")).tags(tag("aws:cloudformation:stack-id"));
        let (_, _, rule) = read(rule.build(), &us()).unwrap();
        assert_eq!(rule.description, None);
        assert_eq!(rule.owner, AccountId::new("444455556666"));
        assert_eq!(rule.tags, [("team".to_owned(), "v".to_owned())].into());
    }

    #[test]
    fn the_description_goes_where_the_source_is() {
        let rule = |source| GroupRule {
            id: None,
            traffic: Traffic::Tcp { from: 22, to: 22 },
            source,
            description: Some("why".to_owned()),
            tags: BTreeMap::new(),
        };
        let v6 = permission(&rule(Source::Cidr("::/0".parse().unwrap()))).unwrap();
        assert_eq!(v6.ipv6_ranges()[0].description(), Some("why"));
        assert!(v6.ip_ranges().is_empty());
        let group = permission(&rule(Source::Group(GroupId::new("sg-2")))).unwrap();
        assert_eq!(group.user_id_group_pairs()[0].group_id(), Some("sg-2"));
        assert_eq!(group.user_id_group_pairs()[0].user_id(), None);
        let peered = permission(&rule(Source::Group(GroupId::new("444455556666/sg-2")))).unwrap();
        let pair = &peered.user_id_group_pairs()[0];
        assert_eq!((pair.user_id(), pair.group_id()), (Some("444455556666"), Some("sg-2")));
        assert_eq!((group.from_port(), group.to_port()), (Some(22), Some(22)));
        assert!(permission(&rule(Source::Other("?".to_owned()))).is_none());
    }
}
