"""What a Jira tells about the names of a declaration: fetched once a connection and project, before anything is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from backbone.app.declaration.document import SidePart
from backbone.app.declaration.findings import KeyName, Path
from backbone.app.declaration.report import Report
from backbone.core.model.keys import ConnectionName, FieldId, ProjectId, Role, TypeId
from backbone.ports.tracker import (
    AccessError,
    AccountInfo,
    CreateField,
    FieldInfo,
    ProjectInfo,
    TrackerError,
    TypeInfo,
)


class Metadata(Protocol):
    """The part of the tracker port that is asked here; every ``Tracker`` has it."""

    async def account(self) -> AccountInfo: ...

    async def project(self, key_or_id: str) -> ProjectInfo | None: ...

    async def fields(self) -> tuple[FieldInfo, ...]: ...

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]: ...

    async def options(
        self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]
    ) -> tuple[CreateField, ...]: ...

    async def check_jql(self, jql: str) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A Jira as our account sees it."""

    name: ConnectionName
    tracker: Metadata
    account: AccountInfo
    fields: tuple[FieldInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """One half's project with its issue types; ``path`` leads to the half in the file."""

    role: Role
    path: Path
    connection: ConnectionView
    project: ProjectInfo
    types: tuple[TypeInfo, ...]


@dataclass(slots=True)
class Surroundings:
    """Asks each connection and each project once, and reports what can't be had."""

    trackers: Mapping[ConnectionName, Metadata]
    report: Report
    _connections: dict[ConnectionName, ConnectionView | None] = field(default_factory=dict)
    _projects: dict[tuple[ConnectionName, str], tuple[ProjectInfo, tuple[TypeInfo, ...]] | None] = field(
        default_factory=dict
    )
    _options: dict[tuple[ConnectionName, FieldId, ProjectId, tuple[TypeId, ...]], tuple[CreateField, ...]] = field(
        default_factory=dict
    )

    async def side(self, role: Role, part: SidePart, path: Path) -> SideView | None:
        """The half's view, or ``None`` when that is reported as an error."""
        connection = await self.connection(ConnectionName(part.connection))
        if connection is None:
            return None
        try:
            found = await self._project(connection, part.project)
        except TrackerError as error:
            self._unreachable(connection.name, error)
            return None
        if found is None:
            cure = f"Check the key; the account {connection.account.name!r} may also lack the right to see the project"
            self.report.error((*path, "project"), f"there is no project {part.project!r} in {connection.name}", cure)
            return None
        project, types = found
        if part.project in project.former:
            self.report.warn((*path, "project"), f"the project's key is {project.key} now", f"Write {project.key}")
        return SideView(role=role, path=path, connection=connection, project=project, types=types)

    async def check_jql(self, side: SideView, jql: str, path: Path) -> None:
        """Have Jira read a JQL, and report what it says."""
        try:
            complaint = await side.connection.tracker.check_jql(jql) if jql else None
        except TrackerError as error:
            self._unreachable(side.connection.name, error)
            return
        if complaint:
            self.report.error(path, f"Jira refuses the JQL: {complaint.rstrip('.')}", "Try it in Jira's issue search")

    async def options(
        self, side: SideView, field_id: FieldId, types: Sequence[TypeId]
    ) -> tuple[CreateField, ...] | None:
        """The options of a field for some issue types of a half, or ``None`` when Jira's failure is reported."""
        key = (side.connection.name, field_id, side.project.id, tuple(types))
        if key not in self._options:
            try:
                found = await side.connection.tracker.options(field_id, side.project.id, types)
            except TrackerError as error:
                self._unreachable(side.connection.name, error)
                return None
            self._options[key] = tuple(found)
        return self._options[key]

    async def connection(self, name: ConnectionName) -> ConnectionView | None:
        if name not in self._connections:
            tracker = self.trackers[name]
            try:
                account, fields = await tracker.account(), await tracker.fields()
                self._connections[name] = ConnectionView(name=name, tracker=tracker, account=account, fields=fields)
            except TrackerError as error:
                self._unreachable(name, error)
                self._connections[name] = None
        return self._connections[name]

    async def _project(self, connection: ConnectionView, key: str) -> tuple[ProjectInfo, tuple[TypeInfo, ...]] | None:
        known = (connection.name, key)
        if known not in self._projects:
            project = await connection.tracker.project(key)
            types = await connection.tracker.types(project.id) if project else ()
            self._projects[known] = (project, types) if project else None
        return self._projects[known]

    def _unreachable(self, name: ConnectionName, error: TrackerError) -> None:
        path: Path = ("connections", KeyName(name))
        if isinstance(error, AccessError):
            cure = error.remedy.rstrip(".")
            self.report.error(path, error.cause.rstrip("."), cure[:1].upper() + cure[1:])
        else:
            self.report.error(path, str(error).rstrip("."), "Check the address and the network, then try again")
