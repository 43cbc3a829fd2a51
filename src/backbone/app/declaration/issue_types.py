"""Issue types of both halves, pure: which are sent as what, and which are created for what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backbone.app.declaration.document import TypePart
from backbone.app.declaration.findings import Path, choose_from
from backbone.app.declaration.naming import find_options
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.report import Report
from backbone.app.declaration.surroundings import SideView
from backbone.core.model.configuration import TypeMapping
from backbone.core.model.keys import Role, TypeId
from backbone.core.model.values import Option


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeRow:
    """A row whose names are found."""

    first: Option
    second: Option
    direction: Direction

    def of(self, role: Role) -> Option:
        return self.first if role is Role.FIRST else self.second


def find_rows(
    parts: Sequence[TypePart], first: SideView, second: SideView, path: Path, report: Report
) -> list[TypeRow]:
    """The rows whose types exist; the others are reported."""
    rows: list[TypeRow] = []
    for index, part in enumerate(parts):
        at = (*path, index)
        ours = find_type(part.first, first, (*at, "first"), report)
        theirs = find_type(part.second, second, (*at, "second"), report)
        if ours is not None and theirs is not None:
            row = TypeRow(first=ours, second=theirs, direction=part.direction)
            check_row(row, rows, (first, second), at, report)
            rows.append(row)
    return rows


def compile_types(rows: Iterable[TypeRow], role: Role, aliased: Role = Role.SECOND) -> tuple[TypeMapping, ...]:
    """One half's issue types; of several rows for one type the first counts. ``aliased`` is the side that names them."""
    sent: dict[Option, str] = {}
    received: dict[str, Option] = {}
    for row in rows:
        local, alias = row.of(role), row.of(aliased).name
        if _sends(row.direction, role):
            sent.setdefault(local, alias)
        if _sends(row.direction, role.partner):
            received.setdefault(alias, local)
    both = list(sent.items())
    both += [(local, alias) for alias, local in received.items() if (local, alias) not in both]
    return tuple(
        TypeMapping(local=local, alias=alias, sends=sent.get(local) == alias, receives=received.get(alias) == local)
        for local, alias in both
    )


def limit_types(
    names: Sequence[str] | None, rows: Sequence[TypeRow], path: Path, report: Report
) -> tuple[frozenset[TypeId] | None, frozenset[TypeId] | None]:
    """The types of both halves that a field is limited to, named by the first half's."""
    if names is None:
        return None, None
    for index, name in enumerate(names):
        if name not in {row.first.name for row in rows}:
            cure = choose_from(name, (row.first.name for row in rows))
            report.error((*path, index), f"{name!r} is no issue type of the first side in issue_types", cure)
    chosen = [row for row in rows if row.first.name in names]
    return frozenset(TypeId(row.first.id) for row in chosen), frozenset(TypeId(row.second.id) for row in chosen)


def _sends(direction: Direction, role: Role) -> bool:
    return direction.to_second if role is Role.FIRST else direction.to_first


def find_type(name: str, side: SideView, path: Path, report: Report) -> Option | None:
    options = [info.type for info in side.types]
    what = f"issue type in project {side.project.key} called"
    found = find_options(name, options, what, path, report)
    return found[0] if found else None


def check_row(row: TypeRow, above: Sequence[TypeRow], sides: Sequence[SideView], path: Path, report: Report) -> None:
    """Report a row that can't work, or that never counts."""
    for side in sides:
        local = row.of(side.role)
        subtask = any(info.subtask for info in side.types if info.type == local)
        if subtask and _sends(row.direction, side.role.partner):
            message = f"{local.name!r} is a sub-task, which can't be created, since parents do not travel yet"
            report.error((*path, side.role.value), message, "Choose another issue type, or the other direction only")
    ways = [role for role in Role if _sends(row.direction, role)]
    if all(any(one.of(role) == row.of(role) and _sends(one.direction, role) for one in above) for role in ways):
        report.warn(path, "has no effect, since rows above say what becomes of these types", "Remove it")
