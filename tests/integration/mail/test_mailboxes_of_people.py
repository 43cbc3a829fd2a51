"""A mailbox that people use, too, is left as they left it; only what is ours is taken, and only when it is stored."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from backbone.adapters.transports.made import MadeTransports
from backbone.adapters.transports.mail.mime import compose
from backbone.ports.transport import Batch, MailProtocol, NoticeKind, Receiver, ReceivingMail, TransportError
from tests.parts.mail_servers import MailServers, User

PARCEL = b"-----BEGIN PGP MESSAGE-----\n\nb25l\n-----END PGP MESSAGE-----\n"
OTHER = b"-----BEGIN PGP MESSAGE-----\n\ndHdv\n-----END PGP MESSAGE-----\n"
LUNCH = b"From: someone@b.test\r\nSubject: lunch\r\nX-Long: " + b"x" * 5000 + b"\r\n\r\nAt noon?\r\n"
SENT = '"04-Mar-2026 05:06:07 +0000"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A mailbox, what reads it for us, and where people's programs find it."""

    servers: MailServers
    user: User
    receiving: ReceivingMail
    receiver: Receiver

    def put(self, *mails: bytes, flags: str = "", folder: str = "INBOX") -> None:
        with self.servers.as_person(self.user, folder) as person:
            for mail in mails:
                person.append(folder, flags, SENT, mail)

    def state(self, folder: str = "INBOX") -> list[bytes]:
        """Everything a person can see of the mails: flags, dates and bytes."""
        with self.servers.as_person(self.user, folder) as person:
            person.select(folder, readonly=True)
            _, lines = person.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        return [part for line in lines if isinstance(line, tuple) for part in line]

    async def look(self, memory: str = "") -> Batch:
        return await self.receiver.receive(memory, parcels=100, octets=10_000_000)


@asynccontextmanager
async def sharing(servers: MailServers, protocol: MailProtocol, folder: str = "INBOX") -> AsyncIterator[Shared]:
    user = servers.user()
    receiving = replace(servers.receiving(user, protocol, "c-1"), folder=folder)
    receiver = MadeTransports().receiver(receiving)
    try:
        yield Shared(servers=servers, user=user, receiving=receiving, receiver=receiver)
    finally:
        await receiver.close()


@pytest.fixture(params=MailProtocol)
async def shared(request: pytest.FixtureRequest, mail_servers: MailServers) -> AsyncIterator[Shared]:
    async with sharing(mail_servers, request.param) as made:
        yield made


@pytest.fixture
async def by_imap(mail_servers: MailServers) -> AsyncIterator[Shared]:
    async with sharing(mail_servers, MailProtocol.IMAP) as made:
        yield made


def mail_of(parcel: bytes, channel: str = "c-1", sender: str = "a@a.test", role: str = "first") -> bytes:
    token = f"t{len(parcel)}{channel}{role}"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return compose(parcel, sender=sender, recipient="b@b.test", channel=channel, role=role, now=now, token=token)


def parcels_of(batch: Batch) -> list[bytes]:
    return [arrival.parcel for arrival in batch.arrivals]


def handles_of(batch: Batch) -> tuple[str, ...]:
    return tuple(arrival.handle for arrival in batch.arrivals)


async def test_mails_of_people_stay_as_they_were_byte_by_byte_with_all_their_flags(shared: Shared) -> None:
    shared.put(LUNCH)
    shared.put(LUNCH + b"again\r\n", flags=r"(\Seen \Answered $Important)")
    shared.put(LUNCH + b"to be deleted\r\n", flags=r"(\Deleted \Flagged)")
    before = shared.state()
    shared.put(mail_of(PARCEL))

    batch = await shared.look()
    await shared.receiver.confirm(handles_of(batch))
    await shared.look(batch.memory)
    await shared.receiver.close()

    assert parcels_of(batch) == [PARCEL]
    assert shared.state() == before


async def test_looking_changes_nothing_at_our_own_mails(by_imap: Shared) -> None:
    by_imap.put(mail_of(PARCEL), LUNCH)
    before = by_imap.state()

    await by_imap.look()
    await by_imap.receiver.close()

    assert by_imap.state() == before


async def test_what_was_stored_but_not_confirmed_is_removed_at_the_next_look(shared: Shared) -> None:
    shared.put(LUNCH)
    before = shared.state()
    shared.put(mail_of(PARCEL))

    batch = await shared.look()
    again = await shared.look(batch.memory)

    assert parcels_of(again) == []
    assert shared.state() == before


