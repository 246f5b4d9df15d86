"""Organizations: the tree, who may look at it, the contacts of members, and root in one place."""

from __future__ import annotations

from typing import Any

from .credentials import report
from .lab import Lab, check, flat, pages, refused, same, status

CONTACT = {
    "Name": "Sec",
    "Title": "CISO",
    "EmailAddress": "sec@example.org",
    "PhoneNumber": "+49 30 1",
    "AlternateContactType": "SECURITY",
}
IAM = "iam.amazonaws.com"


def founded(lab: Lab, members: int = 1) -> tuple[Any, list[Lab]]:
    """A client of the management account of a new organization, and its members."""
    organizations = lab.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = [
        organizations.create_account(Email=f"a{number}@example.org", AccountName=f"a{number}")["CreateAccountStatus"]
        for number in range(members)
    ]
    return organizations, [Lab(lab.url, one["AccountId"]) for one in made]


def root_id(organizations: Any) -> str:
    """The root of the tree, which comes after an empty page."""
    found = pages(organizations.list_roots, "Roots", "NextToken", "NextToken")
    same([len(one) for one in found], [0, 1])
    return found[1][0]["Id"]


@check
def trees(lab: Lab) -> None:
    organizations, members = founded(lab, 5)
    root = root_id(organizations)
    units = [
        organizations.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"]
        for name in ("prod", "test", "old")
    ]
    for member in members[:4]:
        organizations.move_account(AccountId=member.account, SourceParentId=root, DestinationParentId=units[0])
    found = pages(
        organizations.list_organizational_units_for_parent,
        "OrganizationalUnits",
        "NextToken",
        "NextToken",
        ParentId=root,
    )
    same([[one["Id"] for one in page] for page in found], [[], units[:2], units[2:]])
    found = pages(organizations.list_accounts_for_parent, "Accounts", "NextToken", "NextToken", ParentId=units[0])
    same([len(one) for one in found], [0, 3, 1])
    same({one["Id"] for one in flat(found)}, {member.account for member in members[:4]})
    same({(one["State"], one["Status"]) for one in flat(found)}, {("ACTIVE", "ACTIVE")})
    found = pages(organizations.list_parents, "Parents", "NextToken", "NextToken", ChildId=units[0])
    same(found, [[], [{"Id": root, "Type": "ROOT"}]])
    found = pages(
        organizations.list_children, "Children", "NextToken", "NextToken", ParentId=root, ChildType="ACCOUNT"
    )
    same({one["Id"] for one in flat(found)}, {lab.account, members[4].account})


@check
def what_is_not_there(lab: Lab) -> None:
    organizations, _ = founded(lab)
    for parent in (f"{root_id(organizations).replace('r-', 'ou-')}-00000000", "r-0000"):
        refused("ParentNotFoundException", organizations.list_accounts_for_parent, ParentId=parent)
        refused("ParentNotFoundException", organizations.list_organizational_units_for_parent, ParentId=parent)
        refused("ParentNotFoundException", organizations.list_children, ParentId=parent, ChildType="ACCOUNT")
    for child in ("ou-0000-00000000", "000000000000"):
        refused("ChildNotFoundException", organizations.list_parents, ChildId=child)
    refused("InvalidInputException", organizations.list_parents, ChildId=root_id(organizations))
    refused("InvalidInputException", organizations.list_accounts_for_parent, ParentId="prod")


@check
def states(lab: Lab) -> None:
    organizations, members = founded(lab, 2)
    members[0].configure(member={"state": "PENDING_CLOSURE", "name": "old"})
    members[1].configure(member={"state": "CLOSED"})
    found = flat(pages(organizations.list_accounts, "Accounts", "NextToken", "NextToken"))
    known = {one["Id"]: (one["State"], one["Status"]) for one in found}
    same(known[members[0].account], ("PENDING_CLOSURE", "PENDING_CLOSURE"))
    same(known[members[1].account], ("CLOSED", "SUSPENDED"))
    assert "old" in {one["Name"] for one in found}


@check
def who_may_look(lab: Lab) -> None:
    alone = lab.client("organizations")
    for call, arguments in (
        (alone.list_roots, {}),
        (alone.list_accounts_for_parent, {"ParentId": "r-0000"}),
        (alone.list_parents, {"ChildId": lab.account}),
    ):
        refused("AWSOrganizationsNotInUseException", call, **arguments)
    organizations, members = founded(lab)
    member = members[0].client("organizations")
    refused("AccessDeniedException", member.list_roots)
    refused("AccessDeniedException", member.list_accounts_for_parent, ParentId=root_id(organizations))
    organizations.register_delegated_administrator(AccountId=members[0].account, ServicePrincipal=IAM)
    found = flat(pages(member.list_accounts_for_parent, "Accounts", "NextToken", "NextToken", ParentId=root_id(member)))
    same({one["Id"] for one in found}, {lab.account, members[0].account})


