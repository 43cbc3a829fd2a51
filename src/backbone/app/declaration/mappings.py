"""Field mappings of both halves: fields found, kinds compared, values looked up, each mapping with a lasting identity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from backbone.app.declaration.catalogue import FREE, Catalogue, by_name, catalogue_of, statuses_of
from backbone.app.declaration.correspondence import Sides, Tables, find_tables, tables_by_name, travelling
from backbone.app.declaration.document import FieldPart, StatusPart
from backbone.app.declaration.findings import KeyName, Path
from backbone.app.declaration.issue_types import TypeRow, limit_types
from backbone.app.declaration.kinds import CHOSEN, ELSEWHERE, TABLED, fits, refused_values
from backbone.app.declaration.naming import find_field
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.report import Report
from backbone.app.declaration.surroundings import SideView, Surroundings
from backbone.core.model.configuration import FieldMapping, StartPolicy, ValueTable
from backbone.core.model.keys import STATUS, SUMMARY, FieldId, MappingId, Role, TypeId
from backbone.core.model.values import FieldKind
from backbone.ports.tracker import FieldInfo

_NAMESPACE = uuid5(NAMESPACE_URL, "backbone:field-mapping")
_IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Limits = tuple[frozenset[TypeId] | None, frozenset[TypeId] | None]
Both = tuple[FieldMapping, FieldMapping]


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two fields that fit each other."""

    path: Path
    first: FieldInfo
    second: FieldInfo
    kinds: tuple[FieldKind, FieldKind]
    direction: Direction
    start: StartPolicy
    identity: MappingId
    alias: str
    limits: Limits

    def info(self, role: Role) -> FieldInfo:
        return self.first if role is Role.FIRST else self.second

    def receives(self, role: Role) -> bool:
        return self.direction.to_first if role is Role.FIRST else self.direction.to_second


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a synchronization's mappings have in common."""

    title: str
    path: Path
    first: SideView
    second: SideView
    rows: Sequence[TypeRow]


def mapping_id(title: str, *parts: str) -> MappingId:
    """The identity of a mapping: the same wherever it stands in the file (rule 10). ``title`` is the synchronization's."""
    return MappingId(str(uuid5(_NAMESPACE, "\n".join((title, *parts)))))


def join_fields(part: FieldPart, index: int, setting: Setting, report: Report) -> Joined | None:
    """The mapping's fields, or ``None`` when something is wrong and reported."""
    path: Path = (*setting.path, "fields", index)
    first = carried(part.first, setting.first, (*path, "first"), report)
    second = carried(part.second, setting.second, (*path, "second"), report)
    limits = limit_types(part.issue_types, setting.rows, (*path, "issue_types"), report)
    if first is None or second is None or first.kind is None or second.kind is None:
        return None
    kinds = (first.kind, second.kind)
    direction = travelling(part.values, part.direction, (*path, "values"), report)
    if not fit(kinds, direction, path, report):
        return None
    if part.values is not None and not TABLED.issuperset(kinds):
        report.error((*path, "values"), "these fields have no options to choose from", "Remove values:")
        return None
    ids = (first.id,) if first.id == second.id else (first.id, second.id)
    return Joined(
        path=path,
        first=first,
        second=second,
        kinds=kinds,
        direction=direction,
        start=part.start or start_policy(direction),
        identity=identity_of_mapping(part.id, setting.title, (first.id, second.id)),
        alias=part.id or ":".join(ids),
        limits=limits,
    )


def identity_of_mapping(written: str | None, title: str, fields: tuple[str, str]) -> MappingId:
    """Where the identity itself is written, as the public interface shows it, it stays what it is."""
    if written is None:
        return mapping_id(title, *fields)
    return MappingId(written) if _IDENTITY.fullmatch(written) else mapping_id(title, "id", written)


async def map_field(part: FieldPart, joined: Joined, setting: Setting, around: Surroundings) -> Both | None:
    """Both halves' mappings of two joined fields."""
    first, second = [
        await offered(joined.info(side.role), joined.limits[index], side, setting.rows, around)
        for index, side in enumerate((setting.first, setting.second))
    ]
    sides = Sides(first=first, second=second, what=f"value of {joined.first.name}")
    report = around.report
    if part.values is not None and not part.values.by_name:
        tables = find_tables(part.values, joined.direction, sides, (*joined.path, "values"), report)
    else:
        _require_options(joined, setting, sides, report)
        tables = tables_by_name(joined.direction, sides, joined.path, report)
    return _half(joined, Role.FIRST, tables, first), _half(joined, Role.SECOND, tables, second)


def map_status(part: StatusPart, setting: Setting, report: Report) -> Both | None:
    """Both halves' mappings of the status, which only travels where a table says so."""
    path: Path = (*setting.path, "status")
    first, second = (
        statuses_of(info for info in side.types if info.type in {row.of(side.role) for row in setting.rows})
        for side in (setting.first, setting.second)
    )
    direction = travelling(part, Direction.BOTH, path, report)
    tables = find_tables(part, direction, Sides(first=first, second=second, what="status"), path, report)
    if tables is None:
        return None
    status = FieldInfo(id=STATUS, name="Status", kind=FieldKind.STATUS, custom=False)
    joined = Joined(
        path=path,
        first=status,
        second=status,
        kinds=(FieldKind.STATUS, FieldKind.STATUS),
        direction=direction,
        start=part.start or start_policy(direction),
        identity=mapping_id(setting.title, STATUS, STATUS),
        alias=STATUS,
        limits=(None, None),
    )
    return _half(joined, Role.FIRST, tables, first), _half(joined, Role.SECOND, tables, second)


