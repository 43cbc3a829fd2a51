"""Which keys are accepted, judged when they are pinned; each refusal says what to do about it."""

from __future__ import annotations

import asyncio
from base64 import b64encode

import pytest

from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.adapters.pgp.packets import Label, dearmor
from backbone.ports.cipher import KeyKind, KeyPair, KeyRefused
from tests.parts.gpg import CURVE_25519, RSA, SIGN_ONLY, Gpg

NIST = "Key-Type: ecdsa\nKey-Curve: nistp256\nKey-Usage: sign\nSubkey-Type: ecdh\nSubkey-Curve: nistp256"
MIXED = "Key-Type: eddsa\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: rsa\nSubkey-Length: 2048"
DSA = "Key-Type: dsa\nKey-Length: 1024\nKey-Usage: sign\nSubkey-Type: ecdh\nSubkey-Curve: cv25519"
ENCRYPT_ONLY = "Key-Type: eddsa\nKey-Curve: ed25519\nKey-Usage: cert\nSubkey-Type: ecdh\nSubkey-Curve: cv25519"
FORMER = "Creation-Date: 20190101T000000"


async def test_strong_keys_of_gpg_are_accepted(cipher: SequoiaCipher, gpg: Gpg, partner: str, partner_rsa: str) -> None:
    for fingerprint, algorithm in ((partner, "Curve 25519"), (partner_rsa, "RSA-3072")):
        public = await cipher.read_public(gpg.public(fingerprint))
        pair = await cipher.read_secret(gpg.secret(fingerprint))

        assert (public.fingerprint, public.algorithm) == (fingerprint, algorithm)
        assert pair.public == public


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("rsa2048", RSA.format(2048), "RSA of 2048 bits"),
        ("nist", NIST, "ECDSA"),
        ("mixed", MIXED, "RSA of 2048 bits"),
        ("dsa", DSA, "DSA"),
        ("sign-only", SIGN_ONLY, "encryption subkey"),
        ("encrypt-only", ENCRYPT_ONLY, "cannot sign"),
    ],
)
async def test_keys_that_are_weak_or_lack_something_are_refused(
    cipher: SequoiaCipher, gpg: Gpg, name: str, kind: str, reason: str
) -> None:
    fingerprint = gpg.make_key(name, kind)

    with pytest.raises(KeyRefused, match=reason):
        await cipher.read_public(gpg.public(fingerprint))
    with pytest.raises(KeyRefused, match=reason):
        await cipher.read_secret(gpg.secret(fingerprint))


async def test_an_expired_key_is_refused_also_when_it_expired_after_it_was_pinned(
    cipher: SequoiaCipher, gpg: Gpg, ours: KeyPair
) -> None:
    fingerprint = gpg.make_key("expired", CURVE_25519, FORMER, expires="151d")

    with pytest.raises(KeyRefused, match="expired on 2019-06-01"):
        await cipher.read_public(gpg.public(fingerprint))
    with pytest.raises(KeyRefused, match="expired on 2019-06-01"):
        await cipher.seal(b"", ours.secret, gpg.public(fingerprint))


async def test_a_key_whose_subkey_expired_is_refused(cipher: SequoiaCipher, gpg: Gpg) -> None:
    fingerprint = gpg.make_key("stale", SIGN_ONLY)
    gpg.output("--faked-system-time", "20990101T000000!", "--quick-add-key", fingerprint, "cv25519", "encr", "1d")

    with pytest.raises(KeyRefused, match="encryption subkey"):
        await cipher.read_public(gpg.public(fingerprint))


