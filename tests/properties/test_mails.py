"""A parcel is found again in a mail, whatever gateways on its way do to the mail."""

from __future__ import annotations

import base64
import quopri
import textwrap
from collections.abc import Callable
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from backbone.adapters.transports.mail.bounces import find_bounce
from backbone.adapters.transports.mail.mime import Kind, classify, compose, find_parcels

Rewrite = Callable[[bytes], bytes]

_HEADERS = b"Received: from somewhere by somewhere\r\nX-Backbone-Channel: c\r\n"
_FOOTER = b"--\r\nThis message is intended for the addressee only.\r\n"
_DISCLAIMER = b"<html><body><p>Caution: this mail comes from outside.</p></body></html>\r\n"


def armor(data: bytes) -> bytes:
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    return "\n".join(["-----BEGIN PGP MESSAGE-----", "", *lines, "=abcd", "-----END PGP MESSAGE-----", ""]).encode()


def reheaded(kind: bytes, body: bytes) -> bytes:
    return _HEADERS + b"Content-Type: " + kind + b"\r\n\r\n" + body


def with_footer_below(mail: bytes) -> bytes:
    return mail + _FOOTER


def with_received_lines(mail: bytes) -> bytes:
    return b"Received: from a by b\r\n\tfor c; today\r\n" * 5 + mail


def in_a_multipart_with_a_disclaimer(mail: bytes) -> bytes:
    boundary = b"outer%d" % len(mail)
    separator = b"\r\n--" + boundary + b"\r\n"
    inner = b"Content-Type: message/rfc822\r\n\r\n" + mail
    html = b"Content-Type: text/html\r\n\r\n" + _DISCLAIMER
    parts = separator + html + separator + inner + b"\r\n--" + boundary + b"--\r\n"
    return reheaded(b'multipart/mixed; boundary="' + boundary + b'"', b"preamble" + parts)


def with_unix_line_ends(mail: bytes) -> bytes:
    return mail.replace(b"\r\n", b"\n")


def with_old_line_ends(mail: bytes) -> bytes:
    return mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r")


def with_blanks_at_the_ends_of_lines(mail: bytes) -> bytes:
    head, blank, body = mail.partition(b"\r\n\r\n")
    return head + blank + body.replace(b"\r\n", b"  \r\n")


def body_in_base64(mail: bytes) -> bytes:
    return _HEADERS + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(mail).replace(b"\n", b"\r\n")


def body_in_quoted_printable(mail: bytes) -> bytes:
    return _HEADERS + b"Content-Transfer-Encoding: Quoted-Printable\r\n\r\n" + quopri.encodestring(mail, quotetabs=True)


def body_as_plain_text(mail: bytes) -> bytes:
    return reheaded(b"text/plain; charset=iso-8859-1", b"On Friday somebody wrote:\r\n" + mail)


rewrites = st.lists(
    st.sampled_from(
        [
            with_footer_below,
            with_received_lines,
            in_a_multipart_with_a_disclaimer,
            with_unix_line_ends,
            with_old_line_ends,
            with_blanks_at_the_ends_of_lines,
            body_in_base64,
            body_in_quoted_printable,
            body_as_plain_text,
        ]
    ),
    max_size=3,
)


@given(
    data=st.binary(min_size=1, max_size=2000), token=st.from_regex(r"[0-9a-f]{32}", fullmatch=True), applied=rewrites
)
def test_a_parcel_is_found_as_it_was_whatever_gateways_do(data: bytes, token: str, applied: list[Rewrite]) -> None:
    parcel = armor(data)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    mail = compose(parcel, sender="a@a.test", recipient="b@b.test", channel="c", role="first", now=now, token=token)
    for rewrite in applied:
        mail = rewrite(mail)

    assert find_parcels(mail) == (parcel,) or encoded_and_forgotten(applied)


def encoded_and_forgotten(applied: list[Rewrite]) -> bool:
    """Whether encoded text was made the body of another mail that says nothing of it, which no gateway does."""
    bodies = [one for one in applied if one in {body_in_base64, body_in_quoted_printable, body_as_plain_text}]
    return any(one is not body_as_plain_text for one in bodies[:-1])


@given(mail=st.binary(max_size=3000))
def test_any_bytes_can_be_read_as_a_mail(mail: bytes) -> None:
    assert classify(mail, channel="c", address="b@b.test", role="second") in Kind
    assert find_parcels(mail) == () or b"BEGIN PGP" in mail
    assert find_bounce(mail, channel="c") is None
