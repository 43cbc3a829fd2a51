"""A parcel becomes a mail, and a mail parcels again, whatever gateways on its way did to it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, getaddresses, parseaddr
from enum import StrEnum

from backbone.adapters.transports.mail.armor import find_armor, is_sound
from backbone.adapters.transports.mail.parts import Part, read_header, text_of, walk

CHANNEL_HEADER = "X-Backbone-Channel"
ROLE_HEADER = "X-Backbone-From"
SUBJECT = "Backbone"
LARGEST_MAIL = 32 * 1024 * 1024
"""In bytes: a larger mail is not fetched."""
_MOST_PARCELS = 8  # we send one a mail
_PARTS = b"""\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=TOKEN="

--=TOKEN=
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 7bit

This mail is from a program to a program, which reads its attachment.

--=TOKEN=
Content-Type: application/octet-stream
Content-Transfer-Encoding: 7bit
Content-Disposition: attachment; filename="parcel.asc"

%b
--=TOKEN=--
""".replace(b"\n", b"\r\n")  # the library takes ten times as long for a large attachment


class Kind(StrEnum):
    """What the header of a mail lets expect."""

    OURS = "ours"
    OTHERS = "others"  # of another channel that shares the mailbox, or sent by ourselves
    REPORT = "report"  # what a mail server says about a mail
    WRAPPED = "wrapped"  # perhaps one of ours inside a new one
    FOREIGN = "foreign"


def compose(parcel: bytes, *, sender: str, recipient: str, channel: str, role: str, now: datetime, token: str) -> bytes:
    """A mail with a parcel of the half that has this ``role``. ``token`` is random text of which its id is made.

    Raises ValueError: no such address.
    """
    _, domain = parseaddr(sender)[1].rsplit("@", 1)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = SUBJECT
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{token}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"  # how Exchange is told to send no note of absence
    mail[CHANNEL_HEADER] = channel
    mail[ROLE_HEADER] = role
    lines = parcel.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return mail.as_bytes().removesuffix(b"\r\n") + _PARTS.replace(b"TOKEN", token.encode("ascii")) % lines


def classify(header: bytes, *, channel: str, address: str, role: str) -> Kind:
    """What kind of mail this is, by its header. ``address`` is that of the mailbox, ``role`` that of our half."""
    fields = read_header(header)
    if text_of(fields, "content-type").lower().startswith("multipart/report"):
        return Kind.REPORT
    named = text_of(fields, CHANNEL_HEADER)
    if not named:
        return Kind.WRAPPED if SUBJECT in text_of(fields, "subject") else Kind.FOREIGN
    return Kind.OURS if named == channel and not _is_own(fields, address, role) else Kind.OTHERS


def find_parcels(mail: bytes) -> tuple[bytes, ...]:
    """The parcels in a mail of ours, each once: in its parts, else anywhere."""
    found = _distinct(armor for part in walk(mail) for armor in _armor_of(part))
    return tuple(found or _distinct(find_armor(mail)))


def find_wrapped_parcels(mail: bytes, *, channel: str, address: str, role: str) -> tuple[bytes, ...]:
    """The parcels of mails that something put into another mail whole: only what the partner sent to us counts."""
    for part in walk(mail):
        if text_of(part.header, CHANNEL_HEADER) == channel:
            return find_parcels(mail) if _is_for_us(part.header, address, role) else ()
    return ()


def _armor_of(part: Part) -> list[bytes]:
    """Armor in a part; its encoding may be named wrongly, so the text itself is looked at, too."""
    decoded = list(find_armor(part.body))
    if decoded and all(is_sound(one) for one in decoded):
        return decoded
    return [one for one in find_armor(part.raw) if is_sound(one)] or decoded


def _distinct(parcels: Iterator[bytes]) -> list[bytes]:
    seen: dict[bytes, None] = {}
    for parcel in parcels:
        seen.setdefault(parcel)
        if len(seen) == _MOST_PARCELS:
            break
    return list(seen)


def _is_own(fields: Message, address: str, role: str) -> bool:
    """Whether our half sent it: a copy that a server keeps of what is sent, or both halves share this mailbox."""
    told = text_of(fields, ROLE_HEADER)
    if told:
        return told == role
    return _mentions(fields, "from", address) and not _is_to(fields, address)  # of an older version


def _is_for_us(fields: Message, address: str, role: str) -> bool:
    """Whether the partner sent it, by whichever address; an older version does not tell who did."""
    told = text_of(fields, ROLE_HEADER)
    return told != role if told else _is_to(fields, address)


def _is_to(fields: Message, address: str) -> bool:
    return _mentions(fields, "to", address)


def _mentions(fields: Message, name: str, address: str) -> bool:
    known = parseaddr(address)[1].lower()
    return any(found.lower() == known for _, found in getaddresses([text_of(fields, name)[:1000]]))
