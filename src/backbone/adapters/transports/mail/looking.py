"""What came into a folder since the last look by IMAP: a cursor of UIDVALIDITY and UID (RFC 9051, 2.3.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from backbone.adapters.transports.mail.mailbox import Folder, Head
from backbone.adapters.transports.mail.memory import Cursor, read_cursor, write
from backbone.adapters.transports.mail.mime import Kind, classify
from backbone.adapters.transports.mail.sorting import Found, is_wanted, judge_header, judge_mail
from backbone.ports.transport import Arrival, Batch, Notice, ReceivingMail

_MOST_HEADS = 1000
"""So many mails are looked at at once; where more wait, the server is asked first which of them are ours."""


@dataclass(slots=True, kw_only=True)
class _Basket:
    """What one look has found so far, and how much it may still hold."""

    parcels: int
    octets: int
    arrivals: list[Arrival] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    handed: list[int] = field(default_factory=list)

    def has_room(self, size: int) -> bool:
        return not self.arrivals or (len(self.arrivals) < self.parcels and size <= self.octets)

    def put(self, found: Found, uid: int, validity: int, *, quiet: bool) -> None:
        alone = len(found.parcels) == 1
        for index, parcel in enumerate(found.parcels):
            handle = f"{validity}.{uid}" if alone else f"{validity}.{uid}.{index}"
            self.arrivals.append(Arrival(handle=handle, parcel=parcel))
            self.octets -= len(parcel)
        if found.parcels:
            self.handed.append(uid)
        if found.notice is not None and not quiet:
            self.notices.append(found.notice)


def look(folder: Folder, of: ReceivingMail, memory: str, *, parcels: int, octets: int) -> Batch:
    """The parcels and notices after what is remembered. Raises TransportError."""
    validity, following = folder.examine()
    cursor = read_cursor(memory) or Cursor(validity=validity)
    if cursor.validity != validity:
        cursor = Cursor(validity=validity, quiet=following)
    cursor = _tidy(folder, cursor)
    waiting = folder.uids_after(cursor.uid)
    chosen = _choose(folder, of, cursor, waiting)
    basket = _Basket(parcels=parcels, octets=octets)
    reached, finished = _gather(folder, of, cursor, chosen[:_MOST_HEADS], basket)
    more = not finished or len(chosen) > _MOST_HEADS
    if not more and waiting:
        reached = max(reached, waiting[-1])
    cursor = msgspec.structs.replace(cursor, uid=reached, handed=tuple(basket.handed))
    return Batch(arrivals=tuple(basket.arrivals), notices=tuple(basket.notices), memory=write(cursor), more=more)


def confirm(folder: Folder, handles: Sequence[str]) -> None:
    """Remove the mails of these parcels. One that held several waits until a look remembers them all."""
    validity, _ = folder.examine()
    numbers = [handle.split(".") for handle in handles]
    known = [int(one[1]) for one in numbers if len(one) == 2 and one[0] == str(validity)]
    folder.erase(known, validity)


def _tidy(folder: Folder, cursor: Cursor) -> Cursor:
    """Remove what was remembered as handed over, thus stored, should it still be there for lack of a confirmation."""
    if cursor.handed and folder.can_erase:
        left = folder.still_there(cursor.handed)
        folder.erase(left, cursor.validity)
        if left:
            folder.examine()
    return msgspec.structs.replace(cursor, handed=())


def _choose(folder: Folder, of: ReceivingMail, cursor: Cursor, waiting: list[int]) -> list[int]:
    """Which mails to look at: all of them, or in a large mailbox what a search finds, if the server can search."""
    if len(waiting) <= _MOST_HEADS:
        return waiting
    return folder.find_ours(cursor.uid, of.channel) or waiting


def _gather(
    folder: Folder, of: ReceivingMail, cursor: Cursor, uids: Sequence[int], basket: _Basket
) -> tuple[int, bool]:
    """Fill the basket: the last mail that was looked at, and whether that is all."""
    reached = cursor.uid
    for head in folder.heads(uids):
        kind = classify(head.header, channel=of.channel, address=of.address)
        if is_wanted(kind, head.size) and not basket.has_room(head.size):
            return reached, False
        found = _found_in(folder, of, head, kind)
        basket.put(found, head.uid, cursor.validity, quiet=head.uid < cursor.quiet)
        reached = head.uid
    return max([reached, *uids[-1:]]), True


def _found_in(folder: Folder, of: ReceivingMail, head: Head, kind: Kind) -> Found:
    if is_wanted(kind, head.size):
        return judge_mail(kind, folder.whole(head.uid), of)
    if kind is Kind.REPORT:
        return judge_mail(kind, folder.beginning(head.uid), of)
    return judge_header(kind)
