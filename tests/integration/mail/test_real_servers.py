"""What real mail servers do with our mails, and what they say when they will not."""

from __future__ import annotations

import asyncio
import email
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from backbone.adapters.transports.made import MadeTransports
from backbone.adapters.transports.mail.imap import ImapReceiver
from backbone.ports.transport import (
    Login,
    MailProtocol,
    MailServer,
    NoticeKind,
    Receiver,
    ReceivingMail,
    Security,
    Sender,
    SendingMail,
    TooLargeToSend,
    TransportError,
)
from tests.parts.mail_servers import SMALL, Delivered, MailServers, User

PARCEL = b"-----BEGIN PGP MESSAGE-----\n\nb25l\n-----END PGP MESSAGE-----\n"
LARGE = b"-----BEGIN PGP MESSAGE-----\n\n" + (b"x" * 64 + b"\n") * 80_000 + b"-----END PGP MESSAGE-----\n"

Change = Callable[[MailServer], MailServer]


@asynccontextmanager
async def sending(to: SendingMail) -> AsyncIterator[Sender]:
    sender = MadeTransports().sender(to)
    try:
        yield sender
    finally:
        await sender.close()


@asynccontextmanager
async def receiving(of: ReceivingMail) -> AsyncIterator[Receiver]:
    receiver = MadeTransports().receiver(of)
    try:
        yield receiver
    finally:
        await receiver.close()


async def refusals(servers: MailServers, change: Change) -> list[TransportError]:
    """What SMTP, IMAP and POP3 say to a check with changed settings."""
    user = servers.user()
    told = []
    to = servers.sending(user, user, "c-1")
    async with sending(replace(to, server=change(to.server))) as sender:
        with pytest.raises(TransportError) as caught:
            await sender.check()
        told.append(caught.value)
    for protocol in MailProtocol:
        of = servers.receiving(user, protocol, "c-1")
        async with receiving(replace(of, server=change(of.server))) as receiver:
            with pytest.raises(TransportError) as caught:
                await receiver.check()
            told.append(caught.value)
    return told


@pytest.mark.parametrize("oauth", [False, True], ids=["password", "token"])
@pytest.mark.parametrize("security", Security)
async def test_every_protocol_works_with_every_protection_and_login(
    mail_servers: MailServers, security: Security, oauth: bool
) -> None:
    user = mail_servers.user()
    to = SendingMail(
        server=mail_servers.smtp(mail_servers.a, security, oauth=oauth),
        address=mail_servers.a.address,
        to=user.address,
        channel="c-1",
        role="first",
    )
    async with sending(to) as sender:
        await sender.check()
        await Delivered(sender, user).send(PARCEL)
    for server in (mail_servers.imap, mail_servers.pop3):
        protocol = MailProtocol(server.__name__)
        of = ReceivingMail(
            server=server(user, security, oauth=oauth),
            protocol=protocol,
            address=user.address,
            channel="c-1",
            role="second",
        )
        async with receiving(of) as receiver:
            await receiver.check()
            batch = await receiver.receive("", parcels=9, octets=9999)
            assert [arrival.parcel for arrival in batch.arrivals] == [PARCEL]


async def test_a_wrong_password_is_told_with_the_words_of_the_server_and_without_the_password(
    mail_servers: MailServers,
) -> None:
    told = await refusals(mail_servers, lambda server: replace(server, login=replace(server.login, secret="wr0ng")))

    assert "535 Incorrect authentication data" in told[0].words
    assert "[AUTHENTICATIONFAILED] Authentication failed" in told[1].words
    assert "-ERR [AUTH] Authentication failed" in told[2].words
    assert not [one for one in told if "wr0ng" in repr(one) + one.cure or not one.cure]


async def test_a_wrong_token_is_told_without_the_token(mail_servers: MailServers) -> None:
    wrong = "wr0ng.token.here"
    told = await refusals(
        mail_servers, lambda server: replace(server, login=replace(server.login, secret=wrong, oauth=True))
    )

    assert "535 Incorrect authentication data" in told[0].words
    assert ['"status":"401"' in one.words or "AUTH" in one.words for one in told[1:]] == [True] * 2
    assert not [one for one in told if wrong in repr(one)]


async def test_passwords_with_any_characters_are_refused_as_wrong_and_not_as_a_defect(
    mail_servers: MailServers,
) -> None:
    for secret in ('qu"ote\\', "pässwörd", "new\r\nline"):
        change = with_login(Login(user=mail_servers.a.address, secret=secret))
        assert len(await refusals(mail_servers, change)) == 3


