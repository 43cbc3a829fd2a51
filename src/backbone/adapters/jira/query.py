"""A search as a value: what is asked, where we are in it, what a page brought, and what JQL may look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from backbone.adapters.jira.answers import Answer
from backbone.adapters.jira.codec.issues import IssueJson
from backbone.adapters.jira.flavour import Flavour, Paging
from backbone.core.model.keys import IssueId, Millis, ProjectId
from backbone.core.model.problems import Code
from backbone.ports.tracker import AccessError, Refusal, TransientError

_MOST_IDLE_PAGES = 5
_MOST_STEPS_BACK = 20


class JqlRefused(Exception):
    """Jira does not accept a JQL; whoever asked knows what that means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.words)
        self.refusal = refusal


class PagingStuck(TransientError):
    """The pages of a search don't go on (JRACLOUD-95368)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search without its position. ``size`` is how many issues a page should have."""

    jql: str
    fields: tuple[str, ...]
    expand: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    size: int
    reconcile: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where in a search we are: at an offset on Data Center, behind a token on Cloud."""

    offset: int = 0
    token: str | None = None


class SearchJson(msgspec.Struct):
    """A page. Data Center has a total, Cloud a token until the last page."""

    issues: list[IssueJson]
    total: int | None = None
    token: str | None = msgspec.field(default=None, name="nextPageToken")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page and what follows it: ``following`` is None after the last one, ``reached`` the offset behind it."""

    issues: list[IssueJson]
    at: Millis
    following: Position | None
    reached: int = 0


class Walk:
    """Notices when the pages of a search don't go on."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self._idle = 0
        self._steps = 0

    def step_back(self) -> None:
        """Pages are read again, so that their tokens come again."""
        self._steps += 1
        self._tokens.clear()
        self._idle = 0
        if self._steps > _MOST_STEPS_BACK:
            raise PagingStuck("the search result does not hold still")

    def stuck(self, following: Position, *, fresh: bool) -> bool:
        """Whether a page without anything new leads where we were, or is one too many of its sort."""
        self._idle = 0 if fresh else self._idle + 1
        repeated = following.token in self._tokens
        if following.token is not None:
            self._tokens.add(following.token)
        return self._idle > _MOST_IDLE_PAGES or (repeated and not fresh)


def search_to_json(query: Query, position: Position, flavour: Flavour) -> Mapping[str, object]:
    """The body of a search; an empty list of expansions is left out, since Data Center takes it for an error."""
    body: dict[str, object] = {"jql": query.jql, "fields": list(query.fields), "maxResults": query.size}
    if flavour.paging is Paging.OFFSET:
        body |= {"startAt": position.offset} | ({"expand": list(query.expand)} if query.expand else {})
        return body
    optional: dict[str, object] = {
        "nextPageToken": position.token,
        "expand": ",".join(query.expand),
        "properties": list(query.properties),
        "reconcileIssues": list(query.reconcile),
    }
    return body | {name: value for name, value in optional.items() if value}


def found_from_json(answer: Answer, position: Position, flavour: Flavour) -> Found:
    page = answer.decode(SearchJson)
    if flavour.paging is Paging.TOKEN:
        following = Position(token=page.token) if page.token else None
        return Found(issues=page.issues, at=answer.as_of, following=following)
    reached = position.offset + len(page.issues)
    more = bool(page.issues) and (page.total is None or reached < page.total)
    following = Position(offset=reached) if more else None
    return Found(issues=page.issues, at=answer.as_of, following=following, reached=reached)


def ordered(project: ProjectId, jql: str) -> str:
    """Raises JqlRefused."""
    condition = condition_of(jql)
    where = f"project = {project} AND ({condition})" if condition else f"project = {project}"
    return f"{where} ORDER BY key ASC"


def condition_of(jql: str) -> str:
    """A JQL that may stand in brackets without changing what is around it. Raises JqlRefused."""
    condition = without_order(jql)
    depth = 0
    for bracket in _BRACKETS.findall(_QUOTED.sub("", condition)):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            break
    if depth:
        raise JqlRefused(Refusal(messages=("the brackets of the JQL do not match",)))
    return condition


_QUOTED = re.compile(r"""\\.|\"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
"""Also what a backslash stands before outside of quotes: a quote there begins no text, a bracket there is none."""

_BRACKETS = re.compile(r"[()]")
_ORDER = re.compile(r"""(\\.|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\border\s+by\b.*""", re.IGNORECASE | re.DOTALL)


def without_order(jql: str) -> str:
    """A JQL that may stand in brackets: its order doesn't matter and isn't allowed there.

    >>> without_order('labels = "order by" ORDER BY created')
    'labels = "order by"'
    """
    return _ORDER.sub(lambda found: found[1] or "", jql).strip()


Id = TypeVar("Id", IssueId, ProjectId)


def named(refusal: Refusal, ids: Iterable[Id]) -> frozenset[Id]:
    """Which of the ids Jira's words mention: those that it does not know, in whatever language."""
    mentioned = set(re.findall(r"\d+", refusal.words))
    return frozenset(each for each in ids if each in mentioned)


def jql_error(refused: JqlRefused) -> AccessError:
    return AccessError(Code.JQL_REFUSED, refused.refusal.words, "correct the JQL in the synchronization")


def project_error(refused: JqlRefused) -> AccessError:
    cause = refused.refusal.words
    return AccessError(Code.PERMISSION_MISSING, cause, "give the account the permission to browse the project")
