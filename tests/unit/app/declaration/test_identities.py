"""What a synchronization and its mappings are known by: a new name changes nothing of it."""

from __future__ import annotations

from backbone.app.declaration.declared import identity_of
from backbone.core.model.keys import MappingId
from tests.unit.app.declaration.looking_up import TOP, fields, mappings, refused, resolved

ROW = "{first: summary, second: summary}"
RENAMED = TOP.replace("name: S\n", "name: New\n    id: S\n")
IDENTITY = "12345678-1234-1234-1234-123456789abc"


async def ids(top: str, row: str = ROW) -> list[MappingId]:
    return [one.id for one in mappings(await resolved(fields(row), top=top))[0]]


async def test_mappings_stay_themselves_under_another_name_if_the_first_one_is_the_identity() -> None:
    before = await ids(TOP)

    assert await ids(RENAMED) == before
    assert await ids(TOP.replace("name: S\n", "name: New\n")) != before


async def test_what_is_stored_is_known_by_what_it_was_first_called() -> None:
    [plain] = (await resolved(fields(ROW))).synchronizations
    [renamed] = (await resolved(fields(ROW), top=RENAMED)).synchronizations

    assert (plain.identity, plain.name) == ("S", "S")
    assert (renamed.identity, renamed.name) == ("S", "New")
    assert identity_of(plain.document) == identity_of(renamed.document) == "S"
    assert identity_of({"first": {"project": "PA"}, "second": {"project": "PB"}}) == "PA <> PB"


async def test_an_identity_that_is_written_as_such_is_the_mappings_own() -> None:
    assert await ids(TOP, f"{{first: summary, second: summary, id: {IDENTITY}}}") == [MappingId(IDENTITY)]
    assert await ids(TOP, "{first: summary, second: summary, id: mine}") != [MappingId("mine")]


async def test_two_of_one_identity_are_refused_whatever_their_names() -> None:
    second = RENAMED.partition("synchronizations:\n")[2]

    [told] = await refused(top=TOP + second)
    assert "'S' is already the name of synchronizations[1]" in told