async def test_a_certificate_of_an_unknown_issuer_is_refused(mail_servers: MailServers, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    told = await refusals(mail_servers, lambda server: replace(server, ca_file=str(other)))

    assert ["has a certificate that cannot be trusted" in one.words for one in told] == [True] * 3
    assert "ca_file" in told[0].cure


async def test_a_certificate_for_another_name_is_refused(mail_servers: MailServers) -> None:
    told = await refusals(mail_servers, lambda server: replace(server, host="127.0.0.1"))

    assert ["certificate is not valid for '127.0.0.1'" in one.words for one in told] == [True] * 3


async def test_a_file_of_certificates_that_is_not_there_is_named(mail_servers: MailServers) -> None:
    told = await refusals(mail_servers, lambda server: replace(server, ca_file="/nowhere/ca.pem"))

    assert ["/nowhere/ca.pem" in one.words for one in told] == [True] * 3


async def test_tls_on_a_port_for_starttls_is_told_as_such(mail_servers: MailServers) -> None:
    plain = {"smtps": "smtp", "imaps": "imap", "pop3s": "pop3"}
    ports = {mail_servers.ports[tls]: mail_servers.ports[name] for tls, name in plain.items()}
    told = await refusals(mail_servers, lambda server: replace(server, port=ports[server.port]))

    assert ["does not speak TLS as expected" in one.words for one in told] == [True] * 3


async def test_a_server_that_does_not_listen_is_told(mail_servers: MailServers) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        told = await refusals(mail_servers, lambda server: replace(server, port=port))

    assert ["cannot be reached" in one.words for one in told] == [True] * 3


async def test_a_folder_that_is_not_there_is_told(mail_servers: MailServers) -> None:
    of = replace(mail_servers.receiving(mail_servers.user(), MailProtocol.IMAP, "c-1"), folder="Elsewhere")
    async with receiving(of) as receiver:
        with pytest.raises(TransportError, match=r"cannot open the folder Elsewhere: .*doesn't exist"):
            await receiver.check()


async def test_every_attempt_has_an_id_of_its_own(mail_servers: MailServers) -> None:
    user = mail_servers.user()
    async with sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender:
        await Delivered(sender, user).send(PARCEL)
        await Delivered(sender, user).send(PARCEL)

    ids = {mail["Message-ID"] for mail in mails_of(user)}
    assert len(ids) == 2


async def test_a_mail_names_neither_the_machine_nor_what_it_is_about(mail_servers: MailServers) -> None:
    user = mail_servers.user()
    async with sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender:
        await Delivered(sender, user).send(PARCEL)

    (mail,) = mails_of(user)
    assert mail["Subject"] == "Backbone"
    assert socket.gethostname() not in mail.as_string()


@pytest.mark.parametrize("protocol", MailProtocol)
async def test_a_parcel_of_five_megabytes_gets_there(mail_servers: MailServers, protocol: MailProtocol) -> None:
    user = mail_servers.user()
    async with sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender:
        await Delivered(sender, user).send(LARGE)
    async with receiving(mail_servers.receiving(user, protocol, "c-1")) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)

    assert [arrival.parcel == LARGE for arrival in batch.arrivals] == [True]


async def test_a_parcel_larger_than_the_server_announces_is_not_even_tried(mail_servers: MailServers) -> None:
    user = mail_servers.user()
    to = replace(mail_servers.sending(mail_servers.a, user, "c-1"), server=mail_servers.small_smtp(mail_servers.a))
    async with sending(to) as sender:
        with pytest.raises(TooLargeToSend, match=f"takes mails of up to {SMALL} bytes"):
            await sender.send(LARGE)
        await Delivered(sender, user).send(PARCEL)


async def test_a_check_before_the_partner_told_an_address_asks_for_the_sender_alone(mail_servers: MailServers) -> None:
    unknown = replace(mail_servers.sending(mail_servers.a, mail_servers.b, "c-1"), to="")
    async with sending(unknown) as sender:
        await sender.check()

    async with sending(replace(unknown, address="jira")) as sender:
        with pytest.raises(TransportError, match="sender address must contain a domain"):
            await sender.check()


async def test_a_recipient_whom_the_server_refuses_is_told_by_check_and_by_send(mail_servers: MailServers) -> None:
    to = replace(mail_servers.sending(mail_servers.a, mail_servers.b, "c-1"), to="b@elsewhere.test")
    async with sending(to) as sender:
        with pytest.raises(TransportError, match="550 relay not permitted"):
            await sender.check()
        with pytest.raises(TransportError, match="550 relay not permitted"):
            await sender.send(PARCEL)


