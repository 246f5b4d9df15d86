//! EC2: security groups, their rules, and what surrounds them. Reads only.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, SecurityGroup, SecurityGroupRule};

use super::{Clients, ServiceError, ec2_rule};
use crate::model::{
    AccountId, Action, DefaultGroup, Group, GroupId, Interface, InterfaceId, PrefixListId, Region,
    Rule, RuleId,
};

/// The most entries of a page. Pages cost far less of EC2's rate than calls without them.
const PAGE: i32 = 1000;
const PREFIX_LIST_PAGE: i32 = 100;

const RULES: &str = "ec2:DescribeSecurityGroupRules";

/// Every rule of every security group of a region.
pub(crate) async fn rules(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<GroupId, BTreeMap<RuleId, Rule>>, ServiceError> {
    by_group(list_rules(clients, region, None).await?, clients.account())
}

/// Every rule of one group, in both directions.
pub(crate) async fn rules_of_group(
    clients: &Clients,
    region: &Region,
    group: &GroupId,
) -> Result<BTreeMap<RuleId, Rule>, ServiceError> {
    let only = Filter::builder().name("group-id").values(group.as_str()).build();
    let mut groups = by_group(list_rules(clients, region, Some(only)).await?, clients.account())?;
    Ok(groups.remove(group).unwrap_or_default())
}

async fn list_rules(
    clients: &Clients,
    region: &Region,
    only: Option<Filter>,
) -> Result<Vec<SecurityGroupRule>, ServiceError> {
    clients
        .ec2(region)
        .call(RULES, |ec2| {
            let list = ec2.describe_security_group_rules().max_results(PAGE);
            let list = list.set_filters(only.map(|filter| vec![filter]));
            list.into_paginator().items().send().try_collect()
        })
        .await
}

fn by_group(
    rules: Vec<SecurityGroupRule>,
    account: &AccountId,
) -> Result<BTreeMap<GroupId, BTreeMap<RuleId, Rule>>, ServiceError> {
    let mut groups: BTreeMap<GroupId, BTreeMap<RuleId, Rule>> = BTreeMap::new();
    for rule in rules {
        // Half a rule must not pass for none.
        let (group, id, rule) = ec2_rule::read(rule, account).ok_or_else(|| {
            ServiceError::ours(Action::new(RULES), "a rule without its essentials")
        })?;
        groups.entry(group).or_default().insert(id, rule);
    }
    Ok(groups)
}

/// The ranges in a managed prefix list.
pub(crate) async fn prefix_list(
    clients: &Clients,
    region: &Region,
    list: &PrefixListId,
) -> Result<BTreeSet<String>, ServiceError> {
    let entries = clients
        .ec2(region)
        .call("ec2:GetManagedPrefixListEntries", |ec2| {
            let get = ec2.get_managed_prefix_list_entries().prefix_list_id(list.as_str());
            get.max_results(PREFIX_LIST_PAGE).into_paginator().items().send().try_collect()
        })
        .await?;
    let incomplete = || {
        let action = Action::new("ec2:GetManagedPrefixListEntries");
        ServiceError::ours(action, "an entry without a range")
    };
    entries.into_iter().map(|entry| entry.cidr.ok_or_else(incomplete)).collect()
}

/// The security groups of a region.
pub(crate) async fn groups(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<GroupId, Group>, ServiceError> {
    let groups = clients
        .ec2(region)
        .call("ec2:DescribeSecurityGroups", |ec2| {
            let list = ec2.describe_security_groups().max_results(PAGE);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    let group_of = |group: SecurityGroup| {
        let name = group.group_name.unwrap_or_default();
        Some((GroupId::new(group.group_id?), Group { name, vpc: group.vpc_id }))
    };
    Ok(groups.into_iter().filter_map(group_of).collect())
}

/// The name of the group that every VPC has from the start: AWS lets nobody give it to another.
const DEFAULT: &str = "default";

/// The groups that the VPCs of a region have from the start.
pub(crate) async fn default_groups(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<GroupId, DefaultGroup>, ServiceError> {
    const ACTION: &str = "ec2:DescribeSecurityGroups";
    let only = Filter::builder().name("group-name").values(DEFAULT).build();
    let groups: Vec<SecurityGroup> = clients
        .ec2(region)
        .call(ACTION, |ec2| {
            let list = ec2.describe_security_groups().max_results(PAGE).filters(only);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    // A group without its id or its owner must not pass for none.
    let half = || ServiceError::ours(Action::new(ACTION), "a default group without its essentials");
    groups
        .into_iter()
        .filter(|group| group.group_name() == Some(DEFAULT))
        .map(|group| default_group(group).ok_or_else(half))
        .collect()
}

fn default_group(group: SecurityGroup) -> Option<(GroupId, DefaultGroup)> {
    let owner = AccountId::new(group.owner_id?);
    Some((GroupId::new(group.group_id?), DefaultGroup { owner, vpc: group.vpc_id }))
}

/// The network interfaces of a region.
pub(crate) async fn interfaces(
    clients: &Clients,
    region: &Region,
) -> Result<BTreeMap<InterfaceId, Interface>, ServiceError> {
    let interfaces = clients
        .ec2(region)
        .call("ec2:DescribeNetworkInterfaces", |ec2| {
            let list = ec2.describe_network_interfaces().max_results(PAGE);
            list.into_paginator().items().send().try_collect()
        })
        .await?;
    Ok(interfaces.into_iter().filter_map(interface_of).collect())
}

fn interface_of(
    interface: aws_sdk_ec2::types::NetworkInterface,
) -> Option<(InterfaceId, Interface)> {
    let groups = interface.groups.unwrap_or_default();
    let attached = Interface {
        groups: groups.into_iter().filter_map(|group| group.group_id.map(GroupId::new)).collect(),
        instance: interface.attachment.and_then(|attachment| attachment.instance_id),
        description: interface.description.unwrap_or_default(),
    };
    Some((InterfaceId::new(interface.network_interface_id?), attached))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ErrorKind;
    use crate::aws::fake::{ec2_error, fake};

    fn page(rule: &str, next: &str) -> (u16, String) {
        let body = format!(
            "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet><item><securityGroupRuleId>{rule}</securityGroupRuleId>\
             <groupId>sg-1</groupId><groupOwnerId>111122223333</groupOwnerId><isEgress>false\
             </isEgress><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort>\
             <cidrIpv4>0.0.0.0/0</cidrIpv4></item></securityGroupRuleSet>{next}\
             </DescribeSecurityGroupRulesResponse>"
        );
        (200, body)
    }

    const MORE: &str = "<nextToken>more</nextToken>";

    fn is_second(request: &str) -> bool {
        request.contains("NextToken=more")
    }

    fn home() -> Region {
        Region::new("eu-west-1")
    }

    #[tokio::test]
    async fn pages_are_read_to_the_end() {
        let fake = fake(
            |request| {
                if is_second(request) { page("sgr-2", "") } else { page("sgr-1", MORE) }
            },
        );
        let rules = rules(&fake.clients, &home()).await.unwrap();
        assert_eq!(rules[&GroupId::new("sg-1")].len(), 2);
        assert_eq!(fake.requests("MaxResults=1000").len(), 2);
    }

    #[tokio::test]
    async fn what_breaks_off_in_the_middle_is_an_error() {
        let fake = fake(|request| {
            if is_second(request) {
                ec2_error(403, "UnauthorizedOperation", "You are not authorized.")
            } else {
                page("sgr-1", MORE)
            }
        });
        let error = rules(&fake.clients, &home()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Denied);
        assert_eq!(error.action, Action::new("ec2:DescribeSecurityGroupRules"));
    }

    #[tokio::test]
    async fn half_a_rule_is_an_error() {
        let fake = fake(|_| {
            let (status, page) = page("sgr-1", "");
            (status, page.replace("ipProtocol", "other"))
        });
        let error = rules(&fake.clients, &home()).await.unwrap_err();
        assert_eq!(error.to_string(), "a rule without its essentials");
    }

    fn default_group_of(fields: &str) -> (u16, String) {
        let name = "DescribeSecurityGroupsResponse";
        let item = format!("<item><groupName>default</groupName>{fields}</item>");
        (200, format!("<{name}><securityGroupInfo>{item}</securityGroupInfo></{name}>"))
    }

    #[tokio::test]
    async fn default_groups_are_asked_for_by_name() {
        let fields = "<groupId>sg-1</groupId><ownerId>444455556666</ownerId><vpcId>vpc-1</vpcId>";
        let fake = fake(move |_| default_group_of(fields));
        let groups = default_groups(&fake.clients, &home()).await.unwrap();
        let owner = AccountId::new("444455556666");
        let group = DefaultGroup { owner, vpc: Some("vpc-1".to_owned()) };
        assert_eq!(groups, [(GroupId::new("sg-1"), group)].into());
        assert_eq!(fake.requests("Filter.1.Name=group-name&Filter.1.Value.1=default").len(), 1);
    }

    #[tokio::test]
    async fn half_a_default_group_is_an_error() {
        for half in ["<groupId>sg-1</groupId>", "<ownerId>444455556666</ownerId>"] {
            let fake = fake(move |_| default_group_of(half));
            let error = default_groups(&fake.clients, &home()).await.unwrap_err();
            assert_eq!(error.action, Action::new("ec2:DescribeSecurityGroups"));
        }
    }

    #[tokio::test]
    async fn a_group_is_read_by_itself() {
        let fake = fake(|_| page("sgr-1", ""));
        let group = GroupId::new("sg-1");
        assert_eq!(rules_of_group(&fake.clients, &home(), &group).await.unwrap().len(), 1);
        assert_eq!(fake.requests("Filter.1.Name=group-id&Filter.1.Value.1=sg-1").len(), 1);
    }
}
