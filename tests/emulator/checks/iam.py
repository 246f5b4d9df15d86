"""IAM, STS, Organizations, contacts."""

from __future__ import annotations

import base64
import json
import time

from launcher import totp

from .lab import Lab, check, flat, pages, refused, same, status

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@check
def pages_of_users(lab: Lab) -> None:
    iam = lab.client("iam")
    for number in range(7):
        iam.create_user(UserName=f"user{number}")
    found = pages(iam.list_users, "Users", "Marker", "Marker", MaxItems=1000)
    same([len(one) for one in found], [3, 3, 1])
    first = iam.list_users(MaxItems=2)
    same((len(first["Users"]), first["IsTruncated"]), (2, True))
    refused("ValidationError", iam.list_users, Marker="garbage")
    iam.create_group(GroupName="all")
    for number in range(7):
        iam.add_user_to_group(GroupName="all", UserName=f"user{number}")
    same(len(flat(pages(iam.get_group, "Users", "Marker", "Marker", GroupName="all"))), 7)


@check
def pages_of_authorization_details(lab: Lab) -> None:
    iam = lab.client("iam")
    for number in range(5):
        iam.create_user(UserName=f"user{number}")
        iam.put_user_policy(UserName=f"user{number}", PolicyName="p", PolicyDocument=document(ALLOW))
        iam.create_group(GroupName=f"group{number}")
    users, groups, count, token = [], [], 0, {}
    while True:
        answer = iam.get_account_authorization_details(Filter=["User", "Group"], MaxItems=1000, **token)
        users, groups, count = users + answer["UserDetailList"], groups + answer["GroupDetailList"], count + 1
        if not answer["IsTruncated"]:
            break
        token = {"Marker": answer["Marker"]}
    same((len(users), len(groups), count), (5, 5, 4))
    same(users[0]["UserPolicyList"][0]["PolicyDocument"]["Statement"], [ALLOW])


