"""What a mail becomes: parcels, a notice, or nothing. The same for every way of fetching. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from backbone.adapters.transports.mail.bounces import find_bounce, is_for_size
from backbone.adapters.transports.mail.mime import LARGEST_MAIL, Kind, find_parcels, find_wrapped_parcels
from backbone.ports.transport import Notice, NoticeKind, ReceivingMail

BEGINNING = 256 * 1024
"""So many bytes of a report are fetched: it tells the reason before it repeats the mail."""
_FOREIGN = Notice(kind=NoticeKind.FOREIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was in a mail."""

    parcels: tuple[bytes, ...] = field(default=(), repr=False)
    notice: Notice | None = None


def is_wanted(kind: Kind, size: int) -> bool:
    """Whether the whole mail has to be fetched."""
    return kind in {Kind.OURS, Kind.WRAPPED} and size <= LARGEST_MAIL


def judge_header(kind: Kind) -> Found:
    """What a mail is of which only the header was fetched."""
    return Found() if kind is Kind.OTHERS else Found(notice=_FOREIGN)


def judge_mail(kind: Kind, mail: bytes, of: ReceivingMail) -> Found:
    """What a fetched mail is; of a report the beginning is enough."""
    match kind:
        case Kind.OURS:
            parcels = find_parcels(mail)
        case Kind.WRAPPED:
            parcels = find_wrapped_parcels(mail, channel=of.channel, address=of.address, role=of.role)
        case Kind.REPORT:
            words = find_bounce(mail, channel=of.channel)
            return Found(notice=_FOREIGN if words is None else _returned(words))
        case Kind.OTHERS | Kind.FOREIGN:
            return judge_header(kind)
        case _:
            assert_never(kind)
    return Found(parcels=parcels) if parcels else Found(notice=_FOREIGN)


def _returned(words: str) -> Notice:
    return Notice(kind=NoticeKind.TOO_LARGE if is_for_size(words) else NoticeKind.BOUNCE, words=words)
