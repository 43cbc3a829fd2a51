"""Handing messages over: to the partner's connector where it is ours, else to the parcels that leave.

State and messages are one transaction: whoever calls this commits both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backbone.core.model.changes import Content, IssueAppeared
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import ConnectorKey, Millis, PairUid
from backbone.core.model.pair import Pair, PairState
from backbone.ports.records import ApplyTurn, CreateTurn, InboxMessage, OutboxMessage, Synchronization
from backbone.ports.store import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A pair and the next thing that its partner is told; the pair has not counted it yet."""

    pair: Pair
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The pairs, each having counted its message; the partner's connector where it is ours and has to be woken."""

    pairs: Sequence[Pair]
    partner: ConnectorKey | None


async def hand_over(uow: UnitOfWork, half: HalfConfiguration, told: Sequence[Telling], now: Millis) -> Handed:
    """Store the messages where the partner finds them.

    Both connectors are ours: they are inbox rows of the partner's. Else they wait to be sealed.
    """
    one = await synchronization_of(uow, half)
    pairs = [_counted(each.pair, now) for each in told]
    if one.here is not None:
        await uow.outbox.put_all([_leaving(half, each, now) for each in told])
        return Handed(pairs=pairs, partner=None)
    partner = one.partner_of(half.connector)
    messages = [_arriving(half, partner, pair, each.content, now) for pair, each in zip(pairs, told, strict=True)]
    await uow.inbox.put_all(messages)
    return Handed(pairs=pairs, partner=partner)


async def introduce(uow: UnitOfWork, half: HalfConfiguration, told: Sequence[Telling], now: Millis) -> Sequence[Pair]:
    """Hand over issues that the partner knows nothing of: its halves of the pairs begin in this transaction, too.

    Nobody knows these pairs before the commit, hence no locks of the partner's are needed.
    """
    handed = await hand_over(uow, half, told, now)
    if handed.partner is not None:
        awaited = [awaited_pair(handed.partner, uid, content) for uid, content in _appeared(told)]
        await uow.pairs.save_all(awaited)
        await uow.turns.wake(CreateTurn(connector=handed.partner))
    return handed.pairs


async def send(uow: UnitOfWork, half: HalfConfiguration, pair: Pair, content: Content, now: Millis) -> Pair:
    """Hand one message over to a half that exists, with the turn that applies it; the pair that has counted it."""
    handed = await hand_over(uow, half, [Telling(pair=pair, content=content)], now)
    for turn in turns_of(handed):
        await uow.turns.wake(turn)
    return handed.pairs[0]


def turns_of(handed: Handed) -> Sequence[ApplyTurn]:
    """The turns that apply what was handed over, a turn a pair; none where the partner is elsewhere."""
    partner = handed.partner
    return [] if partner is None else [ApplyTurn(connector=partner, pair=one.uid) for one in handed.pairs]


def awaited_pair(connector: ConnectorKey, uid: PairUid, content: IssueAppeared) -> Pair:
    """The half of a pair whose issue waits to be created."""
    return Pair(uid=uid, connector=connector, state=PairState.CREATING, born_here=False, remote=content.issue)


async def synchronization_of(uow: UnitOfWork, half: HalfConfiguration) -> Synchronization:
    """The synchronization that a half belongs to."""
    found = await uow.synchronizations.get(half.synchronization)
    if found is None:
        raise LookupError(f"synchronization {half.synchronization} is gone")
    return found


async def partner_half(uow: UnitOfWork, half: HalfConfiguration) -> HalfConfiguration | None:
    """The configuration of the partner's half; None where it is elsewhere, behind firewalls."""
    one = await synchronization_of(uow, half)
    return None if one.here is not None else await uow.synchronizations.half(one.partner_of(half.connector))


def _appeared(told: Sequence[Telling]) -> list[tuple[PairUid, IssueAppeared]]:
    return [(one.pair.uid, one.content) for one in told if isinstance(one.content, IssueAppeared)]


def _counted(pair: Pair, now: Millis) -> Pair:
    number = pair.info.outgoing_message_sequence_id + 1
    return replace(pair, info=replace(pair.info, outgoing_message_sequence_id=number, last_outgoing_change=now))


def _arriving(
    half: HalfConfiguration, partner: ConnectorKey, pair: Pair, content: Content, now: Millis
) -> InboxMessage:
    return InboxMessage(
        connector=partner,
        pair=pair.uid,
        sequence=pair.info.outgoing_message_sequence_id,
        revision=half.revision,
        sent=now,
        content=content,
    )


def _leaving(half: HalfConfiguration, told: Telling, now: Millis) -> OutboxMessage:
    return OutboxMessage(
        synchronization=half.synchronization,
        pair=told.pair.uid,
        revision=half.revision,
        sent=now,
        content=told.content,
    )
