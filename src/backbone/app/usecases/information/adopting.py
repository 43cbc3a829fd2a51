"""What an imported entry makes of the halves of a pair: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from backbone.core.model.keys import ConnectorKey, PairUid
from backbone.core.model.pair import Pair, PairState, SyncInformation
from backbone.ports.information import Given, Resolved

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The connector's half as it becomes, and the partner's where that changes.

    ``shifts`` is by how much the numbers of messages move that the connector and the partner receive.
    ``fresh`` tells that both halves begin anew: nothing is agreed, and both issues have to be compared.
    """

    mine: Pair
    partners: Pair | None = None
    fresh: bool = False
    shifts: tuple[int, int] = (0, 0)


def adopt_entry(entry: Resolved, connector: ConnectorKey, uid: PairUid, *, first: bool) -> Adopted:
    """The halves after the import; ``uid`` is for a pair that nobody knows yet.

    A pair whose other half is not there is a half. Once both are there nothing is taken for agreed.
    """
    mine, partners = entry.mine, entry.partners
    if mine is not None and mine.state not in (PairState.BURIED, PairState.HALF):
        return _updated(entry.given, mine, partners if partners and partners.uid == mine.uid else None)
    half = mine if mine is not None and mine.state is PairState.HALF else None
    info = _info(entry.given, half.info if half else SyncInformation())
    if partners is None or partners.state is not PairState.HALF:
        made = half or _made(entry, connector, mine.uid if mine else uid, first=first)
        return Adopted(mine=replace(made, info=info))
    return _whole(replace(_made(entry, connector, partners.uid, first=first), info=info), partners)


def adopt_alone(entry: Resolved, connector: ConnectorKey, uid: PairUid, *, first: bool) -> Adopted:
    """The half after the import where the other one is elsewhere: it begins at once, and nothing is agreed.

    ``uid`` is the one that the partner finds as well. Numbers of messages are shown and drive nothing.
    """
    mine = entry.mine
    if mine is not None and mine.state not in (PairState.BURIED, PairState.HALF):
        return _updated(entry.given, mine, None)
    made = replace(_made(entry, connector, uid, first=first), state=PairState.MATCHING)
    return Adopted(mine=replace(made, info=_info(entry.given, SyncInformation())), fresh=True)


def _made(entry: Resolved, connector: ConnectorKey, uid: PairUid, *, first: bool) -> Pair:
    return Pair(
        uid=uid,
        connector=connector,
        state=PairState.HALF,
        born_here=first,
        local=entry.local,
        remote=entry.remote,
    )


def _whole(mine: Pair, partners: Pair) -> Adopted:
    """Both begin anew, and what each sent is what the other has received."""
    there, back = (
        max(mine.info.outgoing_message_sequence_id, partners.info.incoming_message_sequence_id),
        max(mine.info.incoming_message_sequence_id, partners.info.outgoing_message_sequence_id),
    )
    other = Pair(
        uid=partners.uid,
        connector=partners.connector,
        state=PairState.MATCHING,
        born_here=not mine.born_here,
        local=mine.remote,
        remote=mine.local,
        info=replace(partners.info, outgoing_message_sequence_id=back, incoming_message_sequence_id=there),
    )
    info = replace(mine.info, outgoing_message_sequence_id=there, incoming_message_sequence_id=back)
    return Adopted(mine=replace(mine, state=PairState.MATCHING, info=info), partners=other, fresh=True)


def _updated(given: Given, mine: Pair, partners: Pair | None) -> Adopted:
    """A pair at work: given values count, and the numbers of messages under way move with them.

    While the partner does not know its issue yet the numbers stay as they are.
    """
    if partners is None:
        given = replace(given, outgoing_message_sequence_id=None, incoming_message_sequence_id=None)
        return Adopted(mine=replace(mine, info=_info(given, mine.info)))
    info = _info(given, mine.info)
    received = info.incoming_message_sequence_id - mine.info.incoming_message_sequence_id
    sent = info.outgoing_message_sequence_id - mine.info.outgoing_message_sequence_id
    other = replace(
        partners.info,
        outgoing_message_sequence_id=partners.info.outgoing_message_sequence_id + received,
        incoming_message_sequence_id=partners.info.incoming_message_sequence_id + sent,
    )
    return Adopted(
        mine=replace(mine, info=info),
        partners=replace(partners, info=other) if received or sent else None,
        shifts=(received, sent),
    )


def _info(given: Given, known: SyncInformation) -> SyncInformation:
    """What is given counts, what is not stays."""
    return SyncInformation(
        first_sync_date=_or(given.first_sync_date, known.first_sync_date),
        last_outgoing_change=_or(given.last_outgoing_change, known.last_outgoing_change),
        last_change_seen=_or(given.last_change_seen, known.last_change_seen),
        outgoing_message_sequence_id=_or(given.outgoing_message_sequence_id, known.outgoing_message_sequence_id),
        last_incoming_change=_or(given.last_incoming_change, known.last_incoming_change),
        incoming_message_sequence_id=_or(given.incoming_message_sequence_id, known.incoming_message_sequence_id),
        incoming_changes_ignored=_or(given.incoming_changes_ignored, known.incoming_changes_ignored),
    )


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
