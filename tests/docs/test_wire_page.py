"""The specification of the wire format names everything that is written, and its example is a parcel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import get_args

from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.parcels import Body
from backbone.core.protocol.wire import describe_parcel, from_plain, to_plain
from backbone.core.protocol.wire_bodies import BODY
from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "reference" / "wire.md").read_text(encoding="utf-8")


def test_every_member_and_kind_is_named_on_the_page() -> None:
    unnamed = {name for name in names(describe_parcel()) if f"`{name}`" not in PAGE}

    assert unnamed == set()


def test_every_body_can_be_written() -> None:
    assert {record.made for record in BODY.kinds.values()} == set(get_args(Body))


def test_the_example_is_a_parcel_and_written_as_it_stands_there() -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])

    assert to_plain(from_plain(example)) == example
    assert len(digest_of(b"")) == len(example["header"]["exchange"])


def names(plain: object) -> Iterator[str]:
    """Names of members, and the values that kinds may have."""
    match plain:
        case {"properties": dict() as members}:
            for name, member in members.items():
                yield name
                yield from [member["const"]] if "const" in member else names(member)
        case dict():
            for inner in plain.values():
                yield from names(inner)
        case list():
            for inner in plain:
                yield from names(inner)
        case _:
            pass