@check
def contacts_of_members(lab: Lab) -> None:
    organizations, (member, administrator) = founded(lab, 2)
    above, own = lab.client("account"), member.client("account")
    given = {**CONTACT, "AccountId": member.account}
    find = {"AccountId": member.account, "AlternateContactType": "SECURITY"}
    same(status(refused("AccessDeniedException", above.put_alternate_contact, **given)), 403)
    organizations.enable_aws_service_access(ServicePrincipal="account.amazonaws.com")
    refused("ResourceNotFoundException", above.get_alternate_contact, **find)
    above.put_alternate_contact(**given)
    same(own.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["Name"], "Sec")
    same(above.get_alternate_contact(**find)["AlternateContact"]["Name"], "Sec")
    refused("ResourceNotFoundException", above.get_alternate_contact, AlternateContactType="SECURITY")
    elsewhere = administrator.client("account")
    refused("AccessDeniedException", elsewhere.get_alternate_contact, **find)
    organizations.register_delegated_administrator(
        AccountId=administrator.account, ServicePrincipal="account.amazonaws.com"
    )
    elsewhere.get_alternate_contact(**find)
    refused("ValidationException", above.put_alternate_contact, **{**given, "AccountId": lab.account})
    refused("AccessDeniedException", above.put_alternate_contact, **{**given, "AccountId": "000000000000"})
    above.delete_alternate_contact(**find)
    refused("ResourceNotFoundException", own.get_alternate_contact, AlternateContactType="SECURITY")


def root_of(lab: Lab, target: Lab, task: str, **more: Any) -> Lab:
    """A session as root of a member."""
    keys = lab.client("sts").assume_root(
        TargetPrincipal=target.account,
        TaskPolicyArn={"arn": f"arn:aws:iam::aws:policy/root-task/{task}"},
        **more,
    )["Credentials"]
    session = Lab(lab.url, target.account)
    session.credentials = keys
    return session


@check
def features_of_root(lab: Lab) -> None:
    iam = lab.client("iam")
    same(status(refused("OrganizationNotFoundException", iam.list_organizations_features)), 400)
    organizations, (member,) = founded(lab)
    refused("ServiceAccessNotEnabledException", iam.list_organizations_features)
    organizations.enable_aws_service_access(ServicePrincipal=IAM)
    same(iam.list_organizations_features()["EnabledFeatures"], [])
    iam.enable_organizations_root_credentials_management()
    features = ["RootCredentialsManagement", "RootSessions"]
    same(iam.enable_organizations_root_sessions()["EnabledFeatures"], features)
    same(iam.list_organizations_features()["EnabledFeatures"], features)
    below = member.client("iam")
    refused("AccountNotManagementOrDelegatedAdministratorException", below.list_organizations_features)
    organizations.register_delegated_administrator(AccountId=member.account, ServicePrincipal=IAM)
    same(below.list_organizations_features()["EnabledFeatures"], features)
    refused("CallerIsNotManagementAccountException", below.enable_organizations_root_sessions)
    same(iam.disable_organizations_root_sessions()["EnabledFeatures"], features[:1])


@check
def keys_of_root(lab: Lab) -> None:
    organizations, (member, other) = founded(lab, 2)
    delete = "IAMDeleteRootUserCredentials"
    refused("AccessDenied", lambda: root_of(lab, member, delete))
    organizations.enable_aws_service_access(ServicePrincipal=IAM)
    refused("AccessDenied", lambda: root_of(lab, member, delete))
    lab.client("iam").enable_organizations_root_sessions()
    refused("AccessDenied", lambda: root_of(other, member, delete))
    refused("AccessDenied", lambda: root_of(lab, lab, delete))
    refused("ValidationError", lambda: root_of(lab, member, "AdministratorAccess"))
    refused("ValidationError", lambda: root_of(lab, member, delete, DurationSeconds=901))

    keys = [{"rotated": 400, "last_used": 3, "id": "AKIAROOT1"}, {"active": False}]
    member.configure(root={"keys": keys, "mfa_enabled": True}, policies=[])
    session = root_of(lab, member, delete)
    same(session.client("sts").get_caller_identity()["Arn"], f"arn:aws:iam::{member.account}:root")
    iam = session.client("iam")
    found = flat(pages(iam.list_access_keys, "AccessKeyMetadata", "Marker", "Marker"))
    same([one["Status"] for one in found], ["Active", "Inactive"])
    used = iam.get_access_key_last_used(AccessKeyId="AKIAROOT1")
    same((used["AccessKeyLastUsed"]["ServiceName"], used.get("UserName")), ("iam", None))
    for call in (iam.get_account_summary, iam.list_users, session.client("s3").list_buckets):
        same(status(refused("AccessDenied", call)), 403)
    refused("AccessDenied", iam.list_access_keys, UserName="a")
    refused("NoSuchEntity", iam.delete_access_key, AccessKeyId="AKIANONE")
    for key in found:
        iam.delete_access_key(AccessKeyId=key["AccessKeyId"])
    same(iam.list_access_keys()["AccessKeyMetadata"], [])
    (device,) = flat(pages(iam.list_mfa_devices, "MFADevices", "Marker", "Marker"))
    iam.deactivate_mfa_device(SerialNumber=device["SerialNumber"])
    iam.delete_login_profile()
    refused("NoSuchEntity", iam.get_login_profile)
    audit = root_of(lab, member, "IAMAuditRootUserCredentials").client("iam")
    refused("AccessDenied", audit.delete_access_key, AccessKeyId="AKIAROOT1")
    same(audit.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"], 0)
    member.configure(policies=None)
    row = report(member)["<root_account>"]
    same([row[name] for name in ("access_key_1_active", "mfa_active", "password_enabled")], ["false"] * 3)
    refused("ExpiredToken", root_of(lab, member, delete, DurationSeconds=0).client("iam").list_access_keys)