async def test_mails_that_are_not_ours_are_told_once_each(shared: Shared) -> None:
    shared.put(LUNCH, mail_of(PARCEL), LUNCH)
    first = await shared.look()
    shared.put(LUNCH)
    second = await shared.look(first.memory)
    third = await shared.look(second.memory)

    assert [notice.kind for notice in first.notices] == [NoticeKind.FOREIGN] * 2
    assert [notice.words for notice in first.notices] == ["", ""]
    assert [notice.kind for notice in second.notices] == [NoticeKind.FOREIGN]
    assert third.notices == ()


async def test_mails_of_another_channel_are_neither_taken_nor_told(shared: Shared) -> None:
    shared.put(mail_of(PARCEL, channel="c-2"))
    before = shared.state()

    batch = await shared.look()

    assert (batch.arrivals, batch.notices) == ((), ())
    assert shared.state() == before


async def test_two_halves_of_one_exchange_take_from_one_mailbox_what_the_other_sent(shared: Shared) -> None:
    address = shared.receiving.address
    theirs = mail_of(PARCEL, sender=address, role="first").replace(b"To: b@b.test", b"To: " + address.encode())
    ours = mail_of(PARCEL, sender=address, role="second").replace(b"To: b@b.test", b"To: " + address.encode())
    shared.put(ours)
    before = shared.state()
    shared.put(theirs)

    batch = await shared.look()
    await shared.receiver.confirm(handles_of(batch))
    await shared.look(batch.memory)
    await shared.receiver.close()
    assert (parcels_of(batch), batch.notices) == ([PARCEL], ())
    assert shared.state() == before

    partner = MadeTransports().receiver(replace(shared.receiving, role="first"))
    assert parcels_of(await partner.receive("", parcels=9, octets=9999)) == [PARCEL]
    await partner.close()


async def test_a_mail_of_the_channel_without_a_parcel_is_left_and_told(shared: Shared) -> None:
    shared.put(mail_of(PARCEL).replace(b"-----END", b"-----"))

    batch = await shared.look()
    await shared.look(batch.memory)

    assert [notice.kind for notice in batch.notices] == [NoticeKind.FOREIGN]
    assert len(shared.state()) == 2  # what is told of the mail, and the mail


async def test_a_mail_of_people_stays_unread_even_if_it_has_to_be_looked_into(shared: Shared) -> None:
    shared.put(b"Subject: Backbone, what is it?\r\nFrom: someone@b.test\r\n\r\nAnd do we need it?\r\n")
    before = shared.state()

    batch = await shared.look()

    assert [notice.kind for notice in batch.notices] == [NoticeKind.FOREIGN]
    assert shared.state() == before


async def test_a_mail_that_the_server_can_not_give_holds_up_none_of_ours(shared: Shared) -> None:
    shared.put(LUNCH)
    (damaged,) = [*shared.user.maildir.glob("new/*"), *shared.user.maildir.glob("cur/*")]
    damaged.unlink()
    damaged.mkdir()
    shared.put(mail_of(PARCEL))

    batch = await shared.look()

    assert (parcels_of(batch), batch.more) == ([PARCEL], False)


@pytest.mark.parametrize("mail", ["ours", "theirs"])
@pytest.mark.parametrize("damage", ["unreadable", "cut off"])
async def test_a_damaged_mail_holds_up_ours_for_some_looks_only(by_imap: Shared, mail: str, damage: str) -> None:
    by_imap.put(mail_of(OTHER) if mail == "ours" else LUNCH)
    (path,) = [*by_imap.user.maildir.glob("new/*"), *by_imap.user.maildir.glob("cur/*")]
    path.write_bytes(path.read_bytes()[:300])
    path.chmod(0 if damage == "unreadable" else 0o600)
    by_imap.put(LUNCH, mail_of(PARCEL))
    found: list[bytes] = []
    for _ in range(6):
        with suppress(TransportError):
            found += parcels_of(await by_imap.look())

    assert found[:1] == [PARCEL]


async def test_the_same_mail_twice_is_two_arrivals_and_both_are_removed(shared: Shared) -> None:
    shared.put(mail_of(PARCEL), mail_of(PARCEL))

    batch = await shared.look()
    await shared.receiver.confirm(handles_of(batch))

    assert parcels_of(batch) == [PARCEL, PARCEL]
    assert len(set(handles_of(batch))) == 2
    assert shared.state() == []


async def test_a_mail_with_two_parcels_is_removed_when_both_are_stored(shared: Shared) -> None:
    shared.put(mail_of(PARCEL + b"\n" + OTHER))

    batch = await shared.look()
    await shared.receiver.confirm(handles_of(batch)[:1])
    assert len(shared.state()) == 2  # what was told of the mail, and the mail
    await shared.look(batch.memory)

    assert parcels_of(batch) == [PARCEL, OTHER]
    assert shared.state() == []


