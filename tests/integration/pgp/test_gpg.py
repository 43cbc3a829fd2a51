"""What is exchanged with gpg: keys in both directions, parcels in both directions, and what is refused with a reason."""

from __future__ import annotations

import os
import re
import subprocess
import zlib
from pathlib import Path

import pytest

from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.ports.cipher import KeyKind, KeyPair, KeyRefused, NotForUs, NotGenuine, Unproven
from tests.parts.gpg import SIGN_ONLY, Gpg, gpg_home

TEXT = zlib.compress(b'{"summary": "An issue"}' * 50)
LARGEST = 100_000


@pytest.fixture
def known(gpg: Gpg, ours: KeyPair) -> KeyPair:
    """Our key, which gpg has imported."""
    gpg.take(ours.public.armored)
    return ours


async def test_what_gpg_sends_uncompressed_is_opened(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    sealed = gpg.send(TEXT, partner, known.public.fingerprint, "-z", "0")

    opened = await cipher.open(sealed, known.secret, [gpg.public(partner)], largest=LARGEST)

    assert (opened.plaintext, opened.signer) == (TEXT, partner)


async def test_what_gpg_compresses_is_refused_and_the_cure_is_said(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    compressed = gpg.send(TEXT, partner, known.public.fingerprint, "-z", "6")
    signed = gpg.output("--armor", "-s", "-u", partner, "-z", "6", given=TEXT)

    with pytest.raises(NotGenuine, match="-z 0"):
        await cipher.open(compressed, known.secret, [gpg.public(partner)], largest=LARGEST)
    with pytest.raises(NotGenuine, match="-z 0"):
        await cipher.open(signed, None, [gpg.public(partner)], largest=LARGEST, encrypted=False)


async def test_what_gpg_only_signs_is_opened_with_its_time(cipher: SequoiaCipher, gpg: Gpg) -> None:
    at = ("--faked-system-time", "20200101T000000!")
    early = gpg.make_key("early", SIGN_ONLY, "Creation-Date: 20190101T000000")
    signed = gpg.output("--armor", "-s", "-u", early, "-z", "0", *at, given=TEXT)

    opened = await cipher.open(signed, None, [gpg.public(early)], largest=LARGEST, encrypted=False)

    assert (opened.plaintext, opened.signer, opened.signed) == (TEXT, early, 1_577_836_800_000)


async def test_what_gpg_encrypts_without_a_signature_is_refused(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    sealed = gpg.output("--armor", "-e", "-r", known.public.fingerprint, "-z", "0", given=TEXT)

    with pytest.raises(NotGenuine) as refusal:
        await cipher.open(sealed, known.secret, [gpg.public(partner)], largest=LARGEST)

    assert not isinstance(refusal.value, Unproven)


async def test_two_signatures_are_refused(cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair) -> None:
    other = gpg.make_key("other")
    keys = [gpg.public(partner), gpg.public(other)]
    sealed = gpg.send(TEXT, partner, known.public.fingerprint, "-z", "0", "-u", other)
    signed = gpg.output("--armor", "-s", "-u", partner, "-u", other, "-z", "0", given=TEXT)

    with pytest.raises(NotGenuine, match="one signature"):
        await cipher.open(sealed, known.secret, keys, largest=LARGEST)
    with pytest.raises(NotGenuine, match="one signature"):
        await cipher.open(signed, None, keys, largest=LARGEST, encrypted=False)


@pytest.mark.parametrize("form", ["--clear-sign", "--detach-sign"])
async def test_other_forms_of_signatures_are_refused(cipher: SequoiaCipher, gpg: Gpg, partner: str, form: str) -> None:
    signed = gpg.output("--armor", form, "-u", partner, given=b"text\n")

    with pytest.raises(NotGenuine):
        await cipher.open(signed, None, [gpg.public(partner)], largest=LARGEST, encrypted=False)


async def test_a_signature_over_a_text_is_refused(cipher: SequoiaCipher, gpg: Gpg, partner: str) -> None:
    signed = gpg.output("--armor", "--textmode", "-s", "-z", "0", "-u", partner, given=b"a\nb\n")

    with pytest.raises(NotGenuine, match="text"):
        await cipher.open(signed, None, [gpg.public(partner)], largest=LARGEST, encrypted=False)


async def test_a_parcel_encrypted_by_a_passphrase_is_refused(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    both = ("-c", "-e", "-r", known.public.fingerprint, "-s", "-u", partner, "-z", "0")
    for arguments in (("-c", "-z", "0"), both):
        sealed = gpg.output("--armor", *arguments, given=TEXT, passphrase="open")
        with pytest.raises(NotGenuine, match="encrypted to a public key"):
            await cipher.open(sealed, known.secret, [gpg.public(partner)], largest=LARGEST)


async def test_a_parcel_for_several_keys_or_a_hidden_one_is_opened(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    several = gpg.send(TEXT, partner, known.public.fingerprint, "-z", "0", "--encrypt-to", partner)
    hidden = gpg.output("--armor", "-s", "-e", "-u", partner, "-R", known.public.fingerprint, "-z", "0", given=TEXT)

    for sealed in (several, hidden):
        opened = await cipher.open(sealed, known.secret, [gpg.public(partner)], largest=LARGEST)
        assert opened.plaintext == TEXT


async def test_a_signature_of_a_clock_that_is_ahead_may_hold_later(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    tomorrow = ("-z", "0", "--faked-system-time", "20990101T000000!")
    sealed = gpg.send(TEXT, partner, known.public.fingerprint, *tomorrow)
    signed = gpg.output("--armor", "-s", "-u", partner, *tomorrow, given=TEXT)

    with pytest.raises(Unproven, match="ahead"):
        await cipher.open(sealed, known.secret, [gpg.public(partner)], largest=LARGEST)
    with pytest.raises(Unproven, match="ahead"):
        await cipher.open(signed, None, [gpg.public(partner)], largest=LARGEST, encrypted=False)


async def test_gpg_reads_what_is_sealed_to_its_key(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, partner_rsa: str, known: KeyPair
) -> None:
    for theirs in (partner, partner_rsa):
        sealed = await cipher.seal(TEXT, known.secret, gpg.public(theirs))

        read = gpg.run("--decrypt", "--status-fd", "2", "-v", given=sealed)

        status = read.stderr.decode(errors="replace")
        assert (read.returncode, read.stdout) == (0, TEXT)
        assert re.search(rf"VALIDSIG .*{known.public.fingerprint}\n", status)
        assert re.search(r"DECRYPTION_INFO 2 9\b", status), "AES-256 is number 9"


async def test_gpg_reads_what_is_only_signed(cipher: SequoiaCipher, gpg: Gpg, known: KeyPair) -> None:
    signed = await cipher.seal(TEXT, known.secret, None)

    read = gpg.run("--decrypt", "--status-fd", "2", given=signed)

    assert (read.returncode, read.stdout) == (0, TEXT)
    assert "GOODSIG" in read.stderr.decode(errors="replace")


async def test_gpg_encrypts_to_us_with_aes_256(gpg: Gpg, partner: str, known: KeyPair) -> None:
    gpg.take(known.secret)

    sealed = gpg.send(TEXT, partner, known.public.fingerprint, "-z", "0")
    read = gpg.run("--decrypt", "--status-fd", "2", given=sealed)

    assert read.stdout == TEXT
    assert re.search(r"DECRYPTION_INFO 2 9\b", read.stderr.decode(errors="replace"))


async def test_a_secret_key_of_gpg_is_taken_over_and_used(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, known: KeyPair
) -> None:
    brought = await cipher.read_secret(gpg.secret(partner))

    assert brought.public.fingerprint == partner
    assert brought.public == await cipher.read_public(gpg.public(partner))
    sealed = await cipher.seal(TEXT, brought.secret, known.public.armored)
    assert (await cipher.open(sealed, known.secret, [brought.public.armored], largest=LARGEST)).signer == partner
    back = await cipher.seal(TEXT, known.secret, brought.public.armored)
    assert (await cipher.open(back, brought.secret, [known.public.armored], largest=LARGEST)).plaintext == TEXT


async def test_gpg_cannot_read_what_is_sealed_to_a_key_of_ours(cipher: SequoiaCipher, gpg: Gpg, known: KeyPair) -> None:
    """The limit that the documentation names; should this fail, a newer gpg can, and the page is to be changed."""
    gpg.take(known.secret)
    sealed = await cipher.seal(TEXT, known.secret, known.public.armored)

    assert gpg.run("--decrypt", given=sealed).returncode != 0


async def test_gpg_unlocks_what_we_lock_and_the_reverse(cipher: SequoiaCipher, gpg: Gpg) -> None:
    locked = await cipher.lock(TEXT, "correct horse")
    theirs = gpg.output("--armor", "-c", "-z", "0", given=TEXT, passphrase="correct horse")

    assert gpg.output("--decrypt", given=locked, passphrase="correct horse") == TEXT
    assert await cipher.unlock(theirs, "correct horse", largest=LARGEST) == TEXT


async def test_rsa_of_3072_bits_is_made_and_works_with_gpg(cipher: SequoiaCipher, gpg: Gpg, partner: str) -> None:
    pair = await cipher.generate(KeyKind.RSA_3072)
    gpg.take(pair.public.armored)

    assert pair.public.algorithm == "RSA-3072"
    sealed = gpg.send(TEXT, partner, pair.public.fingerprint, "-z", "0")
    assert (await cipher.open(sealed, pair.secret, [gpg.public(partner)], largest=LARGEST)).plaintext == TEXT
    assert gpg.output("--decrypt", given=await cipher.seal(TEXT, pair.secret, gpg.public(partner))) == TEXT


async def test_the_user_id_of_a_key_that_we_make_says_nothing(gpg: Gpg, known: KeyPair) -> None:
    listed = gpg.output("--with-colons", "--list-keys", known.public.fingerprint).decode()

    assert [line.split(":")[9] for line in listed.splitlines() if line.startswith("uid")] == ["channel"]
    assert "Comment" not in known.public.armored + known.secret


async def test_a_parcel_to_another_key_of_gpg_is_not_for_us(
    cipher: SequoiaCipher, gpg: Gpg, partner: str, ours: KeyPair
) -> None:
    sealed = gpg.send(TEXT, partner, partner, "-z", "0")

    with pytest.raises(NotForUs):
        await cipher.open(sealed, ours.secret, [gpg.public(partner)], largest=LARGEST)


async def test_a_key_that_names_nobody_else_is_kept(cipher: SequoiaCipher, gpg: Gpg, partner: str) -> None:
    """What others certified of a key names them, so it does not travel on."""
    friend = gpg.make_key("friend-of-the-partner")
    gpg.output("-u", friend, "--quick-sign-key", partner)
    armored = gpg.public(partner)

    assert len((await cipher.read_public(armored)).armored) < len(armored) - 100
    with pytest.raises(KeyRefused):
        await cipher.read_public(armored + gpg.public(friend))


def followed(page: Path, folder: Path) -> str:
    """The key that comes of the commands of the page."""
    recipe = page.read_text().partition("```sh\n")[2].partition("```")[0]
    with gpg_home() as home:
        surroundings = {**os.environ, "GNUPGHOME": str(home.home)}
        subprocess.run(["bash", "-euc", recipe], cwd=folder, check=True, capture_output=True, env=surroundings)
    return (folder / "channel.key").read_text()


async def test_the_recipe_of_the_documentation_makes_a_key_that_is_accepted(
    cipher: SequoiaCipher, tmp_path: Path
) -> None:
    page = Path(__file__).parents[3] / "docs" / "explanation" / "openpgp.md"

    pair = await cipher.read_secret(followed(page, tmp_path))

    assert pair.public.algorithm == "Curve 25519"
