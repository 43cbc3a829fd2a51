"""What servers say is shown to people: nothing in it steers their screens, and no secret is repeated."""

from __future__ import annotations

import pytest

from backbone.adapters.transports.mail.bounces import find_bounce
from backbone.adapters.transports.mail.failing import plain
from backbone.ports.transport import Login

LOGIN = Login(user="a@a.test", secret="correct horse")


def test_bytes_in_no_known_encoding_can_be_shown() -> None:
    words = b"550 Empf\xe4nger unbekannt".decode("utf-8", "surrogateescape")  # as the library for SMTP reads them

    assert plain(words, LOGIN).encode() == "550 Empf\N{REPLACEMENT CHARACTER}nger unbekannt".encode()


def test_words_of_a_server_steer_no_screen() -> None:
    assert plain(b"550 \x1b[2J\x00 no", LOGIN).isprintable()


def test_words_of_a_mail_that_came_back_steer_no_screen() -> None:
    mail = (
        b"Content-Type: multipart/report; boundary=R\r\n\r\n--R\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Action: failed\r\nDiagnostic-Code: \x1b[2J\x00 no\r\n"
        b"--R\r\nContent-Type: text/rfc822-headers\r\n\r\nX-Backbone-Channel: c-1\r\n\r\n--R--\r\n"
    )
    told = find_bounce(mail, channel="c-1")

    assert told is not None
    assert told.startswith("failed; ")
    assert told.isprintable()


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
