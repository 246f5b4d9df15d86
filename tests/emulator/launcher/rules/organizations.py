"""Organizations, and the contacts of an account: who may ask, and what a contact has to look like."""

from __future__ import annotations

import re

from .. import moto_server, organizations
from ..call import Answer, AwsError, Call, Proceed
from ..identity import caller_arn
from ..rulebook import rule

_READS = (
    "DescribeAccount", "DescribeOrganizationalUnit", "ListAWSServiceAccessForOrganization", "ListAccounts",
    "ListAccountsForParent", "ListChildren", "ListDelegatedAdministrators", "ListDelegatedServicesForAccount",
    "ListOrganizationalUnitsForParent", "ListParents", "ListRoots",
)  # fmt: skip
_ROOT = r"r-[0-9a-z]{4,32}"
_UNIT = r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}"
_IDS = {
    "ParentId": re.compile(f"{_ROOT}|{_UNIT}"),
    "ChildId": re.compile(rf"\d{{12}}|{_UNIT}"),
    "OrganizationalUnitId": re.compile(_UNIT),
}
_SERVICE = "account.amazonaws.com"
_CONTACT = {
    "Name": r".{1,64}",
    "Title": r".{1,50}",
    "EmailAddress": r"\s*[\w+=.#|!&-]+@[\w.-]+\.[\w]+\s*",
    "PhoneNumber": r"[\s0-9()+-]{1,25}",
    "AlternateContactType": r"BILLING|OPERATIONS|SECURITY",
}
_LONGEST_ADDRESS = 254


@rule("organizations", *_READS)
def _read(call: Call, proceed: Proceed) -> Answer:
    if organizations.management_of(call.account, call.region) is None:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    management = organizations.acts_for(call)
    if management is None:
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    for name, pattern in _IDS.items():
        if name in call.params and not pattern.fullmatch(call.params[name]):
            raise AwsError("InvalidInputException", "You provided a value that does not match the required pattern.")
    asking, call.account = call.account, management
    try:
        # What a delegated administrator sees is the organization of its management account.
        return proceed()
    except AwsError as error:
        if call.operation == "ListParents" and error.code.endswith("NotFoundException"):
            raise AwsError("ChildNotFoundException", "You specified a child that doesn't exist.") from None
        raise
    finally:
        call.account = asking


@rule("account", "PutAlternateContact", "GetAlternateContact", "DeleteAlternateContact")
def _of_member(call: Call, proceed: Proceed) -> Answer:
    member = call.params.get("AccountId")
    if member is None:
        return proceed()
    management = organizations.acts_for(call, _SERVICE)
    if member in (call.account, management):
        # The management account has to leave its own id out.
        raise AwsError("ValidationException", "The management account is not a valid target: omit AccountId.")
    known = management and organizations.member(management, member, call.region)
    if not known or not organizations.trusts(management or "", _SERVICE, call.region):
        who = f"User: {caller_arn(call)} is not authorized to perform: account:{call.operation}"
        raise AwsError("AccessDeniedException", f"{who} on resource: {member}", 403)
    return proceed()


@rule("account", "PutAlternateContact")
def _put_contact(call: Call, proceed: Proceed) -> Answer:
    for member, pattern in _CONTACT.items():
        value = call.params.get(member, "")
        if not re.fullmatch(pattern, value) or len(value) > _LONGEST_ADDRESS:
            what = f"Value at '{member[0].lower()}{member[1:]}' failed to satisfy constraint"
            raise AwsError("ValidationException", f"1 validation error detected: {what}: {pattern}")
    return proceed()


@rule("account", "GetAlternateContact", "DeleteAlternateContact")
def _find_contact(call: Call, proceed: Proceed) -> Answer:
    owner = call.params.get("AccountId", call.account)
    contacts = moto_server.state("account", owner, call.region)._alternate_contacts
    if call.params["AlternateContactType"] not in contacts:
        raise AwsError("ResourceNotFoundException", "No contact of the inputted alternate contact type found.", 404)
    return proceed()
