"""What a partner elsewhere told arrives: it waits in our inbox, under numbers of our own, as if told from next door.

Nothing is decided here that the engine decides when it applies a message: which values, comments and pairs it takes.
What it could not even wait for is left out: comments and attachments that this half does not receive, attachments that
are too large, pairs that nobody knows. Removals are counted as they come, whatever the partner says of them (rule 21).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backbone.app.engine.guard import count_arriving, removals_in
from backbone.app.engine.handing import awaited_pair
from backbone.app.engine.together import TOGETHER
from backbone.core.model.changes import Changes, Content, FileChange, IssueAppeared, IssueCreated, MembersAsserted
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, MappingId, Millis, PairUid, Revision
from backbone.core.model.pair import Pair, PairState, file_of_partner
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.protocol.parcels import Digest, PairMessage
from backbone.ports.channels import FileInPieces
from backbone.ports.records import ApplyManyTurn, ApplyTurn, CreateTurn, InboxMessage
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is left of what was told of one pair."""

    pair: Pair
    contents: tuple[Content, ...]
    new: bool


async def arrive(
    uow: UnitOfWork, half: HalfConfiguration, messages: Sequence[PairMessage], revision: Revision, now: Millis
) -> None:
    """Take in what was told, in the caller's unit of work; each pair may be named once."""
    uids = [one.pair for one in messages]
    pairs = await uow.pairs.get_all(half.connector, uids)
    last = await uow.inbox.last_of(half.connector, uids)
    told = [found for one in messages if (found := _told(half, one, pairs.get(one.pair))) is not None]
    known = {one.pair.uid for one in told}
    for uid in uids:
        if uid not in known:
            await uow.problems.report(unknown_pair(half.connector), now)
    await uow.pairs.save_all([one.pair for one in told if one.new])
    await uow.inbox.put_all([each for one in told for each in _numbered(one, last, revision, now)])
    await count_arriving(uow, half, sum(_removals(half, one) for one in told), now)
    for one in told:
        await _expect_files(uow, half, one, now)
    await _wake(uow, half, told)


async def _wake(uow: UnitOfWork, half: HalfConfiguration, told: Sequence[_Told]) -> None:
    """Whoever creates begins with new pairs; that issues were created at the partner is noted for many at once."""
    if any(one.new for one in told):
        await uow.turns.wake(CreateTurn(connector=half.connector))
    known = [one for one in told if not one.new]
    noted = [one.pair.uid for one in known if all(isinstance(each, IssueCreated) for each in one.contents)]
    others = [one.pair.uid for one in known if not all(isinstance(each, IssueCreated) for each in one.contents)]
    for start in range(0, len(noted), TOGETHER):
        some = tuple(noted[start : start + TOGETHER])
        await uow.turns.wake(ApplyManyTurn(connector=half.connector, pairs=some, noting=True))
    for uid in others:
        await uow.turns.wake(ApplyTurn(connector=half.connector, pair=uid))


def _told(half: HalfConfiguration, message: PairMessage, pair: Pair | None) -> _Told | None:
    """What is used of the message; None where the pair is unknown and does not begin here."""
    contents = message.contents
    if pair is not None:
        return _Told(pair=pair, contents=tuple(_received(half, one) for one in contents), new=False)
    start = next((place for place, one in enumerate(contents) if isinstance(one, IssueAppeared)), None)
    if start is None:
        return None
    first = contents[start]
    assert isinstance(first, IssueAppeared)
    begun = awaited_pair(half.connector, message.pair, first)
    return _Told(pair=begun, contents=tuple(_received(half, one) for one in contents[start:]), new=True)


def _received(half: HalfConfiguration, content: Content) -> Content:
    """The content without comments and attachments that do not travel this way."""
    if isinstance(content, IssueCreated):
        return content
    changes = content.changes
    kept = replace(
        changes,
        comments=changes.comments if half.comments.receives else (),
        files=tuple(one for one in changes.files if _takes(half, one)),
    )
    return content if kept == changes else replace(content, changes=kept)


def _takes(half: HalfConfiguration, file: FileChange) -> bool:
    largest = half.files.largest
    return half.files.receives and (not file.present or largest is None or file.size <= largest)


