"""What a query says: the syntax tree, which knows no issue and no field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Operator(StrEnum):
    """The operators of a clause, spelled as Jira spells them in its messages."""

    EQUALS = "="
    NOT_EQUALS = "!="
    GREATER = ">"
    GREATER_EQUALS = ">="
    LESS = "<"
    LESS_EQUALS = "<="
    LIKE = "~"
    NOT_LIKE = "!~"
    IN = "in"
    NOT_IN = "not in"
    IS = "is"
    IS_NOT = "is not"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedField:
    """A field by one of its names, quoted or not."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedField:
    """A custom field as ``cf[10001]``."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyField:
    """A value inside an entity property of the issue: ``issue.property["key"].path``."""

    key: str
    path: str


FieldReference: TypeAlias = NamedField | NumberedField | PropertyField


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A literal. Whether it was quoted matters for numbers: only a bare one is an instant or an id."""

    value: str
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """``EMPTY`` or ``NULL``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function such as ``startOfDay("-1d")``."""

    name: str
    arguments: tuple[str, ...]


Item: TypeAlias = Text | Empty | Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list in parentheses, never empty."""

    items: tuple[Item, ...]


Operand: TypeAlias = Item | Items


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """One comparison of a field with an operand."""

    field: FieldReference
    operator: Operator
    operand: Operand


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite of a clause."""

    clause: Clause


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All clauses hold; two or more."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """At least one clause holds; two or more."""

    clauses: tuple[Clause, ...]


Clause: TypeAlias = Terminal | Not | And | Or


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One field of ORDER BY."""

    field: FieldReference
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A whole query; both parts may be missing."""

    where: Clause | None
    order: tuple[Sort, ...]


def depth(clause: Clause) -> int:
    """How deep the clause nests, found without recursion."""
    deepest = 0
    waiting = [(clause, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in _children(node))
    return deepest


def _children(clause: Clause) -> Iterator[Clause]:
    if isinstance(clause, Not):
        yield clause.clause
    elif isinstance(clause, And | Or):
        yield from clause.clauses
