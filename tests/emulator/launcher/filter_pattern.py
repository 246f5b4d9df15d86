"""CloudWatch Logs' JSON filter patterns: whether they parse, and what they match.

pattern  = "{" expr "}"
expr     = and { "||" and }
and      = unit { "&&" unit }
unit     = "(" expr ")" | test
test     = selector ( "NOT" "EXISTS" | "IS" ("NULL" | "TRUE" | "FALSE") | operator value )
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Test = Callable[[Any], bool]

_MISSING = object()
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.[A-Za-z0-9_-]+|\[\d+\])+)
      | (?P<symbol>\|\||&&|[(){}]|!=|<=|>=|=|<|>)
      | (?P<quoted>"[^"]*")
      | (?P<regex>%[^%]+%)
      | (?P<bare>[^\s(){}"=!<>&|]+)
    )""",
    re.VERBOSE,
)
_REGEX_ALPHABET = re.compile(r"^[A-Za-z0-9_#=@/;,:^$?\[\]{}|\\*+.-]+$")
_MOST_REGEXES = 2
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


class Malformed(ValueError):
    """The pattern does not parse."""


@dataclass
class Pattern:
    """A pattern that parses. `matches` is None for the families other than JSON, which are not evaluated here."""

    matches: Test | None
    regexes: int


def parse(text: str) -> Pattern:
    """Reads a filter pattern, as PutMetricFilter does."""
    stripped = text.strip()
    if stripped.startswith("{"):
        parser = _Parser(stripped)
        return Pattern(parser.whole(), parser.regexes)
    if stripped.startswith("[") != stripped.endswith("]"):
        raise Malformed("a space-delimited pattern is one pair of brackets")
    return Pattern(None, stripped.count("%") // 2)


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self.regexes = 0

    def whole(self) -> Test:
        self._expect("{")
        test = self._alternatives()
        self._expect("}")
        if self._at != len(self._tokens):
            raise Malformed("there is something after the closing brace")
        return test

    def _alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._take("||"):
            tests.append(self._conjunction())
        return lambda event: any(test(event) for test in tests)

    def _conjunction(self) -> Test:
        tests = [self._unit()]
        while self._take("&&"):
            tests.append(self._unit())
        return lambda event: all(test(event) for test in tests)

    def _unit(self) -> Test:
        if self._take("("):
            test = self._alternatives()
            self._expect(")")
            return test
        return self._test()

    def _test(self) -> Test:
        kind, selector = self._next()
        if kind != "selector":
            raise Malformed(f"{selector} is not a selector")
        if self._take("NOT"):
            self._expect("EXISTS")
            return lambda event: _select(event, selector) is _MISSING
        if self._take("IS"):
            return _is(selector, self._next()[1])
        operator = self._next()[1]
        kind, value = self._next()
        if kind in ("selector", "symbol"):
            raise Malformed(f"{value} is not a value")
        if operator in _COMPARISONS:
            return _ordered(selector, operator, value)
        if operator in ("=", "!="):
            return self._equality(selector, operator == "=", kind, value)
        raise Malformed(f"{operator} is not an operator")

    def _equality(self, selector: str, wanted: bool, kind: str, value: str) -> Test:
        same = self._regex(value[1:-1]) if kind == "regex" else _equal_to(value[1:-1] if kind == "quoted" else value)

        def test(event: Any) -> bool:
            found = _select(event, selector)
            # A field that is missing, null or compound is neither equal nor different.
            if found is _MISSING or found is None or isinstance(found, (dict, list)):
                return False
            return same(found) == wanted

        return test

    def _regex(self, expression: str) -> Test:
        self.regexes += 1
        if self.regexes > _MOST_REGEXES or not _REGEX_ALPHABET.match(expression):
            raise Malformed(f"%{expression}% is not a regular expression that is supported here")
        compiled = re.compile(expression)
        return lambda found: isinstance(found, str) and compiled.search(found) is not None

    def _next(self) -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise Malformed("the pattern ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, text: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at][1] == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise Malformed(f"{text} is missing")


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed(f"cannot read {text[at:]!r}")
        tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return tokens


def _select(event: Any, selector: str) -> Any:
    for name, index in re.findall(r"\.([A-Za-z0-9_-]+)|\[(\d+)\]", selector):
        try:
            event = event[int(index)] if index else event[name]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return event


def _is(selector: str, word: str) -> Test:
    values: dict[str, bool | None] = {"NULL": None, "TRUE": True, "FALSE": False}
    if word not in values:
        raise Malformed(f"IS {word} is unknown")
    return lambda event: _select(event, selector) is values[word]


def _ordered(selector: str, operator: str, value: str) -> Test:
    right = _number(value)
    if right is None:
        raise Malformed(f"{operator} compares numbers")

    def test(event: Any) -> bool:
        left = _select(event, selector)
        return _is_number(left) and _COMPARISONS[operator](left, right)

    return test


def _equal_to(value: str) -> Test:
    number = _number(value)
    expression = re.compile(".*".join(re.escape(part) for part in value.split("*")), re.DOTALL)

    def test(found: Any) -> bool:
        if _is_number(found):
            return number is not None and found == number
        return expression.fullmatch(str(found)) is not None

    return test


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
