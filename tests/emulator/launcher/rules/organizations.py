"""Organizations, and the contacts of an account: who may ask, and what a contact has to look like."""

from __future__ import annotations

import re

from moto.organizations.models import organizations_backends

from .. import moto_server
from ..call import Answer, AwsError, Call, Proceed
from ..rulebook import rule

_MANAGEMENT_ONLY = ("ListAccounts", "ListRoots", "ListAWSServiceAccessForOrganization", "ListDelegatedAdministrators")
_CONTACT = {
    "Name": r".{1,64}",
    "Title": r".{1,50}",
    "EmailAddress": r"\s*[\w+=.#|!&-]+@[\w.-]+\.[\w]+\s*",
    "PhoneNumber": r"[\s0-9()+-]{1,25}",
    "AlternateContactType": r"BILLING|OPERATIONS|SECURITY",
}
_LONGEST_ADDRESS = 254


@rule("organizations", *_MANAGEMENT_ONLY)
def _list(call: Call, proceed: Proceed) -> Answer:
    if moto_server.state("organizations", call.account, call.region).org is None:
        if call.account in organizations_backends.master_accounts:
            raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    return proceed()


@rule("account", "PutAlternateContact")
def _put_contact(call: Call, proceed: Proceed) -> Answer:
    if call.params.get("AccountId") == call.account:
        # The management account has to leave its own id out.
        raise AwsError("ValidationException", "The management account is not a valid target: omit AccountId.")
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
