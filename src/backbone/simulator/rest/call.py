"""One request as the endpoints see it, and the site that it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from backbone.simulator.faults import FaultBoard
from backbone.simulator.flavour import Traits
from backbone.simulator.indexing import SearchIndex
from backbone.simulator.limits import RateLimits
from backbone.simulator.rest.calls import CallCounts
from backbone.simulator.rest.errors import Refused
from backbone.simulator.webhooks import Webhooks
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World

Body = dict[str, object]
NODE_COOKIE = "AWSALB"


@dataclass(slots=True, kw_only=True)
class Site:
    """A running pretend Jira: its world, its traits, and what is done to its traffic.

    ``latency`` is added to every call, in seconds. A cluster has several ``nodes``, which take turns
    unless the caller returns the load balancer's cookie; alone, ``node`` answers. ``media_port`` is where Cloud's media host listens.
    """

    world: World
    traits: Traits
    context: str = ""
    media_port: int = 0
    latency: float = 0.0
    node: int = 0
    nodes: int = 1
    turn: int = 0
    calls: CallCounts = field(default_factory=CallCounts)
    faults: FaultBoard = field(default_factory=FaultBoard)
    limits: RateLimits = field(default_factory=RateLimits)
    index: SearchIndex[Issue] = field(default_factory=SearchIndex)
    busy: set[int] = field(default_factory=set)
    media_tickets: dict[str, int] = field(default_factory=dict)

    remake: Callable[[], World] | None = None
    webhooks: Webhooks = field(init=False)

    def __post_init__(self) -> None:
        self.webhooks = Webhooks(self.traits, self._now)
        self.faults.context = self.context
        self.limits.issue_of = self._issue_name
        self._settle_in()

    def reset(self) -> None:
        """Begin again: the world of the plan, no faults, no limits, no lag, no counts."""
        if self.remake is None:
            raise LookupError("this world was not made from a plan")
        self.world = self.remake()
        self.index = SearchIndex()
        self.latency, self.node, self.nodes = 0.0, 0, 1
        self.calls.reset()
        self.faults.clear()
        self.limits.arrange(())
        self.busy.clear()
        self.webhooks.clear()
        self._settle_in()

    def node_of(self, request: web.Request) -> int:
        """The node that answers: the one of the cookie, or the next."""
        if self.nodes == 1:
            return self.node
        kept = request.cookies.get(NODE_COOKIE, "").removeprefix("node")
        if kept.isdecimal():
            return int(kept) % self.nodes
        self.turn += 1
        return self.turn % self.nodes

    def _settle_in(self) -> None:
        self.world.flavour = self.traits.flavour
        now = self.world.clock()
        for issue in self.world.issues.values():
            self.index.note(issue.id, issue, now)
        self.world.watchers.append(self.index)
        self.world.observers.append(self.webhooks)

    def _now(self) -> datetime:
        return self.world.clock()

    def _issue_name(self, id_or_key: str) -> str:
        issue = self.world.find_issue(id_or_key)
        return id_or_key if issue is None else str(issue.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authenticated request."""

    request: web.Request
    site: Site
    account: User | None
    api: str
    node: int = 0

    @property
    def world(self) -> World:
        return self.site.world

    @property
    def traits(self) -> Traits:
        return self.site.traits

    @property
    def user(self) -> User:
        """The account, or 401 for an anonymous caller."""
        if self.account is None:
            raise Refused(401, "You are not authenticated. Authentication required to perform this operation.")
        return self.account

    def require_user(self) -> None:
        """Refuse an anonymous caller with 401."""
        _ = self.user

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which this caller reads and writes times."""
        return ZoneInfo(self.account.time_zone if self.account else self.world.settings.time_zone)

    @property
    def base(self) -> str:
        """The address of the site, as the caller used it."""
        return f"{self.request.scheme}://{self.request.host}{self.site.context}"

    @property
    def rest(self) -> str:
        """The address of the REST interface in the version that was called."""
        return f"{self.base}/rest/api/{self.api}"

    def path(self, name: str) -> str:
        """A part of the path."""
        return self.request.match_info[name]

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query.get(name, default)

    def names(self, name: str) -> list[str]:
        """A query parameter that holds names, separated by commas or repeated."""
        found = self.request.query.getall(name, [])
        return [part.strip() for text in found for part in text.split(",") if part.strip()]

    def number(self, name: str, default: int) -> int:
        """A query parameter that holds a number."""
        text = self.query(name)
        if not text:
            return default
        try:
            return int(text)
        except ValueError:
            raise Refused(404 if not self.traits.is_cloud else 400, f"'{text}' is not a number: {name}") from None

    def says_yes(self, name: str) -> bool:
        """Whether a query parameter is ``true``; absent it is not."""
        return self.query(name).lower() == "true"

    def says_no(self, name: str) -> bool:
        """Whether a query parameter is ``false``; absent it is not."""
        return self.query(name).lower() == "false"

    async def json(self) -> object:
        """The body as JSON, or Jira's refusal."""
        if self.request.content_type != "application/json":
            raise Refused(415, body="<html><head><title>Unsupported Media Type</title></head></html>")
        raw = await self.request.read()
        if not self.traits.is_cloud and len(raw) > self.world.settings.body_limit:
            raise Refused(413, body="<html><head><title>Request Entity Too Large</title></head></html>")
        try:
            return msgspec.json.decode(raw)
        except msgspec.DecodeError as error:
            message = "There was an error parsing JSON. Check that your request body is valid."
            raise Refused(400, message if self.traits.is_cloud else f"Unexpected character: {error}") from None

    async def body(self, allowed: Iterable[str]) -> Body:
        """The body as an object that has no other than the allowed keys."""
        return checked(await self.json(), allowed)


def checked(body: object, allowed: Iterable[str]) -> Body:
    """The object, or 400 for another shape or an unknown key."""
    if not isinstance(body, dict):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation and try again.")
    known = set(allowed)
    unknown = [key for key in body if key not in known]
    if unknown:
        listed = ", ".join(repr(key) for key in unknown)
        raise Refused(400, f"Unrecognized field {listed} (the simulator refuses what Jira might ignore)")
    return body


def mapping(body: Mapping[str, object], key: str) -> Body:
    """A part of a body that must be an object; absent or null is an empty one."""
    part = body.get(key)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise Refused(400, errors={key: "data was not an object"})
    return part


def texts(body: Mapping[str, object], key: str) -> list[str]:
    """A part of a body that must be an array of strings; numbers are read as text."""
    part = body.get(key)
    if part is None:
        return []
    if not isinstance(part, list) or not all(isinstance(item, str | int) for item in part):
        raise Refused(400, errors={key: "data was not an array"})
    return [str(item) for item in part]


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json", charset="UTF-8", headers=headers
    )


def no_content() -> web.Response:
    """204."""
    return web.Response(status=204)
