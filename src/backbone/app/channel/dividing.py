"""Messages of many pairs as parcels that are no larger than allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from backbone.app.channel.packing import pack
from backbone.app.channel.saying import header_of
from backbone.core.model.changes import Changes, Content, IssueChanged, IssueCreated
from backbone.core.model.keys import PairUid
from backbone.core.protocol.channel import Channel
from backbone.core.protocol.parcels import Messages, PairMessage, Parcel
from backbone.core.protocol.wire import Unwritable


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A parcel with the next number, whom it concerns, and its plaintext."""

    parcel: Parcel
    pairs: frozenset[PairUid]
    plaintext: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsayable:
    """What is told of a pair and is beyond every limit, though it was divided; ``why`` does not quote it."""

    pair: PairUid
    why: str


def divided(channel: Channel, messages: Sequence[PairMessage], limit: int) -> Iterator[Sealed | Unsayable]:
    """The messages in as few parcels as halving finds; what can't be divided any more may be larger."""
    groups = [tuple(messages)] if messages else []
    said: dict[PairUid, int] = {}
    number = channel.outgoing.last
    while groups:
        group = tuple(_following(one, said) for one in groups.pop())
        parcel = Parcel(header=header_of(channel, number + 1), body=Messages(messages=group))
        plaintext, parts = _packed(parcel), _parts(group)
        if parts is not None and (isinstance(plaintext, Unwritable) or len(plaintext) > limit):
            groups.extend(reversed(parts))
            continue
        if isinstance(plaintext, Unwritable):
            yield Unsayable(pair=group[0].pair, why=str(plaintext))
            continue
        number += 1
        said |= {one.pair: number for one in group}
        pairs = frozenset(one.pair for one in group)
        yield Sealed(parcel=parcel, pairs=pairs, plaintext=plaintext)


def _packed(parcel: Parcel) -> bytes | Unwritable:
    """The plaintext, or why there can't be one."""
    try:
        return pack(parcel)
    except Unwritable as error:
        return error


def _following(one: PairMessage, said: dict[PairUid, int]) -> PairMessage:
    return replace(one, after=said[one.pair]) if one.pair in said else one


def _parts(group: tuple[PairMessage, ...]) -> tuple[tuple[PairMessage, ...], tuple[PairMessage, ...]] | None:
    if len(group) > 1:
        middle = len(group) // 2
        return group[:middle], group[middle:]
    parts = _parts_of(group[0])
    return None if parts is None else ((parts[0],), (parts[1],))


def _parts_of(one: PairMessage) -> tuple[PairMessage, PairMessage] | None:
    """One pair's message in two: comments leave first what else is told, then each other."""
    *before, content = one.contents
    if isinstance(content, IssueCreated):
        return None
    halves = _halves(content.changes)
    if halves is None:
        return None
    first: Content = replace(content, changes=halves[0])
    rest = IssueChanged(issue=content.issue, changes=halves[1])
    return replace(one, contents=(*before, first)), replace(one, contents=(rest,))


def _halves(changes: Changes) -> tuple[Changes, Changes] | None:
    others = replace(changes, comments=())
    if others and changes.comments:
        return others, Changes(comments=changes.comments)
    if len(changes.comments) < 2:
        return None
    middle = len(changes.comments) // 2
    return Changes(comments=changes.comments[:middle]), Changes(comments=changes.comments[middle:])
