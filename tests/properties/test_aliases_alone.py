"""Whatever a half is declared to exchange with a partner behind firewalls, only agreed aliases can leave it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from backbone.app.declaration.declared import ResolvedSynchronization
from backbone.app.declaration.findings import DeclarationError
from backbone.core.mapping.offering import exchange_of
from backbone.core.mapping.values import UNSHAREABLE, Unshareable, share, share_element
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import STATUS
from backbone.core.model.values import Cascade, FieldKind, Option
from tests.unit.app.declaration.fake_metadata import acme, beta
from tests.unit.app.declaration.one_sided import master, only, slave

ALIASES = ("a1", "a2", "a3", "a4", "a5")
DIRECTIONS = ("both", "first_to_second", "second_to_first")
TYPES = ("Bug", "Task")
STATUSES = ("Open", "In Progress", "Done")
FIELDS = {
    "summary": (),
    "priority": ("High", "Medium", "Low"),
    "Severity": ("Minor", "Major", "Blocker"),
    "Place": ("Europe", "Asia", "Europe / Bern"),
    "Teams": ("Red", "Green"),
}
"""Fields of the master with the values that they offer."""
SLAVES = {"a1": "summary", "a2": "priority", "a3": "Severity", "a4": "Location", "a5": "Teams"}
OFFERED = {
    "priority": ("P1", "P2", "P3"),
    "Severity": ("minor", "Major", "Blocker"),
    "Location": ("Europe", "Asia", "Asia / Kyoto"),
    "Teams": ("Red", "Blue"),
}
SLAVE_STATUSES = ("To Do", "Doing", "Closed")


@st.composite
def tables(draw: st.DrawFn, own: tuple[str, ...], theirs: tuple[str, ...], *, own_first: bool) -> str:
    """Values as rows, or as a table a way."""
    names = st.tuples(st.sampled_from(own), st.sampled_from(theirs))
    if draw(st.booleans()):
        rows = draw(st.lists(names, min_size=1, max_size=4))
        pairs = [(one, other) if own_first else (other, one) for one, other in rows]
        return "[" + ", ".join(f"[{one}, {other}]" for one, other in pairs) + "]"
    ways = {}
    for key, from_own in (("first_to_second", own_first), ("second_to_first", not own_first)):
        if rows := draw(st.lists(names, max_size=3)):
            ways[key] = {one if from_own else other: other if from_own else one for one, other in rows}
    if not ways:
        ways = {"first_to_second": {own[0]: theirs[0]} if own_first else {theirs[0]: own[0]}}
    return str(ways).replace("'", '"')


@st.composite
def masters(draw: st.DrawFn) -> str:
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, unique=True))
    rows = [
        f"{{first: {one}, second: t{index}, direction: {draw(st.sampled_from(DIRECTIONS))}}}"
        for index, one in enumerate(types)
    ]
    text = f"    issue_types: [{', '.join(rows)}]\n    fields:\n"
    for alias, (name, values) in zip(ALIASES, FIELDS.items(), strict=True):
        table = f", values: {draw(tables(values, ('v1', 'v2', 'v3 / v4'), own_first=True))}" if values else ""
        text += f"      - {{first: {name}, second: {alias}, direction: {draw(st.sampled_from(DIRECTIONS))}{table}}}\n"
    if draw(st.booleans()):
        text += f"    status: {draw(tables(STATUSES, ('s1', 's2'), own_first=True))}\n"
    return text


@st.composite
def slaves(draw: st.DrawFn) -> str:
    text = "    issue_types: [{first: t0, second: Defect}]\n    fields:\n      - {first: a1, second: summary}\n"
    for alias, name in SLAVES.items():
        if name in OFFERED and draw(st.booleans()):
            table = draw(tables(OFFERED[name], ("v1", "v2", "v3 / v4"), own_first=False))
            text += f"      - {{first: {alias}, second: {name}, values: {table}}}\n"
    if draw(st.booleans()):
        text += f"    status: {draw(tables(SLAVE_STATUSES, ('s1', 's2'), own_first=False))}\n"
    return text


async def resolved_master(rest: str) -> ResolvedSynchronization | None:
    try:
        return only(await master(rest))
    except DeclarationError:
        return None


async def resolved_slave(rest: str, published: Exchange) -> ResolvedSynchronization | None:
    try:
        return only(await slave(rest, published=published))
    except DeclarationError:
        return None


@given(masters(), slaves())
def test_only_agreed_aliases_can_leave_either_half(offered: str, mapped: str) -> None:
    first = asyncio.run(resolved_master(offered))
    if first is None:
        return
    exchange = exchange_of(first.halves[0])
    written = {*ALIASES, "t0", "t1", "v1", "v2", "v3", "v4", "v3 / v4", "s1", "s2", STATUS}

    assert set(_spoken(exchange)) <= written
    assert set(_leaving(first.halves[0])) <= set(_spoken(exchange))

    second = asyncio.run(resolved_slave(mapped, exchange))
    if second is not None:
        assert set(_leaving(second.halves[0])) <= set(_spoken(exchange))


def _spoken(exchange: Exchange) -> Iterator[str]:
    """Every word of what both sides agreed on; of a cascade's value also the two that it is sent as."""
    yield from (one.alias for one in exchange.types)
    for field in exchange.fields:
        yield field.alias
        for value in field.values or ():
            yield from (value, *value.split(" / ", 1))


def _leaving(half: HalfConfiguration) -> Iterator[str]:
    """Everything that can be said of our own types, fields and values."""
    yield from (one.alias for one in half.types)
    for mapping in half.fields:
        yield mapping.alias
        for option in _options(mapping):
            yield from _shared(mapping, option)


def _options(mapping: FieldMapping) -> Iterator[Option]:
    for jira in (acme(), beta()):
        statuses = [one for info in jira.workflows for one in info.statuses]
        yield from statuses if mapping.kind is FieldKind.STATUS else jira.offered.get(mapping.field, ())


def _shared(mapping: FieldMapping, option: Option) -> Iterator[str]:
    if mapping.kind.multi:
        element = share_element(mapping, option)
        yield from () if isinstance(element, Unshareable) else (element,)
        return
    children = [child for jira in (acme(), beta()) for child in jira.below.get(option.id, ())]
    cascades = [Cascade(option), *(Cascade(option, child) for child in children)]
    for value in cascades if mapping.kind is FieldKind.CASCADE else [option]:
        shared = share(mapping, value)
        yield from () if shared == UNSHAREABLE or isinstance(shared, Unshareable) else shared
