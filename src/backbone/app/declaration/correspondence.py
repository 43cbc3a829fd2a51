"""Which values correspond, pure: from the rows of the file and the catalogues of both sides to two tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backbone.app.declaration.catalogue import Catalogue, same_names
from backbone.app.declaration.document import ValuesPart
from backbone.app.declaration.findings import MOST_LISTED, KeyName, Path
from backbone.app.declaration.naming import find_options
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.report import Report
from backbone.app.declaration.tables import Restless, Rows, compile_tables, idle_pairs, restless, rows_of_pairs
from backbone.core.model.configuration import ValueTable
from backbone.core.model.keys import Role
from backbone.core.model.values import Option

Tables = tuple[ValueTable, ValueTable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is looked up: ``what`` names a value in messages, such as ``status`` or ``value of Priority``.

    ``partner`` is the side whose values are aliases that a partner behind firewalls knows, too.
    """

    first: Catalogue
    second: Catalogue
    what: str
    partner: Role | None = None


def travelling(part: ValuesPart | None, direction: Direction, path: Path, report: Report) -> Direction:
    """The direction that remains when a table for one way is missing."""
    if part is None or part.rows or part.by_name:
        return direction
    if part.first_to_second and part.second_to_first:
        return direction
    left = Direction.FIRST_TO_SECOND if part.first_to_second else Direction.SECOND_TO_FIRST
    if direction not in (left, Direction.BOTH):
        report.error(
            path, f"has no values for the direction {direction}", f"Write a table {direction}, or change the direction"
        )
    return left


def find_tables(part: ValuesPart, direction: Direction, sides: Sides, path: Path, report: Report) -> Tables | None:
    """Both halves' tables, or ``None`` when something was wrong and is reported."""
    found = find_values(part, direction, sides, path, report)
    return None if found is None else compile_tables(found.rows, found.first, found.second)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundValues:
    """Which ids become which, and the options of both sides by their ids."""

    rows: Rows
    first: Mapping[str, Option]
    second: Mapping[str, Option]


def find_values(part: ValuesPart, direction: Direction, sides: Sides, path: Path, report: Report) -> FoundValues | None:
    """What the rows say, or ``None`` when something was wrong and is reported."""
    before = len(report.errors)
    found = _found_pairs(part, sides, path, report) if part.rows else _found_ways(part, direction, sides, path, report)
    rows = found.rows(direction)
    for one in restless(rows):
        _report_restless(one, found, sides, report)
    _warn_of_missing(rows, sides, path, report)
    if len(report.errors) > before:
        return None
    first, second = _known(sides.first, found.firsts), _known(sides.second, found.seconds)
    return FoundValues(rows=rows, first=first, second=second)


