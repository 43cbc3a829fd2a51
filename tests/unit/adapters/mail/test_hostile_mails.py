"""Mails that were made to do harm cost little and are read as far as they can be."""

from __future__ import annotations

import tracemalloc

import pytest

from backbone.adapters.transports.mail.bounces import find_bounce
from backbone.adapters.transports.mail.mime import classify, find_parcels, find_wrapped_parcels
from backbone.adapters.transports.mail.parts import MOST_DEPTH, MOST_PARTS, walk

_MIB = 1024 * 1024
_BEGIN = b"-----BEGIN PGP MESSAGE-----"
_END = b"-----END PGP MESSAGE-----"


def nested(depth: int) -> bytes:
    """Multiparts in multiparts."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (at, at) for at in range(depth))
    return opened + b"\n" + _BEGIN + b"\n\nAAAA\n" + _END + b"\n"


HOSTILE = {
    "nothing": b"",
    "zeros": bytes(2 * _MIB),
    "line ends": b"\n" * (2 * _MIB),
    "carriage returns": b"\r" * (2 * _MIB),
    "header lines": b"a:\n" * _MIB,
    "one header line": b"a: " + b"b" * (2 * _MIB),
    "folded header": b"a:" + b"\n b" * _MIB,
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * (400_000),
    "digest": b"Content-Type: multipart/digest; boundary=b\n\n" + b"--b\n\n" * (400_000),
    "depth": nested(20_000),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 60_000,
    "mails in base64 in mails": b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" * 20_000,
    "parameters": b"Content-Type: multipart/mixed" + b'; "' * 20_000 + b"\n\n--b\n",
    "an empty boundary": b'Content-Type: multipart/mixed; boundary=""\n\n' + b"--\n" * 100_000,
    "a boundary that is no text": b"Content-Type: multipart/mixed; boundary*=x'\xff\n\n--b\n",
    "an unknown character set": b"Content-Type: multipart/mixed; boundary*=nothing'en'b%C3\n\n--b\n",
    "encoded words": b"Subject: =?nothing?q?=FF?= =?utf-8?b?=?=\nX-Backbone-Channel: =?x?y?z?=\n\n",
    "armor that begins": _BEGIN * 80_000,
    "armor that begins and ends": (_BEGIN + _END) * 40_000,
    "armor that begins often and ends once": _BEGIN * 80_000 + _END,
    "armor of blanks": _BEGIN + b" " * _MIB + b"\n" * _MIB + _END,
    "armor of headers": _BEGIN + b"\na: b" * 400_000 + _END,
    "equals signs": b"Content-Transfer-Encoding: base64\n\n" + b"=" * _MIB,
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n=" * (_MIB // 2),
    "kinds": b"Content-Type: a/b/c/" + b"/" * 5000 + b"\n\nx",
    "status": b"Content-Type: message/delivery-status\nX-Backbone-Channel: c\n\n" + b"Status:\n " * 200_000,
}


@pytest.mark.parametrize("mail", HOSTILE.values(), ids=HOSTILE)
def test_no_mail_costs_much_more_memory_than_its_size(mail: bytes) -> None:
    tracemalloc.start()
    try:
        classify(mail, channel="c", address="b@b.test", role="second")
        find_parcels(mail)
        find_wrapped_parcels(mail, channel="c", address="b@b.test", role="second")
        find_bounce(mail, channel="c")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 8 * _MIB + 6 * len(mail)


def test_parts_are_looked_at_up_to_a_number() -> None:
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * (5 * MOST_PARTS)

    assert len(list(walk(many))) == MOST_PARTS


def test_what_is_nested_too_deep_is_searched_as_one_text() -> None:
    assert len(list(walk(nested(5 * MOST_DEPTH)))) == MOST_DEPTH + 1
    assert len(find_parcels(nested(5 * MOST_DEPTH))) == 1


def test_many_parcels_in_a_mail_are_limited() -> None:
    assert len(find_parcels(b"\n" + b"".join(b"%b\n\nAAA%d\n%b\n" % (_BEGIN, at, _END) for at in range(500)))) == 8
