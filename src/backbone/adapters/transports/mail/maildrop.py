"""One visit to a mailbox by POP3 (RFC 1939). It blocks and belongs into a thread.

A server locks the mailbox during a visit, shows it as it was at the beginning, and deletes only when the visit ends
with QUIT: so visits are short, and a broken one has deleted nothing.
"""

from __future__ import annotations

import base64
import contextlib
import poplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from backbone.adapters.transports.mail.failing import (
    CHECK_LOGIN,
    get_secret,
    make_context,
    refused,
    unreachable,
    xoauth2,
)
from backbone.adapters.transports.mail.mime import LARGEST_MAIL
from backbone.adapters.transports.mail.sorting import BEGINNING
from backbone.ports.transport import MailServer, Security, TransportError

_LONGEST_LINE = 1024 * 1024  # bytes; RFC 1939 allows 512
_LARGEST_ANSWER = LARGEST_MAIL + LARGEST_MAIL // 16
_HEADER_ONLY = 0
_LINES_OF_A_REPORT = BEGINNING // 256
_ALL_LINES = LARGEST_MAIL


class _Answers:
    """Reads answers within limits of our own: those of the library are too low for lines, and there is none for sizes."""

    file: BinaryIO

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_LONGEST_LINE + 1)
        if len(line) > _LONGEST_LINE:
            raise poplib.error_proto("a line of the answer is too long")
        if not line:
            raise ConnectionError("the server closed the connection")
        return line.rstrip(b"\r\n"), len(line)

    def read_text(self) -> bytes:
        """The lines up to the one with a dot; what an answer goes on with after its first line.

        Lines may be of any length: a mail of people has to hold up nothing.
        """
        text, begins = bytearray(), True
        while (piece := self._piece()).rstrip(b"\r\n") != b"." or not begins:
            said = piece[1:] if begins and piece.startswith(b"..") else piece
            begins = piece.endswith(b"\n")
            text += said.rstrip(b"\r\n") + b"\r\n" if begins else said
            if len(text) > _LARGEST_ANSWER:
                raise poplib.error_proto("an answer is larger than announced")
        return bytes(text)

    def _piece(self) -> bytes:
        """A line with its end, or as much of it as is read at once."""
        piece = self.file.readline(_LONGEST_LINE)
        if not piece:
            raise ConnectionError("the server closed the connection")
        return piece


class _Plain(_Answers, poplib.POP3):
    def __init__(self, host: str, port: int, *, timeout: float) -> None:
        with _closing(self):
            super().__init__(host, port, timeout)


class _Secure(_Answers, poplib.POP3_SSL):
    def __init__(self, host: str, port: int, *, timeout: float, context: ssl.SSLContext) -> None:
        with _closing(self):
            super().__init__(host, port, timeout=timeout, context=context)


