"""Pages, where AWS pages: small ones, so that a handful of resources already takes several.

Whoever stops after the first page, or believes that a page is full before the last, fails here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from .call import Answer, AwsError, Call, Proceed
from .rulebook import rule


@dataclass(frozen=True)
class Style:
    """How a service names the parts of paging. Service-wide, so that the table below is short."""

    bad_token: tuple[str, str]
    bad_limit: str = ""
    # None where the caller has no say in how long a page is.
    limit: str | None = "MaxResults"
    token_in: str = "NextToken"
    token_out: str = "NextToken"
    # The flag that says there is more; None where the token alone says it.
    more: str | None = None
    least: int = 1
    most: int = 1000


@dataclass(frozen=True)
class Paged:
    """One operation: the lists in its output that share its pages, and the size of a page."""

    style: Style
    lists: tuple[str, ...]
    size: int
    most: int | None = None
    # Inputs that name the resources wanted: AWS then returns all of them at once.
    whole_if: tuple[str, ...] = ()
    # AWS may answer with an empty page and a token, and Organizations does.
    starts_empty: bool = False


_IAM = Style(
    limit="MaxItems",
    token_in="Marker",
    token_out="Marker",
    more="IsTruncated",
    bad_token=("ValidationError", "Invalid Marker."),
    bad_limit="ValidationError",
)
_EC2 = Style(
    least=5,
    bad_token=("InvalidNextToken", "The token provided is not valid."),
    bad_limit="InvalidParameterValue",
)
_EC2_FROM_1 = replace(_EC2, least=1)
_KMS = Style(
    limit="Limit",
    token_in="Marker",
    token_out="NextMarker",
    more="Truncated",
    bad_token=("InvalidMarkerException", "The marker is not valid."),
    bad_limit="ValidationException",
)
_LOGS = Style(
    limit="limit",
    token_in="nextToken",
    token_out="nextToken",
    most=50,
    bad_token=("InvalidParameterException", "The specified nextToken is invalid."),
    bad_limit="InvalidParameterException",
)
_CLOUDWATCH = Style(
    limit="MaxRecords",
    most=100,
    bad_token=("InvalidNextToken", "The next token specified is invalid."),
    bad_limit="ValidationError",
)
_SNS = Style(limit=None, bad_token=("InvalidParameter", "Invalid parameter: NextToken"))
_CLOUDTRAIL = Style(limit=None, bad_token=("InvalidNextTokenException", "Invalid token."))
_ORGANIZATIONS = Style(
    most=20,
    bad_token=("InvalidInputException", "You specified an invalid value for nextToken."),
    bad_limit="InvalidInputException",
)
_ACCOUNT = Style(most=50, bad_token=("ValidationException", "Invalid token."), bad_limit="ValidationException")

PAGED: dict[tuple[str, str], Paged] = {
    ("account", "ListRegions"): Paged(_ACCOUNT, ("Regions",), 10),
    ("cloudtrail", "ListTrails"): Paged(_CLOUDTRAIL, ("Trails",), 2),
    ("cloudwatch", "DescribeAlarms"): Paged(_CLOUDWATCH, ("MetricAlarms", "CompositeAlarms"), 5),
    ("ec2", "DescribeFlowLogs"): Paged(_EC2_FROM_1, ("FlowLogs",), 2, whole_if=("FlowLogIds",)),
    ("ec2", "DescribeManagedPrefixLists"): Paged(_EC2_FROM_1, ("PrefixLists",), 2, 100, ("PrefixListIds",)),
    ("ec2", "DescribeNetworkInterfaces"): Paged(_EC2, ("NetworkInterfaces",), 5, whole_if=("NetworkInterfaceIds",)),
    ("ec2", "DescribeSecurityGroupRules"): Paged(_EC2, ("SecurityGroupRules",), 5, whole_if=("SecurityGroupRuleIds",)),
    ("ec2", "DescribeSecurityGroups"): Paged(_EC2, ("SecurityGroups",), 5, whole_if=("GroupIds", "GroupNames")),
    ("ec2", "DescribeSubnets"): Paged(_EC2, ("Subnets",), 5, whole_if=("SubnetIds",)),
    ("ec2", "DescribeVpcs"): Paged(_EC2, ("Vpcs",), 2, whole_if=("VpcIds",)),
    ("ec2", "GetManagedPrefixListEntries"): Paged(_EC2_FROM_1, ("Entries",), 2, 100),
    ("iam", "GetAccountAuthorizationDetails"): Paged(
        _IAM, ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"), 3
    ),
    ("iam", "GetGroup"): Paged(_IAM, ("Users",), 3),
    ("iam", "ListAccessKeys"): Paged(_IAM, ("AccessKeyMetadata",), 1),
    ("iam", "ListAccountAliases"): Paged(_IAM, ("AccountAliases",), 3),
    ("iam", "ListAttachedGroupPolicies"): Paged(_IAM, ("AttachedPolicies",), 2),
    ("iam", "ListAttachedRolePolicies"): Paged(_IAM, ("AttachedPolicies",), 2),
    ("iam", "ListAttachedUserPolicies"): Paged(_IAM, ("AttachedPolicies",), 2),
    ("iam", "ListGroupPolicies"): Paged(_IAM, ("PolicyNames",), 2),
    ("iam", "ListGroups"): Paged(_IAM, ("Groups",), 3),
    ("iam", "ListGroupsForUser"): Paged(_IAM, ("Groups",), 2),
    ("iam", "ListMFADevices"): Paged(_IAM, ("MFADevices",), 1),
    ("iam", "ListRolePolicies"): Paged(_IAM, ("PolicyNames",), 2),
    ("iam", "ListRoles"): Paged(_IAM, ("Roles",), 3),
    ("iam", "ListUserPolicies"): Paged(_IAM, ("PolicyNames",), 2),
    ("iam", "ListUsers"): Paged(_IAM, ("Users",), 3),
    ("iam", "ListVirtualMFADevices"): Paged(_IAM, ("VirtualMFADevices",), 1),
    ("kms", "ListAliases"): Paged(_KMS, ("Aliases",), 5, 100),
    ("kms", "ListKeys"): Paged(_KMS, ("Keys",), 3),
    ("kms", "ListResourceTags"): Paged(_KMS, ("Tags",), 2, 50),
    ("logs", "DescribeLogGroups"): Paged(_LOGS, ("logGroups",), 2),
    ("logs", "DescribeMetricFilters"): Paged(_LOGS, ("metricFilters",), 4),
    ("organizations", "ListAccounts"): Paged(_ORGANIZATIONS, ("Accounts",), 2, starts_empty=True),
    ("organizations", "ListAccountsForParent"): Paged(_ORGANIZATIONS, ("Accounts",), 3, starts_empty=True),
    ("organizations", "ListChildren"): Paged(_ORGANIZATIONS, ("Children",), 3, starts_empty=True),
    ("organizations", "ListDelegatedAdministrators"): Paged(_ORGANIZATIONS, ("DelegatedAdministrators",), 2),
    ("organizations", "ListOrganizationalUnitsForParent"): Paged(
        _ORGANIZATIONS, ("OrganizationalUnits",), 2, starts_empty=True
    ),
    ("organizations", "ListParents"): Paged(_ORGANIZATIONS, ("Parents",), 1, starts_empty=True),
    ("organizations", "ListRoots"): Paged(_ORGANIZATIONS, ("Roots",), 1, starts_empty=True),
    ("sns", "ListSubscriptions"): Paged(_SNS, ("Subscriptions",), 2),
    ("sns", "ListSubscriptionsByTopic"): Paged(_SNS, ("Subscriptions",), 2),
    ("sns", "ListTopics"): Paged(_SNS, ("Topics",), 3),
}


@dataclass
class _Cut:
    """A page being cut out of an output: how many items to skip, and how many to keep."""

    skip: int
    keep: int
    seen: int = 0

    def of(self, items: list[Any]) -> list[Any]:
        first = max(self.skip - self.seen, 0)
        last = max(self.skip + self.keep - self.seen, 0)
        self.seen += len(items)
        return items[first:last]


def _page(call: Call, proceed: Proceed) -> Answer:
    paged = PAGED[call.key]
    style = paged.style
    if any(call.params.get(name) for name in paged.whole_if):
        return proceed()
    token = call.params.pop(style.token_in, None)
    keep = min(_limit(call, paged), int(call.header("X-Emulator-Page") or paged.size))
    start = _start(call, token, style)

    call.edited = True
    data = _everything(call, proceed, style)
    if paged.starts_empty and token is None and any(data.get(name) for name in paged.lists):
        keep = 0
    cut = _Cut(start, keep)
    for name in paged.lists:
        data[name] = cut.of(data.get(name) or [])
    more = start + keep < cut.seen
    if style.more:
        data[style.more] = more
    data.pop(style.token_out, None)
    if more:
        data[style.token_out] = _token(call, start + keep)
    return Answer(call, data=data)


def _limit(call: Call, paged: Paged) -> int:
    """The limit asked for; moto is asked without one."""
    style = paged.style
    most = paged.most or style.most
    asked = call.params.pop(style.limit, None) if style.limit else None
    if asked is None:
        return most
    if not style.least <= int(asked) <= most:
        message = f"Value ( {asked} ) for parameter {style.limit} is invalid: expecting {style.least} to {most}."
        raise AwsError(style.bad_limit, message)
    return int(asked)


def _everything(call: Call, proceed: Proceed, style: Style) -> dict[str, Any]:
    """moto's whole list, whether it pages by itself or not."""
    data = proceed().data
    while data.get(style.token_out):
        call.params[style.token_in] = data.pop(style.token_out)
        for name, value in proceed().data.items():
            data[name] = data.get(name, []) + value if isinstance(value, list) else value
    return data


def _start(call: Call, token: str | None, style: Style) -> int:
    if token is None:
        return 0
    try:
        start = json.loads(base64.urlsafe_b64decode(token.encode()))["at"]
    except (ValueError, KeyError, TypeError):
        raise AwsError(*style.bad_token) from None
    if token != _token(call, start):
        raise AwsError(*style.bad_token)
    return start


def _token(call: Call, at: int) -> str:
    """A token is good for the operation, account and region it was given out for, and for nothing else."""
    seal = hashlib.sha256(f"{call.account} {call.region} {call.key} {at}".encode()).hexdigest()[:16]
    return base64.urlsafe_b64encode(json.dumps({"at": at, "seal": seal}).encode()).decode()


for _service, _operation in PAGED:
    rule(_service, _operation)(_page)
