"""Between a local value and the one both sides understand (rule 8): pure, by one field mapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from backbone.core.model.configuration import FieldMapping
from backbone.core.model.values import (
    EMPTY,
    SEPARATOR,
    Cascade,
    Empty,
    FieldKind,
    Members,
    Option,
    Scalar,
    Shared,
    Value,
)


@dataclass(frozen=True, slots=True)
class Unshareable:
    """The value has no counterpart: it is not sent and competes with nothing."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The partner's value ``name`` has no counterpart here: a person must map or create it."""

    name: str


UNSHAREABLE = Unshareable()


def share(mapping: FieldMapping, value: Value) -> Shared | Unshareable:
    """What the partner would be told of a single local value."""
    match value:
        case Empty():
            return ()
        case Scalar(text):
            return (text,)
        case Option():
            return _share_option(mapping, value)
        case Cascade():
            return _share_cascade(mapping, value)
        case Members():
            raise TypeError("the elements of a multi-value are shared one by one")
        case _:
            assert_never(value)


def share_element(mapping: FieldMapping, option: Option) -> str | Unshareable:
    """What the partner would be told of one element of a multi-value."""
    shared = _share_option(mapping, option)
    return shared if isinstance(shared, Unshareable) else shared[0]


def share_members(mapping: FieldMapping, members: Members) -> frozenset[str]:
    """The shared elements that are present in a multi-value."""
    shared = (share_element(mapping, option) for option in members.options)
    return frozenset(one for one in shared if not isinstance(one, Unshareable))


def adopt(mapping: FieldMapping, shared: Shared) -> Value | Unknown:
    """The local value for a shared one."""
    if not shared:
        return EMPTY
    if mapping.kind in _PLAIN:
        return Scalar(shared[0])
    if mapping.kind is FieldKind.CASCADE:
        return _adopt_cascade(mapping, shared)
    return adopt_element(mapping, shared[0])


def adopt_element(mapping: FieldMapping, shared: str) -> Option | Unknown:
    """The local option for one shared element."""
    if mapping.table is not None:
        found = mapping.table.from_alias.get(shared)
    elif mapping.options is not None:
        found = mapping.options.get(shared)
    else:
        found = Option(shared, shared)
    return Unknown(shared) if found is None else found


def counterparts(mapping: FieldMapping, members: Members, shared: str) -> frozenset[Option]:
    """The present elements that share to ``shared``."""
    return frozenset(option for option in members.options if share_element(mapping, option) == shared)


_PLAIN = frozenset(
    {FieldKind.TEXT, FieldKind.MULTILINE, FieldKind.NUMBER, FieldKind.DATE, FieldKind.INSTANT, FieldKind.URL}
)


def _share_option(mapping: FieldMapping, option: Option) -> Shared | Unshareable:
    if mapping.table is None:
        return (option.name,)
    alias = mapping.table.to_alias.get(option.id)
    return UNSHAREABLE if alias is None else (alias,)


def _share_cascade(mapping: FieldMapping, value: Cascade) -> Shared | Unshareable:
    names = (value.parent.name,) if value.child is None else (value.parent.name, value.child.name)
    if mapping.table is None:
        return names
    ids = value.parent.id if value.child is None else value.parent.id + SEPARATOR + value.child.id
    alias = mapping.table.to_alias.get(ids)
    return UNSHAREABLE if alias is None else tuple(alias.split(SEPARATOR, 1))


def _adopt_cascade(mapping: FieldMapping, shared: Shared) -> Value | Unknown:
    name = SEPARATOR.join(shared)
    if mapping.table is not None:
        found = mapping.table.from_alias.get(name)
        return Unknown(name) if found is None else _split(found)
    parent = (mapping.options or {}).get(shared[0])
    if parent is None or len(shared) == 1:
        return Unknown(name) if parent is None else Cascade(parent)
    child = (mapping.children or {}).get(parent.id, {}).get(shared[1])
    return Unknown(name) if child is None else Cascade(parent, child)


def _split(found: Option) -> Cascade:
    ids, names = found.id.split(SEPARATOR, 1), found.name.split(SEPARATOR, 1)
    child = Option(ids[1], names[1]) if len(ids) == 2 and len(names) == 2 else None
    return Cascade(Option(ids[0], names[0]), child)


def show_shared(value: Shared) -> str:
    """A shared value for people."""
    return SEPARATOR.join(value) or "(empty)"
