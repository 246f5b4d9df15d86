"""EC2: security groups, pages, flow logs."""

from __future__ import annotations

import json
from typing import Any

from .lab import OTHER_REGION, Lab, check, flat, pages, refused, same

WORLD = "0.0.0.0/0"


def permission(cidr: str = WORLD, port: int = 22, **more: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr, **more}]}


def group(lab: Lab, name: str = "web", vpc: bool = False) -> str:
    """A group in the default VPC, or in a VPC of its own."""
    ec2 = lab.client("ec2")
    where = {"VpcId": ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]} if vpc else {}
    return ec2.create_security_group(GroupName=name, Description=name, **where)["GroupId"]


def rules(lab: Lab, group_id: str, egress: bool = False) -> list[dict[str, Any]]:
    filters = [{"Name": "group-id", "Values": [group_id]}]
    found = flat(
        pages(
            lab.client("ec2").describe_security_group_rules,
            "SecurityGroupRules",
            "NextToken",
            "NextToken",
            Filters=filters,
        )
    )
    return [one for one in found if one["IsEgress"] == egress]


@check
def pages_are_small_and_whole(lab: Lab) -> None:
    ec2 = lab.client("ec2")
    ids = {ec2.create_security_group(GroupName=f"g{n}", Description="x")["GroupId"] for n in range(11)}
    found = pages(ec2.describe_security_groups, "SecurityGroups", "NextToken", "NextToken", MaxResults=1000)
    assert len(found) == 3, [len(one) for one in found]
    assert ids <= {one["GroupId"] for one in flat(found)}
    same(len(ec2.describe_security_groups(GroupIds=sorted(ids))["SecurityGroups"]), 11)
    one_page = ec2.describe_security_groups(MaxResults=5)
    token = one_page["NextToken"]
    again = [ec2.describe_security_groups(NextToken=token)["SecurityGroups"] for _ in range(2)]
    same(again[0], again[1])
    refused("InvalidNextToken", ec2.describe_security_groups, NextToken="garbage")
    refused("InvalidNextToken", ec2.describe_security_group_rules, NextToken=token)
    refused("InvalidParameterValue", ec2.describe_security_groups, MaxResults=4)


@check
def pages_of_everything_else(lab: Lab) -> None:
    ec2 = lab.client("ec2")
    for number in range(5):
        ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")
    assert len(pages(ec2.describe_vpcs, "Vpcs", "NextToken", "NextToken")) == 3
    entries = [{"Cidr": f"10.{number}.0.0/16"} for number in range(5)]
    prefix = ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=9, AddressFamily="IPv4", Entries=entries)
    identifier = prefix["PrefixList"]["PrefixListId"]
    found = pages(ec2.get_managed_prefix_list_entries, "Entries", "NextToken", "NextToken", PrefixListId=identifier)
    same([len(one) for one in found], [2, 2, 1])
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for _ in range(7):
        ec2.create_network_interface(SubnetId=subnet)
    assert len(pages(ec2.describe_network_interfaces, "NetworkInterfaces", "NextToken", "NextToken")) == 2
    for name, expected in (("default", 5), ("none-such", 0)):
        filters = [{"Name": "group-name", "Values": [name]}]
        same(len(ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]), expected)


@check
def default_group_lets_itself_in(lab: Lab) -> None:
    ec2 = lab.client("ec2", OTHER_REGION)
    filters = [{"Name": "group-name", "Values": ["default"]}]
    (found,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    (ingress,) = found["IpPermissions"]
    same(ingress["IpProtocol"], "-1")
    same([one["GroupId"] for one in ingress["UserIdGroupPairs"]], [found["GroupId"]])
    same(len(found["IpPermissionsEgress"]), 1)
    every = ec2.describe_security_group_rules()["SecurityGroupRules"]
    (own,) = [one for one in every if not one["IsEgress"]]
    same(own["ReferencedGroupInfo"]["GroupId"], found["GroupId"])
    same((own["FromPort"], own["ToPort"], own["GroupOwnerId"]), (-1, -1, lab.account))
    ec2.revoke_security_group_ingress(GroupId=found["GroupId"], SecurityGroupRuleIds=[own["SecurityGroupRuleId"]])
    (again,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    same(again["IpPermissions"], [])
    refused("CannotDelete", ec2.delete_security_group, GroupId=found["GroupId"])


@check
def rules_are_canonical_and_keep_what_they_are_told(lab: Lab) -> None:
    ec2, identifier = lab.client("ec2"), group(lab)
    tags = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "ticket", "Value": "7"}]}]
    made = ec2.authorize_security_group_ingress(
        GroupId=identifier,
        IpPermissions=[
            permission("100.68.0.18/18", Description="office"),
            {
                "IpProtocol": "6",
                "FromPort": 443,
                "ToPort": 443,
                "Ipv6Ranges": [{"CidrIpv6": "2001:DB8::1/32", "Description": "v6"}],
            },
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": identifier, "Description": "peers"}]},
        ],
        TagSpecifications=tags,
    )["SecurityGroupRules"]
    same(len(made), 3)
    by_id = {one["SecurityGroupRuleId"]: one for one in rules(lab, identifier)}
    shown = [by_id[one["SecurityGroupRuleId"]] for one in made]
    same([one.get("CidrIpv4") for one in shown], ["100.68.0.0/18", None, None])
    same(shown[1]["CidrIpv6"], "2001:db8::/32")
    same(shown[1]["IpProtocol"], "tcp")
    same([one["Description"] for one in shown], ["office", "v6", "peers"])
    same([one["Tags"] for one in shown], [tags[0]["Tags"]] * 3)
    same([one["Description"] for one in made], ["office", "v6", "peers"])


