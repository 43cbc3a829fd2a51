"""The values that a field offers in a project, pure; of a cascade also each child under its parent's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from backbone.core.model.values import SEPARATOR, FieldKind, Option
from backbone.ports.tracker import CreateField, TypeInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """``options`` are all values, with children as ``Parent / Child``; ``None`` where any text is a value."""

    options: tuple[Option, ...] | None
    parents: tuple[Option, ...] = ()
    children: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, Option]:
        return {option.id: option for option in self.options or ()}


FREE = Catalogue(options=None)


def catalogue_of(shown: Sequence[CreateField], kind: FieldKind) -> Catalogue:
    """What the field offers, whatever the issue type."""
    parents = _distinct(option for one in shown for option in one.options or ())
    if kind is not FieldKind.CASCADE:
        return Catalogue(options=parents)
    children = {
        parent.id: _distinct(child for one in shown for child in one.children.get(parent.id, ())) for parent in parents
    }
    named = [_under(parent, child) for parent in parents for child in children[parent.id]]
    return Catalogue(options=(*parents, *named), parents=parents, children=children)


def statuses_of(types: Iterable[TypeInfo]) -> Catalogue:
    """The statuses of some issue types' workflows."""
    return Catalogue(options=_distinct(status for one in types for status in one.statuses))


def by_name(options: Iterable[Option]) -> dict[str, Option]:
    """The first option of each name."""
    named: dict[str, Option] = {}
    for option in options:
        named.setdefault(option.name, option)
    return named


def same_names(first: Catalogue, second: Catalogue) -> list[tuple[Option, Option]]:
    """Values of both sides that are called the same, those that differ in capitals only last."""
    exact = by_name(second.options or ())
    folded = {name.casefold(): option for name, option in reversed(exact.items())}
    pairs = [(option, exact[option.name]) for option in first.options or () if option.name in exact]
    pairs += [
        (option, folded[option.name.casefold()])
        for option in first.options or ()
        if option.name not in exact and option.name.casefold() in folded
    ]
    return pairs


def _under(parent: Option, child: Option) -> Option:
    return Option(parent.id + SEPARATOR + child.id, parent.name + SEPARATOR + child.name)


def _distinct(options: Iterable[Option]) -> tuple[Option, ...]:
    return tuple(dict.fromkeys(options))
