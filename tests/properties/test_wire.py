"""What is written can be read, says the same, and fits the published schema."""

from __future__ import annotations

import json
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from backbone.app.channel.packing import pack, unpack
from backbone.core.protocol.parcels import Parcel
from backbone.core.protocol.wire import DEEPEST, WireError, describe_parcel, from_plain, to_plain
from tests.fakes.parcels import parcels

SCHEMA = Draft202012Validator(cast("dict[str, Any]", describe_parcel()))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@given(parcels())
def test_what_is_written_is_read_as_it_was(parcel: Parcel) -> None:
    assert from_plain(to_plain(parcel)) == parcel


@given(parcels())
def test_what_is_packed_is_unpacked_as_it_was(parcel: Parcel) -> None:
    assert unpack(pack(parcel)) == parcel


@given(parcels())
def test_everything_written_fits_the_schema(parcel: Parcel) -> None:
    SCHEMA.validate(to_plain(parcel))


@given(parcels())
def test_nothing_that_is_written_lies_deeper_than_what_is_read(parcel: Parcel) -> None:
    assert depth(to_plain(parcel)) < DEEPEST


@given(parcels(), st.sampled_from(["header", "body"]), JSON)
def test_members_that_nobody_knows_are_passed_over(parcel: Parcel, where: str, value: object) -> None:
    plain = cast("dict[str, dict[str, object]]", to_plain(parcel))
    plain[where]["unheard-of"] = value
    plain["unheard-of"] = cast("dict[str, object]", value)

    assert from_plain(plain) == parcel


@given(JSON)
def test_any_values_are_a_parcel_or_refused(plain: object) -> None:
    try:
        found = from_plain(plain)
    except WireError:
        return
    assert from_plain(to_plain(found)) == found


@given(st.binary(max_size=200))
def test_any_bytes_are_a_parcel_or_refused(data: bytes) -> None:
    try:
        found = unpack(data)
    except WireError:
        return
    assert unpack(pack(found)) == found


def depth(plain: object) -> int:
    match plain:
        case dict():
            return 1 + max(map(depth, plain.values()), default=0)
        case list():
            return 1 + max(map(depth, plain), default=0)
        case _:
            json.dumps(plain)
            return 0
