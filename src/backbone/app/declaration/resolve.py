"""Looks every name of a declaration up in the Jiras that it names, and compiles what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import BaseModel

from backbone.app.declaration.aliases import Aliases, report_unmapped, report_unspeakable
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
    SidePart,
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
from backbone.app.declaration.one_half import OneHalf, map_half
from backbone.app.declaration.partners import UNPUBLISHED, report_partners_things, within
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.reading import Declaration
from backbone.app.declaration.report import Report
from backbone.app.declaration.rooted import rooted_connection, rooted_synchronization
from backbone.app.declaration.starting import StartPart
from backbone.app.declaration.surroundings import Metadata, SideView, Surroundings
from backbone.core.mapping.discussion import ANONYMOUS
from backbone.core.mapping.offering import exchange_of
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
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import ConnectionName, FieldId, Millis, Role
from backbone.core.model.values import FieldKind

_BYTES_OF_MB = 1_000_000
_WRITTEN_TEXT = frozenset({FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.URL})


NOTHING_PUBLISHED: Mapping[str, Exchange] = {}


async def resolve(
    declaration: Declaration,
    trackers: Mapping[ConnectionName, Metadata],
    published: Mapping[str, Exchange] = NOTHING_PUBLISHED,
) -> Declared:
    """The declaration with every name found; ``trackers`` has one for each connection. Raises DeclarationError.

    ``published`` has what masters behind firewalls published, by the identities of the synchronizations.
    """
    report = Report(declaration=declaration)
    around = Surroundings(trackers, report)
    connections = await _connections(declaration, around)
    resolved = [
        await _synchronization(part, ("synchronizations", index), around, published.get(part.identity))
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
        DeclaredConnection(
            name=view.name,
            url=part.url,
            account=view.account,
            document=rooted_connection(plain_json(part), declaration.folder),
        )
        for view, part in views
        if view is not None
    )


async def _synchronization(
    part: SynchronizationPart, path: Path, around: Surroundings, published: Exchange | None
) -> ResolvedSynchronization | None:
    found = [await around.side(role, document, (*path, role.value)) for role, document in part.sides]
    sides = [side for side in found if side is not None]
    if len(sides) < len(found):
        return None
    kind = _type(part, sides, path, around.report)
    halves: Sequence[HalfConfiguration]
    if part.here is None:
        halves = await _both(part, sides[0], sides[1], path, around)
    else:
        halves = [await _only(part, sides[0], path, around, published)]
    offered = published
    if part.here is Role.FIRST:
        offered = exchange_of(halves[0])
        if not around.report.errors:
            report_unspeakable(part, offered, path, around.report)
    return ResolvedSynchronization(
        name=part.title,
        description=part.description or _description(sides),
        type=kind,
        halves=tuple(halves),
        projects=tuple(side.project for side in sides),
        interval=part.interval,
        document=rooted_synchronization(plain_json(part), around.report.declaration.folder),
        id=part.id,
        channel=part.channel,
        exchange=offered if part.here is not None else None,
    )


async def _both(
    part: SynchronizationPart, first: SideView, second: SideView, path: Path, around: Surroundings
) -> list[HalfConfiguration]:
    rows = find_rows(part.issue_types, first, second, (*path, "issue_types"), around.report)
    setting = Setting(title=part.identity, path=path, first=first, second=second, rows=rows)
    mapped = await _mappings(part, setting, around)
    halves = []
    for index, side in enumerate((first, second)):
        half = replace(await _half(part, side, path, around), types=compile_types(rows, side.role))
        half = replace(half, fields=tuple(both[index] for both in mapped))
        halves.append(_with_correlation(half, part, side, path, around.report))
    return halves


async def _only(
    part: SynchronizationPart, side: SideView, path: Path, around: Surroundings, published: Exchange | None
) -> HalfConfiguration:
    """Our half, whose partner is behind firewalls; it exchanges nothing before the master published something."""
    half = within(await _half(part, side, path, around), published)
    report_partners_things(part, side.role, path, around.report)
    if side.role is Role.SECOND and published is None:
        around.report.warn(path, *UNPUBLISHED)
        return replace(half, comments=CommentRules(), files=FileRules())
    aliases = Aliases(here=side.role, published=published, report=around.report)
    types, fields = await map_half(OneHalf(part=part, path=path, side=side, aliases=aliases, around=around))
    half = replace(half, types=types, fields=fields)
    if published is not None:
        report_unmapped(part, published, path, around.report)
    return _with_correlation(half, part, side, path, around.report)


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


async def _half(part: SynchronizationPart, side: SideView, path: Path, around: Surroundings) -> HalfConfiguration:
    """A half without what is joined with the other one."""
    document = part.side(side.role)
    assert document is not None, "it is the side that was looked up"
    await _check_queries(part, side, document, path, around)
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
        comments=_comments(part, side.role),
        files=_files(part.attachments, side.role),
        screen_fields=_screen_fields(part, side, path, around.report),
        renders=account.cloud,
    )


def _start(part: StartPart, role: Role) -> StartWith:
    if part.since is not None:
        since = int(part.since.timestamp() * 1000)
        return StartSince(since=Millis(max(0, since)))  # a number below zero is a span of time in JQL
    if part.jql is not None:
        jql = part.jql.first if role is Role.FIRST else part.jql.second
        return StartJql(jql=jql, since=Millis(0)) if jql else StartNew(since=Millis(0))
    return StartAll() if part.mode == "all" else StartNew(since=Millis(0))


def _comments(whole: SynchronizationPart, role: Role) -> CommentRules:
    part = whole.comments
    if part is None:
        return CommentRules()
    sends, receives = _ways(part.direction, role)
    hides = part.hide_authors if part.hide_authors is not None else whole.here is not None
    return CommentRules(
        sends=sends,
        receives=receives,
        template=part.template,
        authors=part.authors,
        anonymous=ANONYMOUS if hides else None,
    )


def _files(part: AttachmentsPart | None, role: Role) -> FileRules:
    if part is None:
        return FileRules()
    sends, receives = _ways(part.direction, role)
    largest = None if part.largest_mb is None else int(part.largest_mb * _BYTES_OF_MB)
    return FileRules(sends=sends, receives=receives, largest=largest)


def _ways(direction: Direction, role: Role) -> tuple[bool, bool]:
    ways = (direction.to_second, direction.to_first)
    return ways if role is Role.FIRST else (ways[1], ways[0])


def _type(part: SynchronizationPart, sides: Sequence[SideView], path: Path, report: Report) -> SynchronizationType:
    cloud = any(side.connection.account.cloud for side in sides)
    same = len(sides) == 2 and len({side.connection.account.server_id for side in sides}) == 1
    if same and sides[0].project.id == sides[1].project.id:
        report.error((*path, "second", "project"), "both sides are the same project", "Name another project")
    found = SynchronizationType.CLOUD if cloud else SynchronizationType.SERVER
    found = SynchronizationType.LOCAL if same else found
    if part.here is None and part.type not in (None, found):
        report.error((*path, "type"), f"these two Jiras make it {found}, not {part.type}", f"Write type: {found}")
    return found


def _description(sides: Sequence[SideView]) -> str:
    names = [f"project {side.project.name} ({side.project.key})" for side in sides]
    if len(names) == 1:
        return f"This integration synchronizes issues between {names[0]} and a partner's project"
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
    found: dict[FieldId, str] = {}
    for name, text in (given.first if side.role is Role.FIRST else given.second).items():
        at: Path = (*path, "status", "screen_fields", side.role.value, KeyName(name))
        info = find_field(name, side.connection.fields, at, report)
        if info is not None and info.id in found:
            report.error(at, f"{info.name!r} stands above already", "Remove one")
        elif info is not None:
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