def start_policy(direction: Direction) -> StartPolicy:
    """Where nothing is said, the only side that can speak decides; where both can, a person does."""
    match direction:
        case Direction.FIRST_TO_SECOND:
            return StartPolicy.FIRST
        case Direction.SECOND_TO_FIRST:
            return StartPolicy.SECOND
        case Direction.BOTH:
            return StartPolicy.HOLD


def report_clashes(joined: Sequence[Joined], report: Report) -> None:
    """Report mappings that are the same, and fields that would be written by two mappings."""
    for index, one in enumerate(joined):
        for above in joined[:index]:
            if one.alias == above.alias or one.identity == above.identity:
                report.error(one.path, "joins what is joined above already", "Remove it, or give each mapping an id:")
            else:
                _report_two_writers(one, above, report)


def warn_of_missing_summary(joined: Sequence[Joined], setting: Setting, report: Report) -> None:
    """Warn where issues would be created without the summary that Jira demands of every issue."""
    for role, created in ((Role.FIRST, Direction.SECOND_TO_FIRST), (Role.SECOND, Direction.FIRST_TO_SECOND)):
        rows = [row for row in setting.rows if row.direction in (created, Direction.BOTH)]
        if rows and not any(one.info(role).id == SUMMARY and one.receives(role) for one in joined):
            message = f"nothing writes the summary of the {role} side, without which no issue can be created there"
            report.warn((*setting.path, KeyName("fields")), message, "Add {first: summary, second: summary}")


def _report_two_writers(one: Joined, above: Joined, report: Report) -> None:
    for role in Role:
        same = one.info(role).id == above.info(role).id and _overlap(one, above, role)
        if same and one.receives(role) and above.receives(role):
            message = f"{one.info(role).name!r} would be written by two mappings"
            report.error((*one.path, role.value), message, "Change a direction, or limit both by issue_types:")


def _overlap(one: Joined, other: Joined, role: Role) -> bool:
    index = 0 if role is Role.FIRST else 1
    mine, theirs = one.limits[index], other.limits[index]
    return mine is None or theirs is None or not mine.isdisjoint(theirs)


def carried(name: str, side: SideView, path: Path, report: Report) -> FieldInfo | None:
    info = find_field(name, side.connection.fields, path, report)
    if info is None:
        return None
    if info.id in ELSEWHERE:
        report.error(path, f"{info.name!r} is not joined as a field", ELSEWHERE[info.id])
        return None
    if info.kind is None:
        kind = f" ({info.schema})" if info.schema else ""
        report.error(path, f"fields of the kind of {info.name!r}{kind} can't be synchronized yet", "Remove the mapping")
        return None
    return info


def fit(kinds: tuple[FieldKind, FieldKind], direction: Direction, path: Path, report: Report) -> bool:
    first, second = kinds
    ways = [(first, second)] * direction.to_second + [(second, first)] * direction.to_first
    for sender, receiver in ways:
        if not fits(sender, receiver):
            cure = "Join fields of one kind"
            if direction is Direction.BOTH and fits(receiver, sender):
                other = Direction.FIRST_TO_SECOND if receiver is first else Direction.SECOND_TO_FIRST
                cure += f", or write direction: {other}"
            report.error(path, f"a field of kind {receiver} can't take a value of kind {sender}", cure)
            return False
        if refused := refused_values(sender, receiver):
            report.warn(path, f"the field of kind {receiver} refuses {refused}", "Join fields of one kind, if you can")
    return True


async def offered(
    info: FieldInfo,
    limit: frozenset[TypeId] | None,
    side: SideView,
    rows: Sequence[TypeRow],
    around: Surroundings,
) -> Catalogue:
    """The values that a field offers for the issue types that are joined."""
    if info.kind not in CHOSEN or info.kind is None:
        return FREE
    types = dict.fromkeys(TypeId(row.of(side.role).id) for row in rows)
    wanted = [one for one in types if limit is None or one in limit]
    shown = await around.options(side, FieldId(info.id), wanted)
    return FREE if shown is None else catalogue_of(shown, info.kind)


def _require_options(joined: Joined, setting: Setting, sides: Sides, report: Report) -> None:
    for side, catalogue, receives in (
        (setting.first, sides.first, joined.direction.to_first),
        (setting.second, sides.second, joined.direction.to_second),
    ):
        if receives and catalogue.options == ():
            message = f"{joined.info(side.role).name!r} offers no options for these issue types of {side.project.key}"
            cure = "Put the field on their create screen, and add options to it"
            report.error((*joined.path, side.role.value), message, cure)


def _half(joined: Joined, role: Role, tables: Tables | None, catalogue: Catalogue) -> FieldMapping:
    index = 0 if role is Role.FIRST else 1
    info = joined.info(role)
    receives = joined.receives(role)
    table: ValueTable | None = tables[index] if tables else None
    listed = receives and table is None and catalogue.options is not None
    cascade = listed and joined.kinds[index] is FieldKind.CASCADE
    return FieldMapping(
        id=joined.identity,
        field=FieldId(info.id),
        name=info.name,
        alias=joined.alias,
        kind=joined.kinds[index],
        sends=joined.receives(role.partner),
        receives=receives,
        table=table,
        options=by_name((catalogue.parents if cascade else catalogue.options) or ()) if listed else None,
        children={parent: by_name(below) for parent, below in catalogue.children.items()} if cascade else None,
        types=joined.limits[index],
        start=joined.start,
    )
