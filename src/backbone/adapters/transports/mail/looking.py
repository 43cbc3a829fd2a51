"""What came into a folder since the last look by IMAP: a cursor of UIDVALIDITY and UID (RFC 9051, 2.3.1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from backbone.adapters.transports.mail.mailbox import Folder, Head
from backbone.adapters.transports.mail.memory import Cursor, read_cursor, write
from backbone.adapters.transports.mail.mime import Kind, classify
from backbone.adapters.transports.mail.sorting import Found, is_wanted, judge_header, judge_mail
from backbone.ports.transport import Arrival, Batch, Notice, NoticeKind, ReceivingMail, TransportError

_MOST_HEADS = 1000
"""So many mails are looked at at once; where more wait, the server is asked first which of them are ours."""
_TOGETHER = 200
_MOST_STANDSTILLS = 3
"""So often looks end at the same mail before it is passed over; what was in it comes again."""


class Stuck(TransportError):
    """The server does not give these mails, which may be damaged, or just now none at all."""

    def __init__(self, error: TransportError, validity: int, uids: Sequence[int]) -> None:
        super().__init__(error.words, cure=error.cure)
        self.where = validity, uids[0]
        self.alone = len(uids) == 1


@dataclass(slots=True)
class Patience:
    """Where looks ended, how often in a row, and which mails are passed over, by UIDVALIDITY and UID.

    Where several mails were asked for at once, they are asked for one by one before any is passed over.
    """

    where: tuple[int, int] = (0, 0)
    times: int = 0
    together: int = _TOGETHER
    passed: set[tuple[int, int]] = field(default_factory=set)

    def suffer(self, stuck: Stuck) -> None:
        """A look ended there."""
        self.together = 1
        if not stuck.alone:
            return
        self.times = self.times + 1 if stuck.where == self.where else 1
        self.where = stuck.where
        if self.times == _MOST_STANDSTILLS:
            self.times = 0
            self.passed.add(stuck.where)

    def recover(self) -> None:
        """A look ended well."""
        self.times, self.together = 0, _TOGETHER


@dataclass(slots=True, kw_only=True)
class _Basket:
    """What one look has found so far, and how much it may still hold."""

    parcels: int
    octets: int
    patience: Patience
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


def look(folder: Folder, of: ReceivingMail, memory: str, *, parcels: int, octets: int, patience: Patience) -> Batch:
    """The parcels and notices after what is remembered. Raises TransportError."""
    try:
        batch = _look(folder, of, memory, _Basket(parcels=parcels, octets=octets, patience=patience))
    except Stuck as stuck:
        patience.suffer(stuck)
        raise
    patience.recover()
    return batch


def _look(folder: Folder, of: ReceivingMail, memory: str, basket: _Basket) -> Batch:
    validity, following = folder.examine()
    cursor = read_cursor(memory) or Cursor(validity=validity)
    if cursor.validity != validity:
        cursor = Cursor(validity=validity, quiet=following)
    cursor = _tidy(folder, cursor)
    waiting = folder.uids_after(cursor.uid)
    chosen = _choose(folder, of, cursor, waiting)
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
    for head in _heads(folder, cursor, uids, basket):
        kind = classify(head.header, channel=of.channel, address=of.address, role=of.role)
        if is_wanted(kind, head.size) and not basket.has_room(head.size):
            return reached, False
        try:
            found = _found_in(folder, of, head, kind)
        except TransportError as error:
            raise Stuck(error, cursor.validity, [head.uid]) from error
        basket.put(found, head.uid, cursor.validity, quiet=head.uid < cursor.quiet)
        reached = head.uid
    return max([reached, *uids[-1:]]), True


def _heads(folder: Folder, cursor: Cursor, uids: Sequence[int], basket: _Basket) -> Iterator[Head]:
    patience = basket.patience
    given = [uid for uid in uids if (cursor.validity, uid) not in patience.passed]
    if len(given) < len(uids):
        basket.notices.append(Notice(kind=NoticeKind.FOREIGN, words="a mail that the server does not give"))
    for start in range(0, len(given), patience.together):
        some = given[start : start + patience.together]
        try:
            yield from folder.heads(some)
        except TransportError as error:
            raise Stuck(error, cursor.validity, some) from error


def _found_in(folder: Folder, of: ReceivingMail, head: Head, kind: Kind) -> Found:
    if is_wanted(kind, head.size):
        return judge_mail(kind, folder.whole(head.uid), of)
    if kind is Kind.REPORT:
        return judge_mail(kind, folder.beginning(head.uid), of)
    return judge_header(kind)
