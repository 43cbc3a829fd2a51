"""What mail servers do on bad days; by scripts."""

from __future__ import annotations

import pytest

from backbone.ports.transport import TooLargeToSend, TransportError
from tests.integration.mail.scripted import (
    ENVELOPE,
    EXAMINED,
    FOUND,
    HEADER,
    HEADS,
    MAIL,
    PARCEL,
    Opened,
    imap,
    imap_script,
    look,
    pop3,
    pop3_script,
    smtp,
    smtp_script,
)
from tests.parts.line_server import run_line_server

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


async def test_a_mail_of_people_with_an_endless_line_holds_up_none_of_ours(ca_file: str) -> None:
    script = pop3_script(
        *("C: LIST", "S: +OK", "S: 1 3000000", "S: 2 400", "S: .", "C: UIDL", "S: +OK", "S: 1 x", "S: 2 y", "S: ."),
        *("C: TOP 1 0", "S: +OK", "S: Subject: Backbone?", "S: ", "S: ."),
        *(r"C: TOP 1 \d+", "S: +OK", "S: Subject: Backbone?¶", f"S: {'.' * 3_000_000}", "S: ."),
        *("C: TOP 2 0", "S: +OK", f"S: {HEADER}", "S: ."),
        *("C: RETR 2", "S: +OK", f"S: {MAIL}", "S: .", "C: QUIT", "S: +OK"),
    )
    async with run_line_server(script) as server:
        assert await look(pop3(server, ca_file)) == [PARCEL]

    assert server.complaints == []
