"""What is stored comes back equal, whatever people wrote into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.adapters.store import documents
from backbone.adapters.store.codec import Codec, Shape
from backbone.core.model.changes import Changes, Content, IssueAppeared, IssueChanged, IssueCreated
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, PairUid
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Problem
from backbone.core.model.stamps import IssueStamps
from backbone.ports.records import CreateAttempt, Cursor, JournalEntry, Loser

STORED: dict[str, tuple[Codec[Any], Shape]] = {
    "pair": (documents.PAIR, Pair),
    "stamps": (documents.STAMPS, IssueStamps),
    "half": (documents.HALF, HalfConfiguration),
    "content": (documents.CONTENT, Content),
    "problem": (documents.PROBLEM, Problem),
    "cursor": (documents.CURSOR, Cursor),
    "attempt": (documents.ATTEMPT, CreateAttempt),
    "journal entry": (documents.JOURNAL_ENTRY, JournalEntry),
    "loser": (documents.LOSER, Loser),
}
AWKWARD = ["", "\x00", "\ud800", "\ue000", "\ue0000000", '\\u0000"', "Ω", "e\u0301", "\U0001f600", "line\r\nline"]
PLAIN: dict[Shape, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(), max_size=5) | st.sampled_from(AWKWARD),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    NoneType: st.none(),
}


@cache
def values(shape: Shape) -> st.SearchStrategy[Any]:
    """Values of an annotation, with every field filled, also those that have defaults."""
    if shape in PLAIN:
        return PLAIN[shape]
    if isinstance(shape, NewType):
        return values(shape.__supertype__)
    if is_dataclass(shape):
        return _filled(shape)
    parts = [values(one) for one in get_args(shape) if one is not Ellipsis]
    origin: Shape = get_origin(shape)
    if origin in (Union, UnionType):
        return st.one_of(parts)
    if origin in (tuple, frozenset):
        return st.lists(parts[0], max_size=3).map(origin)
    if origin is Mapping:
        return st.dictionaries(*parts, max_size=3)
    assert issubclass(shape, Enum), f"no values of {shape} yet"
    return st.sampled_from(shape)


def _filled(shape: Shape) -> st.SearchStrategy[Any]:
    return st.builds(shape, **{name: values(hint) for name, hint in get_type_hints(shape).items()})


@pytest.mark.parametrize("kind", STORED)
@given(data=st.data())
def test_every_stored_value_comes_back_equal(kind: str, data: st.DataObject) -> None:
    codec, shape = STORED[kind]
    value = data.draw(values(shape))

    stored = codec.encode(value)

    assert codec.decode(stored) == value
    assert codec.decode(stored.encode()) == value
    assert "\\u0000" not in stored.replace("\\\\", "")


def test_content_comes_back_as_the_class_that_it_was() -> None:
    issue = IssueRef(id=IssueId("1"), key=IssueKey("A-1"))
    appeared = IssueAppeared(issue=issue, type_alias="Bug", changes=Changes())
    changed = IssueChanged(issue=issue, changes=Changes())

    assert documents.CONTENT.decode(documents.CONTENT.encode(appeared)) == appeared
    assert documents.CONTENT.decode(documents.CONTENT.encode(changed)) == changed


def test_a_document_tells_the_class_of_a_union_by_name() -> None:
    value = IssueCreated(issue=IssueRef(id=IssueId("1"), key=IssueKey("A-1")))

    assert documents.CONTENT.encode(value) == '{"is":"IssueCreated","issue":{"id":"1","key":"A-1"}}'


def test_a_document_of_another_version_is_read() -> None:
    """What it lacks has its default, what is unknown is left out."""
    old = '{"uid":"u","connector":"c","state":"linked","born_here":true,"colour":"red"}'

    pair = documents.PAIR.decode(old)

    assert pair.uid == PairUid("u")
    assert pair.comments == {}


def test_a_union_inside_containers_and_optional_fields_comes_back() -> None:
    value = Shelf(
        many=(Cup(size=1), Plate(width=2)), named={"a": Plate(width=3)}, one=None, other=Cup(size=4), few=frozenset()
    )
    codec = Codec[Shelf](Shelf)

    assert codec.decode(codec.encode(value)) == value


def test_a_type_that_nobody_can_store_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="list"):
        Codec[Odd](Odd).encode(Odd(strange=[Cup(size=1)]))


@dataclass(frozen=True)
class Cup:
    size: int


@dataclass(frozen=True)
class Plate:
    width: int


@dataclass(frozen=True)
class Shelf:
    many: tuple[Cup | Plate, ...]
    named: dict[str, Cup | Plate]
    one: Cup | Plate | None
    other: Cup | Plate | None
    few: frozenset[Cup | Plate]


@dataclass(frozen=True)
class Odd:
    strange: list[Cup | Plate]
