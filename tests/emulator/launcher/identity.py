"""Who makes a call."""

from __future__ import annotations

from . import moto_server, sessions
from .call import Call


def caller_arn(call: Call) -> str:
    """The ARN that GetCallerIdentity would give."""
    if sessions.is_root(call):
        return sessions.root_arn(call)
    sts = moto_server.state("sts", call.account, call.region)
    _, arn, _ = sts.get_caller_identity(call.access_key, call.region)
    return arn