@check
def password_policy(lab: Lab) -> None:
    iam = lab.client("iam")
    refused("NoSuchEntity", iam.get_account_password_policy)
    for wrong in (
        {"MaxPasswordAge": 0},
        {"PasswordReusePrevention": 0},
        {"MinimumPasswordLength": 5},
        {"MaxPasswordAge": 1096},
        {"PasswordReusePrevention": 25},
    ):
        refused("ValidationError", iam.update_account_password_policy, **wrong)
    refused("NoSuchEntity", iam.get_account_password_policy)
    iam.update_account_password_policy(MinimumPasswordLength=14, RequireSymbols=True)
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    same((policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["ExpirePasswords"]), (14, True, False))
    assert "MaxPasswordAge" not in policy and "PasswordReusePrevention" not in policy, policy
    iam.update_account_password_policy(MaxPasswordAge=90)
    same(iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"], 6)


@check
def quotas(lab: Lab) -> None:
    iam = lab.client("iam")
    iam.create_user(UserName="user")
    for number in range(11):
        iam.create_group(GroupName=f"group{number}")
    for number in range(10):
        iam.add_user_to_group(GroupName=f"group{number}", UserName="user")
    iam.add_user_to_group(GroupName="group0", UserName="user")
    same(status(refused("LimitExceeded", iam.add_user_to_group, GroupName="group10", UserName="user")), 409)
    arns = [iam.create_policy(PolicyName=f"p{n}", PolicyDocument=document(ALLOW))["Policy"]["Arn"] for n in range(11)]
    for arn in arns[:10]:
        iam.attach_group_policy(GroupName="group0", PolicyArn=arn)
    refused("LimitExceeded", iam.attach_group_policy, GroupName="group0", PolicyArn=arns[10])
    iam.attach_group_policy(GroupName="group0", PolicyArn=arns[0])
    linked = "arn:aws:iam::aws:policy/aws-service-role/AWSConfigServiceRolePolicy"
    refused("PolicyNotAttachable", iam.attach_group_policy, GroupName="group1", PolicyArn=linked)
    big = document({**ALLOW, "Resource": ["arn:aws:s3:::" + "x" * 1000] * 2})
    refused("LimitExceeded", iam.put_user_policy, UserName="user", PolicyName="big", PolicyDocument=big)
    iam.put_group_policy(GroupName="group0", PolicyName="one", PolicyDocument=big)
    iam.put_group_policy(GroupName="group0", PolicyName="two", PolicyDocument=big)
    refused("LimitExceeded", iam.put_group_policy, GroupName="group0", PolicyName="three", PolicyDocument=big)


@check
def names_and_documents(lab: Lab) -> None:
    iam = lab.client("iam")
    iam.create_group(GroupName="Admins")
    same(status(refused("EntityAlreadyExists", iam.create_group, GroupName="admins")), 409)
    iam.create_role(RoleName="Role", AssumeRolePolicyDocument=document(TRUST))
    refused("EntityAlreadyExists", iam.create_role, RoleName="role", AssumeRolePolicyDocument=document(TRUST))
    refused("MalformedPolicyDocument", iam.create_role, RoleName="other", AssumeRolePolicyDocument="rubbish")
    role = iam.create_service_linked_role(AWSServiceName="config.amazonaws.com")["Role"]
    same(role["Arn"], f"arn:aws:iam::{lab.account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig")
    refused("InvalidInput", iam.create_service_linked_role, AWSServiceName="config.amazonaws.com")
    iam.create_user(UserName="user")
    key = iam.create_access_key(UserName="user")["AccessKey"]["AccessKeyId"]
    refused("ValidationError", iam.update_access_key, UserName="user", AccessKeyId=key, Status="Off")
    iam.update_access_key(UserName="user", AccessKeyId=key, Status="Inactive")
    same(iam.list_access_keys(UserName="user")["AccessKeyMetadata"][0]["Status"], "Inactive")


@check
def login_profiles(lab: Lab) -> None:
    iam = lab.client("iam")
    iam.create_user(UserName="user")
    refused("NoSuchEntity", iam.get_login_profile, UserName="user")
    made = iam.create_login_profile(UserName="user", Password="Correct-Horse-9", PasswordResetRequired=True)[
        "LoginProfile"
    ]
    same(made["PasswordResetRequired"], True)
    same(iam.get_login_profile(UserName="user")["LoginProfile"]["PasswordResetRequired"], True)
    iam.delete_login_profile(UserName="user")
    refused("NoSuchEntity", iam.get_login_profile, UserName="user")


@check
def root(lab: Lab) -> None:
    iam = lab.client("iam")
    names = ("AccountMFAEnabled", "AccountAccessKeysPresent", "AccountPasswordPresent")

    def summary() -> tuple[int, ...]:
        found = iam.get_account_summary()["SummaryMap"]
        return tuple(found[name] for name in names)

    same(summary(), (0, 0, 1))
    lab.configure(
        root={"mfa_enabled": True, "virtual_mfa": True, "keys": [{"active": False}], "password_enabled": False}
    )
    same(summary(), (1, 1, 0))
    (device,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    same(device["User"]["Arn"], f"arn:aws:iam::{lab.account}:root")
    same(device["SerialNumber"], f"arn:aws:iam::{lab.account}:mfa/root-account-mfa-device")
    same(iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"], [])
    iam.create_virtual_mfa_device(VirtualMFADeviceName="spare")
    same(len(iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]), 1)
    same(len(pages(iam.list_virtual_mfa_devices, "VirtualMFADevices", "Marker", "Marker")), 2)
    lab.configure(root={"virtual_mfa": False, "keys": []})
    same(summary(), (1, 0, 0))
    same(iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"], [])


@check
def mfa_devices(lab: Lab) -> None:
    iam = lab.client("iam")
    for name in ("al", "bo"):
        iam.create_user(UserName=name)
    refused("ValidationError", iam.create_virtual_mfa_device, VirtualMFADeviceName="a b")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="al")["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"].decode()
    same(serial, f"arn:aws:iam::{lab.account}:mfa/al")
    same(status(refused("EntityAlreadyExists", iam.create_virtual_mfa_device, VirtualMFADeviceName="AL")), 409)
    (listed,) = flat(pages(iam.list_virtual_mfa_devices, "VirtualMFADevices", "Marker", "Marker"))
    same(sorted(listed), ["SerialNumber"])

    now = totp.now_step()
    codes = {step: totp.code(seed, now + step) for step in range(-20, 3)}

    def enable(user: str, first: str, second: str) -> dict[str, str]:
        names = ("UserName", "SerialNumber", "AuthenticationCode1", "AuthenticationCode2")
        return dict(zip(names, (user, serial, first, second)))

    for first, second in ((-1, -2), (-2, 0), (0, 0), (-19, -18)):
        wrong = refused("InvalidAuthenticationCode", iam.enable_mfa_device, **enable("al", codes[first], codes[second]))
        same(status(wrong), 403)
    refused("ValidationError", iam.enable_mfa_device, **enable("al", "12345", "abcdef"))
    refused("NoSuchEntity", iam.enable_mfa_device, **enable("nobody", codes[-1], codes[0]))
    iam.enable_mfa_device(**enable("al", codes[-1], codes[0]))
    refused("EntityAlreadyExists", iam.enable_mfa_device, **enable("bo", codes[0], codes[1]))
    same(status(refused("DeleteConflict", iam.delete_virtual_mfa_device, SerialNumber=serial)), 409)
    (held,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    same((held["User"]["UserName"], held["SerialNumber"]), ("al", serial))

    lab.configure(users={"bo": {"devices": ["GAHT12345678", f"arn:aws:iam::{lab.account}:u2f/user/bo/key-1"]}})
    same(len(flat(pages(iam.list_mfa_devices, "MFADevices", "Marker", "Marker", UserName="bo"))), 2)
    iam.deactivate_mfa_device(UserName="al", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    refused("NoSuchEntity", iam.delete_virtual_mfa_device, SerialNumber=serial)


@check
def codes_are_those_of_the_standard(_: Lab) -> None:
    # RFC 6238, appendix B, with its last six digits.
    seed = base64.b32encode(b"12345678901234567890").decode()
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        same(totp.code(seed, seconds // 30), code)


@check
def boundaries(lab: Lab) -> None:
    iam, boundary = lab.client("iam"), "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.create_user(UserName="user")
    iam.put_user_permissions_boundary(UserName="user", PermissionsBoundary=boundary)
    shown = {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": boundary}
    same(iam.get_user(UserName="user")["User"]["PermissionsBoundary"], shown)
    details = iam.get_account_authorization_details(Filter=["User"])["UserDetailList"][0]
    same((details["PermissionsBoundary"], details["AttachedManagedPolicies"]), (shown, []))
    iam.delete_user_permissions_boundary(UserName="user")
    same(iam.get_user(UserName="user")["User"].get("PermissionsBoundary"), None)
    refused("NoSuchEntity", iam.put_user_permissions_boundary, UserName="nobody", PermissionsBoundary=boundary)


@check
def groups(lab: Lab) -> None:
    iam, managed = lab.client("iam"), "arn:aws:iam::aws:policy/ReadOnlyAccess"
    text = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    iam.create_user(UserName="user")
    iam.create_group(GroupName="group")
    iam.add_user_to_group(GroupName="group", UserName="user")
    same(status(refused("DeleteConflict", iam.delete_group, GroupName="group")), 409)
    iam.remove_user_from_group(GroupName="group", UserName="user")
    iam.attach_group_policy(GroupName="group", PolicyArn=managed)
    refused("DeleteConflict", iam.delete_group, GroupName="group")
    iam.detach_group_policy(GroupName="group", PolicyArn=managed)
    iam.put_group_policy(GroupName="group", PolicyName="own", PolicyDocument=text)
    refused("DeleteConflict", iam.delete_group, GroupName="group")
    iam.delete_group_policy(GroupName="group", PolicyName="own")
    lab.configure(propagation={"membership": 0.3})
    iam.add_user_to_group(GroupName="group", UserName="user")
    same(iam.list_groups_for_user(UserName="user")["Groups"], [])
    time.sleep(0.4)
    same([one["GroupName"] for one in iam.list_groups_for_user(UserName="user")["Groups"]], ["group"])
    iam.remove_user_from_group(GroupName="group", UserName="user")
    iam.delete_group(GroupName="group")
    refused("NoSuchEntity", iam.delete_group, GroupName="group")


@check
def accounts_are_apart(lab: Lab) -> None:
    who = lab.client("sts").get_caller_identity()
    same((who["Account"], who["Arn"]), (lab.account, f"arn:aws:sts::{lab.account}:assumed-role/checks/checks"))
    other = Lab(lab.url, "299999999999")
    lab.client("iam").create_user(UserName="here")
    same(other.client("iam").list_users()["Users"], [])
    key = lab.client("iam").create_access_key(UserName="here")["AccessKey"]
    lab.credentials = {**{name: key[name] for name in ("AccessKeyId", "SecretAccessKey")}, "SessionToken": None}
    same(lab.client("sts").get_caller_identity()["Arn"], f"arn:aws:iam::{lab.account}:user/here")


@check
def roles_that_refuse(lab: Lab) -> None:
    sts = lab.client("sts")
    lab.configure(refused_roles=["closed"])
    same(
        status(
            refused(
                "AccessDenied", sts.assume_role, RoleArn=f"arn:aws:iam::{lab.account}:role/closed", RoleSessionName="xx"
            )
        ),
        403,
    )
    sts.assume_role(RoleArn=f"arn:aws:iam::{lab.account}:role/open", RoleSessionName="xx")


@check
def alias(lab: Lab) -> None:
    lab.configure(alias="acme-prod")
    same(lab.client("iam").list_account_aliases()["AccountAliases"], ["acme-prod"])
    lab.configure(alias=None)
    same(lab.client("iam").list_account_aliases()["AccountAliases"], [])


@check
def organizations(lab: Lab) -> None:
    organizations = lab.client("organizations")
    refused("AWSOrganizationsNotInUseException", organizations.list_accounts)
    refused("AWSOrganizationsNotInUseException", organizations.describe_organization)
    organizations.create_organization(FeatureSet="ALL")
    for number in range(4):
        organizations.create_account(Email=f"a{number}@example.org", AccountName=f"a{number}")
    found = pages(organizations.list_accounts, "Accounts", "NextToken", "NextToken")
    same([len(one) for one in found], [0, 2, 2, 1])
    member = Lab(lab.url, next(one["Id"] for one in flat(found) if one["Id"] != lab.account))
    refused("AccessDeniedException", member.client("organizations").list_accounts)
    same(member.client("organizations").describe_organization()["Organization"]["MasterAccountId"], lab.account)


@check
def contacts(lab: Lab) -> None:
    account = lab.client("account")
    same(
        status(refused("ResourceNotFoundException", account.get_alternate_contact, AlternateContactType="SECURITY")),
        404,
    )
    contact = {
        "Name": "Sec",
        "Title": "CISO",
        "EmailAddress": "sec@example.org",
        "PhoneNumber": "+49 30 1",
        "AlternateContactType": "SECURITY",
    }
    for wrong in (
        {"EmailAddress": "nobody"},
        {"PhoneNumber": "call me"},
        {"Name": ""},
        {"Title": "x" * 51},
        {"AccountId": lab.account},
    ):
        refused("ValidationException", account.put_alternate_contact, **{**contact, **wrong})
    account.put_alternate_contact(**contact)
    same(
        account.get_alternate_contact(AlternateContactType="SECURITY")["AlternateContact"]["EmailAddress"],
        "sec@example.org",
    )
    account.delete_alternate_contact(AlternateContactType="SECURITY")
    refused("ResourceNotFoundException", account.delete_alternate_contact, AlternateContactType="SECURITY")
