"""The register of rules: what is done before, after or instead of moto, by service and operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial

from .call import Answer, Call, Proceed, Rule

_rules: defaultdict[tuple[str, str], list[Rule]] = defaultdict(list)


def rule(service: str, *operations: str) -> Callable[[Rule], Rule]:
    """Registers a function for operations of a service.

    It is given the call and `proceed`, which runs the rules registered after it and then moto. A refusal is raised as
    an `AwsError`, by the rule itself or by `proceed`.
    """

    def register(function: Rule) -> Rule:
        for operation in operations:
            _rules[service, operation].append(function)
        return function

    return register


def run(call: Call, execute: Callable[[Call], Answer]) -> Answer:
    """Answers a call: through its rules in the order of registration, to `execute`."""
    proceed: Proceed = partial(execute, call)
    for function in reversed(_rules[call.key]):
        proceed = partial(function, call, proceed)
    return proceed()
