"""What can be said about a JQL without asking Jira: what would break it, and what it silently drops."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_TOKEN = re.compile(
    r"""(?P<escape>\\.) | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<open>["']) | (?P<word>[\w.\[\]\-/@:+]+(?:\[\d+\])?)
    | (?P<sign>!=|!~|<=|>=|[=~<>(),]) | (?P<space>\s+) | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_NEVER_EMPTY = frozenset(
    "project issuetype type status statuscategory summary key issuekey id issue created createddate updated updateddate"
    " creator reporter".split()
)
"""Fields that every issue has; ``reporter`` can be empty in theory only."""


_EMPTY = frozenset({"empty", "null"})
_NOT_EMPTY = frozenset(("not", word) for word in _EMPTY)
"""Whoever excludes empty fields by name knows about them, just as whoever includes them."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about a JQL that its author must mend, or should know."""

    message: str
    cure: str


def broken(jql: str) -> Doubt | None:
    """Why the JQL can't stand in brackets after ``AND``, as it will."""
    tokens = list(_TOKEN.finditer(jql))
    if any(token.lastgroup == "open" for token in tokens):
        return Doubt("the JQL has a quote that is not closed", "Close it")
    depth = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0:
            return Doubt("the JQL closes a bracket that it did not open", "Remove it")
    if depth:
        return Doubt("the JQL has a bracket that is not closed", "Close it")
    words = _words(jql)
    if any(pair == ("order", "by") for pair in pairwise(words)):
        return Doubt("the JQL sorts, which has no meaning here", "Leave ORDER BY out")
    return None


def without_order(jql: str) -> str:
    """The JQL up to its ORDER BY, which has no meaning where it is combined with others.

    >>> without_order('summary ~ "order by" AND labels = x Order  By key')
    'summary ~ "order by" AND labels = x'
    """
    tokens = [token for token in _TOKEN.finditer(jql) if token.lastgroup != "space"]
    for first, second in pairwise(tokens):
        words = (first[0].casefold(), second[0].casefold())
        if words == ("order", "by") and first.lastgroup == second.lastgroup == "word":
            return jql[: first.start()].strip()
    return jql.strip()


def all_of(*conditions: str) -> str:
    """The JQL for what all of them select; empty ones select everything. None of them may sort."""
    return " AND ".join(f"({one})" for one in conditions if one)


def silently_dropping(jql: str) -> Iterator[Doubt]:
    """Fields whose empty values fall out of a negation: Jira's ``!=``, ``not in`` and ``!~`` match no empty field."""
    words = [word for word, after in pairwise([*_words(jql), ""]) if (word, after) not in _NOT_EMPTY]
    kept = {words[at - 1] for at in range(1, len(words) - 1) if words[at] in ("is", "=") and words[at + 1] in _EMPTY}
    for field, negation in dict.fromkeys(_negations(words)):
        if field not in kept and field not in _NEVER_EMPTY:
            yield Doubt(
                f"the JQL silently drops issues whose {field} is empty, since {negation} never matches them",
                f"Write ({field} {negation} … OR {field} is EMPTY), unless that is meant",
            )


def _negations(words: list[str]) -> Iterator[tuple[str, str]]:
    for at, word in enumerate(words):
        if at and word in ("!=", "!~") and _EMPTY.isdisjoint(words[at + 1 : at + 2]):
            yield words[at - 1], word
        if at and word == "not" and words[at + 1 : at + 2] == ["in"]:
            yield words[at - 1], "not in"


def _words(jql: str) -> list[str]:
    """Words and signs in lower case; a quoted text is one word without its quotes."""
    return [
        (token[0][1:-1] if token.lastgroup == "text" else token[0]).casefold()
        for token in _TOKEN.finditer(jql)
        if token.lastgroup not in ("space", "open")
    ]
