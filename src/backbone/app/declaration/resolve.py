"""Looks every name of a declaration up in the Jiras that it names, and compiles what is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel

from backbone.app.declaration.declared import (
    Declared,
    DeclaredConnection,
    Json,
    ResolvedSynchronization,
    origin_of,
    unkeyed,
)
from backbone.app.declaration.document import (
    AttachmentsPart,
    CommentsPart,
    SidePart,
    StartPart,
    SynchronizationPart,
    SynchronizationType,
)
from backbone.app.declaration.findings import KeyName, Path
from backbone.app.declaration.issue_types import compile_types, find_rows
from backbone.app.declaration.jql import broken
from backbone.app.declaration.mappings import (
    Both,
    Joined,
    Setting,
    join_fields,
    map_field,
    map_status,
    report_clashes,
    warn_of_missing_summary,
)
from backbone.app.declaration.naming import find_field
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.reading import Declaration
from backbone.app.declaration.report import Report
from backbone.app.declaration.surroundings import Metadata, SideView, Surroundings
from backbone.core.model.configuration import (
    CommentRules,
    FileRules,
    HalfConfiguration,
    StartAll,
    StartJql,
    StartNew,
    StartSince,
    StartWith,
)
from backbone.core.model.keys import ConnectionName, FieldId, Millis, Role
from backbone.core.model.values import FieldKind

_BYTES_OF_MB = 1_000_000
_WRITTEN_TEXT = frozenset({FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.URL})


async def resolve(declaration: Declaration, trackers: Mapping[ConnectionName, Metadata]) -> Declared:
    """The declaration with every name found; ``trackers`` has one for each connection. Raises DeclarationError."""
    report = Report(declaration=declaration)
    around = Surroundings(trackers, report)
    connections = await _connections(declaration, around)
    resolved = [
        await _synchronization(part, ("synchronizations", index), around)
        for index, part in enumerate(declaration.document.synchronizations)
    ]
    report.raise_errors()
    return Declared(
        connections=connections,
        synchronizations=tuple(one for one in resolved if one is not None),
        warnings=tuple(sorted({*declaration.warnings, *report.warnings})),
    )


async def _connections(declaration: Declaration, around: Surroundings) -> tuple[DeclaredConnection, ...]:
    views = [
        (await around.connection(ConnectionName(name)), part) for name, part in declaration.document.connections.items()
    ]
    return tuple(
        DeclaredConnection(name=view.name, url=part.url, account=view.account, document=plain_json(part))
        for view, part in views
        if view is not None
    )


async def _synchronization(
    part: SynchronizationPart, path: Path, around: Surroundings
) -> ResolvedSynchronization | None:
    first = await around.side(Role.FIRST, part.first, (*path, "first"))
    second = await around.side(Role.SECOND, part.second, (*path, "second"))
    if first is None or second is None:
        return None
    kind = _type(part, first, second, path, around.report)
    rows = find_rows(part.issue_types, first, second, (*path, "issue_types"), around.report)
    setting = Setting(title=part.identity, path=path, first=first, second=second, rows=rows)
    mapped = await _mappings(part, setting, around)
    halves = []
    for side, document in ((first, part.first), (second, part.second)):
        await _check_queries(part, side, document, path, around)
        half = replace(_half(part, side, document), types=compile_types(rows, side.role))
        fields = tuple(both[0 if side.role is Role.FIRST else 1] for both in mapped)
        half = replace(half, fields=fields, screen_fields=_screen_fields(part, side, path, around.report))
        halves.append(_with_correlation(half, part, side, path, around.report))
    return ResolvedSynchronization(
        name=part.title,
        description=part.description or _description(first, second),
        type=kind,
        first=halves[0],
        second=halves[1],
        projects=(first.project, second.project),
        interval=part.interval,
        document=plain_json(part),
        id=part.id,
    )


def plain_json(part: BaseModel) -> dict[str, Json]:
    """A part of the document as plain JSON, without what was not written."""
    plain: dict[str, Json] = part.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return plain


async def _mappings(part: SynchronizationPart, setting: Setting, around: Surroundings) -> list[Both]:
    found = [(one, join_fields(one, index, setting, around.report)) for index, one in enumerate(part.fields)]
    joined: list[Joined] = [match for _, match in found if match is not None]
    report_clashes(joined, around.report)
    warn_of_missing_summary(joined, setting, around.report)
    mapped = [await map_field(one, match, setting, around) for one, match in found if match is not None]
    if part.status is not None:
        mapped.append(map_status(part.status, setting, around.report))
    return [both for both in mapped if both is not None]


def _half(part: SynchronizationPart, side: SideView, document: SidePart) -> HalfConfiguration:
    account, project = side.connection.account, side.project
    half = unkeyed(
        connection=side.connection.name,
        role=side.role,
        origin=origin_of(account.server_id, project.id),
        project=project.id,
    )
    return replace(
        half,
        jql=document.jql.strip(),
        start_with=_start(part.start_with, side.role),
        comments=_comments(part.comments, side.role),
        files=_files(part.attachments, side.role),
        renders=account.cloud,
    )


def _start(part: StartPart, role: Role) -> StartWith:
    if part.since is not None:
        return StartSince(since=Millis(int(part.since.timestamp() * 1000)))
    if part.jql is not None:
        jql = part.jql.first if role is Role.FIRST else part.jql.second
        return StartJql(jql=jql, since=Millis(0)) if jql else StartNew(since=Millis(0))
    return StartAll() if part.mode == "all" else StartNew(since=Millis(0))


def _comments(part: CommentsPart | None, role: Role) -> CommentRules:
    if part is None:
        return CommentRules()
    sends, receives = _ways(part.direction, role)
    return CommentRules(sends=sends, receives=receives, template=part.template)


def _files(part: AttachmentsPart | None, role: Role) -> FileRules:
    if part is None:
        return FileRules()
    sends, receives = _ways(part.direction, role)
    largest = None if part.largest_mb is None else int(part.largest_mb * _BYTES_OF_MB)
    return FileRules(sends=sends, receives=receives, largest=largest)


def _ways(direction: Direction, role: Role) -> tuple[bool, bool]:
    ways = (direction.to_second, direction.to_first)
    return ways if role is Role.FIRST else (ways[1], ways[0])


def _type(
    part: SynchronizationPart, first: SideView, second: SideView, path: Path, report: Report
) -> SynchronizationType:
    cloud = first.connection.account.cloud or second.connection.account.cloud
    same = first.connection.account.server_id == second.connection.account.server_id
    if same and first.project.id == second.project.id:
        report.error((*path, "second", "project"), "both sides are the same project", "Name another project")
    found = SynchronizationType.CLOUD if cloud else SynchronizationType.SERVER
    found = SynchronizationType.LOCAL if same else found
    if part.type not in (None, found):
        report.error((*path, "type"), f"these two Jiras make it {found}, not {part.type}", f"Write type: {found}")
    return found


def _description(first: SideView, second: SideView) -> str:
    names = [f"project {side.project.name} ({side.project.key})" for side in (first, second)]
    return f"This integration synchronizes issues between {names[0]} and {names[1]}"


async def _check_queries(
    part: SynchronizationPart, side: SideView, document: SidePart, path: Path, around: Surroundings
) -> None:
    await around.check_jql(side, document.jql.strip(), (*path, side.role.value, "jql"))
    start = _start(part.start_with, side.role)
    if isinstance(start, StartJql):
        at: Path = (*path, "start_with", "jql", side.role.value)
        if doubt := broken(start.jql):
            around.report.error(at, doubt.message, doubt.cure)
        else:
            await around.check_jql(side, start.jql, at)


def _screen_fields(part: SynchronizationPart, side: SideView, path: Path, report: Report) -> Mapping[FieldId, str]:
    given = part.status.screen_fields if part.status else None
    if given is None:
        return {}
    found = {}
    for name, text in (given.first if side.role is Role.FIRST else given.second).items():
        at: Path = (*path, "status", "screen_fields", side.role.value, KeyName(name))
        info = find_field(name, side.connection.fields, at, report)
        if info is not None:
            found[FieldId(info.id)] = text
    return found


def _with_correlation(
    half: HalfConfiguration, part: SynchronizationPart, side: SideView, path: Path, report: Report
) -> HalfConfiguration:
    names = part.correlation_field
    name = (names.first if side.role is Role.FIRST else names.second) if names else None
    if name is None:
        return half
    at: Path = (*path, "correlation_field", side.role.value)
    info = find_field(name, side.connection.fields, at, report)
    if info is None:
        return half
    if info.kind not in _WRITTEN_TEXT:
        report.error(at, f"{info.name!r} is no text field", "Name a text field, which will show the partner's key")
    if any(one.field == info.id for one in half.fields):
        report.error(at, f"{info.name!r} is among the fields already", "Name a field that nothing else is written to")
    return replace(half, correlation_field=FieldId(info.id))
