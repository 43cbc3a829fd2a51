"""Tables of corresponding values, pure: from rows to what each half shares and adopts (rule 8).

``forward`` says what the second side gets for a value of the first, ``back`` the other way round; both speak of ids.
A value travels under an *alias*. A first value's alias is the second value that it becomes. A second value's alias is
what its own first value becomes, so that several second values of one meaning share one alias and none is undone.
That works if a value comes to rest: what went over and came back must stay what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from backbone.core.model.configuration import ValueTable
from backbone.core.model.keys import Role
from backbone.core.model.values import Option

Ways = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Which ids become which, by direction; a direction in which nothing travels is empty."""

    forward: Ways
    back: Ways


@dataclass(frozen=True, slots=True)
class Restless:
    """A value that would not stay: ``start`` becomes ``over``, comes back as ``again`` and then becomes ``other``.

    ``other`` is ``None`` where nothing is said of ``again``. ``from_first`` tells on which side it starts.
    """

    from_first: bool
    start: str
    over: str
    again: str
    other: str | None


def rows_of_pairs(pairs: Iterable[tuple[str, str]], *, to_second: bool, to_first: bool) -> Rows:
    """Pairs count both ways; where a value stands in several, its first row does.

    >>> rows_of_pairs([("a", "x"), ("b", "x")], to_second=True, to_first=True)
    Rows(forward={'a': 'x', 'b': 'x'}, back={'x': 'a'})
    """
    forward: dict[str, str] = {}
    back: dict[str, str] = {}
    for first, second in pairs:
        if to_second:
            forward.setdefault(first, second)
        if to_first:
            back.setdefault(second, first)
    return Rows(forward=forward, back=back)


def idle_pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[int]:
    """Indices of pairs that say nothing new, since both values stand in rows above."""
    firsts: set[str] = set()
    seconds: set[str] = set()
    for index, (first, second) in enumerate(pairs):
        if first in firsts and second in seconds:
            yield index
        firsts.add(first)
        seconds.add(second)


def restless(rows: Rows) -> Iterator[Restless]:
    """Values that would travel on by themselves: over and back and over again must be the same as over."""
    for from_first, over, back in ((True, rows.forward, rows.back), (False, rows.back, rows.forward)):
        for start, value in over.items():
            again = back.get(value)
            if again is not None and over.get(again) != value:
                yield Restless(from_first, start, value, again, over.get(again))


def compile_tables(
    rows: Rows, first: Mapping[str, Option], second: Mapping[str, Option]
) -> tuple[ValueTable, ValueTable]:
    """The table of each half; ``first`` and ``second`` are the options by id. The rows must come to rest."""
    if not rows.forward:
        ours, theirs = _one_way(rows.back, first)
        return theirs, ours
    if not rows.back:
        return _one_way(rows.forward, second)
    aliases = _aliases(rows, first, second)
    return (
        ValueTable(
            to_alias={value: aliases.second[over] for value, over in rows.forward.items()},
            from_alias={_alias(aliases, rows, value): first[back] for value, back in rows.back.items()},
        ),
        ValueTable(
            to_alias={value: _alias(aliases, rows, value) for value in rows.back},
            from_alias={aliases.second[over]: second[over] for over in rows.forward.values()},
        ),
    )


def compile_own_table(rows: Rows, own: Mapping[str, Option], role: Role) -> ValueTable:
    """The table of the only half that is here; what the other side calls its values are the aliases themselves.

    Nothing but these can be shared, whatever the rows say. A side that only receives shares too, so that equal values
    are known as equal. The rows must come to rest.
    """
    out, back = (rows.forward, rows.back) if role is Role.FIRST else (rows.back, rows.forward)
    shared = dict(out)
    if not out:
        for alias, value in back.items():
            shared.setdefault(value, alias)
    return ValueTable(to_alias=shared, from_alias={alias: own[value] for alias, value in back.items()})


def _one_way(ways: Ways, receiver: Mapping[str, Option]) -> tuple[ValueTable, ValueTable]:
    """The receiver shares its values too, only so that equal ones are known as equal."""
    names = distinct_names({value: receiver[value] for value in ways.values()})
    return (
        ValueTable(to_alias={value: names[over] for value, over in ways.items()}, from_alias={}),
        ValueTable(
            to_alias={value: names[value] for value in ways.values()},
            from_alias={names[value]: receiver[value] for value in ways.values()},
        ),
    )


@dataclass(frozen=True, slots=True)
class _Aliases:
    """Aliases of second values, and of first values that only ever come from the second side."""

    second: Mapping[str, str]
    first: Mapping[str, str]


def _aliases(rows: Rows, first: Mapping[str, Option], second: Mapping[str, Option]) -> _Aliases:
    names = distinct_names({value: second[value] for value in (*rows.forward.values(), *rows.back)})
    taken = set(names.values())
    lonely = {value: first[value] for value in rows.back.values() if value not in rows.forward}
    own = {value: name + " *" * (name in taken) for value, name in distinct_names(lonely).items()}
    return _Aliases(names, own)


def _alias(aliases: _Aliases, rows: Rows, second: str) -> str:
    """The alias of a second value: what its first value becomes, or that first value itself if it becomes nothing."""
    value = rows.back[second]
    over = rows.forward.get(value)
    return aliases.first[value] if over is None else aliases.second[over]


def distinct_names(options: Mapping[str, Option]) -> dict[str, str]:
    """A name for each id; where two options have the same name, the id is added.

    >>> distinct_names({"1": Option("1", "Low"), "2": Option("2", "Low"), "3": Option("3", "High")})
    {'1': 'Low (1)', '2': 'Low (2)', '3': 'High'}
    """
    names = [option.name for option in options.values()]
    return {
        ident: option.name if names.count(option.name) == 1 else f"{option.name} ({ident})"
        for ident, option in options.items()
    }
