"""What a mail server says about a mail of ours that it could not deliver. Pure; shown and never acted on."""

from __future__ import annotations

import re

from backbone.adapters.transports.mail.failing import readable
from backbone.adapters.transports.mail.mime import CHANNEL_HEADER
from backbone.adapters.transports.mail.parts import Part, read_header, text_of, walk

_MOST_WORDS = 300
_MOST_STATUS = 20_000  # bytes
_FIELD = re.compile(rb"(?im)^(?:action|status|diagnostic-code)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")
_ACTION = re.compile(rb"(?im)^action[ \t]*:[ \t]*([a-z]+)")
_GOES_ON = {b"delayed", b"delivered", b"relayed", b"expanded"}
_SIZE = re.compile(r"(?<![\d.])(?:5\.3\.4|5\.2\.3|552)(?![\d.])")
_FULL = re.compile(r"(?<![\d.])5\.2\.2(?![\d.])")
_STATES = {"message/delivery-status", "message/global-delivery-status"}
_HEADERS = {"text/rfc822-headers", "message/global-headers", "text/rfc822-header"}


def find_bounce(mail: bytes, *, channel: str) -> str | None:
    """The server's words, if the mail tells that one of this channel came back; at least some words then."""
    words = ""
    told = concerns = False
    for part in walk(mail):
        if part.kind in _STATES:
            told = told or _came_back(part.raw)
            words = words or _words_of(part.raw)
        concerns = concerns or _concerns(part, channel)
    if not (told and concerns):
        return None
    return words or "a mail came back without a reason"


def is_for_size(words: str) -> bool:
    """Whether the words of a bounce say that the mail was too large; 552 may also tell of a full mailbox (RFC 3463)."""
    return _SIZE.search(words) is not None and _FULL.search(words) is None


def _concerns(part: Part, channel: str) -> bool:
    if text_of(part.header, CHANNEL_HEADER) == channel:
        return True
    return part.kind in _HEADERS and text_of(read_header(part.body), CHANNEL_HEADER) == channel


def _came_back(status: bytes) -> bool:
    """Whether a mail was given up: not one of the actions tells that it arrived or is tried again (RFC 3464, 2.3.3)."""
    actions = {one.lower() for one in _ACTION.findall(status[:_MOST_STATUS])}
    return not actions or not actions <= _GOES_ON


def _words_of(status: bytes) -> str:
    found = (match.group(1).decode("utf-8", "replace") for match in _FIELD.finditer(status[:_MOST_STATUS]))
    return "; ".join(readable(one) for one in found)[:_MOST_WORDS]
