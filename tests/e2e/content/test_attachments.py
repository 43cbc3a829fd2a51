"""Attachments: added and deleted both ways, whatever they are called."""

from __future__ import annotations

import pytest

from tests.parts.neighbours import Neighbours, held, issue_of, neighbours
from tests.parts.two_projects import declaration


async def begun(jiras: Neighbours) -> str:
    """PA-1 is in step; the key of its partner."""
    jiras.ann.create("PA", "Bug", "With files")
    await jiras.begin()
    return await jiras.partner("PA-1")


NAMES = [
    "empty.txt",
    "Übersicht größer.pdf",
    "図面 №7.png",
    "e\u0301clair.txt",
    "semi;colon 'single' %41.txt",
    "no_extension",
    "emoji-😀.bin",
]


@pytest.mark.parametrize("name", NAMES)
async def test_a_file_of_any_name_arrives_byte_for_byte_both_ways(name: str) -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        content = b"" if name == "empty.txt" else bytes(range(256)) * 3
        jiras.ann.attach("PA-1", name, content)
        await jiras.settle()
        assert held(jiras.second, partner) == [(name, content)]
        jiras.ben.attach(partner, f"b-{name}", content)
        await jiras.settle()
        assert held(jiras.first, "PA-1") == sorted([(name, content), (f"b-{name}", content)])
        assert len(held(jiras.second, partner)) == 2
        assert await jiras.codes() == []


async def test_files_of_equal_name_are_all_there() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        for content in (b"one", b"two", b"two"):
            jiras.ann.attach("PA-1", "log.txt", content)
        jiras.ben.attach(partner, "log.txt", b"theirs")
        await jiras.settle()
        expected = sorted([("log.txt", one) for one in (b"one", b"two", b"two", b"theirs")])
        assert held(jiras.first, "PA-1") == held(jiras.second, partner) == expected


async def test_a_deleted_original_takes_its_copy_with_it_in_both_directions() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        ours = jiras.ann.attach("PA-1", "ours.txt", b"ours")
        theirs = jiras.ben.attach(partner, "theirs.txt", b"theirs")
        await jiras.settle()
        jiras.ann.delete_attachment("PA-1", ours.id)
        await jiras.settle()
        assert held(jiras.second, partner) == [("theirs.txt", b"theirs")]
        jiras.ben.delete_attachment(partner, theirs.id)
        await jiras.settle()
        assert held(jiras.first, "PA-1") == []


async def test_a_deleted_copy_stays_deleted_and_does_not_delete_its_original() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.attach("PA-1", "keep.txt", b"keep")
        await jiras.settle()
        [copy] = issue_of(jiras.second, partner).attachments
        jiras.ben.delete_attachment(partner, copy.id)
        await jiras.settle()
        jiras.ann.attach("PA-1", "more.txt", b"more")
        await jiras.settle()
        assert len(held(jiras.first, "PA-1")) == 2
        assert held(jiras.second, partner) == [("more.txt", b"more")]


async def test_deleting_one_of_two_equal_files_deletes_one_copy() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        one = jiras.ann.attach("PA-1", "log.txt", b"same")
        jiras.ann.attach("PA-1", "log.txt", b"same")
        await jiras.settle()
        jiras.ann.delete_attachment("PA-1", one.id)
        await jiras.settle()
        assert held(jiras.first, "PA-1") == held(jiras.second, partner) == [("log.txt", b"same")]


async def test_a_file_too_large_for_the_other_side_is_one_problem_and_goes_on_when_the_limit_is_raised() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.second.world.settings.upload_limit = 1_000
        jiras.ann.attach("PA-1", "big.bin", b"x" * 2_000)
        jiras.ann.attach("PA-1", "small.bin", b"x")
        jiras.ann.edit("PA-1", summary="Others go on")
        await jiras.settle()
        assert await jiras.codes() == ["file-refused"]
        assert held(jiras.second, partner) == [("small.bin", b"x")]
        assert jiras.ben.issue(partner).values["summary"] == "Others go on"

        jiras.second.world.settings.upload_limit = 10_000
        await jiras.retry()
        await jiras.settle()
        assert len(held(jiras.second, partner)) == 2
        await jiras.equal()


async def test_a_file_that_is_larger_than_the_file_of_the_configuration_allows_stays_at_home() -> None:
    async with neighbours(declared=declaration(attachments={"largest_mb": 0.001})) as jiras:
        partner = await begun(jiras)
        jiras.ann.attach("PA-1", "big.bin", b"x" * 1_001)
        jiras.ann.attach("PA-1", "just.bin", b"x" * 1_000)
        await jiras.settle()
        assert [name for name, _ in held(jiras.second, partner)] == ["just.bin"]
        assert await jiras.codes() == []


async def test_attachments_of_one_direction_stay_at_home_in_the_other() -> None:
    async with neighbours(declared=declaration(attachments={"direction": "second_to_first"})) as jiras:
        partner = await begun(jiras)
        jiras.ann.attach("PA-1", "ours.txt", b"ours")
        jiras.ben.attach(partner, "theirs.txt", b"theirs")
        await jiras.settle()
        assert held(jiras.second, partner) == [("theirs.txt", b"theirs")]
        assert len(held(jiras.first, "PA-1")) == 2
