"""Attachments on their way: every byte is stored once, wherever pieces begin and end."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backbone.core.model.keys import FileId, Millis
from backbone.core.protocol.parcels import Digest
from backbone.ports.channels import FileInPieces
from backbone.ports.store import Store
from tests.contracts.store.things import SYNCHRONIZATION, UID

WHOLE = bytes(range(40))
DIGEST = Digest("d" * 64)


def _file(number: int = 7, *, ours: bool = False, begun: int = 5) -> FileInPieces:
    return FileInPieces(
        synchronization=SYNCHRONIZATION,
        ours=ours,
        file=FileId(str(number)),
        digest=DIGEST,
        total=len(WHOLE),
        begun=Millis(begun),
        pair=UID,
    )


async def test_a_file_is_there_once_all_its_pieces_are(store: Store) -> None:
    one = _file()
    async with store.unit() as unit:
        await unit.pieces.begin(one)
        assert await unit.pieces.write(one, 20, WHOLE[20:]) == 20
        assert await unit.pieces.read(one, 0, 99) == b""
        await unit.commit()

    async with store.unit() as unit:
        known = await unit.pieces.find(SYNCHRONIZATION, one.file, ours=False)
        assert known == replace(one, there=20)
        assert not known.complete
        assert await unit.pieces.write(known, 0, WHOLE[:20]) == 40
        found = await unit.pieces.find_all(SYNCHRONIZATION, [one.file, FileId("8")], ours=False)
        assert [each.complete for each in found.values()] == [True]
        assert await unit.pieces.read(one, 0, 99) == WHOLE
        assert await unit.pieces.read(one, 18, 5) == WHOLE[18:23]
        assert await unit.pieces.read(one, 40, 5) == b""


@given(
    spans=st.lists(st.tuples(st.integers(0, 39), st.integers(0, 40)), max_size=6),
    start=st.integers(0, 40),
    limit=st.integers(1, 41),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pieces_may_overlap_in_every_way(
    store: Store, spans: list[tuple[int, int]], start: int, limit: int
) -> None:
    one, places = _file(), set[int]()
    async with store.unit() as unit:
        await unit.pieces.begin(one)
        for offset, length in spans:
            data = WHOLE[offset : offset + length]
            places |= set(range(offset, offset + len(data)))
            assert await unit.pieces.write(one, offset, data) == len(places)
        end = next(place for place in range(start, 42) if place not in places)

        assert await unit.pieces.read(one, start, limit) == WHOLE[start : min(end, start + limit)]


async def test_what_is_stored_first_stays(store: Store) -> None:
    one = _file()
    async with store.unit() as unit:
        await unit.pieces.begin(one)
        await unit.pieces.write(one, 0, b"first")
        await unit.pieces.write(one, 0, b"other!")

        assert await unit.pieces.read(one, 0, 9) == b"first!"


async def test_how_far_ours_is_sealed_is_told_by_whoever_seals(store: Store) -> None:
    one = replace(_file(ours=True), digest=Digest(""))
    async with store.unit() as unit:
        await unit.pieces.begin(one)
        await unit.pieces.write(one, 0, WHOLE)
        await unit.pieces.begin(replace(one, digest=DIGEST))
        await unit.pieces.advanced(one, 12)

        found = await unit.pieces.find(SYNCHRONIZATION, one.file, ours=True)
        assert found == replace(one, digest=DIGEST, there=12)
        assert await unit.pieces.read(one, 0, 99) == WHOLE
        assert await unit.pieces.find(SYNCHRONIZATION, one.file, ours=False) is None


async def test_files_are_told_oldest_first_and_their_totals_add_up(store: Store) -> None:
    first, second, ours = _file(9, begun=1), _file(8, begun=2), _file(1, ours=True)
    async with store.unit() as unit:
        for one in (second, ours, first):
            await unit.pieces.begin(one)

        assert list(await unit.pieces.under_way(SYNCHRONIZATION, ours=False)) == [first, second]
        assert await unit.pieces.octets(SYNCHRONIZATION, ours=False) == 80
        await unit.pieces.remove(SYNCHRONIZATION, first.file, ours=False)
        assert await unit.pieces.octets(SYNCHRONIZATION, ours=False) == 40
        assert await unit.pieces.octets(SYNCHRONIZATION, ours=True) == 40


async def test_bytes_go_with_their_file(store: Store) -> None:
    one = _file()
    async with store.unit() as unit:
        await unit.pieces.begin(one)
        await unit.pieces.write(one, 0, WHOLE)
        await unit.pieces.remove(SYNCHRONIZATION, one.file, ours=False)
        await unit.pieces.begin(one)

        assert await unit.pieces.read(one, 0, 99) == b""


async def test_what_never_came_whole_or_was_never_named_goes_after_a_while(store: Store) -> None:
    whole, partly, young = _file(1), _file(2), _file(3, begun=50)
    unnamed = replace(_file(4), pair=None)
    async with store.unit() as unit:
        for one in (whole, partly, young, unnamed):
            await unit.pieces.begin(one)
        await unit.pieces.write(whole, 0, WHOLE)
        await unit.pieces.write(unnamed, 0, WHOLE)
        await unit.pieces.write(partly, 3, WHOLE[3:])
        gone = await unit.pieces.expire(Millis(50))
        await unit.commit()

    assert sorted(one.file for one in gone) == [partly.file, unnamed.file]
    async with store.unit() as unit:
        left = await unit.pieces.under_way(SYNCHRONIZATION, ours=False)
        assert [one.file for one in left] == [whole.file, young.file]