def _numbered(told: _Told, last: Mapping[PairUid, int], revision: Revision, now: Millis) -> list[InboxMessage]:
    """Numbers of our own, after all that is known of the pair: those on the way are numbers of parcels."""
    pair = told.pair
    start = max(pair.info.incoming_message_sequence_id, last.get(pair.uid, 0)) + 1
    return [
        InboxMessage(
            connector=pair.connector, pair=pair.uid, sequence=sequence, revision=revision, sent=now, content=content
        )
        for sequence, content in enumerate(told.contents, start)
    ]


def _removals(half: HalfConfiguration, told: _Told) -> int:
    """Removals and blanks among what was told of values that this half takes."""
    return 0 if told.new else sum(arriving_removals(half, told.pair, one) for one in _changes(told.contents))


def arriving_removals(half: HalfConfiguration, pair: Pair, changes: Changes) -> int:
    """How many removals and blanks there are among values that this half takes from the partner at all."""
    taken = {one.alias: one.id for one in half.fields if one.receives}
    values = Changes(
        fields=tuple(one for one in changes.fields if one.alias in taken),
        elements=tuple(one for one in changes.elements if one.alias in taken),
    )
    left_out = sum(_left_out(pair, taken[one.alias], one) for one in changes.members if one.alias in taken)
    return removals_in(values) + left_out


def _left_out(pair: Pair, mapping: MappingId, whole: MembersAsserted) -> int:
    """How many elements that were here a resync of the partner does not name; at least one where it names none."""
    base = pair.baselines.get(mapping)
    here = frozenset() if base is None or base.members is None else frozenset(base.members.values())
    return len(here - whole.elements) or int(not whole.elements)


def _changes(contents: Sequence[Content]) -> list[Changes]:
    return [one.changes for one in contents if not isinstance(one, IssueCreated)]


async def _expect_files(uow: UnitOfWork, half: HalfConfiguration, told: _Told, now: Millis) -> None:
    """From here on it is known whose the pieces of an attachment are, and of which bytes it consists."""
    files = [file for changes in _changes(told.contents) for file in changes.files]
    pair = told.pair
    if not files:
        return
    ignored = pair.state in (PairState.BURIED, PairState.IGNORED) or pair.info.incoming_changes_ignored
    key = half.synchronization
    here = await uow.pieces.find_all(key, [one.original for one in files], ours=False)
    for file in files:
        if not file.present or file.digest is None:
            await uow.pieces.remove(key, file.original, ours=False)
            continue
        expected = FileInPieces(
            synchronization=key,
            ours=False,
            file=file.original,
            digest=Digest(file.digest),
            total=file.size,
            begun=now,
            pair=pair.uid,
        )
        if ignored or file_of_partner(file.original) in pair.files:
            await _pass_over(uow, expected)
        else:
            await _expect(uow, expected, here.get(file.original))


async def _pass_over(uow: UnitOfWork, told: FileInPieces) -> None:
    """Its bytes are not wanted, or here: pieces that come yet are not stored. That is remembered as long as they may come."""
    await uow.pieces.remove(told.synchronization, told.file, ours=False)
    await uow.pieces.begin(replace(told, total=0, pair=None))


async def _expect(uow: UnitOfWork, expected: FileInPieces, known: FileInPieces | None) -> None:
    if known is None:
        await uow.pieces.begin(expected)
    elif (known.digest, known.total) == (expected.digest, expected.total):
        await uow.pieces.begin(replace(known, pair=expected.pair))
    else:  # what came before is of something else
        await uow.pieces.remove(known.synchronization, known.file, ours=False)
        await uow.pieces.begin(expected)


def unknown_pair(connector: ConnectorKey) -> Problem:
    """The partner told of pairs that are not known here; an import ends it, and it is told again when it comes again."""
    return Problem(
        code=Code.HALF_PAIR,
        connector=connector,
        occurred_in=None,
        cause="the partner tells of pairs that are not known here; what it told of them is left out",
        remedy="Import the sync information of these issues, on both sides.",
        holds=Holds(thing="unknown pairs"),
    )