@check
def duplicates_are_refused_whole(lab: Lab) -> None:
    ec2, identifier = lab.client("ec2"), group(lab)
    ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=[permission(port=22)])
    several = [permission(port=80), permission(port=22, Description="another")]
    refused(
        "InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=identifier, IpPermissions=several
    )
    same([one["FromPort"] for one in rules(lab, identifier)], [22])


@check
def revoking_by_id_is_all_or_nothing(lab: Lab) -> None:
    ec2, identifier = lab.client("ec2"), group(lab, vpc=True)
    made = ec2.authorize_security_group_ingress(
        GroupId=identifier, IpPermissions=[permission(port=port) for port in (22, 3389)]
    )
    ids = [one["SecurityGroupRuleId"] for one in made["SecurityGroupRules"]]
    unknown = "sgr-00000000000000000"
    refused(
        "InvalidSecurityGroupRuleId.NotFound",
        ec2.revoke_security_group_ingress,
        GroupId=identifier,
        SecurityGroupRuleIds=[ids[0], unknown],
    )
    same(len(rules(lab, identifier)), 2)
    refused(
        "DryRunOperation", ec2.revoke_security_group_ingress, GroupId=identifier, SecurityGroupRuleIds=ids, DryRun=True
    )
    revoked = ec2.revoke_security_group_ingress(GroupId=identifier, SecurityGroupRuleIds=ids)
    same(revoked["Return"], True)
    same([one["SecurityGroupRuleId"] for one in revoked["RevokedSecurityGroupRules"]], ids)
    same(revoked["RevokedSecurityGroupRules"][0]["CidrIpv4"], WORLD)
    same(rules(lab, identifier), [])
    (out,) = rules(lab, identifier, egress=True)
    gone = ec2.revoke_security_group_egress(GroupId=identifier, SecurityGroupRuleIds=[out["SecurityGroupRuleId"]])
    same(gone["RevokedSecurityGroupRules"][0]["IsEgress"], True)


@check
def revoking_by_properties_is_a_trap(lab: Lab) -> None:
    ec2 = lab.client("ec2")
    in_default, in_other = group(lab), group(lab, "other", vpc=True)
    answer = ec2.revoke_security_group_ingress(GroupId=in_default, IpPermissions=[permission()])
    same(len(answer["UnknownIpPermissions"]), 1)
    refused(
        "InvalidPermission.NotFound", ec2.revoke_security_group_ingress, GroupId=in_other, IpPermissions=[permission()]
    )
    ec2.authorize_security_group_ingress(GroupId=in_other, IpPermissions=[permission(Description="x")])
    same(
        len(
            ec2.revoke_security_group_ingress(GroupId=in_other, IpPermissions=[permission()])[
                "RevokedSecurityGroupRules"
            ]
        ),
        1,
    )


