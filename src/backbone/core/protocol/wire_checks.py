"""What the parts of a parcel have to do with each other, beyond what each of them is."""

from __future__ import annotations

from typing import get_args

from backbone.core.model.changes import IssueCreated
from backbone.core.protocol.parcels import (
    Acknowledgement,
    Handshake,
    Header,
    Messages,
    Numbered,
    PairMessage,
    Parcel,
    Piece,
    Restored,
)
from backbone.core.protocol.shapes import Misfit

NUMBERED: tuple[type, ...] = get_args(Numbered)


def check_header(header: Header) -> None:
    if header.sender_key == header.recipient_key:
        raise Misfit("is the sender's, too", "to_key")
    if (header.revision == 0) != (header.exchange == ""):
        raise Misfit("is there without the revision, or missing beside it", "exchange")


def check_pair_message(message: PairMessage) -> None:
    born = [isinstance(one, IssueCreated) for one in message.contents]
    if born not in ([True], [False], [True, False]):
        raise Misfit("is neither one content nor 'created' before another one", "contents")


def check_piece(piece: Piece) -> None:
    if piece.offset + len(piece.data) > piece.total:
        raise Misfit("reaches beyond the total", "data")
    if not piece.data and piece.total:
        raise Misfit("is empty", "data")


def check_acknowledgement(told: Acknowledgement) -> None:
    """Gaps lie between the contiguous number and the highest, ascending and apart; the first one ends the former."""
    if (told.contiguous == 0) != (told.head == ""):
        raise Misfit("is there without a contiguous number, or missing beside it", "head")
    last = told.contiguous
    for place, (first, end) in enumerate(told.gaps):
        if end < first or first <= last + (place > 0):
            raise Misfit("is out of order", "gaps", f"[{place}]")
        last = end
    begins = told.gaps[0][0] if told.gaps else told.contiguous + 1
    if begins != told.contiguous + 1:
        raise Misfit("is not the number after the contiguous one", "gaps", "[0]")
    if told.highest < told.contiguous or (told.gaps and told.highest <= last):
        raise Misfit("is below what was told before it", "highest")
    if not told.gaps and told.highest != told.contiguous:
        raise Misfit("is not the contiguous one, though there are no gaps", "highest")


def check_handshake(answer: Handshake) -> None:
    if "PRIVATE KEY" in answer.armored:
        raise Misfit("is a private key", "key")


def check_restored(told: Restored) -> None:
    if told.part > told.parts:
        raise Misfit("is beyond the number of parts", "part")


def check_parcel(parcel: Parcel) -> None:
    """Numbers are for bodies of the sequence, and what a message follows was before it."""
    number, body = parcel.header.number, parcel.body
    if (number is not None) != isinstance(body, NUMBERED):
        raise Misfit("is there without a place in the sequence, or missing beside one", "header", "number")
    if number is None or not isinstance(body, Messages):
        return
    for place, message in enumerate(body.messages):
        if message.after >= number:
            raise Misfit("is not before this parcel", "body", "messages", f"[{place}]", "after")