async def test_a_parcel_is_found_in_what_a_gateway_made_of_the_mail(shared: Shared) -> None:
    original = mail_of(PARCEL)
    shared.put(
        original + b"--\r\nThis e-mail may be confidential.\r\n",
        b'Subject: [EXTERN] Backbone\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n\r\nBeware!\r\n'
        b"--o\r\nContent-Type: message/rfc822\r\n\r\n"
        + original.replace(b"b@b.test", shared.user.address.encode())
        + b"\r\n--o--\r\n",
    )

    assert parcels_of(await shared.look()) == [PARCEL, PARCEL]


async def test_when_the_mailbox_is_numbered_anew_our_mails_are_found_again_and_nothing_is_told_twice(
    by_imap: Shared,
) -> None:
    by_imap.put(LUNCH, mail_of(PARCEL), LUNCH)
    first = await by_imap.look()
    await by_imap.receiver.close()
    number_anew(by_imap.user)
    by_imap.put(LUNCH)

    second = await by_imap.look(first.memory)
    third = await by_imap.look(second.memory)

    assert len(first.notices) == 2
    assert parcels_of(second) == [PARCEL]
    assert handles_of(second) != handles_of(first)
    assert third.notices == ()


async def test_numbers_from_before_the_mailbox_was_numbered_anew_remove_nothing(by_imap: Shared) -> None:
    by_imap.put(LUNCH, mail_of(PARCEL))
    batch = await by_imap.look()
    await by_imap.receiver.close()
    number_anew(by_imap.user)
    before = by_imap.state()

    await by_imap.receiver.confirm(handles_of(batch))

    assert by_imap.state() == before


async def test_in_a_mailbox_with_thousands_of_mails_ours_are_searched_for(by_imap: Shared) -> None:
    by_imap.put(mail_of(PARCEL))
    fill(by_imap.user, 1500)
    by_imap.put(mail_of(OTHER))

    batch = await by_imap.look()
    again = await by_imap.look(batch.memory)

    assert (parcels_of(batch), batch.more, batch.notices) == ([PARCEL, OTHER], False, ())
    assert (again.arrivals, again.notices) == ((), ())


async def test_thousands_of_mails_without_one_of_ours_are_gone_through_in_turns(shared: Shared) -> None:
    fill(shared.user, 1100)

    batch, looks, told = await shared.look(), 1, 0
    while batch.more:
        told += len(batch.notices)
        batch, looks = await shared.look(batch.memory), looks + 1

    assert told + len(batch.notices) == 1100
    assert looks == (2 if shared.receiving.protocol is MailProtocol.IMAP else 6)


async def test_a_folder_of_any_name_can_be_the_one_that_is_read(mail_servers: MailServers) -> None:
    async with sharing(mail_servers, MailProtocol.IMAP, 'Jira "Äpfel" & Birnen') as shared:
        encoded = '"Jira \\"&AMQ-pfel\\" &- Birnen"'
        with mail_servers.as_person(shared.user) as person:
            person.create(encoded)
        shared.put(LUNCH)
        shared.put(mail_of(PARCEL), folder=encoded)

        batch = await shared.look()
        await shared.receiver.confirm(handles_of(batch))

        assert (parcels_of(batch), batch.notices) == ([PARCEL], ())
        assert shared.state(encoded) == []
        assert len(shared.state()) == 2


def number_anew(user: User) -> None:
    """What happens when a mailbox is restored or moved to another server: another UIDVALIDITY, other UIDs."""
    uidlist = user.maildir / "dovecot-uidlist"
    header, *_ = uidlist.read_text().splitlines()
    renumbered = re.sub(r" V(\d+) N\d+ ", lambda found: f" V{int(found[1]) + 1000} N1 ", header)
    uidlist.write_text(renumbered + "\n")
    for index in user.maildir.glob("dovecot.index*"):
        index.unlink()


def fill(user: User, number: int) -> None:
    """Mails of people, as a delivery puts them there."""
    folder = user.maildir / "new"
    folder.mkdir(parents=True, exist_ok=True)
    for sub in ("cur", "tmp"):
        (user.maildir / sub).mkdir(exist_ok=True)
    for at in range(number):
        (folder / f"{1_700_000_000 + at}.{at}.somewhere").write_bytes(LUNCH[:400] + b"\r\n\r\n")
    for path in [user.maildir.parent, *user.maildir.parent.rglob("*")]:
        shutil.chown(path, "nobody", "nogroup")
