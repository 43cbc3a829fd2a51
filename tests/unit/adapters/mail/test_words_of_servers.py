"""What servers say is shown to people: nothing in it steers their screens, and no secret is repeated."""

from __future__ import annotations

import pytest

from backbone.adapters.transports.mail.bounces import find_bounce
from backbone.adapters.transports.mail.failing import plain
from backbone.adapters.transports.mail.mime import Kind
from backbone.adapters.transports.mail.sorting import judge_mail
from backbone.ports.transport import (
    Login,
    MailProtocol,
    MailServer,
    NoticeKind,
    ReceivingMail,
    Security,
)

LOGIN = Login(user="a@a.test", secret="correct horse")


def test_bytes_in_no_known_encoding_can_be_shown() -> None:
    words = b"550 Empf\xe4nger unbekannt".decode("utf-8", "surrogateescape")  # as the library for SMTP reads them

    assert plain(words, LOGIN).encode() == "550 Empf\N{REPLACEMENT CHARACTER}nger unbekannt".encode()


def test_words_of_a_server_steer_no_screen() -> None:
    assert plain(b"550 \x1b[2J\x00 no", LOGIN).isprintable()


def report(words: bytes, status: bytes = b"5.0.0") -> bytes:
    """A mail that came back."""
    return (
        b"Content-Type: multipart/report; boundary=R\r\n\r\n--R\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Action: failed\r\nStatus: " + status + b"\r\nDiagnostic-Code: " + words + b"\r\n"
        b"--R\r\nContent-Type: text/rfc822-headers\r\n\r\nX-Backbone-Channel: c-1\r\n\r\n--R--\r\n"
    )


def test_words_of_a_mail_that_came_back_steer_no_screen() -> None:
    told = find_bounce(report(b"\x1b[2J\x00 no"), channel="c-1")

    assert told is not None
    assert told.startswith("failed; ")
    assert told.isprintable()


def kind_of(mail: bytes) -> NoticeKind | None:
    server = MailServer(host="mail.a.test", port=993, security=Security.TLS, login=LOGIN)
    of = ReceivingMail(server=server, protocol=MailProtocol.IMAP, address="a@a.test", channel="c-1", role="first")
    notice = judge_mail(Kind.REPORT, mail, of).notice
    return None if notice is None else notice.kind


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"smtp; 552 5.3.4 Message size exceeds fixed limit", b"5.3.4"),
        (b"smtp; 552 Message size exceeds maximum permitted", b"5.0.0"),
        (b"smtp; 550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large", b"5.2.3"),
        (b"smtp; 552-5.3.4 Your message exceeded our limits", b"5.3.4"),
        (b"X-Postfix; too large", b"5.3.4"),
    ],
)
def test_a_mail_that_came_back_for_its_size_is_told_as_such(words: bytes, status: bytes) -> None:
    assert kind_of(report(words, status)) is NoticeKind.TOO_LARGE


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (b"smtp; 550 5.1.1 user unknown", b"5.1.1"),
        (b"smtp; 552 mailbox is full", b"5.2.2"),
        (b"smtp; 552 5.2.2 over quota", b"5.0.0"),
        (b"smtp; 554 relay 15.3.4.7 refused", b"5.7.1"),
        (b"smtp; 554 message 1552 refused", b"5.0.0"),
    ],
)
def test_what_came_back_for_something_else_is_not_told_to_be_too_large(words: bytes, status: bytes) -> None:
    assert kind_of(report(words, status)) is NoticeKind.BOUNCE


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("two  blanks", 'LOGIN a@a.test "two  blanks"'),
        ('qu"ote\\', 'LOGIN a@a.test "qu\\"ote\\\\"'),
        ("pässwörd", str([b"LOGIN a@a.test " + "pässwörd".encode()])),
        ('ä"', str([b'LOGIN a@a.test "' + 'ä\\"'.encode() + b'"'])),
    ],
)
def test_a_secret_is_not_repeated_however_it_was_quoted(secret: str, said: str) -> None:
    told = plain(said, Login(user="a@a.test", secret=secret))

    assert "…" in told
    assert told.partition("a.test")[2].strip(" \"'[]") == "…"


@pytest.mark.parametrize("secret", ["", "  "])
def test_a_secret_of_nothing_hides_nothing(secret: str) -> None:
    assert plain("550 no", Login(user="a@a.test", secret=secret)) == "550 no"
