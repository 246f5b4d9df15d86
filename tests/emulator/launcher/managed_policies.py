"""AWS's managed policies, read once for all accounts.

moto reads all 1,500 of them for each account, which takes a tenth of a second. Tests use an account each.
"""

from __future__ import annotations

import copy
from functools import cache

from moto.iam.models import IAMBackend, ManagedPolicy

_read = IAMBackend._init_aws_policies


@cache
def _template(partition: str) -> list[ManagedPolicy]:
    # The account is nowhere in them: their ARNs say `aws` instead.
    return _read(_Reader(partition))  # type: ignore[arg-type]


class _Reader:
    """All that moto's reader asks of a backend."""

    account_id = "aws"

    def __init__(self, region_name: str) -> None:
        self.region_name = region_name


def _copies(backend: IAMBackend) -> list[ManagedPolicy]:
    """The policies for one account. What can change in them is how often they are attached, and that is a number."""
    policies = [copy.copy(policy) for policy in _template(backend.region_name)]
    for policy in policies:
        policy.account_id = backend.account_id
    return policies


def share() -> None:
    """Makes moto take copies."""
    IAMBackend._init_aws_policies = _copies  # type: ignore[method-assign,assignment]
