"""Scripts of mail servers, and our ends of connections to them."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from backbone.adapters.transports.mail.imap import ImapReceiver
from backbone.adapters.transports.mail.pop3 import Pop3Receiver
from backbone.adapters.transports.mail.sending import MailSender
from backbone.ports.transport import (
    Login,
    MailProtocol,
    ReceivingMail,
    Security,
    SendingMail,
)
from tests.parts.line_server import AUTHORITY, LOGIN, TOKEN, LineServer

PARCEL = b"-----BEGIN PGP MESSAGE-----\n\nb25l\n-----END PGP MESSAGE-----\n"
MAIL = "X-Backbone-Channel: c-1¶¶" + PARCEL.decode().replace("\n", "¶")
XOAUTH2 = base64.b64encode(f"user={TOKEN.user}\x01auth=Bearer {TOKEN.secret}\x01\x01".encode()).decode()
REFUSAL = base64.b64encode(b'{"status":"400"}').decode()
SECONDS = 5.0


class Checked(Protocol):
    async def check(self) -> None: ...


Opened = Callable[..., AbstractAsyncContextManager[Checked]]


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(path)
    return str(path)


@asynccontextmanager
async def imap(
    server: LineServer, ca_file: str, security: Security = Security.TLS, login: Login = LOGIN, seconds: float = SECONDS
) -> AsyncIterator[ImapReceiver]:
    of = ReceivingMail(
        server=server.server(ca_file, security, login),
        protocol=MailProtocol.IMAP,
        address="b@b.test",
        channel="c-1",
        role="second",
    )
    receiver = ImapReceiver(of, seconds=seconds)
    try:
        yield receiver
    finally:
        await receiver.close()


def pop3(
    server: LineServer, ca_file: str, security: Security = Security.TLS, login: Login = LOGIN, seconds: float = SECONDS
) -> Pop3Receiver:
    of = ReceivingMail(
        server=server.server(ca_file, security, login),
        protocol=MailProtocol.POP3,
        address="b@b.test",
        channel="c-1",
        role="second",
    )
    return Pop3Receiver(of, seconds=seconds)


@asynccontextmanager
async def smtp(
    server: LineServer, ca_file: str, security: Security = Security.TLS, login: Login = LOGIN, seconds: float = SECONDS
) -> AsyncIterator[MailSender]:
    to = SendingMail(
        server=server.server(ca_file, security, login), address="a@a.test", to="b@b.test", channel="c-1", role="first"
    )
    sender = MailSender(to, seconds=seconds)
    try:
        yield sender
    finally:
        await sender.close()


def imap_script(*after_login: str, capabilities: str = "IMAP4rev1") -> str:
    return "\n".join(
        [
            "S: * OK ready",
            r"C: (\w+) CAPABILITY",
            f"S: * CAPABILITY {capabilities}",
            "S: $1 OK done",
            r'C: (\w+) LOGIN "a@a.test" "correct horse"',
            "S: $1 OK in",
            r"C: (\w+) CAPABILITY",
            f"S: * CAPABILITY {capabilities}",
            "S: $1 OK done",
            *after_login,
        ]
    )


EXAMINED = (
    r'C: (\w+) EXAMINE "INBOX"',
    "S: * 1 EXISTS",
    "S: * OK [UIDVALIDITY 7] so",
    "S: * OK [UIDNEXT 13] so",
    "S: $1 OK [READ-ONLY] done",
)
FOUND = (r"C: (\w+) UID SEARCH UID \d+:\*", "S: * SEARCH 12", "S: $1 OK done")
HEADER = "X-Backbone-Channel: c-1¶¶"
HEADS = (
    r"C: (\w+) UID FETCH 12 \(UID RFC822\.SIZE BODY\.PEEK\[HEADER\.FIELDS \(.*\)\]\)",
    f"S: * 1 FETCH (UID 12 RFC822.SIZE 400 BODY[HEADER.FIELDS (X-BACKBONE-CHANNEL)] {{{len(HEADER) + 2}}}",
    f"S: {HEADER})",
    "S: $1 OK done",
)
WHOLE = (
    r"C: (\w+) UID FETCH 12 \(UID BODY\.PEEK\[\]<0\.\d+>\)",
    r"S: * 1 FETCH (FLAGS (\Recent))",
    f"S: * 1 FETCH (BODY[]<0> {{{len(MAIL) + MAIL.count('¶')}}}",
    f"S: {MAIL} UID 12)",
    "S: $1 OK done",
)
LOGGED_OUT = (r"C: (\w+) LOGOUT", "S: * BYE bye", "S: $1 OK out")


def pop3_script(*after_login: str) -> str:
    return "\n".join(["S: +OK ready", "C: USER a@a.test", "S: +OK", "C: PASS correct horse", "S: +OK", *after_login])


def smtp_script(*after_login: str) -> str:
    return "\n".join(
        [
            "S: 220 ready",
            r"C: EHLO \[127\.0\.0\.1\]",
            "S: 250-here",
            "S: 250 AUTH PLAIN XOAUTH2",
            "C: AUTH PLAIN .*",
            "S: 235 in",
            *after_login,
        ]
    )


ENVELOPE = ("C: MAIL FROM:<a@a.test>", "S: 250 ok", "C: RCPT TO:<b@b.test>", "S: 250 ok")


async def look(receiver: ImapReceiver | Pop3Receiver) -> list[bytes]:
    batch = await receiver.receive("", parcels=9, octets=9999)
    return [arrival.parcel for arrival in batch.arrivals]


@asynccontextmanager
async def pop3_in_context(
    server: LineServer, ca_file: str, security: Security = Security.TLS
) -> AsyncIterator[Pop3Receiver]:
    yield pop3(server, ca_file, security)
