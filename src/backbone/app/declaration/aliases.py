"""What the partner's side is called where it is behind firewalls: by aliases, which both sides know, and nothing else.

The master names what it likes: what it names is what it offers. The slave names what the master published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backbone.app.declaration.catalogue import FREE, Catalogue
from backbone.app.declaration.document import FieldPart, SynchronizationPart, TypePart
from backbone.app.declaration.findings import Path, choose_from
from backbone.app.declaration.parts import Direction
from backbone.app.declaration.report import Report
from backbone.core.model.exchange import NEITHER, Exchange, SharedField, SharedType, Ways
from backbone.core.model.keys import Role
from backbone.core.model.values import FieldKind, Option
from backbone.core.protocol.shapes import Misfit
from backbone.core.protocol.wire_changes import EXCHANGE
from backbone.core.protocol.wire_values import NAME, WORDS

_ANYTHING = Ways(to_slave=True, to_master=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aliases:
    """What may be named for the partner. ``published`` is what the slave keeps within, absent on the master."""

    here: Role
    published: Exchange | None
    report: Report

    def own(self, row: TypePart | FieldPart) -> str:
        """What a row joins on our side."""
        return row.first if self.here is Role.FIRST else row.second

    def type(self, row: TypePart, path: Path) -> SharedType | None:
        """The issue type that a row joins on the partner's side, or ``None`` when its name is wrong and reported."""
        known = None if self.published is None else {one.alias: one for one in self.published.types}
        at = (*path, self.here.partner.value)
        alias = self._known(self.theirs(row), known, "issue type", at)
        if alias is None:
            return None
        return SharedType(alias=alias, ways=_ANYTHING) if known is None else known[alias]

    def field(self, name: str, kind: FieldKind, path: Path) -> SharedField | None:
        """The field under an alias; where it is ours to name, it is of the given kind."""
        known = None if self.published is None else {one.alias: one for one in self.published.fields}
        alias = self._known(name, known, "field", path)
        if alias is None:
            return None
        return SharedField(alias=alias, kind=kind, ways=_ANYTHING) if known is None else known[alias]

    def theirs(self, row: TypePart | FieldPart) -> str:
        """What it joins on the partner's, as it is written."""
        return row.second if self.here is Role.FIRST else row.first

    def narrowed(self, direction: Direction, ways: Ways, path: Path) -> Direction | None:
        """What remains of a direction: the slave shares less than the master publishes, never more."""
        to_second, to_first = direction.to_second and ways.to_slave, direction.to_first and ways.to_master
        if to_second and to_first:
            return Direction.BOTH
        if to_second or to_first:
            return Direction.FIRST_TO_SECOND if to_second else Direction.SECOND_TO_FIRST
        other = Direction.FIRST_TO_SECOND if ways.to_slave else Direction.SECOND_TO_FIRST
        cure = f"Leave direction: out, or write direction: {other}" if ways.to_slave or ways.to_master else "Remove it"
        self.report.error((*path, "direction"), f"the master does not let it travel {direction}", cure)
        return None

    def _known(self, name: str, known: Iterable[str] | None, what: str, path: Path) -> str | None:
        if known is None:
            return name if self._speakable(name, path) else None
        names = tuple(known)
        if name in names:
            return name
        folded = [one for one in names if one.casefold() == name.casefold()]
        if folded:
            self.report.warn(path, f"the alias {name!r} is written {folded[0]!r}", f"Write {folded[0]}")
            return folded[0]
        self.report.error(path, f"the master publishes no {what} {name!r}", choose_from(name, names))
        return None

    def _speakable(self, name: str, path: Path) -> bool:
        if not name.isprintable():
            self.report.error(path, "is no alias", "Write it with letters, digits, signs and blanks only")
        return name.isprintable()


def values_of(shared: SharedField, published: Exchange | None) -> Catalogue:
    """The aliases of a field's options; any text where the master is here, or where it travels as it is."""
    if published is None or shared.values is None:
        return FREE
    return Catalogue(options=tuple(Option(alias, alias) for alias in shared.values))


def report_unspeakable(part: SynchronizationPart, exchange: Exchange, path: Path, report: Report) -> None:
    """Tell what the master names in words that no partner could be told."""
    said: tuple[tuple[str, Callable[[], object]], ...] = (
        ("name", lambda: NAME.write(part.title)),
        ("description", lambda: WORDS.write(part.description or "")),
        ("aliases", lambda: EXCHANGE.write(exchange)),
    )
    for what, write in said:
        try:
            write()
        except Misfit as misfit:
            place = f"{misfit.place} " if misfit.place else ""
            message = f"{what}: no partner can be told this: {place}{misfit.what}"
            report.error(path, message, "Write it shorter, with letters, digits, signs and blanks only")


def report_unmapped(part: SynchronizationPart, published: Exchange, path: Path, report: Report) -> None:
    """Tell what the master publishes and this side does not map: it stays away."""
    types = {row.first.casefold() for row in part.issue_types}
    fields = {row.first.casefold() for row in part.fields} | ({"status"} if part.status else set())
    for what, left in (
        ("issue types", [one.alias for one in published.types if one.alias.casefold() not in types]),
        ("fields", [one.alias for one in published.fields if one.alias.casefold() not in fields]),
        ("comments", ["comments"] * (published.comments != NEITHER and part.comments is None)),
        ("attachments", ["attachments"] * (published.files != NEITHER and part.attachments is None)),
    ):
        if left:
            listed = "" if left == [what] else f" {', '.join(map(repr, left))}"
            message = f"the master's {what}{listed} are not mapped and stay away"
            report.warn(path, message, "Map them, if they should be exchanged")
