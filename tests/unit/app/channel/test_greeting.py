"""Handshake files and answers under a cipher: what is damaged, swapped, locked or somebody else's is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.channel.greeting import (
    NOT_AN_ANSWER,
    announcement_of,
    filled,
    judged_key,
    open_answer,
    read_file,
    seal_answer,
    write_file,
)
from backbone.app.channel.packing import pack
from backbone.core.model.keys import Millis
from backbone.core.protocol.channel import Channel, PinnedKey
from backbone.core.protocol.handshake import HandshakeRefused, Lot, Named, Place, accepted, answer_of, file_of, offered
from backbone.core.protocol.parcels import ChannelId, Epoch, Header, KeyFingerprint, Parcel, Ping
from backbone.core.protocol.renewing import statement_of
from backbone.ports.cipher import KeyKind, KeyPair
from tests.fakes.cipher import PlainCipher, now

CIPHER = PlainCipher()
MAIL = Place(protocol="mail", address="a@a.test")


def pinned(pair: KeyPair) -> PinnedKey:
    return PinnedKey(fingerprint=KeyFingerprint(pair.public.fingerprint), armored=pair.public.armored)


async def master(*, encrypted: bool = True) -> tuple[Channel, KeyPair]:
    pair = await CIPHER.generate(KeyKind.CURVE_25519)
    lot = Lot(channel=ChannelId("c" * 32), token="t" * 32, epoch=Epoch("e" * 32))
    return offered(lot, Named(name="A", encrypted=encrypted), pinned(pair), MAIL, Millis(now() + 10**9)), pair


async def slave(of: Channel) -> tuple[Channel, KeyPair]:
    pair = await CIPHER.generate(KeyKind.CURVE_25519)
    return accepted(file_of(of, now()), pinned(pair), Epoch("f" * 32), MAIL, now()), pair


def answering(one: Channel) -> bytes:
    header = Header(
        channel=one.id,
        sender=one.role,
        sender_key=one.our_key.fingerprint,
        recipient_key=one.partner_key.fingerprint,
        epoch=one.outgoing.epoch,
    )
    return pack(Parcel(header=header, body=answer_of(one, now())))


async def test_a_file_says_what_the_master_signed() -> None:
    channel, pair = await master()
    content = await write_file(CIPHER, channel, pair.secret, now(), None)
    file = await read_file(CIPHER, content, None)
    assert (file.name, file.token, file.fingerprint) == ("A", channel.token, channel.our_key.fingerprint)


async def test_a_file_survives_what_mail_programs_do_to_its_lines() -> None:
    channel, pair = await master()
    content = await write_file(CIPHER, channel, pair.secret, now(), None)
    mangled = b"See below.\r\n\r\n" + content.replace(b"\n", b"\r\n") + b"\r\n-- \r\nAnna\r\n"
    assert (await read_file(CIPHER, mangled, None)).name == "A"


async def test_a_file_with_a_passphrase_says_nothing_without_it() -> None:
    channel, pair = await master()
    content = await write_file(CIPHER, channel, pair.secret, now(), "correct horse")
    assert channel.token.encode() not in content
    with pytest.raises(HandshakeRefused, match="locked"):
        await read_file(CIPHER, content, None)
    with pytest.raises(HandshakeRefused, match="does not open"):
        await read_file(CIPHER, content, "wrong")
    assert (await read_file(CIPHER, content, "correct horse")).token == channel.token


async def test_a_file_whose_key_was_swapped_is_refused() -> None:
    channel, pair = await master()
    other = await CIPHER.generate(KeyKind.CURVE_25519)
    content = await write_file(CIPHER, channel, pair.secret, now(), None)
    _, _, message = content.partition(b"-----END PGP PUBLIC KEY BLOCK-----\n")
    with pytest.raises(HandshakeRefused, match="signature"):
        await read_file(CIPHER, other.public.armored.encode() + message, None)


async def test_a_file_that_offers_another_key_than_it_is_signed_by_is_refused() -> None:
    channel, _ = await master()
    thief = await CIPHER.generate(KeyKind.CURVE_25519)
    signed = await write_file(CIPHER, channel, thief.secret, now(), None)
    _, _, message = signed.partition(b"-----END PGP PUBLIC KEY BLOCK-----\n")
    with pytest.raises(HandshakeRefused, match="another key"):
        await read_file(CIPHER, thief.public.armored.encode() + message, None)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff" * 100, b"x" * 300_000])
async def test_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(HandshakeRefused):
        await read_file(CIPHER, content, None)


@pytest.mark.parametrize("encrypted", [True, False])
async def test_the_master_opens_the_answer_of_whoever_has_the_file(encrypted: bool) -> None:
    channel, pair = await master(encrypted=encrypted)
    other, secret = await slave(channel)
    sealed = await seal_answer(CIPHER, other, answering(other), secret.secret)
    parcel, key = await open_answer(CIPHER, channel, {channel.our_key.fingerprint: pair.secret}, sealed)
    assert key.fingerprint == other.our_key.fingerprint
    assert parcel.header.channel == channel.id
    assert secret.public.armored.encode() not in sealed


async def test_without_the_token_nothing_is_an_answer() -> None:
    channel, pair = await master()
    other, secret = await slave(channel)
    keys = {channel.our_key.fingerprint: pair.secret}
    for sealed in (
        await seal_answer(CIPHER, replace(other, token="guessed"), answering(other), secret.secret),
        await CIPHER.seal(answering(other), secret.secret, channel.our_key.armored),
        b"noise",
    ):
        with pytest.raises(NOT_AN_ANSWER):
            await open_answer(CIPHER, channel, keys, sealed)


async def test_an_answer_with_another_key_inside_than_the_one_that_signs_is_refused() -> None:
    channel, pair = await master()
    other, _ = await slave(channel)
    thief = await CIPHER.generate(KeyKind.CURVE_25519)
    outside = replace(other, our_keys=(pinned(thief),))
    sealed = await seal_answer(CIPHER, outside, answering(other), thief.secret)
    with pytest.raises(NOT_AN_ANSWER):
        await open_answer(CIPHER, channel, {channel.our_key.fingerprint: pair.secret}, sealed)


async def test_a_signed_answer_to_an_encrypted_channel_is_refused() -> None:
    channel, pair = await master()
    other, secret = await slave(channel)
    sealed = await seal_answer(CIPHER, replace(other, encrypted=False), answering(other), secret.secret)
    with pytest.raises(NOT_AN_ANSWER):
        await open_answer(CIPHER, channel, {channel.our_key.fingerprint: pair.secret}, sealed)


async def test_an_announcement_is_proved_by_the_new_key() -> None:
    channel, _ = await master()
    new = await CIPHER.generate(KeyKind.CURVE_25519)
    told = await announcement_of(CIPHER, channel, new)
    key = await judged_key(CIPHER, told)
    assert key is not None
    wanted = statement_of(channel.id, channel.role, channel.our_key.fingerprint, told.fingerprint)
    assert key.statement == wanted
    assert await judged_key(CIPHER, replace(told, proof="no armor")) is None
    assert await judged_key(CIPHER, replace(told, armored=channel.our_key.armored)) is None


async def test_a_ping_of_set_up_probes_ever_smaller_sizes_by_mail_and_none_by_files() -> None:
    channel, _ = await master()
    ping = Ping(clock=Millis(0), answers=False)
    assert filled(ping, channel) == ping
    by_mail = replace(channel, meeting=replace(channel.meeting, sends_by="mail"))
    sizes = [
        len(filled(ping, replace(by_mail, meeting=replace(by_mail.meeting, greetings=count))).filling)
        for count in (0, 2, 4, 40)
    ]
    assert sizes == [1_000_000, 500_000, 250_000, 10_000]
