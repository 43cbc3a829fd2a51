"""A configuration that somebody gives, on the way to what can be published: who may, whether it is right, what it means.

It goes the way of a file. Of the connections that it names only the address is told: they are stored, and open already.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import Declared, Json, ResolvedSynchronization, unkeyed
from backbone.app.declaration.findings import DeclarationError, Finding
from backbone.app.declaration.reading import Declaration, declaration_from
from backbone.app.declaration.resolve import plain_json, resolve
from backbone.app.usecases.integrations import connection_url
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectionName, Role
from backbone.ports.records import StoredConnection
from backbone.ports.tracker import AccessError, ProjectInfo, Tracker, TrackerError

Part = Mapping[str, Json]
"""A synchronization's part of the configuration file."""

Trackers = Mapping[ConnectionName, Tracker]

_SIDES = (("first", Role.FIRST), ("second", Role.SECOND))
_IN_THE_FILE = re.compile(r"^synchronizations(\[1\])?\.?")
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_APART = {"name": "summary", "id": "summary", "description": "description"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing that has to be put right: a place such as ``configuration.fields[3].first``, what, and how."""

    place: str
    message: str
    cure: str

    def show(self) -> str:
        cure = f" {self.cure.rstrip('.')}." if self.cure else ""
        return f"{self.message[:1].upper()}{self.message[1:].rstrip('.')}.{cure}"


FOR_FILES_ONLY = Wrong(
    place="configuration.channel",
    message="a synchronization with a partner behind firewalls is declared in a file alone",
    cure="Change the file that 'backbone export' writes, and run 'backbone apply FILE'",
)


class Unfit(Exception):
    """The configuration can't be used; nothing was changed."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(f"{one.place}: {one.show()}" for one in wrong))
        self.wrong = tuple(wrong)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """A configuration with every name found; ``declared`` is the file that it would be the only content of."""

    declared: Declared
    synchronization: ResolvedSynchronization


def read(part: Part, stored: Sequence[StoredConnection]) -> Declaration:
    """The configuration as a checked document. Raises Unfit for what can be told without asking a Jira."""
    if "channel" in part:
        raise Unfit([FOR_FILES_ONLY])
    by_name = {one.name: one for one in stored if "~" not in one.name}
    connections = {name: _address(by_name[name]) for name in _named(part) if name in by_name}
    missing = [_no_connection(side, part) for side, _ in _SIDES if _connection(part, side) not in by_name]
    if missing:
        raise Unfit(missing)
    document = {"connections": connections, "synchronizations": [dict(part)]}
    try:
        return declaration_from(_as_yaml(document).encode(), "the configuration")
    except DeclarationError as error:
        raise Unfit(wrong_of(error.findings)) from error


def _as_yaml(document: object) -> str:
    """JSON is YAML, but for a few characters that break lines there or may not stand in it as they are."""
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(document, ensure_ascii=False))


def normal(part: Part, stored: Sequence[StoredConnection]) -> Part:
    """The configuration as it is stored, so that two that say the same are equal. Raises Unfit."""
    return plain_json(read(part, stored).document.synchronizations[0])


def trackers_for(part: Part, trackers: Trackers, halves: Sequence[HalfConfiguration] = ()) -> Trackers:
    """The Jiras that a configuration names; a half that reaches its own by a connection of its own keeps to that.

    Raises Unfit when one can't be reached for want of its log-in.
    """
    own = {half.jira: half.connection for half in halves}
    found: dict[ConnectionName, Tracker] = {}
    for name in _named(part):
        try:
            found[name] = trackers[own.get(name, name)]
        except TrackerError as error:
            cure = error.remedy if isinstance(error, AccessError) else "Try again in a moment"
            raise Unfit([Wrong(place=f"connections.{name}", message=str(error), cure=cure)]) from error
    return found


async def require_projects(caller: Caller, part: Part, trackers: Trackers) -> tuple[ProjectInfo, ProjectInfo]:
    """Both projects, which the caller has to administer. Raises Unfit; of others' projects it tells nothing."""
    first, second = [await _project(caller, part, side, role, trackers) for side, role in _SIDES]
    wrong = [one for one in (first, second) if isinstance(one, Wrong)]
    if isinstance(first, Wrong) or isinstance(second, Wrong):
        raise Unfit(wrong)
    return first, second


async def find_names(declaration: Declaration, trackers: Trackers) -> Resolved:
    """Look every name up in both Jiras. Raises Unfit."""
    try:
        declared = await resolve(declaration, trackers)
    except DeclarationError as error:
        raise Unfit(wrong_of(error.findings)) from error
    return Resolved(declared=declared, synchronization=declared.synchronizations[0])


def wrong_of(findings: Iterable[Finding]) -> list[Wrong]:
    return [Wrong(place=place_of(one.path), message=one.message, cure=one.cure) for one in findings]


def place_of(path: str) -> str:
    """Where something is in what was given.

    >>> place_of("synchronizations[1].fields[3].first"), place_of("synchronizations[1].name")
    ('configuration.fields[3].first', 'summary')
    """
    inside, found = _IN_THE_FILE.subn("", path)
    if not found:
        return path or "configuration"
    return _APART.get(inside) or (f"configuration.{inside}" if inside else "configuration")


async def _project(caller: Caller, part: Part, side: str, role: Role, trackers: Trackers) -> ProjectInfo | Wrong:
    name, key = ConnectionName(_connection(part, side)), _project_key(part, side)
    place = f"configuration.{side}"
    if not _reaches(caller, name):
        return _no_project(place, name, key)
    try:
        project = await trackers[name].project(key)
    except TrackerError as error:
        return Wrong(
            place=f"connections.{name}", message=str(error), cure="Check that this Jira answers, then try again"
        )
    if project is None or not caller.administers(unkeyed(connection=name, role=role, origin="", project=project.id)):
        return _no_project(place, name, key)
    return project


def _reaches(caller: Caller, name: ConnectionName) -> bool:
    """Whether the caller administers anything there: others may not even ask."""
    return caller.everything or name in caller.instances or any(name == one for one, _ in caller.projects)


def _no_project(place: str, name: ConnectionName, key: str) -> Wrong:
    return Wrong(
        place=f"{place}.project",
        message=f"there is no project {key!r} in {name} that you administer",
        cure="Name a project that you administer; whoever publishes has to administer both",
    )


def _no_connection(side: str, part: Part) -> Wrong:
    name = _connection(part, side)
    return Wrong(
        place=f"configuration.{side}.connection",
        message=f"there is no connection {name!r}" if name else "no connection is named",
        cure="Name a connection that is stored; 'backbone apply' stores those of a file",
    )


def _named(part: Part) -> list[ConnectionName]:
    return list(dict.fromkeys(ConnectionName(_connection(part, side)) for side, _ in _SIDES))


def _connection(part: Part, side: str) -> str:
    given = part.get(side)
    return str(given.get("connection") or "") if isinstance(given, Mapping) else ""


def _project_key(part: Part, side: str) -> str:
    given = part.get(side)
    return str(given.get("project") or "") if isinstance(given, Mapping) else ""


def _address(stored: StoredConnection) -> dict[str, object]:
    """As much of a connection as a configuration is checked with; how it logs in is nobody's business here."""
    return {"url": connection_url(stored) or "", "token": {"env": "STORED"}}