def tables_by_name(direction: Direction, sides: Sides, path: Path, report: Report) -> Tables | None:
    """Tables where names differ in capitals only; ``None`` where equal names need no table."""
    if sides.first.options is None or sides.second.options is None:
        return None
    pairs = same_names(sides.first, sides.second)
    _warn_of_unequal(pairs, direction, sides, path, report)
    if all(first.name == second.name for first, second in pairs):
        return None
    listed = ", ".join(f"{one.name!r} and {other.name!r}" for one, other in pairs if one.name != other.name)
    report.warn(path, f"{listed} are taken for the same {sides.what}", "Write values: to say so, or otherwise")
    ids = [(first.id, second.id) for first, second in pairs]
    rows = rows_of_pairs(ids, to_second=direction.to_second, to_first=direction.to_first)
    return compile_tables(rows, sides.first.by_id, sides.second.by_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Rows with their options found. ``forward`` and ``back`` hold (from, to, path)."""

    forward: list[tuple[Option, Option, Path]] = field(default_factory=list)
    back: list[tuple[Option, Option, Path]] = field(default_factory=list)

    def rows(self, direction: Direction) -> Rows:
        over = {one.id: to.id for one, to, _ in reversed(self.forward)} if direction.to_second else {}
        back = {one.id: to.id for one, to, _ in reversed(self.back)} if direction.to_first else {}
        return Rows(forward=_in_order(over), back=_in_order(back))

    @property
    def firsts(self) -> Iterable[Option]:
        return [*(one for one, _, _ in self.forward), *(to for _, to, _ in self.back)]

    @property
    def seconds(self) -> Iterable[Option]:
        return [*(to for _, to, _ in self.forward), *(one for one, _, _ in self.back)]

    def path_of(self, *, from_first: bool, ident: str) -> Path:
        return next(path for one, _, path in (self.forward if from_first else self.back) if one.id == ident)


def _in_order(ways: dict[str, str]) -> dict[str, str]:
    return dict(reversed(ways.items()))


def _found_pairs(part: ValuesPart, sides: Sides, path: Path, report: Report) -> _Found:
    found = _Found()
    firsts: list[tuple[str, str]] = []
    for index, (first, second) in enumerate(part.rows):
        at = (*path, index)
        ours = _options(first, sides.first, sides, (*at, 0), report)
        theirs = _options(second, sides.second, sides, (*at, 1), report)
        if ours and theirs:
            found.forward.extend((one, theirs[0], at) for one in ours)
            found.back.extend((one, ours[0], at) for one in theirs)
        firsts.append((first, second))
    for index in idle_pairs(firsts):
        report.warn((*path, index), "has no effect, since both values stand in rows above", "Remove it")
    return found


def _found_ways(part: ValuesPart, direction: Direction, sides: Sides, path: Path, report: Report) -> _Found:
    found = _Found()
    ways = (
        (Direction.FIRST_TO_SECOND, part.first_to_second, sides.first, sides.second, found.forward),
        (Direction.SECOND_TO_FIRST, part.second_to_first, sides.second, sides.first, found.back),
    )
    for way, table, sender, receiver, into in ways:
        if table and direction not in (way, Direction.BOTH):
            report.warn((*path, KeyName(way.value)), f"is not used, since the direction is {direction}", "Remove it")
        for name, to in table.items():
            at: Path = (*path, way.value)
            ours = _options(name, sender, sides, (*at, KeyName(name)), report)
            theirs = _options(to, receiver, sides, (*at, name), report)
            into.extend((one, theirs[0], (*at, KeyName(name))) for one in ours if theirs)
    return found


def _options(name: str, catalogue: Catalogue, sides: Sides, path: Path, report: Report) -> tuple[Option, ...]:
    if catalogue.options is None:
        return (Option(name, name),)
    found = find_options(name, catalogue.options, sides.what, path, report)
    if len(found) > 1:
        ids = ", ".join(option.id for option in found)
        message = f"{len(found)} options are called {name!r} ({ids}); the first is written, all are read"
        report.warn(path, message, "Where issue types have options of their own, map the field once for each of them")
    return found


def _known(catalogue: Catalogue, used: Iterable[Option]) -> dict[str, Option]:
    return catalogue.by_id or {option.id: option for option in used}


def _report_restless(one: Restless, found: _Found, sides: Sides, report: Report) -> None:
    names = {option.id: option.name for option in (found.firsts if one.from_first else found.seconds)}
    others = {option.id: option.name for option in (found.seconds if one.from_first else found.firsts)}
    start, over, again = names[one.start], others[one.over], names[one.again]
    end = "then becomes nothing" if one.other is None else f"then becomes {others[one.other]!r}"
    report.error(
        found.path_of(from_first=one.from_first, ident=one.start),
        f"the {sides.what} {start!r} never rests: it becomes {over!r}, which comes back as {again!r} and {end}",
        f"Let {over!r} come back as {start!r}, or let {again!r} become {over!r} too",
    )


def _warn_of_missing(rows: Rows, sides: Sides, path: Path, report: Report) -> None:
    for role, ways, catalogue in ((Role.FIRST, rows.forward, sides.first), (Role.SECOND, rows.back, sides.second)):
        left = [option.name for option in catalogue.options or () if option.id not in ways]
        if ways and left and role is sides.partner:
            report.warn(path, f"the partner's {_list(left)} have no value here", "Add rows, if they should have")
        elif ways and left:
            report.warn(path, f"the {role} side's {_list(left)} will not be sent", "Add rows, if they should be")


def _warn_of_unequal(
    pairs: list[tuple[Option, Option]], direction: Direction, sides: Sides, path: Path, report: Report
) -> None:
    ours, theirs = {first for first, _ in pairs}, {second for _, second in pairs}
    for travels, catalogue, known, side in (
        (direction.to_second, sides.first, ours, "first"),
        (direction.to_first, sides.second, theirs, "second"),
    ):
        left = [option.name for option in catalogue.options or () if option not in known]
        if travels and left:
            message = f"the {side} side's {_list(left)} have no equal on the other side"
            report.warn(path, message, "Add them there, or write values: for this field")


def _list(names: list[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(repr(name) for name in names[:MOST_LISTED]) + more