@check
def sixty_rules_of_each_family(lab: Lab) -> None:
    ec2, identifier = lab.client("ec2"), group(lab)
    ranges = [{"CidrIp": f"10.0.{number}.0/24"} for number in range(60)]
    tcp = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=[{**tcp, "IpRanges": ranges}])
    refused(
        "RulesPerSecurityGroupLimitExceeded",
        ec2.authorize_security_group_ingress,
        GroupId=identifier,
        IpPermissions=[permission()],
    )
    six = [{"CidrIpv6": f"2001:db8:{number}::/48"} for number in range(60)]
    ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=[{**tcp, "Ipv6Ranges": six}])
    one_more = [{**tcp, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]
    refused(
        "RulesPerSecurityGroupLimitExceeded",
        ec2.authorize_security_group_ingress,
        GroupId=identifier,
        IpPermissions=one_more,
    )
    found = pages(
        ec2.describe_security_group_rules,
        "SecurityGroupRules",
        "NextToken",
        "NextToken",
        Filters=[{"Name": "group-id", "Values": [identifier]}],
    )
    same(len(flat(found)), 121)
    assert all(len(one) <= 5 for one in found)


@check
def other_protocols_and_modification(lab: Lab) -> None:
    ec2, identifier = lab.client("ec2"), group(lab)
    icmp = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": 22, "IpRanges": [{"CidrIp": WORLD}]}
    esp = {"IpProtocol": "50", "IpRanges": [{"CidrIp": WORLD}]}
    both = ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=[icmp, esp])["SecurityGroupRules"]
    same([(one["IpProtocol"], one["FromPort"], one["ToPort"]) for one in both], [("icmp", 8, 22), ("50", -1, -1)])
    (ssh,) = ec2.authorize_security_group_ingress(GroupId=identifier, IpPermissions=[permission()])[
        "SecurityGroupRules"
    ]
    change = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIpv4": "192.0.2.77/24"}
    ec2.modify_security_group_rules(
        GroupId=identifier,
        SecurityGroupRules=[{"SecurityGroupRuleId": ssh["SecurityGroupRuleId"], "SecurityGroupRule": change}],
    )
    (found,) = [one for one in rules(lab, identifier) if one["SecurityGroupRuleId"] == ssh["SecurityGroupRuleId"]]
    same(found["CidrIpv4"], "192.0.2.0/24")
    shorthand = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": WORLD}
    same(len(ec2.authorize_security_group_ingress(GroupId=identifier, **shorthand)["SecurityGroupRules"]), 1)


@check
def flow_logs(lab: Lab) -> None:
    ec2, iam = lab.client("ec2"), lab.client("iam")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    arn = f"arn:aws:iam::{lab.account}:role/flow"
    destination = f"arn:aws:logs:us-east-1:{lab.account}:log-group:flow"
    wanted = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestination": destination,
        "DeliverLogsPermissionArn": arn,
    }
    refused("InvalidParameter", ec2.create_flow_logs, **wanted)
    trust = {"Effect": "Allow", "Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="flow", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    refused("InvalidParameter", ec2.create_flow_logs, LogGroupName="flow", **wanted)
    may = {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}
    iam.put_role_policy(
        RoleName="flow", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [may]})
    )
    made = ec2.create_flow_logs(**wanted)
    same((len(made["FlowLogIds"]), made["Unsuccessful"]), (1, []))
    (shown,) = ec2.describe_flow_logs()["FlowLogs"]
    same((shown["DeliverLogsStatus"], shown["LogGroupName"]), ("SUCCESS", "flow"))
    again = ec2.create_flow_logs(**wanted)
    same([one["Error"]["Code"] for one in again["Unsuccessful"]], ["FlowLogAlreadyExists"])
    by_name = {name: value for name, value in wanted.items() if name != "LogDestination"}
    again = ec2.create_flow_logs(LogGroupName="flow", **by_name)
    same([one["Error"]["Code"] for one in again["Unsuccessful"]], ["FlowLogAlreadyExists"])
    absent = {
        "ResourceIds": [vpc],
        "ResourceType": "VPC",
        "TrafficType": "ALL",
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::none-such",
    }
    same(len(ec2.create_flow_logs(**absent)["Unsuccessful"]), 1)
    (identifier,) = made["FlowLogIds"]
    gone = ec2.delete_flow_logs(FlowLogIds=[identifier, "fl-00000000000000000"])["Unsuccessful"]
    same([one["Error"]["Code"] for one in gone], ["InvalidFlowLogId.NotFound"])
    same(ec2.describe_flow_logs()["FlowLogs"], [])
    same(len(ec2.delete_flow_logs(FlowLogIds=[identifier])["Unsuccessful"]), 1)
    first = ec2.create_flow_logs(ClientToken="once", **wanted)
    again = ec2.create_flow_logs(ClientToken="once", **wanted)
    same((again["FlowLogIds"], again["Unsuccessful"]), (first["FlowLogIds"], []))
    same(len(ec2.describe_flow_logs()["FlowLogs"]), 1)
    lab.configure(shared_vpcs={vpc: "444455556666"})
    same(ec2.describe_vpcs()["Vpcs"][0]["OwnerId"], "444455556666")
