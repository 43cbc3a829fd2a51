"""What mail servers do on bad days, and strict ones always; by scripts."""

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
    TooLargeToSend,
    TransportError,
)
from tests.parts.line_server import AUTHORITY, LOGIN, TOKEN, LineServer, run_line_server

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
        server=server.server(ca_file, security, login), protocol=MailProtocol.IMAP, address="b@b.test", channel="c-1"
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
        server=server.server(ca_file, security, login), protocol=MailProtocol.POP3, address="b@b.test", channel="c-1"
    )
    return Pop3Receiver(of, seconds=seconds)


@asynccontextmanager
async def smtp(
    server: LineServer, ca_file: str, security: Security = Security.TLS, login: Login = LOGIN, seconds: float = SECONDS
) -> AsyncIterator[MailSender]:
    to = SendingMail(server=server.server(ca_file, security, login), address="a@a.test", to="b@b.test", channel="c-1")
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


async def test_where_single_mails_cannot_be_removed_ours_stay_and_are_remembered(ca_file: str) -> None:
    script = imap_script(
        *EXAMINED, *FOUND, *HEADS, *WHOLE, *EXAMINED, *EXAMINED, *FOUND, *LOGGED_OUT, capabilities="IMAP4rev1 MOVE"
    )
    async with run_line_server(script) as server, imap(server, ca_file) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)
        await receiver.confirm(tuple(arrival.handle for arrival in batch.arrivals))
        again = await receiver.receive(batch.memory, parcels=9, octets=9999)
        await receiver.close()

    assert [arrival.parcel for arrival in batch.arrivals] == [PARCEL]
    assert (again.arrivals, server.complaints) == ((), [])
    assert not [line for line in server.heard if "STORE" in line or "EXPUNGE" in line or "CLOSE" in line]


async def test_single_mails_are_removed_by_their_numbers_and_in_no_other_way(ca_file: str) -> None:
    script = imap_script(
        *EXAMINED,
        *FOUND,
        *HEADS,
        *WHOLE,
        *EXAMINED,
        r'C: (\w+) SELECT "INBOX"',
        "S: * OK [UIDVALIDITY 7] so",
        "S: $1 OK [READ-WRITE] done",
        r"C: (\w+) UID STORE 12 \+FLAGS\.SILENT \(\\Deleted\)",
        "S: $1 OK done",
        r"C: (\w+) UID EXPUNGE 12",
        "S: * 1 EXPUNGE",
        "S: $1 OK done",
        *LOGGED_OUT,
        capabilities="IMAP4rev1 UIDPLUS",
    )
    async with run_line_server(script) as server, imap(server, ca_file) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)
        await receiver.confirm(tuple(arrival.handle for arrival in batch.arrivals))
        await receiver.close()

    assert (len(batch.arrivals), server.complaints) == (1, [])


async def test_a_mailbox_that_may_only_be_read_is_read(ca_file: str) -> None:
    script = imap_script(
        *EXAMINED,
        *FOUND,
        *HEADS,
        *WHOLE,
        *EXAMINED,
        r'C: (\w+) SELECT "INBOX"',
        "S: * OK [UIDVALIDITY 7] so",
        "S: $1 OK [READ-ONLY] done",
        *LOGGED_OUT,
        capabilities="IMAP4rev1 UIDPLUS",
    )
    async with run_line_server(script) as server, imap(server, ca_file) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)
        await receiver.confirm(tuple(arrival.handle for arrival in batch.arrivals))
        await receiver.close()

    assert (len(batch.arrivals), server.complaints) == (1, [])


async def test_a_server_that_cannot_search_headers_is_asked_for_them(ca_file: str) -> None:
    many = " ".join(str(uid) for uid in range(2, 1013))
    refused = (r'C: (\w+) UID SEARCH UID 1:\* OR OR HEADER X-Backbone-Channel "c-1" .*', "S: $1 BAD not here")
    heads = (r"C: (\w+) UID FETCH 2,[\d,]* .*", *HEADS[1:])
    none = (r"C: (\w+) UID FETCH \d+,[\d,]* .*", "S: $1 OK done")
    script = imap_script(
        *EXAMINED,
        r"C: (\w+) UID SEARCH UID 1:\*",
        f"S: * SEARCH {many}",
        "S: $1 OK done",
        *refused,
        *heads,
        *none * 4,
        *WHOLE,
        *LOGGED_OUT,
    )
    async with run_line_server(script) as server, imap(server, ca_file) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)
        await receiver.close()

    assert server.complaints == []
    assert ([arrival.parcel for arrival in batch.arrivals], batch.more) == ([PARCEL], True)


