"""Security group rules: made from the permissions of a request, compared, and shown. On moto's own objects."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from . import moto_server
from .call import AwsError, Call, Params

ALL = "-1"

_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": ALL}
_WITH_PORTS = ("tcp", "udp")
_WITH_TYPES = ("icmp", "icmpv6")
_SHORTHAND = ("IpProtocol", "FromPort", "ToPort")


class Rule(SecurityGroupRule):
    """A rule whose description does not depend on what kind of source it has."""

    prefix_list_description: str | None = None

    @property
    def description(self) -> str | None:
        return self.ip_range.get("Description") or self.source_group.get("Description") or self.prefix_list_description


def permissions(call: Call) -> Iterator[Params]:
    """The permissions of a request, also of one that uses the older shorthand for a single one."""
    yield from call.params.get("IpPermissions") or []
    if "CidrIp" in call.params:
        ranges = [{"CidrIp": call.params["CidrIp"]}]
        yield {**{name: call.params[name] for name in _SHORTHAND if name in call.params}, "IpRanges": ranges}


def requested(call: Call, group: SecurityGroup) -> list[Rule]:
    """The rules that a request is about, one for each source: that is what rule ids are given to."""
    return [one for permission in permissions(call) for one in _of_permission(call, group, permission)]


def _of_permission(call: Call, group: SecurityGroup, permission: Params) -> Iterator[Rule]:
    for source in permission.get("IpRanges") or []:
        yield _rule(call, group, permission, source, ip_range={"CidrIp": canonical(source["CidrIp"], 4)})
    for source in permission.get("Ipv6Ranges") or []:
        yield _rule(call, group, permission, source, ip_range={"CidrIpv6": canonical(source["CidrIpv6"], 6)})
    for source in permission.get("UserIdGroupPairs") or []:
        yield _rule(call, group, permission, source, source_group=_peer(call, source))
    for source in permission.get("PrefixListIds") or []:
        yield _rule(call, group, permission, source, prefix_list_id={"PrefixListId": source["PrefixListId"]})


def _rule(call: Call, group: SecurityGroup, permission: Params, source: Params, **kind: Any) -> Rule:
    protocol, first, last = _protocol_and_ports(permission)
    made = Rule(
        ec2_backend=group.ec2_backend,
        ip_protocol=protocol,
        group_id=group.id,
        # moto's constructor cannot do without.
        from_port="-1",
        to_port="-1",
        ip_range=kind.get("ip_range"),
        source_group=kind.get("source_group"),
        prefix_list_id=kind.get("prefix_list_id"),
        is_egress=call.operation.endswith("Egress"),
    )
    made.from_port, made.to_port = first, last
    description = source.get("Description")
    if description is not None and made.prefix_list_id:
        made.prefix_list_description = description
    elif description is not None:
        # DescribeSecurityGroups shows it with the source.
        (made.ip_range or made.source_group)["Description"] = description
    return made


def _protocol_and_ports(permission: Params) -> tuple[str, int | None, int | None]:
    named = str(permission.get("IpProtocol", "")).lower()
    protocol = _PROTOCOLS.get(named, named)
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol in _WITH_PORTS and (first is None or last is None):
        message = "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        raise AwsError("InvalidParameterValue", message)
    if protocol in _WITH_TYPES:
        return protocol, -1 if first is None else first, -1 if last is None else last
    return (protocol, first, last) if protocol in _WITH_PORTS else (protocol, None, None)


def canonical(cidr: str, version: int) -> str:
    """The network of a CIDR: EC2 keeps no host bits."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version or "/" not in cidr:
        raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed")
    return str(network)


def _peer(call: Call, pair: Params) -> dict[str, str]:
    owner = pair.get("UserId", call.account)
    backend = moto_server.state("ec2", owner, call.region)
    name = pair.get("GroupId") or pair.get("GroupName") or ""
    group = backend.get_security_group_by_name_or_id(name)
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return {"UserId": owner, "OwnerId": owner, "GroupId": group.id}


def identity(one: Any) -> tuple[Any, ...]:
    """What makes two rules the same one. The description does not."""
    peer = one.source_group.get("GroupId")
    return (one.ip_protocol, one.from_port, one.to_port, one.cidr_ipv4, one.cidr_ipv6, one.prefix_list_id, peer)


def shown(one: Any) -> Params:
    """A rule as DescribeSecurityGroupRules shows it."""
    return {
        "SecurityGroupRuleId": one.id,
        "GroupId": one.group_id,
        "GroupOwnerId": one.owner_id,
        "IsEgress": one.is_egress,
        "IpProtocol": one.ip_protocol,
        "FromPort": -1 if one.from_port is None else one.from_port,
        "ToPort": -1 if one.to_port is None else one.to_port,
        "CidrIpv4": one.cidr_ipv4,
        "CidrIpv6": one.cidr_ipv6,
        "PrefixListId": one.prefix_list_id,
        "ReferencedGroupInfo": one.referenced_group_info,
        "Description": one.description,
        "Tags": one.get_tags(),
    }


def shown_revoked(one: Any) -> Params:
    """A rule as the answer to its revocation shows it."""
    return {**shown(one), "ReferencedGroupId": one.source_group.get("GroupId")}


def in_words(one: Any) -> str:
    """A rule as refusals word it."""
    peer = one.cidr_ipv4 or one.cidr_ipv6 or one.prefix_list_id or one.source_group.get("GroupId")
    ports = "" if one.from_port is None else f", from port: {one.from_port}, to port: {one.to_port}"
    return f'"peer: {peer}, {str(one.ip_protocol).upper()}{ports}, ALLOW"'
