"""Messages that are only counted: delivery by itself, without the engines behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import sha256

from backbone.app.channel.files import Split
from backbone.core.model.changes import Changes, CommentChange, Content, FieldChange, IssueAppeared, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import (
    CommentId,
    ConnectorKey,
    IssueId,
    IssueKey,
    IssueRef,
    Millis,
    PairUid,
    SynchronizationKey,
)
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.parcels import Header, PairMessage, Piece
from backbone.ports.channels import StoredChannel
from backbone.ports.records import JournalEntry, OutboxMessage
from backbone.ports.store import UnitOfWork
from tests.parts.two_installations import ConversingEffects, Installation, TwoInstallations


class Recorded(ConversingEffects):
    """Messages are written into the journal, in the transaction that uses them."""

    async def messages(
        self, uow: UnitOfWork, stored: StoredChannel, header: Header, messages: Sequence[PairMessage], now: Millis
    ) -> None:
        del stored, header
        await uow.journal.write(
            [
                JournalEntry(
                    at=now, connector=ConnectorKey("used"), pair=one.pair, issue=None, what="used", after=_said(one)
                )
                for one in messages
            ]
        )

    async def prepare(self, half: HalfConfiguration, told: Mapping[PairUid, Sequence[Content]]) -> None:
        del half, told

    async def ready(self, uow: UnitOfWork, key: SynchronizationKey, contents: Sequence[Content]) -> Split:
        del uow, key
        return Split(ready=tuple(contents), later=())

    async def pieces(self, uow: UnitOfWork, stored: StoredChannel, octets: int, now: Millis) -> Sequence[Piece]:
        del uow, stored, octets, now
        return ()


def _said(message: PairMessage) -> str:
    """The value and the comments of a message."""
    (content,) = message.contents
    assert isinstance(content, IssueChanged | IssueAppeared)
    values = [one.value[0] for one in content.changes.fields]
    return "|".join([values[0] if values else "", *(one.original for one in content.changes.comments)])


def counting(*, encrypted: bool = True) -> TwoInstallations:
    """Two installations whose messages are only counted."""
    return TwoInstallations(effects=lambda engine: Recorded(engine=engine), encrypted=encrypted)


async def tell(side: Installation, told: Mapping[PairUid, int], *, comments: bool = True) -> None:
    """Tell each pair's value, and a comment of that number unless there shall be none."""
    async with side.world.store.unit() as uow:
        await uow.outbox.put_all([_telling(side, pair, number, comments=comments) for pair, number in told.items()])
        await uow.commit()


def _telling(side: Installation, pair: PairUid, number: int, *, comments: bool) -> OutboxMessage:
    stamp = Stamp(number=number, role=side.half.role, origin="A")
    text = sha256(str(number).encode()).hexdigest()  # can't be compressed
    comment = CommentChange(original=CommentId(str(number)), version=1, author="Ann", created=Millis(number), body=text)
    changes = Changes(
        fields=(FieldChange(alias="summary", value=(str(number),), stamp=stamp),),
        comments=(comment,) if comments else (),
    )
    return OutboxMessage(
        synchronization=side.half.synchronization,
        pair=pair,
        revision=side.half.revision,
        sent=side.world.system.now(),
        content=IssueChanged(issue=IssueRef(id=IssueId("1"), key=IssueKey("PA-1")), changes=changes),
    )


def used(side: Installation) -> Mapping[PairUid, list[tuple[str, list[int]]]]:
    """What was used at a side, in order: the value and the comments of each message of each pair."""
    found: dict[PairUid, list[tuple[str, list[int]]]] = defaultdict(list)
    for entry in side.world.store.tables.journal.values():
        if entry.what == "used":
            assert entry.pair is not None
            value, *comments = entry.after.split("|")
            found[entry.pair].append((value, [int(one) for one in comments]))
    return found