@pytest.mark.parametrize("address", ["", "nobody", "a@a.test\r\nBcc: c@a.test", "ä@a.test"])
async def test_an_address_that_is_none_is_told(mail_servers: MailServers, address: str) -> None:
    to = replace(mail_servers.sending(mail_servers.a, mail_servers.b, "c-1"), to=address)
    async with sending(to) as sender:
        with pytest.raises(TransportError):
            await sender.send(PARCEL)


@pytest.mark.parametrize("protocol", MailProtocol)
async def test_a_mail_that_comes_back_is_shown_in_the_words_of_the_server(
    mail_servers: MailServers, protocol: MailProtocol
) -> None:
    user = mail_servers.user()
    to = replace(mail_servers.sending(user, user, "c-1"), to="unknown@b.test")
    async with sending(to) as sender:
        await Delivered(sender, user).send(PARCEL)
    async with receiving(mail_servers.receiving(user, protocol, "c-1")) as receiver:
        batch = await receiver.receive("", parcels=9, octets=9999)
        again = await receiver.receive(batch.memory, parcels=9, octets=9999)

    assert batch.arrivals == ()
    assert [notice.kind for notice in batch.notices] == [NoticeKind.BOUNCE]
    assert batch.notices[0].words.startswith("failed")
    assert again.notices == ()
    assert len(mails_of(user)) == 1


async def test_waiting_ends_when_a_mail_comes(mail_servers: MailServers) -> None:
    user = mail_servers.user()
    async with (
        sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender,
        receiving(mail_servers.receiving(user, MailProtocol.IMAP, "c-1")) as receiver,
    ):
        before = await receiver.receive("", parcels=9, octets=9999)
        waiting = asyncio.create_task(receiver.wait(3600))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await sender.send(PARCEL)
        await waiting

        batch = await receiver.receive(before.memory, parcels=9, octets=9999)
        assert [arrival.parcel for arrival in batch.arrivals] == [PARCEL]


async def test_waiting_ends_in_time_when_nothing_comes(mail_servers: MailServers) -> None:
    async with receiving(mail_servers.receiving(mail_servers.user(), MailProtocol.IMAP, "c-1")) as receiver:
        await receiver.receive("", parcels=9, octets=9999)
        await receiver.wait(0.05)

        assert (await receiver.receive("", parcels=9, octets=9999)).arrivals == ()


@pytest.mark.parametrize("protocol", MailProtocol)
async def test_waiting_can_be_broken_off_and_the_mailbox_is_read_afterwards(
    mail_servers: MailServers, protocol: MailProtocol
) -> None:
    user = mail_servers.user()
    async with (
        sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender,
        receiving(mail_servers.receiving(user, protocol, "c-1")) as receiver,
    ):
        await receiver.receive("", parcels=9, octets=9999)
        waiting = asyncio.create_task(receiver.wait(3600))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await Delivered(sender, user).send(PARCEL)

        assert len((await receiver.receive("", parcels=9, octets=9999)).arrivals) == 1


@pytest.mark.parametrize("delay", [0.0, 0.001, 0.005, 0.02])
@pytest.mark.parametrize("protocol", MailProtocol)
async def test_looking_can_be_broken_off_at_any_time(
    mail_servers: MailServers, protocol: MailProtocol, delay: float
) -> None:
    user = mail_servers.user()
    async with receiving(mail_servers.receiving(user, protocol, "c-1")) as receiver:
        looking = asyncio.create_task(receiver.receive("", parcels=9, octets=9999))
        await asyncio.sleep(delay)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

        assert (await receiver.receive("", parcels=9, octets=9999)).arrivals == ()


async def test_a_connection_that_broke_in_the_meantime_is_made_anew(mail_servers: MailServers) -> None:
    user = mail_servers.user()
    async with (
        sending(mail_servers.sending(mail_servers.a, user, "c-1")) as sender,
        receiving(mail_servers.receiving(user, MailProtocol.IMAP, "c-1")) as receiver,
    ):
        await Delivered(sender, user).send(PARCEL)
        assert isinstance(receiver, ImapReceiver)
        await receiver.check()
        assert receiver._folder is not None
        receiver._folder.abandon()

        assert len((await receiver.receive("", parcels=9, octets=9999)).arrivals) == 1


def with_login(login: Login) -> Change:
    return lambda server: replace(server, login=login)


def mails_of(user: User) -> list[email.message.Message]:
    return [email.message_from_bytes(path.read_bytes()) for path in (user.maildir / "new").glob("*")] + [
        email.message_from_bytes(path.read_bytes()) for path in (user.maildir / "cur").glob("*")
    ]
