"""Which outer packets a parcel may have: exactly those that its channel agreed on, in their order, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.adapters.pgp.packets import Malformed, Packet, Tag

MOST_RECIPIENTS = 16
"""A parcel is for one key; a gpg sender may add his own and another one."""
ANYBODY = bytes(8)
"""The key id of a hidden recipient (gpg -R)."""


def check_encrypted(packets: Sequence[Packet]) -> None:
    """Session keys for public keys, then what is encrypted, and nothing else. Raises Malformed."""
    *session_keys, last = _some(packets)
    _refuse_foreign(last)
    if last.tag != Tag.SEIPD or not session_keys or {one.tag for one in session_keys} != {Tag.PKESK}:
        raise Malformed("It is not encrypted to a public key, as it has to be.")
    if len(session_keys) > MOST_RECIPIENTS:
        raise Malformed(f"It is encrypted to more than {MOST_RECIPIENTS} keys.")


def check_signed(packets: Sequence[Packet]) -> None:
    """One signature around what it signs, neither compressed nor encrypted. Raises Malformed."""
    if [packet.tag for packet in _some(packets)] == [Tag.ONE_PASS, Tag.LITERAL, Tag.SIGNATURE]:
        return
    if packets[0].tag == Tag.COMPRESSED:
        raise Malformed("It is compressed by OpenPGP, which is not read: gpg needs -z 0.")
    raise Malformed("It is not plainly signed by one signature, as it has to be.")


def check_locked(packets: Sequence[Packet]) -> None:
    """One passphrase, then what is encrypted. Raises Malformed."""
    _refuse_foreign(_some(packets)[-1])
    if [packet.tag for packet in packets] != [Tag.SKESK, Tag.SEIPD]:
        raise Malformed("It is not locked by one passphrase, as it has to be.")


def recipients(packets: Sequence[Packet]) -> list[bytes]:
    """The ids of the keys that can open it, 8 bytes each; zeros where the recipient is hidden."""
    return [_recipient(packet.body) for packet in packets if packet.tag == Tag.PKESK]


def _recipient(body: bytes) -> bytes:
    """RFC 9580, 5.1: version 3 has the key id, version 6 a fingerprint of a version 4 key, which ends with the id."""
    if body[:1] == b"\x03" and len(body) > 9:
        return body[1:9]
    if body[:1] == b"\x06" and body[1:2] == b"\x00":
        return ANYBODY
    if body[:3] == b"\x06\x15\x04" and len(body) > 23:
        return body[15:23]
    raise Malformed("It has a session key of an unknown kind.")


def _some(packets: Sequence[Packet]) -> Sequence[Packet]:
    if not packets:
        raise Malformed("It is empty.")
    return packets


def _refuse_foreign(last: Packet) -> None:
    if last.tag == Tag.GPG_OCB:
        raise Malformed("It is encrypted in a way that only gpg knows: gpg needs --rfc4880.")
    if last.tag == Tag.SEIPD and last.body[:1] not in {b"\x01", b"\x02"}:
        raise Malformed("It is encrypted in an unknown way.")
