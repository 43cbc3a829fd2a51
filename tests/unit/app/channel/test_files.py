"""Attachments travel in pieces, and count only as a whole."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from secrets import token_bytes

import pytest

from backbone.app.channel.files import KEPT, give_up, size_of_piece, take_piece
from backbone.app.channel.packing import pack
from backbone.core.model.changes import Changes, FileChange, IssueChanged
from backbone.core.model.configuration import FileRules, HalfConfiguration
from backbone.core.model.keys import FileId, Role
from backbone.core.model.problems import Code, Problem
from backbone.core.protocol.parcels import ChannelId, Digest, Epoch, Header, KeyFingerprint, PairMessage, Parcel, Piece
from tests.fakes.apart import LARGEST, Apart, Side
from tests.fakes.issues import FakeIssue
from tests.fakes.world import drive

CONTENT = bytes(range(256)) * 500  # about ten pieces


def _contents(issue: FakeIssue) -> list[bytes]:
    return [content for _, content in issue.files.values()]


def _piece(content: bytes, offset: int = 0, length: int | None = None, file: str = "f") -> Piece:
    data = content[offset:] if length is None else content[offset : offset + length]
    digest = Digest(sha256(content).hexdigest())
    return Piece(file=FileId(file), digest=digest, offset=offset, total=len(content), data=data)


def _take(side: Side, *pieces: Piece) -> list[Problem]:
    return drive(side.come([], pieces))


def _stored(side: Side, *, ours: bool) -> list[FileId]:
    return [file for (_, mine, file) in side.world.store.tables.travelling if mine is ours]


def _octets(side: Side) -> int:
    return sum(len(part) for parts in side.world.store.tables.octets.values() for part in parts.values())


# --- from one side to the other ---------------------------------------------------------------------------------------


def test_an_attachment_travels_in_pieces_and_leaves_nothing_behind() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "large.bin", CONTENT)
    apart.settle()

    assert _contents(second) == [CONTENT]
    assert (_octets(apart.a), _octets(apart.b)) == (0, 0)
    assert [_stored(apart.a, ours=True), _stored(apart.b, ours=False)] == [[], []]
    assert apart.b.problems() == []


def test_an_empty_attachment_travels_as_well() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "empty", b"")
    apart.settle()

    assert _contents(second) == [b""]


def test_an_attachment_of_a_new_issue_follows_it() -> None:
    apart = Apart()
    first = apart.pair()[0]
    apart.a.jira.attach(apart.a.jira.create_issue(first.type, dict(first.values)), "a.bin", CONTENT)
    apart.settle()

    assert _contents(apart.b.newest) == [CONTENT]


def test_a_piece_fits_into_a_parcel() -> None:
    content = token_bytes(size_of_piece(LARGEST))
    header = Header(
        channel=ChannelId("c"),
        sender=Role.FIRST,
        sender_key=KeyFingerprint("A" * 40),
        recipient_key=KeyFingerprint("B" * 40),
        epoch=Epoch("e"),
        number=1,
    )

    armored = len(pack(Parcel(header=header, body=_piece(content)))) * 4 / 3 * 66 / 64

    assert LARGEST / 2 < armored < LARGEST - 2_000  # what encryption and signature take


def test_nothing_is_told_of_an_attachment_that_can_not_be_fetched_but_all_else_is() -> None:
    apart = Apart()
    first, second = apart.pair()
    file = apart.a.jira.attach(first, "a.bin", CONTENT)
    apart.a.jira.comment(first, "see the attachment")
    drive(apart.a.work())
    bytes_of_it = first.files.pop(file.id)
    apart.carry(apart.a, apart.b)
    drive(apart.b.work())
    before = [one.body for one in second.comments.values()]
    first.files[file.id] = bytes_of_it
    apart.system.time += 180_000
    apart.settle()

    assert ["see the attachment" in body for body in before] == [True]
    assert _contents(second) == [CONTENT]


def test_an_attachment_that_is_removed_before_it_left_never_leaves() -> None:
    apart = Apart()
    first, second = apart.pair()
    file = apart.a.jira.attach(first, "a.bin", CONTENT)
    drive(apart.a.work())
    messages, pieces = drive(apart.a.leave())
    removed = FileChange(original=file.id, present=False, name="a.bin", size=len(CONTENT), mime="")
    uid = apart.a.memory(first).uid
    later = PairMessage(pair=uid, after=0, contents=(IssueChanged(issue=first.ref, changes=Changes(files=(removed,))),))
    drive(apart.b.come(messages, pieces))
    drive(apart.b.come([later], []))
    drive(apart.b.work())

    assert _contents(second) == []
    assert _octets(apart.b) == 0


def test_an_attachment_is_copied_once_its_last_piece_came() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT)
    drive(apart.a.work())
    messages, pieces = drive(apart.a.leave())
    drive(apart.b.come(messages, pieces[1:]))
    drive(apart.b.work())
    early, problems = _contents(second), apart.b.problems()
    apart.system.time += 3_600_000
    drive(apart.b.work())
    late = apart.b.problems()
    drive(apart.b.come([], pieces[:1]))
    apart.settle()

    assert (early, problems, late) == ([], [], [])
    assert _contents(second) == [CONTENT]


def test_the_pieces_may_come_before_the_message_that_names_them() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT[:20_000])
    drive(apart.a.work())
    messages, pieces = drive(apart.a.leave())
    drive(apart.b.come([], pieces))
    drive(apart.b.work())
    drive(apart.b.come(messages, []))
    drive(apart.b.work())

    assert _contents(second) == [CONTENT[:20_000]]


def test_other_things_of_the_pair_do_not_wait_for_an_attachment() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT)
    drive(apart.a.work())
    messages, _ = drive(apart.a.leave())
    drive(apart.b.come(messages, []))
    drive(apart.b.work())
    apart.a.jira.comment(first, "meanwhile")
    drive(apart.a.work())
    drive(apart.b.come(drive(apart.a.leave())[0], []))
    drive(apart.b.work())

    assert ["meanwhile" in one.body for one in second.comments.values()] == [True]


def test_what_was_passed_over_is_never_taken_for_an_empty_attachment() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT)
    drive(apart.a.work())
    _ignore(apart.b, second, ignored=True)
    drive(apart.b.come(*drive(apart.a.leave())))
    _ignore(apart.b, second, ignored=False)
    for _ in range(3):  # the first try is by guess, the next one reads
        drive(apart.b.work())
        apart.system.time += 120_000

    assert _contents(second) == []
    assert apart.b.problems() == [Code.FILE_REFUSED]
    assert _octets(apart.b) == 0


def _ignore(side: Side, issue: FakeIssue, *, ignored: bool) -> None:
    async def change() -> None:
        pair = side.memory(issue)
        async with side.world.store.unit() as uow:
            await uow.pairs.save(replace(pair, info=replace(pair.info, incoming_changes_ignored=ignored)))
            await uow.commit()

    drive(change())


def test_what_never_came_whole_is_told_after_thirty_days() -> None:
    apart = Apart()
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT)
    drive(apart.a.work())
    messages, pieces = drive(apart.a.leave())
    drive(apart.b.come(messages, pieces[1:]))
    drive(apart.b.work())
    apart.system.time += KEPT + 1

    async def tidy() -> None:
        async with apart.b.world.store.unit() as uow:
            await give_up(uow, apart.system.now())
            await uow.commit()

    drive(tidy())
    drive(apart.b.work())

    assert _contents(second) == []
    assert apart.b.problems() == [Code.FILE_REFUSED]
    assert _octets(apart.b) == 0


# --- whatever comes ---------------------------------------------------------------------------------------------------


def test_repeated_and_overlapping_pieces_do_no_harm() -> None:
    side = Apart().b
    pieces = [_piece(CONTENT, 0, 900), _piece(CONTENT, 500, 900), _piece(CONTENT, 0, 900), _piece(CONTENT, 1000)]

    assert _take(side, *pieces, *pieces) == []
    assert _octets(side) == len(CONTENT)


@pytest.mark.parametrize(
    "piece",
    [
        replace(_piece(b"abc"), offset=1),
        replace(_piece(b"abc"), offset=-1),
        replace(_piece(b"abc"), total=2),
    ],
)
def test_a_piece_that_does_not_lie_within_its_file_is_not_stored(piece: Piece) -> None:
    side = Apart().b

    assert [one.code for one in _take(side, piece)] == [Code.FILE_REFUSED]
    assert _octets(side) == 0


def test_pieces_of_different_bytes_are_not_mixed() -> None:
    side = Apart().b
    _take(side, _piece(b"abcdef", 0, 3))

    assert [one.code for one in _take(side, _piece(b"abcdeX", 3))] == [Code.FILE_REFUSED]
    assert _octets(side) == 3


def test_bytes_that_are_not_the_named_ones_are_never_used() -> None:
    side = Apart().b
    forged = replace(_piece(b"abcdef", 3), data=b"XXX")

    assert _take(side, _piece(b"abcdef", 0, 3)) == []
    assert [one.code for one in _take(side, forged)] == [Code.FILE_REFUSED]
    assert _octets(side) == 0


async def test_the_total_is_checked_before_the_first_byte() -> None:
    side = Apart().b
    pieces = [_piece(b"12345678", 0, 4), _piece(b"123", 0, 1, file="g"), _piece(b"12345678", 4)]
    async with side.world.store.unit() as uow:
        problems = [await take_piece(uow, side.own, one, side.system.now(), quota=10) for one in pieces]
        await uow.commit()

    assert [one and one.code for one in problems] == [None, Code.FILE_REFUSED, None]
    assert _octets(side) == 8


def _rules(rules: FileRules) -> Apart:
    def changed(one: HalfConfiguration) -> HalfConfiguration:
        return replace(one, files=rules) if one.role is Role.SECOND else one

    return Apart(change=changed)


@pytest.mark.parametrize("rules", [FileRules(sends=True, receives=False), FileRules(receives=True, largest=9)])
def test_attachments_that_this_half_does_not_take_are_not_stored(rules: FileRules) -> None:
    apart = _rules(rules)
    first, second = apart.pair()
    apart.a.jira.attach(first, "a.bin", CONTENT)
    apart.settle()

    assert _contents(second) == []
    assert _octets(apart.b) == 0
    assert set(apart.b.problems()) == {Code.FILE_REFUSED}
    assert not apart.b.world.store.turns.ready()


async def test_a_piece_is_stored_with_the_callers_transaction() -> None:
    side = Apart().b
    async with side.world.store.unit() as uow:
        assert await take_piece(uow, side.own, _piece(CONTENT), side.system.now()) is None

    assert _octets(side) == 0
