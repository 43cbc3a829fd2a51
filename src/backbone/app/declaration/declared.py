"""What a declaration comes to once every name is found: two configurations a synchronization, still without keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from backbone.app.declaration.channel import ChannelPart
from backbone.app.declaration.document import SynchronizationType
from backbone.app.declaration.findings import Finding
from backbone.core.model.configuration import HalfConfiguration, StartJql, StartNew
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import ConnectionName, ConnectorKey, Millis, ProjectId, Revision, Role, SynchronizationKey
from backbone.ports.tracker import AccountInfo, ProjectInfo

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredConnection:
    """A Jira that answered, with its part of the document (where secrets are found, never the secrets)."""

    name: ConnectionName
    url: str
    account: AccountInfo
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedSynchronization:
    """A synchronization; its halves get their keys from :func:`compile_halves`.

    ``id`` is written where the name is not what it is known by, since it was changed. ``interval`` is in seconds;
    ``document`` is its part of the file as plain JSON. Of a synchronization with a partner behind firewalls there is one
    half with one project; ``exchange`` is then what the master would publish, or what the slave mapped within.
    """

    name: str
    description: str
    type: SynchronizationType
    halves: tuple[HalfConfiguration, ...]
    projects: tuple[ProjectInfo, ...]
    interval: int | None
    document: Mapping[str, Json]
    id: str | None = None
    channel: ChannelPart | None = None
    exchange: Exchange | None = None

    @property
    def here(self) -> Role | None:
        """The half that is here where the other one is a partner's."""
        return self.halves[0].role if self.channel is not None else None

    @property
    def first(self) -> HalfConfiguration:
        """Of a synchronization whose halves are both here."""
        return self.halves[0]

    @property
    def second(self) -> HalfConfiguration:
        return self.halves[1]

    @property
    def identity(self) -> str:
        """What it is known by, in the file and in what is stored."""
        return self.id or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A whole file, every name found. ``warnings`` are for its author."""

    connections: tuple[DeclaredConnection, ...]
    synchronizations: tuple[ResolvedSynchronization, ...]
    warnings: tuple[Finding, ...] = ()


def compile_halves(
    resolved: ResolvedSynchronization,
    *,
    synchronization: SynchronizationKey,
    connectors: Sequence[ConnectorKey],
    revision: Revision,
    started: Millis,
) -> tuple[HalfConfiguration, ...]:
    """The halves that are here with their keys. ``started`` is the moment of the first start: what is new is newer than that."""
    return tuple(
        begun(
            replace(half, synchronization=synchronization, connector=connector, revision=revision),
            started,
        )
        for half, connector in zip(resolved.halves, connectors, strict=True)
    )


def identity_of(document: Mapping[str, object]) -> str:
    """What a stored synchronization is known by, as :attr:`SynchronizationPart.identity` says it of one in a file."""
    return str(document.get("id") or document.get("name") or _keys_of(document))


def named_by_its_keys(document: Mapping[str, object]) -> bool:
    """Whether a stored synchronization is called as one without a name is: by the keys of its projects."""
    return document.get("name") in (None, "", _keys_of(document))


def _keys_of(document: Mapping[str, object]) -> str:
    return " <> ".join(_projects(document))


def _projects(document: Mapping[str, object]) -> Iterator[str]:
    for side in (document.get("first"), document.get("second")):
        yield str(side.get("project", "")) if isinstance(side, Mapping) else ""


def without_keys(half: HalfConfiguration) -> HalfConfiguration:
    """The half as the file alone determines it: equal for equal declarations."""
    return begun(
        replace(half, synchronization=SynchronizationKey(""), connector=ConnectorKey(""), revision=Revision(0)),
        Millis(0),
    )


def unkeyed(*, connection: ConnectionName, role: Role, origin: str, project: ProjectId) -> HalfConfiguration:
    """A half to which everything else is still to be added."""
    return HalfConfiguration(
        synchronization=SynchronizationKey(""),
        connector=ConnectorKey(""),
        connection=connection,
        role=role,
        origin=origin,
        revision=Revision(0),
        project=project,
    )


def origin_of(server_id: str, project: ProjectId) -> str:
    """A short text that stands for a project of a Jira without telling which one it is."""
    return sha256(f"{server_id}\n{project}".encode()).hexdigest()[:8]


def begun(half: HalfConfiguration, started: Millis) -> HalfConfiguration:
    """The half as one that is started for the first time at that moment."""
    match half.start_with:
        case StartNew() | StartJql() as start:
            return replace(half, start_with=replace(start, since=started))
        case _:
            return half
