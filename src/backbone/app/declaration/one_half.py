"""The half that is here, of a synchronization whose other half is a partner's behind firewalls.

What travels are aliases that both sides agreed on: the master's file names them, the slave's maps them. No name or id of
ours becomes one by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backbone.app.declaration.aliases import Aliases, values_of
from backbone.app.declaration.catalogue import Catalogue, by_name, same_names, statuses_of
from backbone.app.declaration.correspondence import Sides, find_values, travelling
from backbone.app.declaration.document import FieldPart, StatusPart, SynchronizationPart, ValuesPart
from backbone.app.declaration.findings import KeyName, Path
from backbone.app.declaration.issue_types import TypeRow, check_row, compile_types, find_type, limit_types
from backbone.app.declaration.kinds import CHOSEN, TABLED
from backbone.app.declaration.mappings import carried, fit, identity_of_mapping, offered, start_policy
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.surroundings import SideView, Surroundings
from backbone.app.declaration.tables import compile_own_table, rows_of_pairs
from backbone.core.model.configuration import FieldMapping, TypeMapping, ValueTable
from backbone.core.model.exchange import SharedField
from backbone.core.model.keys import STATUS, SUMMARY, FieldId, Role, TypeId
from backbone.core.model.values import FieldKind, Option
from backbone.ports.tracker import FieldInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class OneHalf:
    """What its mappings have in common."""

    part: SynchronizationPart
    path: Path
    side: SideView
    aliases: Aliases
    around: Surroundings

    @property
    def here(self) -> Role:
        return self.side.role

    def sides(self, own: Catalogue, theirs: Catalogue, what: str) -> Sides:
        """What values are looked up in, each on its side."""
        first, second = (own, theirs) if self.here is Role.FIRST else (theirs, own)
        return Sides(first=first, second=second, what=what, partner=self.here.partner)


async def map_half(half: OneHalf) -> tuple[tuple[TypeMapping, ...], tuple[FieldMapping, ...]]:
    """The issue types and fields of our half; what is wrong is reported."""
    rows = _rows(half)
    joined = [_join(one, index, half, rows) for index, one in enumerate(half.part.fields)]
    _report_clashes([one for one in joined if one is not None], half)
    mapped = [await _map(one, half, rows) for one in joined if one is not None]
    if half.part.status is not None:
        mapped.append(_status(half.part.status, half, rows))
    found = tuple(one for one in mapped if one is not None)
    _warn_of_missing_summary(half, rows, found)
    return compile_types(rows, half.here, half.here.partner), found


def _rows(half: OneHalf) -> list[TypeRow]:
    rows: list[TypeRow] = []
    for index, part in enumerate(half.part.issue_types):
        at: Path = (*half.path, "issue_types", index)
        ours = find_type(half.aliases.own(part), half.side, (*at, half.here.value), half.around.report)
        theirs = half.aliases.type(part, at)
        if ours is None or theirs is None:
            continue
        direction = half.aliases.narrowed(part.direction, theirs.ways, at)
        if direction is not None:
            alias = Option(theirs.alias, theirs.alias)
            first, second = (ours, alias) if half.here is Role.FIRST else (alias, ours)
            row = TypeRow(first=first, second=second, direction=direction)
            check_row(row, rows, [half.side], at, half.around.report)
            rows.append(row)
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """A field of ours and the alias it travels under."""

    part: FieldPart
    path: Path
    info: FieldInfo
    kind: FieldKind
    shared: SharedField
    direction: Direction
    limit: frozenset[TypeId] | None

    def receives(self, role: Role) -> bool:
        return self.direction.to_first if role is Role.FIRST else self.direction.to_second


def _join(part: FieldPart, index: int, half: OneHalf, rows: Sequence[TypeRow]) -> _Joined | None:
    report, aliases = half.around.report, half.aliases
    path: Path = (*half.path, "fields", index)
    info = carried(aliases.own(part), half.side, (*path, half.here.value), report)
    written = limit_types(part.issue_types, rows, (*path, "issue_types"), report)
    if info is None or info.kind is None:
        return None
    if aliases.theirs(part) == STATUS:
        report.error((*path, half.here.partner.value), "status is the alias of the status", "Write another one")
        return None
    shared = aliases.field(aliases.theirs(part), info.kind, (*path, half.here.partner.value))
    direction = travelling(part.values, part.direction, (*path, "values"), report)
    allowed = aliases.narrowed(direction, shared.ways, path) if shared is not None else None
    if shared is None or allowed is None:
        return None
    kinds = (info.kind, shared.kind) if half.here is Role.FIRST else (shared.kind, info.kind)
    if not fit(kinds, allowed, path, report) or not _values_fit(part, kinds, shared, path, half):
        return None
    limit = _limit(written[0 if half.here is Role.FIRST else 1], shared, half.here, rows)
    return _Joined(part=part, path=path, info=info, kind=info.kind, shared=shared, direction=allowed, limit=limit)


def _values_fit(
    part: FieldPart, kinds: tuple[FieldKind, FieldKind], shared: SharedField, path: Path, half: OneHalf
) -> bool:
    """Whether values are written where they have to be, and only there."""
    report = half.around.report
    if part.values is not None and not TABLED.issuperset(kinds):
        report.error((*path, "values"), "these fields have no options to choose from", "Remove values:")
        return False
    if part.values is None and (CHOSEN.intersection(kinds) or shared.values is not None):
        message = "'values' is missing, without which the names of the options would leave"
        report.error(path, message, "Write an alias for each, or values: by_name where the partner may know the names")
        return False
    return True


def _limit(
    written: frozenset[TypeId] | None, shared: SharedField, here: Role, rows: Sequence[TypeRow]
) -> frozenset[TypeId] | None:
    """The issue types that both sides limit the field to."""
    if shared.types is None:
        return written
    published = frozenset(TypeId(row.of(here).id) for row in rows if row.of(here.partner).name in shared.types)
    return published if written is None else published & written


async def _map(joined: _Joined, half: OneHalf, rows: Sequence[TypeRow]) -> FieldMapping | None:
    own = await offered(joined.info, joined.limit, half.side, rows, half.around)
    values, theirs = joined.part.values, values_of(joined.shared, half.aliases.published)
    table = None
    if values is not None and not (values.by_name and theirs.options is None):
        sides = half.sides(own, theirs, f"value of {joined.info.name}")
        table = _table(values, joined, sides, half)
        if table is None:
            return None
    elif values is not None and joined.receives(half.here) and own.options == ():
        message = f"{joined.info.name!r} offers no options for these issue types of {half.side.project.key}"
        cure = "Put the field on their create screen, and add options to it"
        half.around.report.error((*joined.path, half.here.value), message, cure)
    return _mapping(joined, half, table, own)


def _table(values: ValuesPart, joined: _Joined, sides: Sides, half: OneHalf) -> ValueTable | None:
    path = (*joined.path, "values")
    if values.by_name:
        pairs = [(one.id, other.id) for one, other in same_names(sides.first, sides.second)]
        if not pairs:
            half.around.report.error(path, "no option here is called like one of the aliases", "Write rows")
        to_second, to_first = joined.direction.to_second, joined.direction.to_first
        rows = rows_of_pairs(pairs, to_second=to_second, to_first=to_first)
        own = sides.first if half.here is Role.FIRST else sides.second
        return compile_own_table(rows, own.by_id, half.here) if pairs else None
    found = find_values(values, joined.direction, sides, path, half.around.report)
    if found is None:
        return None
    return compile_own_table(found.rows, found.first if half.here is Role.FIRST else found.second, half.here)


def _mapping(joined: _Joined, half: OneHalf, table: ValueTable | None, own: Catalogue) -> FieldMapping:
    receives = joined.receives(half.here)
    listed = receives and table is None and own.options is not None
    cascade = listed and joined.kind is FieldKind.CASCADE
    ours, alias = joined.info.id, joined.shared.alias
    names = (ours, alias) if half.here is Role.FIRST else (alias, ours)
    return FieldMapping(
        id=identity_of_mapping(joined.part.id, half.part.identity, names),
        field=FieldId(ours),
        name=joined.info.name,
        alias=alias,
        kind=joined.kind,
        sends=joined.receives(half.here.partner),
        receives=receives,
        table=table,
        options=by_name((own.parents if cascade else own.options) or ()) if listed else None,
        children={parent: by_name(below) for parent, below in own.children.items()} if cascade else None,
        types=joined.limit,
        start=joined.part.start or start_policy(joined.direction),
    )


def _status(part: StatusPart, half: OneHalf, rows: Sequence[TypeRow]) -> FieldMapping | None:
    path: Path = (*half.path, "status")
    shared = half.aliases.field(STATUS, FieldKind.STATUS, (*half.path, KeyName("status")))
    if shared is None:
        return None
    own = statuses_of(info for info in half.side.types if info.type in {row.of(half.here) for row in rows})
    direction = half.aliases.narrowed(travelling(part, Direction.BOTH, path, half.around.report), shared.ways, path)
    if direction is None:
        return None
    sides = half.sides(own, values_of(shared, half.aliases.published), "status")
    found = find_values(part, direction, sides, path, half.around.report)
    if found is None:
        return None
    table = compile_own_table(found.rows, found.first if half.here is Role.FIRST else found.second, half.here)
    to_first, to_second = direction.to_first, direction.to_second
    return FieldMapping(
        id=identity_of_mapping(None, half.part.identity, (STATUS, STATUS)),
        field=STATUS,
        name="Status",
        alias=STATUS,
        kind=FieldKind.STATUS,
        sends=to_second if half.here is Role.FIRST else to_first,
        receives=to_first if half.here is Role.FIRST else to_second,
        table=table,
        start=part.start or start_policy(direction),
    )


def _report_clashes(joined: Sequence[_Joined], half: OneHalf) -> None:
    """Report aliases that stand for two fields, and fields that would be written by two mappings."""
    here, report = half.here, half.around.report
    for index, one in enumerate(joined):
        for above in joined[:index]:
            if one.shared.alias == above.shared.alias:
                message = f"{one.shared.alias!r} is joined above already"
                report.error((*one.path, here.partner.value), message, "Give each field an alias of its own")
            elif _both_write(one, above, here):
                message = f"{one.info.name!r} would be written by two mappings"
                report.error((*one.path, here.value), message, "Change a direction, or limit both by issue_types:")


def _both_write(one: _Joined, other: _Joined, here: Role) -> bool:
    overlap = one.limit is None or other.limit is None or not one.limit.isdisjoint(other.limit)
    return one.info.id == other.info.id and overlap and one.receives(here) and other.receives(here)


def _warn_of_missing_summary(half: OneHalf, rows: Sequence[TypeRow], mapped: Sequence[FieldMapping]) -> None:
    creates = any(row.direction.to_first if half.here is Role.FIRST else row.direction.to_second for row in rows)
    if creates and not any(one.field == SUMMARY and one.receives for one in mapped):
        message = "nothing writes the summary, without which no issue can be created here"
        example = "{first: summary, second: title}" if half.here is Role.FIRST else "{first: title, second: summary}"
        half.around.report.warn((*half.path, KeyName("fields")), message, f"Add such as {example}")
