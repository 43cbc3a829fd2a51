"""A folder on an IMAP server, by a connection of our own: read without a trace, and nothing removed but what is named.

People may use the folder, too. So it is opened for reading only (EXAMINE) but for a removal, mails are peeked at, flags
are set by UID STORE, and mails are removed by UID EXPUNGE (RFC 4315) alone: EXPUNGE and CLOSE, which the convenience
calls of the library use, would also erase what a person has marked. All of this blocks and belongs into a thread.
"""

from __future__ import annotations

import contextlib
import imaplib
import io
import re
import select
import socket
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls
from imap_tools.errors import ImapToolsError, UnexpectedCommandStatusError

from backbone.adapters.transports.mail.failing import (
    CHECK_LOGIN,
    get_secret,
    make_context,
    plain,
    refused,
    unreachable,
    xoauth2,
)
from backbone.adapters.transports.mail.mime import CHANNEL_HEADER, LARGEST_MAIL, ROLE_HEADER, SUBJECT
from backbone.adapters.transports.mail.sorting import BEGINNING
from backbone.ports.transport import MailServer, Security, TransportError

HEADER_FIELDS = f"{CHANNEL_HEADER.upper()} {ROLE_HEADER.upper()} CONTENT-TYPE SUBJECT FROM TO"
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_AT_ONCE = 200  # mails named in one command


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is known of a mail before it is fetched; ``size`` in bytes."""

    uid: int
    size: int
    header: bytes = field(repr=False)


class Folder:
    """One connection that looks at one folder. Everything raises TransportError with the server's words."""

    def __init__(self, server: MailServer, name: str, seconds: float) -> None:
        self._server = server
        self._name = name
        self._box: BaseMailBox | None = None
        self._seconds = seconds
        self._can: frozenset[str] = frozenset()
        self.seen: tuple[int, int] | None = None

    def open(self) -> None:
        """Connect and log in, over a verified connection only."""
        with self._told("refused the connection"):
            self._box = self._connect()
        with self._told("refused the login", CHECK_LOGIN):
            self._log_in(self._box)
        with self._told("failed"):
            self._can = _words_in(self._box.client.capability()[1])

    @property
    def can_idle(self) -> bool:
        return "IDLE" in self._can

    @property
    def can_erase(self) -> bool:
        """Whether single mails can be erased: by UIDPLUS, or by what has it built in (RFC 9051)."""
        return bool(self._can & {"UIDPLUS", "IMAP4REV2"})

    def examine(self) -> tuple[int, int]:
        """Look at the folder as it is now, changing nothing: its UIDVALIDITY and UIDNEXT (0 where it is not told)."""
        with self._told(f"cannot open the folder {self._name}", "Check the name of the folder."):
            self._opened.folder.set(self._name, readonly=True)
            self.seen = self._number("UIDVALIDITY"), self._number("UIDNEXT")
            return self.seen

    def uids_after(self, uid: int) -> list[int]:
        """The mails that came after one, oldest first."""
        # "n:*" names the last mail even if that is older.
        return [found for found in self._search(f"UID {uid + 1}:*") if found > uid]

    def still_there(self, uids: Sequence[int]) -> list[int]:
        """Which of these mails there are."""
        found: list[int] = []
        for some in _chunks(uids):
            found += self._search(f"UID {_set_of(some)}")
        return found

    def find_ours(self, uid: int, channel: str) -> list[int]:
        """Mails after one that may concern the channel, as far as this server can search headers; it may refuse."""
        if not (channel.isascii() and channel.isprintable()) or '"' in channel or "\\" in channel:
            return []
        ours = f'HEADER {CHANNEL_HEADER} "{channel}"'
        reports = 'HEADER Content-Type "multipart/report"'
        try:
            found = self._search(f'UID {uid + 1}:* OR OR {ours} {reports} SUBJECT "{SUBJECT}"')
        except TransportError as error:
            if isinstance(error.__cause__, imaplib.IMAP4.abort | OSError):
                raise
            return []
        return [one for one in found if one > uid]

    def heads(self, uids: Sequence[int]) -> list[Head]:
        """The headers of mails as far as they matter, oldest first; those that vanished are left out."""
        found: list[Head] = []
        for some in _chunks(uids):
            for told, header in self._fetch(
                _set_of(some), f"UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({HEADER_FIELDS})]"
            ):
                uid, size = _UID.search(told), _SIZE.search(told)
                if uid and size:
                    found.append(Head(uid=int(uid[1]), size=int(size[1]), header=header))
        return sorted(found, key=lambda head: head.uid)

    def whole(self, uid: int) -> bytes:
        """A mail; empty when it vanished."""
        return self._part(uid, LARGEST_MAIL)

    def beginning(self, uid: int) -> bytes:
        """The first part of a mail, which may be large."""
        return self._part(uid, BEGINNING)

    def erase(self, uids: Sequence[int], validity: int) -> None:
        """Remove these mails and no others; left where this account may not, or where the numbers are no longer true."""
        if not (uids and self.can_erase):
            return
        with self._told("cannot remove mails"):
            try:
                self._opened.folder.set(self._name)
            except imaplib.IMAP4.readonly:
                return
            if self._number("UIDVALIDITY") != validity:
                return
            for some in _chunks(uids):
                marked, _ = self._opened.client.uid("STORE", _set_of(some), "+FLAGS.SILENT", r"(\Deleted)")
                if marked == "OK":
                    self._opened.client.uid("EXPUNGE", _set_of(some))

    def start_idling(self) -> int:
        """Ask to be told of news; the descriptor that becomes readable then, or -1 when news are there already."""
        with self._told("refused IDLE"):
            self._opened.idle.start()  # type: ignore[no-untyped-call] # the library leaves it so
            return -1 if self._has_read_ahead() else self._opened.client.sock.fileno()

    def stop_idling(self) -> None:
        with self._told("broke off"):
            self._opened.idle.stop()  # type: ignore[no-untyped-call] # the library leaves it so

    def abandon(self) -> None:
        """Cut the connection, from another thread: whatever waits for the server in this one fails at once."""
        box = self._box
        if box is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket's own shutdown, which takes away what the other thread still reads by.
                socket.socket.shutdown(box.client.sock, socket.SHUT_RDWR)

    def discard(self) -> None:
        """End the connection without a word."""
        box, self._box = self._box, None
        if box is not None:
            with contextlib.suppress(OSError, ValueError):
                box.client.shutdown()

    def close(self) -> None:
        """Log out, which unlike CLOSE removes nothing."""
        try:
            if self._box is not None:
                self._box.client.sock.settimeout(min(self._seconds, 5.0))
                self._box.client.logout()
        except (imaplib.IMAP4.error, OSError, ValueError):
            pass  # all that had to be done is done
        finally:
            self.discard()

    @property
    def _opened(self) -> BaseMailBox:
        if self._box is None:
            raise ConnectionError("the connection is closed")
        return self._box

    def _connect(self) -> BaseMailBox:
        server = self._server
        context = make_context(server)
        if server.security is Security.TLS:
            return MailBox(server.host, server.port, timeout=self._seconds, ssl_context=context)
        return _StartTls(server.host, server.port, timeout=self._seconds, ssl_context=context)

    def _log_in(self, box: BaseMailBox) -> None:
        login = self._server.login
        secret = get_secret(login)
        if login.oauth:
            _Xoauth2(xoauth2(login)).log_in(box.client)
        elif (login.user + secret).isascii():
            box.login(login.user, secret, initial_folder=None)
        else:
            box.login_utf8(login.user, secret, initial_folder=None)

    def _number(self, name: str) -> int:
        values = self._opened.client.response(name)[1]
        value = values[-1] if values else None
        return int(value) if isinstance(value, bytes) and value.isdigit() else 0

    def _search(self, criteria: str) -> list[int]:
        with self._told("cannot search"):
            return sorted(int(one) for one in self._opened.uids(criteria, charset=None))

    def _part(self, uid: int, octets: int) -> bytes:
        found = self._fetch(str(uid), f"UID BODY.PEEK[]<0.{octets}>")
        return next((body for told, body in found if (named := _UID.search(told)) and int(named[1]) == uid), b"")

    def _fetch(self, uids: str, items: str) -> list[tuple[bytes, bytes]]:
        """What the server told of each mail, and the text it sent; changed flags that it tells in between are left out."""
        with self._told("cannot fetch mails"):
            status, lines = self._opened.client.uid("FETCH", uids, f"({items})")
            if status != "OK":
                raise UnexpectedCommandStatusError((status, lines), "OK")
            return list(_texts_of(lines))

    def _has_read_ahead(self) -> bool:
        """Whether the answer to IDLE brought more with it, which no poll would show."""
        client = self._opened.client
        sock = client.sock
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            return True
        if select.select([sock], [], [], 0)[0]:
            return True
        sock.settimeout(0)
        try:
            return isinstance(client.file, io.BufferedReader) and bool(client.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(self._seconds)

    def _told(self, what: str, cure: str = "") -> _Told:
        return _Told(self._server, what, cure)


class _StartTls(MailBoxStartTls):
    """STARTTLS on any port, closed when it is refused: the library forbids 993, and leaves the connection open."""

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4(self._host, self._port, self._timeout)
        try:
            client.starttls(self._ssl_context)
        except BaseException:
            client.shutdown()
            raise
        return client


class _Xoauth2:
    """The conversation of XOAUTH2: the token, and nothing more when the server explains why it will not do."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._explanation = b""

    def log_in(self, client: imaplib.IMAP4) -> None:
        try:
            client.authenticate("XOAUTH2", self._answer)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise imaplib.IMAP4.error(f"{error} {self._explanation.decode('utf-8', 'replace')}") from None

    def _answer(self, challenge: bytes) -> bytes:
        if challenge.strip():
            self._explanation = challenge
            return b""
        return self._token


class _Told:
    """Failures of the library in a block become TransportError."""

    def __init__(self, server: MailServer, what: str, cure: str) -> None:
        self._server = server
        self._what = what
        self._cure = cure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None) -> None:
        match error:
            case UnexpectedCommandStatusError(command_result=result):
                raise refused(self._server, self._what, result[1], cure=self._cure) from error
            case imaplib.IMAP4.error() | ImapToolsError():
                raise refused(self._server, self._what, _without_bytes(str(error)), cure=self._cure) from error
            case OSError():
                raise unreachable(self._server, error) from error
            case ValueError() | LookupError() | TypeError() | AttributeError():
                words = plain(error, self._server.login)
                raise TransportError(f"{self._server.host} {self._what}: its answer makes no sense: {words}") from error
            case _:
                pass


def _without_bytes(words: str) -> str:
    return words.replace("[b'", "").replace("']", "").replace("b'", "").replace('b"', "")


def _texts_of(lines: Sequence[object]) -> Iterator[tuple[bytes, bytes]]:
    """Literals with what was told before and after them."""
    for at, line in enumerate(lines):
        if not isinstance(line, tuple):
            continue
        after = lines[at + 1] if at + 1 < len(lines) else b""
        yield line[0] + (b" " + after if isinstance(after, bytes) else b""), line[1]


def _words_in(lines: Sequence[object]) -> frozenset[str]:
    return frozenset(
        word for line in lines if isinstance(line, bytes) for word in line.decode("ascii", "replace").upper().split()
    )


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(uids), _AT_ONCE):
        yield uids[at : at + _AT_ONCE]


def _set_of(uids: Sequence[int]) -> str:
    return ",".join(str(uid) for uid in uids)
