"""The partner's direction of a channel: what is new, what may be used already, what is acknowledged.

Messages of a pair are used in order, and wait for nothing but those of the same pair. A *piece* of an attachment waits
for nothing. Everything else that has a number (publications, answers, renames, keys, addresses, goodbyes) is used when
all parcels before it came, in the order of the numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import Millis, PairUid, Revision
from backbone.core.protocol.chain import head
from backbone.core.protocol.channel import Agreement, Beyond, Incoming, Waiting
from backbone.core.protocol.delivering import WINDOW, WINDOW_OCTETS
from backbone.core.protocol.parcels import (
    Acknowledgement,
    AddressChanged,
    Answered,
    Digest,
    Goodbye,
    Header,
    KeyAnnounced,
    Messages,
    Numbered,
    Piece,
    Published,
    Renamed,
)

AHEAD = 1_000
"""A parcel that is further ahead than this of those that came without a gap is not kept; it comes again."""
MOST_AWAITING = 100
"""Parcels that are kept though they name a configuration that is not known here; more of them come again."""
OCTETS_AWAITING = 20_000_000
MOST_GAPS = 500
"""Gaps that one acknowledgement tells of."""
ACKNOWLEDGE_AFTER = 1_000
"""Milliseconds within which one acknowledgement answers everything that comes."""
PAUSE = 5_000
"""Milliseconds between two acknowledgements."""
_UNPUBLISHED = Revision(0)


class Verdict(StrEnum):
    """What a numbered parcel is."""

    NEW = "new"
    REPEAT = "repeat"
    CONFLICT = "conflict"
    TOO_FAR = "too-far"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What may be used now of a parcel: messages of these pairs, or all of it where there are none.

    ``last`` tells that nothing of the parcel waits any more.
    """

    number: int
    pairs: frozenset[PairUid] | None
    last: bool


# --- what comes -------------------------------------------------------------------------------------------------------


def judge(incoming: Incoming, number: int, digest: Digest, known: Digest | None) -> Verdict:
    """What a parcel is; ``known`` is the digest of the one with this number that was stored, if there was one."""
    if known is not None:
        return Verdict.REPEAT if known == digest else Verdict.CONFLICT
    if came(incoming, number):
        return Verdict.CONFLICT  # it came, and we do not know with which content
    return Verdict.NEW if number <= incoming.contiguous + AHEAD else Verdict.TOO_FAR


def came(incoming: Incoming, number: int) -> bool:
    """Whether the parcel of that number was stored."""
    return number <= incoming.contiguous or any(one.number == number for one in incoming.beyond)


def has_room(incoming: Incoming, agreement: Agreement, header: Header, body: Numbered) -> bool:
    """Whether a new parcel may be kept: of those that nobody here understands yet not any number is.

    What makes them understood may have been said after them, and is used when all before it came. Then there is room
    for what an honest partner may have under way besides.
    """
    known, newest = known_exchanges(agreement), newest_revision(agreement)
    if not isinstance(body, Messages) or _is_known(header.exchange, header.revision, known, newest):
        return True
    assert header.number is not None
    kept = [one for one in incoming.waiting if one.pairs and not _is_known(one.exchange, one.revision, known, newest)]
    followed = any(one.ordered and one.number > header.number for one in incoming.waiting)
    most = MOST_AWAITING + WINDOW if followed else MOST_AWAITING
    octets = OCTETS_AWAITING + 2 * WINDOW_OCTETS if followed else OCTETS_AWAITING
    return len(kept) < most and sum(one.octets for one in kept) < octets


def took(
    incoming: Incoming, header: Header, digest: Digest, body: Numbered, now: Millis, *, octets: int = 0
) -> Incoming:
    """A new parcel of so many bytes is stored; nothing of it is used yet."""
    assert header.number is not None
    there = sorted((*incoming.beyond, Beyond(number=header.number, header=header, digest=digest)), key=_number)
    waits = sorted((*incoming.waiting, replace(_waiting(header, body), octets=octets)), key=lambda one: one.number)
    contiguous, top = incoming.contiguous, incoming.head
    while there and there[0].number == contiguous + 1:
        first = there.pop(0)
        contiguous, top = first.number, head(top, first.header, first.digest)
    return replace(
        owing(incoming, now),
        contiguous=contiguous,
        head=top,
        highest=max(incoming.highest, header.number),
        beyond=tuple(there),
        waiting=tuple(waits),
    )


def heard_of(incoming: Incoming, last: int, now: Millis) -> Incoming:
    """The partner told its last number, and wants to know what came."""
    return replace(owing(incoming, now), highest=max(incoming.highest, last))


def owing(incoming: Incoming, now: Millis) -> Incoming:
    """The partner has to be told what came."""
    return incoming if incoming.owed is not None else replace(incoming, owed=now)


def _number(one: Beyond) -> int:
    return one.number


