"""What a shape does not take, in both directions."""

from __future__ import annotations

from typing import Any, cast

import pytest

from backbone.core.model.keys import IssueId, IssueKey, IssueRef, Role
from backbone.core.protocol.shapes import (
    Bytes,
    Choice,
    Flag,
    Group,
    Maybe,
    Misfit,
    Several,
    Shape,
    Text,
    UnknownKind,
    Whole,
)
from backbone.core.protocol.wire_bodies import BODY
from backbone.core.protocol.wire_changes import CONTENT_OF_PAIR
from backbone.core.protocol.wire_values import ISSUE, STAMP, VALUE_FINGERPRINT


@pytest.mark.parametrize(
    ("shape", "plain"),
    [
        (Text(3), "abcd"),
        (Text(3, 1), ""),
        (Text(3), None),
        (Text(3), b"a"),
        (Text(3, 0, "a*"), "aab"),
        (Text(3, 0, "a*"), "a\n"),
        (Whole(0, 9), 10),
        (Whole(0, 9), False),
        (Whole(0, 9), 1.0),
        (Whole(0, 9), "1"),
        (Flag(), 1),
        (Flag(), None),
        (Choice(Role), "third"),
        (Choice(Role), 1),
        (Choice(Role), {}),
        (Bytes(3), "AAAA\n"),
        (Bytes(3), "AAA"),
        (Bytes(3), "AA="),
        (Bytes(3), "AB=="),
        (Bytes(3), "-_-_"),
        (Bytes(3), "ÄÄÄÄ"),
        (Bytes(3), "AAAAAAAA"),
        (Bytes(4), "AAAAAAA="),
        (Bytes(3), 7),
        (Several(Whole(0, 9), 2), [1, 2, 3]),
        (Several(Whole(0, 9), 2), (1,)),
        (Several(Whole(0, 9), 2), {"0": 1}),
        (Several(Whole(0, 9), 2, key=str), [1, 1]),
        (Several(Whole(0, 9), 2, 1), []),
        (Group(Text(1), 2), ["a", "a"]),
        (Maybe(Flag()), 0),
        (ISSUE, []),
        (ISSUE, {"id": "1"}),
        (STAMP, {"at": 1, "by": "first", "origin": None}),
        (BODY, None),
        (BODY, {}),
        (BODY, {"kind": 1}),
        (BODY, {"kind": "renamed", "project": "A", "former": "B", "issues": [["p"]]}),
        (BODY, {"kind": "renamed", "project": "A", "former": "B", "issues": [["p", "A-1"], ["p", "A-2"]]}),
    ],
)
def test_what_does_not_fit_is_not_read(shape: Shape[Any], plain: object) -> None:
    with pytest.raises(Misfit):
        shape.read(plain)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Bytes(3), b"abcd"),
        (Bytes(3), "abc"),
        (Choice(Role), "third"),
        (ISSUE, "A-1"),
        (BODY, IssueRef(id=IssueId("1"), key=IssueKey("A-1"))),
        (CONTENT_OF_PAIR, None),
        (Group(Text(1), 1), frozenset({"a", "b"})),
    ],
)
def test_what_does_not_fit_is_not_written(shape: Shape[Any], value: object) -> None:
    with pytest.raises(Misfit):
        shape.write(cast("Any", value))


def test_an_unknown_kind_is_told_apart() -> None:
    with pytest.raises(UnknownKind):
        BODY.read({"kind": "worklogs"})


@pytest.mark.parametrize("data", [b"", b"a", b"ab", b"abc"])
def test_bytes_have_one_form(data: bytes) -> None:
    shape = Bytes(3)

    assert shape.read(shape.write(data)) == data


def test_elements_are_written_in_one_order() -> None:
    assert Group(Text(2), 9).write(frozenset({"b", "a", "ä", "A"})) == ["A", "a", "b", "ä"]


@pytest.mark.parametrize("text", ["", "x[]", 'x["a"]', 'x["\ud800"]', "x#" + "0" * 64])
def test_fingerprints_of_shared_values_are_known_by_their_form(text: str) -> None:
    assert VALUE_FINGERPRINT.read(text) == text


@pytest.mark.parametrize("text", ["x", "s[]", "x#0", "x[\n]", "x[" + "a" * 78 + "]"])
def test_other_texts_are_no_fingerprints(text: str) -> None:
    with pytest.raises(Misfit):
        VALUE_FINGERPRINT.read(text)
