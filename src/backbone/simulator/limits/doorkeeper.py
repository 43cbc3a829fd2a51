"""Lets requests in or answers 429, and remembers both."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from aiohttp import web
from aiohttp.typedefs import Middleware

from backbone.simulator.limits.records import Record, Usage
from backbone.simulator.limits.rules import Limit, LimitedCall, Refusal

CONTROL_PREFIX = "/__simulator__"
_ID = re.compile(r"[0-9]+|[A-Za-z][A-Za-z0-9_]*-[0-9]+", re.ASCII)
_REST = re.compile(r".*/rest/(?:api/(?:2|3|latest)/)?")
_ISSUE = re.compile(r"issue/([0-9]+|[A-Za-z][A-Za-z0-9_]*-[0-9]+)(?:/|$)", re.ASCII)
_TOO_MANY = {"errorMessages": ["Rate limit exceeded."], "errors": {}}


@dataclass(slots=True, kw_only=True)
class RateLimits:
    """All limits of one pretend Jira; none of them is set at first.

    A refused request takes nothing from any limit. ``issue_of`` turns an id or key in a path into
    one name of the issue, so that both are counted together.
    """

    limits: Sequence[Limit] = ()
    issue_of: Callable[[str], str] = str
    records: dict[tuple[str, str], Record] = field(default_factory=dict)

    def arrange(self, limits: Sequence[Limit]) -> None:
        """Replace the limits and forget what was counted."""
        self.limits = limits
        self.records.clear()

    def admit(self, call: LimitedCall, now: float) -> Refusal | None:
        """Count a request in, or say why not; ``now`` in seconds since 1970."""
        concerned = [(limit, key) for limit in self.limits if (key := limit.key(call)) is not None]
        for limit, key in concerned:
            refusal = limit.refuse(call, key, now)
            if refusal is not None:
                self._record(limit, key, now).refused.append(now)
                return refusal
        for limit, key in concerned:
            limit.take(key, now)
            self._record(limit, key, now).granted.append(now)
        return None

    def headers(self, call: LimitedCall, now: float) -> Mapping[str, str]:
        """What a granted answer says about the limits."""
        found: dict[str, str] = {}
        for limit in self.limits:
            key = limit.key(call)
            if key is not None:
                found |= limit.headers(key, now)
        return found

    def charge(self, call: LimitedCall, objects: int, now: float) -> None:
        """Tell the limits how many objects an answer held."""
        for limit in self.limits:
            key = limit.key(call)
            if key is not None:
                limit.charge(key, call, objects, now)

    def usages(self, now: float) -> Sequence[Usage]:
        """How each limit and key was used since its first request."""
        by_name = {limit.name: limit for limit in self.limits}
        return [
            Usage(
                limit=name,
                key=key,
                granted=len(record.granted),
                refused=len(record.refused),
                allowed=by_name[name].allowed(key, record.since, now),
                since=record.since,
                until=now,
                busiest_second=record.peak(1.0),
            )
            for (name, key), record in self.records.items()
        ]

    def peak(self, limit: str, key: str, span: float) -> int:
        """The greatest number of requests granted in any ``span`` seconds."""
        record = self.records.get((limit, key))
        return 0 if record is None else record.peak(span)

    def describe(self, request: web.Request, account: str) -> LimitedCall:
        """A request as the limits see it."""
        path = _REST.sub("", request.path).strip("/")
        issue = _ISSUE.match(path)
        return LimitedCall(
            account=account,
            method=request.method,
            endpoint="/".join("{}" if _ID.fullmatch(part) else part for part in path.split("/")),
            issue=self.issue_of(issue.group(1)) if issue else None,
        )

    def _record(self, limit: Limit, key: str, now: float) -> Record:
        return self.records.setdefault((limit.name, key), Record(since=now))


def limit_middleware(
    limits: RateLimits,
    account_of: Callable[[web.Request], str],
    clock: Callable[[], float] = time.time,
) -> Middleware:
    """The limits in front of an application; the control interface is never limited.

    ``account_of`` names the account of a request, "" for an anonymous one.
    """

    @web.middleware
    async def limited(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not limits.limits or request.path.startswith(CONTROL_PREFIX):
            return await handler(request)
        call = limits.describe(request, account_of(request))
        refusal = limits.admit(call, clock())
        if refusal is not None:
            return web.json_response(_TOO_MANY, status=429, headers=refusal.headers)
        response = await handler(request)
        limits.charge(call, count_objects(response), clock())
        if not response.prepared:
            response.headers.update(limits.headers(call, clock()))
        return response

    return limited


def count_objects(response: web.StreamResponse) -> int:
    """The objects in an answer: the members of its list, or one."""
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes) or not response.body:
        return 0
    try:
        answer = msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return 0
    if isinstance(answer, list):
        return len(answer)
    lists = [value for key, value in answer.items() if key in _LISTS] if isinstance(answer, dict) else []
    return sum(len(value) for value in lists if isinstance(value, list)) if lists else 1


_LISTS = frozenset({"issues", "values", "comments", "worklogs", "histories"})
