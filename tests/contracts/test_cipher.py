"""What every cipher promises, over the real one and over the one that other tests use."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import pytest

from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.core.model.keys import Millis
from backbone.ports.cipher import Cipher, KeyKind, KeyPair, KeyRefused, NotForUs, NotGenuine, TooLarge, Unproven
from tests.fakes.cipher import TOLERATED_AHEAD, PlainCipher

TEXT = zlib.compress(b'{"summary": "caf\xc3\xa9 \x00 and more"}')
MEBI = 2**20


@pytest.fixture(params=["plain", "sequoia"])
async def cipher(request: pytest.FixtureRequest) -> AsyncIterator[Cipher]:
    if request.param == "plain":
        yield PlainCipher()
        return
    async with SequoiaCipher(most=1) as real:
        yield real


@pytest.fixture
async def ours(cipher: Cipher) -> KeyPair:
    return await cipher.generate(KeyKind.CURVE_25519)


@pytest.fixture
async def theirs(cipher: Cipher) -> KeyPair:
    return await cipher.generate(KeyKind.CURVE_25519)


@pytest.fixture
async def foreign(cipher: Cipher) -> KeyPair:
    return await cipher.generate(KeyKind.CURVE_25519)


@pytest.mark.parametrize("plaintext", [b"", b"x", TEXT, bytes(range(256)) * 1000], ids=["none", "one", "json", "long"])
async def test_what_is_sealed_is_opened_and_names_its_signer(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair, plaintext: bytes
) -> None:
    sealed = await cipher.seal(plaintext, theirs.secret, ours.public.armored)

    opened = await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI)

    assert (opened.plaintext, opened.signer) == (plaintext, theirs.public.fingerprint)


async def test_what_is_only_signed_is_opened_where_that_is_agreed(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair
) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, None)

    for secret in (None, ours.secret):
        opened = await cipher.open(sealed, secret, [theirs.public.armored], largest=MEBI, encrypted=False)
        assert (opened.plaintext, opened.signer) == (TEXT, theirs.public.fingerprint)
        assert opened.signed is not None


async def test_what_is_only_signed_is_refused_where_it_has_to_be_encrypted(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair
) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, None)

    with pytest.raises(NotGenuine):
        await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI)


async def test_what_is_encrypted_is_refused_where_signed_parcels_are_agreed(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair
) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, ours.public.armored)

    with pytest.raises(NotGenuine):
        await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI, encrypted=False)


async def test_any_of_the_partners_keys_may_sign(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair, foreign: KeyPair
) -> None:
    keys = [foreign.public.armored, theirs.public.armored]
    sealed = await cipher.seal(TEXT, theirs.secret, ours.public.armored)

    assert (await cipher.open(sealed, ours.secret, keys, largest=MEBI)).signer == theirs.public.fingerprint


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_stranger_does_not_sign_for_the_partner(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair, foreign: KeyPair, encrypted: bool
) -> None:
    sealed = await cipher.seal(TEXT, foreign.secret, ours.public.armored if encrypted else None)

    for partners in ([theirs.public.armored], [], [ours.public.armored]):
        with pytest.raises(NotGenuine):
            await cipher.open(sealed, ours.secret, partners, largest=MEBI, encrypted=encrypted)


async def test_a_parcel_for_another_key_is_not_for_us(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair, foreign: KeyPair
) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, foreign.public.armored)

    for secret in (ours.secret, None):
        with pytest.raises(NotForUs):
            await cipher.open(sealed, secret, [theirs.public.armored], largest=MEBI)


@pytest.mark.parametrize("encrypted", [True, False])
async def test_no_changed_byte_passes(cipher: Cipher, ours: KeyPair, theirs: KeyPair, encrypted: bool) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, ours.public.armored if encrypted else None)
    begin, end = sealed.index(b"\n\n") + 2, sealed.index(b"\n-----END")

    accepted = []
    for place in range(begin, end, 7):
        changed = b"B" if sealed[place : place + 1] != b"B" else b"C"
        parcel = sealed[:place] + changed + sealed[place + 1 :]
        try:
            opened = await cipher.open(parcel, ours.secret, [theirs.public.armored], largest=MEBI, encrypted=encrypted)
        except (NotGenuine, NotForUs):
            continue
        accepted.append(opened.plaintext)

    assert [text for text in accepted if text != TEXT] == []


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.9, 0.99])
async def test_a_part_of_a_parcel_is_refused(cipher: Cipher, ours: KeyPair, theirs: KeyPair, kept: float) -> None:
    sealed = await cipher.seal(TEXT * 100, theirs.secret, ours.public.armored)

    with pytest.raises(NotGenuine):
        await cipher.open(sealed[: int(len(sealed) * kept)], ours.secret, [theirs.public.armored], largest=MEBI)


@pytest.mark.parametrize("sealed", [b"", b"hello", b"\x00\xff" * 500, b"-----BEGIN PGP MESSAGE-----\n\n"])
@pytest.mark.parametrize("encrypted", [True, False])
async def test_noise_is_refused(cipher: Cipher, ours: KeyPair, theirs: KeyPair, sealed: bytes, encrypted: bool) -> None:
    with pytest.raises(NotGenuine):
        await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI, encrypted=encrypted)


async def test_rewritten_line_ends_do_no_harm(cipher: Cipher, ours: KeyPair, theirs: KeyPair) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, ours.public.armored)

    opened = await cipher.open(sealed.replace(b"\n", b"\r\n"), ours.secret, [theirs.public.armored], largest=MEBI)

    assert opened.plaintext == TEXT


async def test_nothing_larger_than_allowed_is_opened(cipher: Cipher, ours: KeyPair, theirs: KeyPair) -> None:
    sealed = await cipher.seal(b"x" * 1001, theirs.secret, ours.public.armored)

    with pytest.raises(TooLarge):
        await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=1000)
    assert len((await cipher.open(sealed, ours.secret, [theirs.public.armored], largest=1001)).plaintext) == 1001


async def test_a_key_that_is_read_again_is_the_same(cipher: Cipher, ours: KeyPair) -> None:
    assert (await cipher.read_public(ours.public.armored)).fingerprint == ours.public.fingerprint
    again = await cipher.read_secret(ours.secret)
    assert again.public.fingerprint == ours.public.fingerprint
    assert ours.public.fingerprint == ours.public.fingerprint.upper()
    assert ours.public.algorithm == "Curve 25519"


async def test_keys_are_each_of_their_own(ours: KeyPair, theirs: KeyPair) -> None:
    assert ours.public.fingerprint != theirs.public.fingerprint
    assert ours.secret != theirs.secret


async def test_a_secret_key_is_not_taken_for_a_public_one_nor_the_reverse(cipher: Cipher, ours: KeyPair) -> None:
    with pytest.raises(KeyRefused):
        await cipher.read_public(ours.secret)
    with pytest.raises(KeyRefused):
        await cipher.read_secret(ours.public.armored)
    with pytest.raises(KeyRefused):
        await cipher.seal(TEXT, ours.secret, ours.secret)
    with pytest.raises(KeyRefused):
        await cipher.seal(TEXT, ours.public.armored, ours.public.armored)


@pytest.mark.parametrize("text", ["", "hello", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n"])
async def test_what_is_no_key_is_refused(cipher: Cipher, text: str) -> None:
    with pytest.raises(KeyRefused):
        await cipher.read_public(text)
    with pytest.raises(KeyRefused):
        await cipher.read_secret(text)


async def test_a_secret_shows_neither_in_text_nor_in_a_public_key(ours: KeyPair) -> None:
    body = ours.secret.splitlines()[4]
    assert body not in repr(ours)
    assert "PRIVATE" not in ours.public.armored


async def test_only_the_passphrase_unlocks(cipher: Cipher) -> None:
    locked = await cipher.lock(TEXT, "correct horse")

    assert TEXT not in locked
    assert await cipher.unlock(locked, "correct horse", largest=MEBI) == TEXT
    with pytest.raises(NotForUs):
        await cipher.unlock(locked, "correct house", largest=MEBI)
    with pytest.raises(TooLarge):
        await cipher.unlock(locked, "correct horse", largest=len(TEXT) - 1)


async def test_what_is_not_locked_is_not_unlocked(cipher: Cipher, ours: KeyPair) -> None:
    signed = await cipher.seal(TEXT, ours.secret, None)
    sealed = await cipher.seal(TEXT, ours.secret, ours.public.armored)

    for one in (signed, sealed, b"", b"noise"):
        with pytest.raises(NotGenuine):
            await cipher.unlock(one, "correct horse", largest=MEBI)


async def test_content_is_not_visible_outside(cipher: Cipher, ours: KeyPair, theirs: KeyPair) -> None:
    secret = b"the summary of an issue " * 40
    sealed = await cipher.seal(secret, theirs.secret, ours.public.armored)

    assert sealed.startswith(b"-----BEGIN PGP MESSAGE-----\n")
    assert sealed.isascii()
    assert b"Comment" not in sealed
    assert b"Version" not in sealed


async def test_the_cipher_of_other_tests_tells_a_clock_that_is_ahead_too() -> None:
    here, ahead = PlainCipher(lambda: Millis(10**12)), PlainCipher(lambda: Millis(10**12 + TOLERATED_AHEAD + 1))
    ours, theirs = [await here.generate(KeyKind.CURVE_25519) for _ in range(2)]
    sealed = await ahead.seal(TEXT, theirs.secret, ours.public.armored)

    with pytest.raises(Unproven):
        await here.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI)
    assert (await ahead.open(sealed, ours.secret, [theirs.public.armored], largest=MEBI)).plaintext == TEXT


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_parcel_inside_another_one_proves_nothing(
    cipher: Cipher, ours: KeyPair, theirs: KeyPair, encrypted: bool
) -> None:
    sealed = await cipher.seal(TEXT, theirs.secret, ours.public.armored if encrypted else None)
    again = await cipher.seal(sealed, ours.secret, ours.public.armored if encrypted else None)

    with pytest.raises(NotGenuine):
        await cipher.open(again, ours.secret, [theirs.public.armored], largest=MEBI, encrypted=encrypted)
