"""Security group rules as EC2 keeps them: canonical, all or nothing, with ids, descriptions and tags.

moto adds and removes rules one by one, compares them by their description, forgets the descriptions of half of them
and counts both address families together, so authorising and revoking are done here, on moto's objects.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Optional

from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupBackend, SecurityGroupRule

from .. import moto_server
from ..call import Answer, AwsError, Call, Params, Proceed
from ..rulebook import rule

_LIMIT = 60
_ALL = "-1"
_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": _ALL}
_WITH_PORTS = ("tcp", "udp")
_SHORTHAND = ("IpProtocol", "FromPort", "ToPort")
_NOT_FOUND = ("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")


class Rule(SecurityGroupRule):
    """A rule whose description does not depend on what kind of source it has."""

    prefix_list_description: Optional[str] = None

    @property
    def description(self) -> Optional[str]:
        return self.ip_range.get("Description") or self.source_group.get("Description") or self.prefix_list_description


@rule("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def _authorize(call: Call, _: Proceed) -> Answer:
    group, rules = _group(call), _rules(call)
    _refuse_dry_run(call)
    tags = _tags(call)
    added: list[Rule] = []
    for permission in _permissions(call):
        for new in _sources(call, group, permission):
            new.add_tags(tags)
            if any(_identity(new) == _identity(other) for other in [*rules, *added]):
                raise AwsError("InvalidPermission.Duplicate", f"the specified rule {_in_words(new)} already exists")
            added.append(new)
    if not added:
        raise AwsError("InvalidRequest", "The request received was invalid.")
    _check_limit([*rules, *added])
    rules.extend(added)
    return Answer(call, data={"Return": True, "SecurityGroupRules": [_shown(new) for new in added]})


@rule("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def _revoke(call: Call, _: Proceed) -> Answer:
    group, rules = _group(call), _rules(call)
    _refuse_dry_run(call)
    if call.params.get("SecurityGroupRuleIds"):
        revoked = _by_id(call.params["SecurityGroupRuleIds"], rules)
    else:
        revoked = _by_properties(call, group, rules)
        if revoked is None and _in_default_vpc(call, group):
            # The trap of revoking by properties: this is a success that revokes nothing.
            return Answer(call, data={"Return": True, "UnknownIpPermissions": list(_permissions(call))})
        if revoked is None:
            raise AwsError(*_NOT_FOUND)
    rules[:] = [kept for kept in rules if kept not in revoked]
    return Answer(call, data={"Return": True, "RevokedSecurityGroupRules": [_shown_revoked(gone) for gone in revoked]})


@rule("ec2", "DescribeSecurityGroupRules")
def _describe(call: Call, proceed: Proceed) -> Answer:
    answer = proceed()
    for shown in answer.data["SecurityGroupRules"]:
        shown["GroupOwnerId"] = call.account
    return answer


@rule("ec2", "ModifySecurityGroupRules")
def _modify(call: Call, proceed: Proceed) -> Answer:
    changes = {one["SecurityGroupRuleId"]: one["SecurityGroupRule"] for one in call.params["SecurityGroupRules"]}
    for change in changes.values():
        for member, version in (("CidrIpv4", 4), ("CidrIpv6", 6)):
            if member in change:
                change[member] = _canonical(change[member], version)
    call.edited = True
    answer = proceed()
    group = _group(call)
    for identifier, change in changes.items():
        if "CidrIpv6" in change:  # moto accepts it and does nothing
            group.get_rule(identifier).ip_range["CidrIpv6"] = change["CidrIpv6"]
    return answer


@rule("ec2", "DeleteSecurityGroup")
def _delete(call: Call, proceed: Proceed) -> Answer:
    backend = moto_server.state("ec2", call.account, call.region)
    group = backend.get_security_group_by_name_or_id(call.params.get("GroupId") or call.params.get("GroupName") or "")
    if group is not None and group.is_default:
        raise AwsError("CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user')
    if group is not None and _is_used(backend, group):
        raise AwsError("DependencyViolation", f"resource {group.id} has a dependent object")
    return proceed()


def _let_default_groups_in() -> None:
    """Makes new default groups accept everything from themselves, in every VPC, from its first moment."""
    create = SecurityGroupBackend.create_security_group

    def create_as_aws(backend: SecurityGroupBackend, *arguments: Any, **named: Any) -> SecurityGroup:
        group = create(backend, *arguments, **named)
        if group.is_default:
            itself = {"GroupId": group.id, "UserId": group.owner_id, "OwnerId": group.owner_id}
            group.ingress_rules.append(Rule(backend, _ALL, group.id, None, None, None, itself, is_egress=False))
        return group

    SecurityGroupBackend.create_security_group = create_as_aws  # type: ignore[method-assign]


_let_default_groups_in()


def _group(call: Call) -> SecurityGroup:
    backend = moto_server.state("ec2", call.account, call.region)
    name = call.params.get("GroupId") or call.params.get("GroupName")
    if not name:
        raise AwsError("MissingParameter", "The request must contain the parameter groupName or groupId")
    group = backend.get_security_group_by_name_or_id(name)
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return group


def _rules(call: Call) -> list[Any]:
    group = _group(call)
    return group.egress_rules if call.operation.endswith("Egress") else group.ingress_rules


def _refuse_dry_run(call: Call) -> None:
    if call.params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def _tags(call: Call) -> dict[str, str]:
    specifications = call.params.get("TagSpecifications") or []
    wanted = [one for one in specifications if one["ResourceType"] == "security-group-rule"]
    return {tag["Key"]: tag.get("Value", "") for one in wanted for tag in one["Tags"]}


def _permissions(call: Call) -> Iterator[Params]:
    """The permissions of a request, also of one that uses the older shorthand for a single one."""
    yield from call.params.get("IpPermissions") or []
    if "CidrIp" in call.params:
        ranges = [{"CidrIp": call.params["CidrIp"]}]
        yield {**{name: call.params[name] for name in _SHORTHAND if name in call.params}, "IpRanges": ranges}


def _sources(call: Call, group: SecurityGroup, permission: Params) -> Iterator[Rule]:
    """A rule for each source of a permission: that is what rule ids are given to."""
    for one in permission.get("IpRanges") or []:
        yield _rule(call, group, permission, one, ip_range={"CidrIp": _canonical(one["CidrIp"], 4)})
    for one in permission.get("Ipv6Ranges") or []:
        yield _rule(call, group, permission, one, ip_range={"CidrIpv6": _canonical(one["CidrIpv6"], 6)})
    for one in permission.get("UserIdGroupPairs") or []:
        yield _rule(call, group, permission, one, source_group=_peer(call, one))
    for one in permission.get("PrefixListIds") or []:
        yield _rule(call, group, permission, one, prefix_list_id={"PrefixListId": one["PrefixListId"]})


def _rule(call: Call, group: SecurityGroup, permission: Params, source: Params, **kind: Any) -> Rule:
    named = str(permission.get("IpProtocol", "")).lower()
    protocol = _PROTOCOLS.get(named, named)
    first, last = permission.get("FromPort"), permission.get("ToPort")
    if protocol in _WITH_PORTS and (first is None or last is None):
        message = "Invalid value for portRange. Must specify both from and to ports with TCP/UDP."
        raise AwsError("InvalidParameterValue", message)
    if protocol not in (*_WITH_PORTS, "icmp", "icmpv6"):
        first = last = -1
    ports = (-1 if first is None else first, -1 if last is None else last)
    egress = call.operation.endswith("Egress")
    new = Rule(group.ec2_backend, protocol, group.id, *ports, kind.pop("ip_range", None), is_egress=egress, **kind)
    if protocol not in (*_WITH_PORTS, "icmp", "icmpv6"):
        new.from_port = new.to_port = None
    _describe_rule(new, source.get("Description"))
    return new


def _describe_rule(new: Rule, description: Optional[str]) -> None:
    """Keeps a description where moto looks for it: in the source, if that is a dictionary."""
    if description is None:
        return
    if new.prefix_list_id:
        new.prefix_list_description = description
    else:
        (new.ip_range or new.source_group)["Description"] = description


def _canonical(cidr: str, version: int) -> str:
    """EC2 keeps networks, whatever host bits it is given."""
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version or "/" not in cidr:
        raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed")
    return str(network)


def _peer(call: Call, pair: Params) -> dict[str, str]:
    owner = pair.get("UserId", call.account)
    peer = {"UserId": owner, "OwnerId": owner}
    backend = moto_server.state("ec2", owner, call.region)
    group = backend.get_security_group_by_name_or_id(pair.get("GroupId") or pair.get("GroupName") or "")
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{pair.get('GroupId')}' does not exist")
    return {**peer, "GroupId": group.id}


def _identity(one: Any) -> tuple[Any, ...]:
    """What makes two rules the same one. The description does not."""
    peer = (one.source_group or {}).get("GroupId")
    return (one.ip_protocol, one.from_port, one.to_port, one.cidr_ipv4, one.cidr_ipv6, one.prefix_list_id, peer)


def _check_limit(rules: list[Any]) -> None:
    """Each address family has its own limit; rules without an address count in both."""
    ipv4 = sum(one.cidr_ipv6 is None for one in rules)
    ipv6 = sum(one.cidr_ipv4 is None for one in rules)
    if max(ipv4, ipv6) > _LIMIT:
        message = "The maximum number of rules per security group has been reached."
        raise AwsError("RulesPerSecurityGroupLimitExceeded", message)


def _by_id(identifiers: list[str], rules: list[Any]) -> list[Any]:
    known = {one.id: one for one in rules}
    for identifier in identifiers:
        if identifier not in known:
            message = f"The security group rule ID '{identifier}' does not exist"
            raise AwsError("InvalidSecurityGroupRuleId.NotFound", message)
    return [known[identifier] for identifier in identifiers]


def _by_properties(call: Call, group: SecurityGroup, rules: list[Any]) -> Optional[list[Any]]:
    """The rules that a request describes; None if one of them is not there."""
    known = {_identity(one): one for one in rules}
    wanted = [_identity(one) for permission in _permissions(call) for one in _sources(call, group, permission)]
    return [known[one] for one in wanted] if all(one in known for one in wanted) else None


def _in_default_vpc(call: Call, group: SecurityGroup) -> bool:
    vpc = moto_server.state("ec2", call.account, call.region).vpcs.get(group.vpc_id)
    return vpc is not None and vpc.is_default


def _is_used(backend: Any, group: SecurityGroup) -> bool:
    attached = any(group in interface.group_set for interface in backend.enis.values())
    others = [other for groups in backend.groups.values() for other in groups.values() if other is not group]
    referring = (one for other in others for one in [*other.ingress_rules, *other.egress_rules])
    return attached or any((one.source_group or {}).get("GroupId") == group.id for one in referring)


def _shown(one: Any) -> Params:
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


def _shown_revoked(one: Any) -> Params:
    shown = _shown(one)
    shown["ReferencedGroupId"] = (shown.pop("ReferencedGroupInfo") or {}).get("GroupId")
    return shown


def _in_words(one: Any) -> str:
    peer = one.cidr_ipv4 or one.cidr_ipv6 or one.prefix_list_id or one.source_group.get("GroupId")
    ports = "" if one.from_port is None else f", from port: {one.from_port}, to port: {one.to_port}"
    return f'"peer: {peer}, {str(one.ip_protocol).upper()}{ports}, ALLOW"'
