"""The hash chain of a direction and epoch: two sides with the same head know of the same parcels.

The head after a number is the SHA-256 of the head before it (32 bytes, zeros before the first), the header in the only
form below, and the SHA-256 of the signed plaintext (32 bytes).
"""

from __future__ import annotations

from hashlib import sha256

from backbone.core.protocol.parcels import Digest, Header

BEGINNING = Digest("")
"""The head before the first number."""
_SIZE = 32


def digest_of(plaintext: bytes) -> Digest:
    """The digest by which two sides compare what was signed."""
    return Digest(sha256(plaintext).hexdigest())


def header_bytes(header: Header) -> bytes:
    """A header in one form: a line for each of its members, in this order; none of them can hold a line end."""
    number = "" if header.number is None else str(header.number)
    lines = [
        "backbone parcel",
        str(header.wire),
        header.channel,
        header.sender.value,
        header.sender_key,
        header.recipient_key,
        header.epoch,
        number,
        str(header.revision),
        header.exchange,
    ]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def head(previous: Digest, header: Header, plaintext: Digest) -> Digest:
    """The head at the number of this header; ``previous`` is that at the number before."""
    before = bytes.fromhex(previous) if previous else bytes(_SIZE)
    return Digest(sha256(before + header_bytes(header) + bytes.fromhex(plaintext)).hexdigest())
