"""Security groups as EC2 keeps them: rules are canonical, all or nothing, and have ids, descriptions and tags.

moto adds and removes rules one by one, compares them by their description, forgets the descriptions of half of them
and counts both address families together, so authorising and revoking are done here.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupBackend

from .. import moto_server, security_rules
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule
from ..security_rules import Rule, identity

_LIMIT = 60


@rule("ec2", "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress")
def _authorize(call: Call, _: Proceed) -> Answer:
    group = _group(call)
    rules = _rules(call, group)
    _refuse_dry_run(call)
    added = security_rules.requested(call, group)
    if not added:
        raise AwsError("InvalidRequest", "The request received was invalid.")
    known = [identity(one) for one in rules]
    for one in added:
        if identity(one) in known:
            message = f"the specified rule {security_rules.in_words(one)} already exists"
            raise AwsError("InvalidPermission.Duplicate", message)
        known.append(identity(one))
    _check_limit([*rules, *added])
    for one in added:
        one.add_tags(_tags(call))
    rules.extend(added)
    return Answer(call, data={"Return": True, "SecurityGroupRules": [security_rules.shown(one) for one in added]})


@rule("ec2", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress")
def _revoke(call: Call, _: Proceed) -> Answer:
    group = _group(call)
    rules = _rules(call, group)
    _refuse_dry_run(call)
    if call.params.get("SecurityGroupRuleIds"):
        revoked = _by_id(call.params["SecurityGroupRuleIds"], rules)
    else:
        known = {identity(one): one for one in rules}
        wanted = [identity(one) for one in security_rules.requested(call, group)]
        if not all(one in known for one in wanted):
            return _revoke_unknown(call, group)
        revoked = [known[one] for one in wanted]
    gone = {one.id for one in revoked}
    rules[:] = [one for one in rules if one.id not in gone]
    shown = [security_rules.shown_revoked(one) for one in revoked]
    return Answer(call, data={"Return": True, "RevokedSecurityGroupRules": shown})


def _revoke_unknown(call: Call, group: SecurityGroup) -> Answer:
    """The trap of revoking by properties: in a default VPC, a mismatch is a success that revokes nothing."""
    vpc = moto_server.state("ec2", call.account, call.region).vpcs.get(group.vpc_id)
    if vpc is None or not vpc.is_default:
        message = "The specified rule does not exist in this security group."
        raise AwsError("InvalidPermission.NotFound", message)
    return Answer(call, data={"Return": True, "UnknownIpPermissions": list(security_rules.permissions(call))})


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
                change[member] = security_rules.canonical(change[member], version)
    call.edited = True
    answer = proceed()
    group = _group(call)
    for one in [*group.ingress_rules, *group.egress_rules]:
        if "CidrIpv6" in changes.get(one.id, {}):
            # moto accepts it and does nothing.
            one.ip_range["CidrIpv6"] = changes[one.id]["CidrIpv6"]
    return answer


@rule("ec2", "DescribeNetworkInterfaces")
def _interfaces(call: Call, proceed: Proceed) -> Answer:
    for wanted in call.params.get("Filters") or []:
        if wanted["Name"] == "group-name":
            # moto filters by the ids of groups only.
            groups = moto_server.state("ec2", call.account, call.region).describe_security_groups()
            named = [group.id for group in groups if group.name in wanted["Values"]]
            wanted.update(Name="group-id", Values=named or ["sg-none"])
            call.edited = True
    return proceed()


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
    """Makes default groups accept everything from themselves, in every VPC, from the moment they are made."""
    create = SecurityGroupBackend.create_security_group

    def create_as_aws(backend: SecurityGroupBackend, *arguments: Any, **named: Any) -> SecurityGroup:
        group = create(backend, *arguments, **named)
        if group.is_default:
            itself = {"GroupId": group.id, "UserId": group.owner_id, "OwnerId": group.owner_id}
            ingress = Rule(backend, security_rules.ALL, group.id, None, None, None, itself, is_egress=False)
            group.ingress_rules.append(ingress)
        return group

    # A VPC is also made without any call for one: the default VPC, when a region is first used.
    SecurityGroupBackend.create_security_group = create_as_aws  # type: ignore[method-assign,assignment]


_let_default_groups_in()


def _group(call: Call) -> SecurityGroup:
    name = call.params.get("GroupId") or call.params.get("GroupName")
    if not name:
        raise AwsError("MissingParameter", "The request must contain the parameter groupName or groupId")
    group = moto_server.state("ec2", call.account, call.region).get_security_group_by_name_or_id(name)
    if group is None:
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
    return group


def _rules(call: Call, group: SecurityGroup) -> list[Any]:
    """moto's own list, so that it can be changed."""
    return group.egress_rules if call.operation.endswith("Egress") else group.ingress_rules


def _refuse_dry_run(call: Call) -> None:
    if call.params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def _tags(call: Call) -> dict[str, str]:
    specifications = call.params.get("TagSpecifications") or []
    wanted = [one for one in specifications if one["ResourceType"] == "security-group-rule"]
    return {tag["Key"]: tag.get("Value", "") for one in wanted for tag in one["Tags"]}


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


def _is_used(backend: Any, group: SecurityGroup) -> bool:
    attached = any(group in interface.group_set for interface in backend.enis.values())
    others = [other for groups in backend.groups.values() for other in groups.values() if other is not group]
    referring = (one for other in others for one in [*other.ingress_rules, *other.egress_rules])
    return attached or any(one.source_group.get("GroupId") == group.id for one in referring)