def _waiting(header: Header, body: Numbered) -> Waiting:
    assert header.number is not None
    match body:
        case Messages():
            pairs = {one.pair: one.after for one in body.messages}
            return Waiting(number=header.number, pairs=pairs, exchange=header.exchange, revision=header.revision)
        case Piece():
            return Waiting(number=header.number)
        case Published() | Answered() | Renamed() | KeyAnnounced() | AddressChanged() | Goodbye():
            return Waiting(number=header.number, ordered=True)
        case _:
            assert_never(body)


# --- what may be used -------------------------------------------------------------------------------------------------


def known_exchanges(agreement: Agreement) -> Mapping[Digest, Exchange]:
    """The configurations that messages can be understood with, by their digests."""
    agreed = () if agreement.agreed is None else (agreement.agreed,)
    return {one.digest: one.exchange for one in (*agreement.former, *agreed)}


def newest_revision(agreement: Agreement) -> Revision:
    """What was said under a revision up to this one, and is not known, never will be: it is read by what is agreed."""
    return _UNPUBLISHED if agreement.agreed is None else agreement.agreed.revision


def _is_known(exchange: Digest | None, revision: Revision, known: Collection[Digest], newest: Revision) -> bool:
    """Whether what names this configuration can be understood."""
    return exchange in known or 0 < revision <= newest


def exchange_named(agreement: Agreement, header: Header) -> Exchange:
    """What a parcel with this header is understood with. Raises KeyError."""
    known, agreed = known_exchanges(agreement), agreement.agreed
    if header.exchange not in known and agreed is not None and 0 < header.revision <= agreed.revision:
        return agreed.exchange
    return known[header.exchange]


def next_release(
    incoming: Incoming,
    exchanges: Collection[Digest],
    passed_over: Collection[int] = (),
    newest: Revision = _UNPUBLISHED,
) -> Release | None:
    """The first thing that may be used now, in the order of numbers, but for parcels that are ``passed_over``.

    ``exchanges`` are the configurations that are known, ``newest`` is :func:`newest_revision`.
    """
    by_number = {one.number: one for one in incoming.waiting}
    beyond = frozenset(one.number for one in incoming.beyond)
    in_order = True
    for one in incoming.waiting:
        if one.ordered:
            in_order = in_order and one.number <= incoming.contiguous and one.number not in passed_over
            if in_order:
                return Release(number=one.number, pairs=None, last=True)
        elif one.number in passed_over:
            continue
        elif one.exchange is None:
            return Release(number=one.number, pairs=None, last=True)
        elif _is_known(one.exchange, one.revision, exchanges, newest):
            free = _free(one, by_number, incoming.contiguous, beyond)
            if free:
                return Release(number=one.number, pairs=free, last=len(free) == len(one.pairs))
    return None


def _free(one: Waiting, waiting: Mapping[int, Waiting], contiguous: int, beyond: frozenset[int]) -> frozenset[PairUid]:
    """The pairs whose message before was used."""
    return frozenset(
        pair
        for pair, after in one.pairs.items()
        if (after <= contiguous or after in beyond) and (after not in waiting or pair not in waiting[after].pairs)
    )


def released(incoming: Incoming, release: Release) -> Incoming:
    """This was used."""
    waiting: list[Waiting] = []
    for one in incoming.waiting:
        if one.number != release.number:
            waiting.append(one)
        elif not release.last and release.pairs is not None:
            left = {pair: after for pair, after in one.pairs.items() if pair not in release.pairs}
            waiting.append(replace(one, pairs=left))
    return replace(incoming, waiting=tuple(waiting))


# --- acknowledgements -------------------------------------------------------------------------------------------------


def acknowledgement(incoming: Incoming, now: Millis) -> Acknowledgement | None:
    """What came; nothing as long as nothing is known of the partner's direction."""
    if incoming.epoch is None:
        return None
    gaps, highest = _gaps(incoming)
    return Acknowledgement(
        epoch=incoming.epoch, at=now, contiguous=incoming.contiguous, head=incoming.head, highest=highest, gaps=gaps
    )


def _gaps(incoming: Incoming) -> tuple[tuple[tuple[int, int], ...], int]:
    """The gaps, and the highest number that came; too many gaps are told of one by one."""
    found: list[tuple[int, int]] = []
    last = incoming.contiguous
    for one in incoming.beyond:
        if one.number > last + 1:
            if len(found) == MOST_GAPS:
                return tuple(found), last
            found.append((last + 1, one.number - 1))
        last = one.number
    return tuple(found), last


def acknowledgement_due(incoming: Incoming, now: Millis) -> bool:
    """Whether to tell now: everything that comes within a moment is answered at once."""
    if incoming.owed is None or incoming.epoch is None:
        return False
    return now >= incoming.owed + ACKNOWLEDGE_AFTER and now >= incoming.told_at + PAUSE


def acknowledged(incoming: Incoming, now: Millis) -> Incoming:
    """The partner was told."""
    return replace(incoming, told=incoming.contiguous, told_at=now, owed=None)