async def test_nothing_is_said_to_a_server_whose_starttls_was_taken_away(ca_file: str) -> None:
    scripts: dict[Opened, str] = {
        imap: "S: * OK ready\nC: (\\w+) CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: $1 OK done",
        pop3_in_context: "S: +OK ready\nC: CAPA\nS: +OK\nS: UIDL\nS: .",
        smtp: "S: 220 ready\nC: EHLO .*\nS: 250-here\nS: 250 AUTH PLAIN",
    }
    for opened, script in scripts.items():
        async with (
            run_line_server(script, security=Security.STARTTLS) as server,
            opened(server, ca_file, Security.STARTTLS) as end,
        ):
            with pytest.raises(TransportError, match=r"(?i)tls"):
                await end.check()

        assert not [line for line in server.heard if "LOGIN" in line or "USER" in line or "AUTH" in line]


@asynccontextmanager
async def pop3_in_context(
    server: LineServer, ca_file: str, security: Security = Security.TLS
) -> AsyncIterator[Pop3Receiver]:
    yield pop3(server, ca_file, security)


async def test_what_was_said_before_starttls_is_not_believed(ca_file: str) -> None:
    script = "\n".join(
        [
            "S: * OK ready",
            r"C: (\w+) CAPABILITY",
            "S: * CAPABILITY IMAP4rev1 STARTTLS",
            "S: $1 OK done",
            r"C: (\w+) STARTTLS",
            "S: $1 OK go",
            "STARTTLS",
            *imap_script(*EXAMINED, *LOGGED_OUT).splitlines()[1:],
        ]
    )
    async with (
        run_line_server(script, security=Security.STARTTLS) as server,
        imap(server, ca_file, Security.STARTTLS) as receiver,
    ):
        await receiver.check()
        await receiver.close()

    assert server.complaints == []


async def test_a_server_that_lets_everybody_in_before_tls_is_refused(ca_file: str) -> None:
    script = "S: * PREAUTH welcome\nC: (\\w+) CAPABILITY\nS: * CAPABILITY IMAP4rev1 STARTTLS\nS: $1 OK done"
    async with (
        run_line_server(script, security=Security.STARTTLS) as server,
        imap(server, ca_file, Security.STARTTLS) as receiver,
    ):
        with pytest.raises(TransportError):
            await receiver.check()


async def test_a_secret_that_a_server_repeats_is_not_told(ca_file: str) -> None:
    plain = base64.b64encode(b"\0a@a.test\0correct horse").decode()
    scripts: dict[Opened, str] = {
        imap: "\n".join([*imap_script().splitlines()[:5], "S: $1 NO user a@a.test with correct horse unknown"]),
        pop3_in_context: "S: +OK\nC: USER .*\nS: +OK\nC: PASS .*\nS: -ERR no such PASS correct horse",
        smtp: "\n".join([*smtp_script().splitlines()[:-1], f"S: 535 bad {plain}"]),
    }
    for opened, script in scripts.items():
        async with run_line_server(script) as server, opened(server, ca_file) as end:
            with pytest.raises(TransportError) as caught:
                await end.check()

        assert "…" in caught.value.words
        assert "horse" not in repr(caught.value)
        assert plain not in repr(caught.value)


async def test_a_refused_token_is_answered_by_nothing_and_the_reason_is_told(ca_file: str) -> None:
    imap_refuses = "\n".join(
        [
            *imap_script().splitlines()[:4],
            r"C: (\w+) AUTHENTICATE XOAUTH2",
            "S: + ",
            f"C: {XOAUTH2}",
            f"S: + {REFUSAL}",
            "C: ",
            "CLOSE",
        ]
    )
    pop3_refuses = f"S: +OK\nC: AUTH XOAUTH2\nS: + \nC: {XOAUTH2}\nS: + {REFUSAL}\nC: \nS: -ERR no"
    smtp_refuses = (
        f"S: 220 x\nC: EHLO .*\nS: 250 AUTH XOAUTH2\nC: AUTH XOAUTH2 {XOAUTH2}\nS: 334 {REFUSAL}\nC: \nS: 535 no"
    )
    async with run_line_server(imap_refuses) as server, imap(server, ca_file, login=TOKEN) as receiver:
        with pytest.raises(TransportError):
            await receiver.check()
    assert server.complaints == []
    async with run_line_server(pop3_refuses) as server:
        with pytest.raises(TransportError, match=r'no \{"status":"400"\}'):
            await pop3(server, ca_file, login=TOKEN).check()
    assert server.complaints == []
    async with run_line_server(smtp_refuses) as server, smtp(server, ca_file, login=TOKEN) as sender:
        with pytest.raises(TransportError, match="535 no"):
            await sender.check()
    assert server.complaints == []


IMAP_FAILURES = {
    "it says goodbye at once": "S: * BYE too many connections",
    "it closes at once": "CLOSE",
    "it throttles": imap_script(r"C: (\w+) EXAMINE .*", "S: $1 NO [LIMIT] too many connections, wait"),
    "it says goodbye in the middle": imap_script(*EXAMINED, r"C: (\w+) .*", "S: * BYE too many connections"),
    "it closes in the middle of a mail": imap_script(
        *EXAMINED, *FOUND, *HEADS, r"C: (\w+) .*", "S: * 1 FETCH (UID 12 BODY[] {500}", "S: X-Backbone-Channel", "CLOSE"
    ),
    "it refuses to fetch": imap_script(*EXAMINED, *FOUND, r"C: (\w+) .*", "S: $1 NO too many connections"),
    "it speaks in riddles": imap_script(*EXAMINED, r"C: (\w+) .*", "S: * SEARCH one two", "S: $1 OK"),
    "it speaks another language": "S: 220 ESMTP",
}