async def test_a_revoked_key_is_refused(cipher: SequoiaCipher, gpg: Gpg) -> None:
    fingerprint = gpg.make_key("revoked")
    certificate = (gpg.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
    gpg.take(certificate.replace(":-----BEGIN", "-----BEGIN"))

    with pytest.raises(KeyRefused, match="revoked"):
        await cipher.read_public(gpg.public(fingerprint))


async def test_a_revoked_subkey_counts_for_nothing(cipher: SequoiaCipher, gpg: Gpg) -> None:
    fingerprint = gpg.make_key("subkey-revoked")
    commands = b"key 1\nrevkey\ny\n0\n\ny\nsave\n"
    gpg.output("--no-batch", "--command-fd", "0", "--expert", "--edit-key", fingerprint, given=commands)

    with pytest.raises(KeyRefused, match="encryption subkey"):
        await cipher.read_public(gpg.public(fingerprint))


async def test_a_secret_key_under_a_passphrase_is_refused(cipher: SequoiaCipher, gpg: Gpg) -> None:
    fingerprint = gpg.make_key("locked", passphrase="open sesame")

    with pytest.raises(KeyRefused, match="without a passphrase"):
        await cipher.read_secret(gpg.secret(fingerprint, passphrase="open sesame"))


async def test_a_secret_key_without_its_primary_secret_is_refused_or_works(cipher: SequoiaCipher, gpg: Gpg) -> None:
    fingerprint = gpg.make_key("stub")
    subkeys = gpg.output("--armor", "--export-secret-subkeys", fingerprint).decode()

    with pytest.raises(KeyRefused, match="export it whole"):
        await cipher.read_secret(subkeys)


async def test_several_keys_are_refused(cipher: SequoiaCipher, gpg: Gpg) -> None:
    names = [gpg.make_key("several-1"), gpg.make_key("several-2")]
    both = gpg.output("--armor", "--export", *names).decode()

    with pytest.raises(KeyRefused, match="one key"):
        await cipher.read_public(both)


async def test_a_key_with_foreign_packets_or_a_huge_one_is_refused(cipher: SequoiaCipher) -> None:
    pair = await cipher.generate(KeyKind.CURVE_25519)
    parcel = (await cipher.seal(b"x", pair.secret, None)).decode()

    with pytest.raises(KeyRefused):
        await cipher.read_public(parcel.replace("MESSAGE", "PUBLIC KEY BLOCK"))
    with pytest.raises(KeyRefused, match="characters"):
        await cipher.read_public(pair.public.armored + "\n" * 200_000)


async def test_a_key_whose_signatures_were_changed_is_refused(cipher: SequoiaCipher, ours: KeyPair) -> None:
    """Or it is the same key, where the change met something that is said twice."""
    lines = ours.public.armored.splitlines()
    refused = 0
    for number in range(3, len(lines) - 3):
        changed = [
            *lines[:number],
            lines[number][:-1] + ("B" if lines[number][-1] != "B" else "C"),
            *lines[number + 1 :],
        ]
        try:
            read = await cipher.read_public("\n".join(changed))
        except KeyRefused:
            refused += 1
        else:
            assert read.fingerprint == ours.public.fingerprint
    assert refused > 5


@pytest.mark.parametrize("kind", ["public", "secret"])
async def test_nothing_but_a_refusal_or_the_same_key_comes_of_a_damaged_key(
    cipher: SequoiaCipher, ours: KeyPair, kind: str
) -> None:
    """Each bit of the first packets, and one bit of every fifth byte after them."""
    label, armored = {"public": (Label.PUBLIC, ours.public.armored), "secret": (Label.SECRET, ours.secret)}[kind]
    content = dearmor(armored.encode(), label)
    places = [(place, bit) for place in range(80) for bit in range(8)]
    places += [(place, place % 8) for place in range(80, len(content), 5)]

    refusals = await asyncio.gather(*(refusal(cipher, flipped(content, *one), label) for one in places))

    assert "OpenPGP failed in an unforeseen way." not in refusals
    assert sum(one is not None for one in refusals) > len(places) // 2


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


async def refusal(cipher: SequoiaCipher, content: bytes, label: Label) -> str | None:
    """Why the key is refused, if it is."""
    armored = f"-----BEGIN PGP {label}-----\n\n{b64encode(content).decode()}\n-----END PGP {label}-----\n"
    try:
        await (cipher.read_public(armored) if label is Label.PUBLIC else cipher.read_secret(armored))
    except KeyRefused as error:
        return str(error)
    return None
