"""Who somebody is and what they administer, by their own credentials: asked of one Jira, remembered by nobody.

Sources: Jira REST v2, ``myself`` and ``mypermissions``; the headers of Seraph (Jira's log-in) as observed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from backbone.adapters.jira.answers import Answer, required
from backbone.adapters.jira.budget import Unmetered
from backbone.adapters.jira.codec.metadata import PermissionsJson
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.session import JiraSession, Request
from backbone.core.model.keys import ProjectId
from backbone.core.model.problems import Code
from backbone.ports.people import CaptchaDemanded, Checked, JiraPerson, JiraUnavailable, LogInRefused
from backbone.ports.tracker import AccessError, Lane, OutcomeUnknown, TrackerError, TransientError

_JIRA, _PROJECT = "ADMINISTER", "ADMINISTER_PROJECTS"
_AT_ONCE = 5


class GroupJson(msgspec.Struct):
    """A group of an account."""

    name: str = ""


class GroupsJson(msgspec.Struct):
    """The groups of an account, where they were asked for."""

    items: list[GroupJson] = []


class PersonJson(msgspec.Struct, rename="camel"):
    """The account that asks, with its groups."""

    account_id: str | None = None
    name: str | None = None
    key: str | None = None
    display_name: str = ""
    groups: GroupsJson | None = None


async def ask_person(connection: JiraConnection, projects: Sequence[ProjectId]) -> Checked:
    """Who the credentials of the connection belong to. They are sent once before Jira has accepted them.

    A Jira that fails is shown none: it may count them, and whoever tries again until it works would be locked out.
    """
    session = JiraSession(connection, Unmetered())
    try:
        try:
            await _require_up(session)
            answer = await session.send(_myself(), Lane.LIVE)
        except TrackerError as error:
            return _refused(error)
        if not answer.ok:
            return LogInRefused()
        try:
            return await _person(session, answer, projects)
        except TrackerError as error:
            return JiraUnavailable(cause=_cause(error), reached=False)
    finally:
        await session.close()


async def _require_up(session: JiraSession) -> None:
    """Raises TransientError where even who shows no credentials gets no answer of Jira."""
    path = f"{API}/serverInfo"
    async with session.foreign(session.connection.root + path, f"GET {path}") as response:
        if response.status >= 500:
            raise TransientError(f"GET {path}: Jira or a proxy failed ({response.status})")


def _myself() -> Request:
    """As a write, so that an answer that got lost is told from a question that never came there."""
    path = f"{API}/myself"
    return Request(method="GET", path=path, name=f"GET {path}", params={"expand": "groups"}, write=True)


def _refused(error: TrackerError) -> Checked:
    match error:
        case AccessError(code=Code.LOGIN_REFUSED):
            return LogInRefused()
        case AccessError(code=Code.CAPTCHA):
            return CaptchaDemanded()
        case _:
            return JiraUnavailable(cause=_cause(error), reached=isinstance(error, OutcomeUnknown))


def _cause(error: TrackerError) -> str:
    return str(error) or type(error).__name__


async def _person(session: JiraSession, answer: Answer, projects: Sequence[ProjectId]) -> JiraPerson:
    who = answer.decode(PersonJson)
    cloud = who.account_id is not None
    held = await _held(session, cloud=cloud)
    administers = held.get(_JIRA, False)
    # Without a project, Jira tells whether the permission is held in any.
    asked = projects if held.get(_PROJECT, False) and not administers else ()
    few = asyncio.Semaphore(_AT_ONCE)
    verdicts = await asyncio.gather(*(_administers(session, project, few, cloud=cloud) for project in asked))
    found = frozenset(project for project, verdict in zip(asked, verdicts, strict=True) if verdict)
    groups = who.groups.items if who.groups is not None else []
    ident = who.account_id or who.key or who.name or ""
    return JiraPerson(
        account=ident,
        shown=who.name or who.display_name or ident,
        administers=administers,
        projects=frozenset(projects) if administers else found,
        groups=frozenset(group.name for group in groups if group.name),
    )


async def _administers(session: JiraSession, project: ProjectId, few: asyncio.Semaphore, *, cloud: bool) -> bool:
    async with few:
        return (await _held(session, project, cloud=cloud)).get(_PROJECT, False)


async def _held(session: JiraSession, project: ProjectId | None = None, *, cloud: bool) -> dict[str, bool]:
    """Which of the two permissions are held. A project that can't be seen is nobody's to administer.

    Data Center tells all permissions; Cloud wants to be told which.
    """
    params = {} if project is None else {"projectId": str(project)}
    if cloud:
        params["permissions"] = f"{_JIRA},{_PROJECT}"
    answer = await session.get(f"{API}/mypermissions", Lane.LIVE, params=params)
    if project is not None and not answer.ok:
        return {}
    return {key: each.have for key, each in required(answer).decode(PermissionsJson).permissions.items()}