_Client = _Plain | _Secure


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A mail in the mailbox: its number during this visit, its id for ever, and its size in bytes."""

    number: int
    unique: str
    size: int


class NotGiven(TransportError):
    """The server refused one mail, which is damaged or was removed meanwhile; the visit goes on."""


class Maildrop:
    """The mailbox during one visit. A mail that the server does not give raises NotGiven."""

    def __init__(self, server: MailServer, client: _Client) -> None:
        self._server = server
        self._client = client

    def listed(self) -> list[Listing]:
        """All mails, oldest first."""
        with _told(self._server, "cannot list mails with ids that last (UIDL)", "Use IMAP, or another server."):
            sizes = dict(_pairs(self._ask("LIST")))
            return [
                Listing(number=int(number), unique=unique, size=int(sizes.get(number, "0")))
                for number, unique in _pairs(self._ask("UIDL"))
            ]

    def header(self, number: int) -> bytes:
        return self._top(number, _HEADER_ONLY)

    def beginning(self, number: int) -> bytes:
        return self._top(number, _LINES_OF_A_REPORT)

    def peek(self, number: int) -> bytes:
        """A whole mail of people, which to fetch by RETR would mark as read."""
        return self._top(number, _ALL_LINES)

    def whole(self, number: int) -> bytes:
        return self._mail(f"RETR {number}", "cannot fetch a mail")

    def erase(self, numbers: Sequence[int]) -> None:
        """Mark mails for removal, which happens when the visit ends well."""
        with _told(self._server, "cannot remove a mail"):
            for number in numbers:
                self._client.dele(number)

    def _top(self, number: int, lines: int) -> bytes:
        return self._mail(f"TOP {number} {lines}", "cannot fetch a header alone (TOP)", "Use IMAP, or another server.")

    def _mail(self, command: str, what: str, cure: str = "") -> bytes:
        with _told(self._server, what, cure):
            try:
                self._client._shortcmd(command)  # type: ignore[union-attr] # noqa: SLF001 - as below
            except poplib.error_proto as error:
                if not (isinstance(error.args[0], bytes) and error.args[0].startswith(b"-ERR")):
                    raise
                refusal = refused(self._server, what, error.args[:1], cure=cure)
                raise NotGiven(refusal.words, cure=cure) from error
            return self._client.read_text()

    def _ask(self, command: str) -> bytes:
        self._client._shortcmd(command)  # type: ignore[union-attr] # noqa: SLF001 - reads long answers without limits itself
        return self._client.read_text()


@contextmanager
def visit(server: MailServer, seconds: float) -> Iterator[Maildrop]:
    """Log in, and at the end commit what was removed. Raises TransportError with the server's words."""
    client = _connect(server, seconds)
    try:
        with _told(server, "refused the login", CHECK_LOGIN):
            _log_in(client, server)
        yield Maildrop(server, client)
        with _told(server, "did not confirm the end of the visit"):
            client.quit()
    finally:
        _close(client)


@contextmanager
def _closing(client: _Client) -> Iterator[None]:
    """The library leaves a connection open when its beginning fails."""
    try:
        yield
    except BaseException:
        _close(client)
        raise


def _connect(server: MailServer, seconds: float) -> _Client:
    context = make_context(server)
    with _told(server, "refused the connection"):
        if server.security is Security.TLS:
            return _Secure(server.host, server.port, timeout=seconds, context=context)
        client = _Plain(server.host, server.port, timeout=seconds)
        with _closing(client):
            client.stls(context)
        return client


def _log_in(client: _Client, server: MailServer) -> None:
    secret = get_secret(server.login)
    if not server.login.oauth:
        client.user(server.login.user)
        client.pass_(secret)
        return
    # In two steps, since a command may have 255 characters (RFC 5034) and tokens have more.
    _say(client, "AUTH XOAUTH2")
    token = base64.b64encode(xoauth2(server.login).encode()).decode("ascii")
    answer = _say(client, token)
    if answer.startswith(b"+ "):
        explanation = base64.b64decode(answer[2:] + b"==").decode("utf-8", "replace")
        try:
            refusal = _say(client, "")
        except poplib.error_proto as error:
            refusal = error.args[0]
        raise poplib.error_proto(refusal + b" " + explanation.encode())


def _say(client: _Client, line: str) -> bytes:
    answer: bytes = client._shortcmd(line)  # type: ignore[union-attr] # noqa: SLF001 - there is no other way to AUTH
    return answer


def _close(client: _Client) -> None:
    with contextlib.suppress(OSError, AttributeError):
        client.sock.settimeout(1.0)
    with contextlib.suppress(OSError, AttributeError):
        client.close()


def _pairs(text: bytes) -> list[tuple[str, str]]:
    found = (line.split() for line in text.decode("ascii", "surrogateescape").splitlines())
    return [(words[0], words[1]) for words in found if len(words) >= 2]


@contextmanager
def _told(server: MailServer, what: str, cure: str = "") -> Iterator[None]:
    """Failures of the library become TransportError."""
    try:
        yield
    except TransportError:
        raise
    except poplib.error_proto as error:
        raise refused(server, what, error.args[:1], cure=cure) from error
    except OSError as error:
        raise unreachable(server, error) from error
    except (ValueError, LookupError, TypeError) as error:
        raise refused(server, what, f"its answer makes no sense: {error}") from error
