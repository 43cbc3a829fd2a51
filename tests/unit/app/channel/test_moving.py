"""Two ways in at once, until nothing can come by the former one any more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backbone.app.channel.moving import TwoReceivers, memory_before_move, settled_move
from backbone.app.channel.settings import document_of, former_receive, with_former
from backbone.app.declaration.channel import ChannelPart, ReceivePart, SendPart
from backbone.core.model.keys import SynchronizationKey
from backbone.core.protocol.renewing import moved
from backbone.ports.channels import StoredChannel
from backbone.ports.transport import TransportError
from tests.fakes.meeting import Both
from tests.fakes.transport import Mailbox, MailboxReceiver

PART = ChannelPart(send=SendPart(directory="/x/out"), receive=ReceivePart(directory="/x/new"))


def ways() -> tuple[Mailbox, Mailbox, TwoReceivers]:
    new, old = Mailbox(), Mailbox()
    return new, old, TwoReceivers(new=MailboxReceiver(new), old=MailboxReceiver(old))


async def test_parcels_of_both_ways_are_found_and_confirmed_where_they_came() -> None:
    new, old, both = ways()
    new.put(b"n")
    old.put(b"o")
    batch = await both.receive(memory_before_move(""), parcels=10, octets=1000)
    assert sorted(one.parcel for one in batch.arrivals) == [b"n", b"o"]
    await both.confirm(tuple(one.handle for one in batch.arrivals))
    assert new.waiting == old.waiting == ()


async def test_what_the_former_way_remembered_is_not_read_again() -> None:
    _, old, both = ways()
    old.keeps = True
    old.put(b"o")
    before = await MailboxReceiver(old).receive("", parcels=10, octets=1000)
    batch = await both.receive(memory_before_move(before.memory), parcels=10, octets=1000)
    assert batch.arrivals == ()


async def test_a_former_way_that_does_not_work_holds_nothing() -> None:
    new, old, both = ways()
    old.down = "the share is gone"
    new.put(b"n")
    batch = await both.receive(memory_before_move(""), parcels=10, octets=1000)
    assert [one.parcel for one in batch.arrivals] == [b"n"]


async def test_what_came_by_the_former_way_is_taken_in_though_the_new_one_does_not_work() -> None:
    new, old, both = ways()
    new.down = "the share is gone"
    old.put(b"o")
    batch = await both.receive(memory_before_move(""), parcels=10, octets=1000)
    assert [one.parcel for one in batch.arrivals] == [b"o"]
    await both.confirm(tuple(one.handle for one in batch.arrivals))
    with pytest.raises(TransportError, match="the share is gone"):
        await both.receive(batch.memory, parcels=10, octets=1000)


def channel(memory: str, *, known: bool) -> StoredChannel:
    both = Both().meet().confirm()
    told = moved(replace(both.master, memory=memory, outgoing=replace(both.master.outgoing, last=1)))
    told = replace(told, outgoing=replace(told.outgoing, acknowledged=int(known)))
    stored = StoredChannel(
        synchronization=SynchronizationKey("INT-1"), channel=told, transports=document_of(PART, Path("/"))
    )
    return with_former(stored, ReceivePart(directory="/x/old"))


async def test_the_former_way_goes_when_the_partner_knows_the_new_one_and_something_came_by_it() -> None:
    new, _, both = ways()
    new.put(b"n")
    came = (await both.receive(memory_before_move("m"), parcels=10, octets=1000)).memory
    settled = settled_move(channel(came, known=True))
    assert former_receive(settled) is None
    assert settled.channel.memory == "p1"


async def test_the_former_way_stays_while_the_partner_does_not_know_or_nothing_came() -> None:
    new, _, both = ways()
    nothing = (await both.receive(memory_before_move("m"), parcels=10, octets=1000)).memory
    assert former_receive(settled_move(channel(nothing, known=True))) is not None
    new.put(b"n")
    came = (await both.receive(memory_before_move("m"), parcels=10, octets=1000)).memory
    assert former_receive(settled_move(channel(came, known=False))) is not None
