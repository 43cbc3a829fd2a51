"""What strict mail servers and cautious clients do; by scripts."""

from __future__ import annotations

import base64

import pytest

from backbone.ports.transport import Security, TransportError
from tests.integration.mail.scripted import (
    EXAMINED,
    FOUND,
    HEADS,
    LOGGED_OUT,
    PARCEL,
    REFUSAL,
    WHOLE,
    XOAUTH2,
    Opened,
    imap,
    imap_script,
    pop3,
    pop3_in_context,
    smtp,
    smtp_script,
)
from tests.parts.line_server import TOKEN, run_line_server


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
        *WHOLE,
        *none * 4,
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