@pytest.mark.parametrize("script", IMAP_FAILURES.values(), ids=IMAP_FAILURES)
async def test_a_failing_imap_server_is_told(ca_file: str, script: str) -> None:
    async with run_line_server(script) as server, imap(server, ca_file) as receiver:
        with pytest.raises(TransportError) as caught:
            await look(receiver)

    assert server.complaints == []
    assert ("too many connections" in caught.value.words) == ("too many connections" in script)


POP3_FAILURES = {
    "it closes at once": "CLOSE",
    "it has no lasting ids": pop3_script("C: LIST", "S: +OK", "S: .", "C: UIDL", "S: -ERR too many connections"),
    "it has no headers alone": pop3_script(
        "C: LIST", "S: +OK", "S: 1 99", "S: .", "C: UIDL", "S: +OK", "S: 1 abc", "S: .", "C: TOP 1 0", "S: -ERR unknown"
    ),
    "it closes in the middle": pop3_script("C: LIST", "S: +OK", "S: 1 99", "CLOSE"),
    "it speaks in riddles": pop3_script(
        "C: LIST", "S: +OK", "S: one two", "S: .", "C: UIDL", "S: +OK", "S: one x", "S: ."
    ),
    "it fails at the end": pop3_script(
        "C: LIST", "S: +OK", "S: .", "C: UIDL", "S: +OK", "S: .", "C: QUIT", "S: -ERR some mails not deleted"
    ),
}


@pytest.mark.parametrize("script", POP3_FAILURES.values(), ids=POP3_FAILURES)
async def test_a_failing_pop3_server_is_told(ca_file: str, script: str) -> None:
    async with run_line_server(script) as server:
        with pytest.raises(TransportError):
            await look(pop3(server, ca_file))

    assert server.complaints == []


SMTP_FAILURES = {
    "it closes at once": "CLOSE",
    "it is busy": "S: 421 try later",
    "it closes in the middle": smtp_script(*ENVELOPE, "C: DATA", "S: 354 go", "CLOSE"),
    "it throttles": smtp_script("C: MAIL .*", "S: 451 4.7.1 try later", "C: RSET", "S: 250 ok"),
    "the mailbox is full": smtp_script(
        "C: MAIL .*", "S: 250 ok", "C: RCPT .*", "S: 552 5.2.2 try later, mailbox full", "C: RSET", "S: 250 ok"
    ),
}


@pytest.mark.parametrize("script", SMTP_FAILURES.values(), ids=SMTP_FAILURES)
async def test_a_failing_smtp_server_is_told(ca_file: str, script: str) -> None:
    async with run_line_server(script) as server, smtp(server, ca_file) as sender:
        with pytest.raises(TransportError) as caught:
            await sender.send(PARCEL)

    assert server.complaints == []
    assert not isinstance(caught.value, TooLargeToSend)
    assert ("try later" in caught.value.words) == ("try later" in script)


@pytest.mark.parametrize(
    "words", ["552 too large", "552 5.3.4 too large", "554 5.3.4 too large", "550 5.2.3 too large"]
)
async def test_a_refusal_for_the_size_is_told_as_such(ca_file: str, words: str) -> None:
    script = smtp_script("C: MAIL .*", f"S: {words}", "C: RSET", "S: 250 ok")
    async with run_line_server(script) as server, smtp(server, ca_file) as sender:
        with pytest.raises(TooLargeToSend, match="too large"):
            await sender.send(PARCEL)

    assert server.complaints == []


async def test_after_a_refusal_the_next_parcel_has_a_connection_of_its_own(ca_file: str) -> None:
    refuses = smtp_script("C: MAIL .*", "S: 452 later", "C: RSET", "S: 250 ok")
    takes = smtp_script(*ENVELOPE, "C: DATA", "S: 354 go", r"C: From: .*")
    async with run_line_server(refuses, takes) as server, smtp(server, ca_file, seconds=0.2) as sender:
        with pytest.raises(TransportError, match="452 later"):
            await sender.send(PARCEL)
        with pytest.raises(TransportError, match=r"in time|broke off"):
            await sender.check()

    assert server.complaints[0].startswith("'RSET'")


async def test_a_silent_server_is_given_up(ca_file: str) -> None:
    ends: tuple[Opened, ...] = (imap, smtp)
    for opened in ends:
        async with run_line_server("C: nothing") as server, opened(server, ca_file, seconds=0.1) as end:
            with pytest.raises(TransportError, match="did not answer in time"):
                await end.check()
    async with run_line_server("C: nothing") as server:
        with pytest.raises(TransportError, match="did not answer in time"):
            await pop3(server, ca_file, seconds=0.1).check()
