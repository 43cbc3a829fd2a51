"""Parcels as the child seals and opens them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pysequoia import Cert, Decrypted, Tsk, decrypt, encrypt, sign, verify
from pysequoia.packet import Packet, PacketPile, SignatureType

from backbone.adapters.pgp.calls import Content, Fault, OpenEncrypted, OpenSigned, Said, Seal, Unlock
from backbone.adapters.pgp.keys import Refused, first_line, recipient_key, refused_key, secret_key, verifying_key
from backbone.adapters.pgp.packets import Label, Malformed, dearmor, read_packets
from backbone.adapters.pgp.shapes import ANYBODY, check_encrypted, check_locked, check_signed, recipients

SURELY_TOLERATED = timedelta(minutes=29)
"""A signature that is less ahead fails for another reason: the library tolerates 30 minutes."""


class Partners:
    """The keys that may sign, and whether a parcel said that one of them did."""

    def __init__(self, armored: Sequence[str]) -> None:
        self.certs = [verifying_key(one) for one in armored]
        self.named = False
        self._ids = {key_id for cert in self.certs for key_id in _key_ids(bytes(cert))}

    def named_by(self, issuers: list[str]) -> list[Cert]:
        """What the library calls to get keys; an issuer is a fingerprint or its last 16 digits."""
        self.named = self.named or any(issuer[-16:] in self._ids for issuer in issuers)
        return self.certs


def seal(call: Seal) -> Content:
    secret = secret_key(call.secret)
    recipient = recipient_key(call.recipient) if call.recipient is not None else None
    try:
        signer = secret.signer()
    except RuntimeError as error:
        raise refused_key("Our key can no longer sign; give the synchronization another one.") from error
    if recipient is None:
        return Content(content=sign(signer, call.plaintext))
    return Content(content=encrypt(call.plaintext, recipients=[recipient], signer=signer))


def open_encrypted(call: OpenEncrypted) -> Said:
    secret, partners = secret_key(call.secret), Partners(call.partners)
    parcel = _encrypted(call.sealed, secret)
    try:
        decryptor = secret.decryptor()
    except RuntimeError as error:
        raise refused_key("Our key can no longer decrypt; give the synchronization another one.") from error
    try:
        decrypted = decrypt(parcel, decryptor=decryptor, store=partners.named_by)
    except RuntimeError as error:
        raise _not_genuine(error, partners) from error
    return _said(decrypted, call.largest, None)


def open_signed(call: OpenSigned) -> Said:
    partners = Partners(call.partners)
    try:
        parcel = dearmor(call.sealed, Label.MESSAGE)
        check_signed(read_packets(parcel))
        created = _signed_bytes(list(PacketPile.from_bytes(parcel))[-1])
    except Malformed as error:
        raise Refused(Fault.NOT_GENUINE, str(error)) from error
    except RuntimeError as error:
        raise Refused(Fault.NOT_GENUINE, "It is not whole.") from error
    try:
        verified = verify(parcel, partners.named_by)
    except RuntimeError as error:
        if created < datetime.now(UTC) + SURELY_TOLERATED:
            raise Refused(Fault.NOT_GENUINE, "Its signature does not hold.") from error
        raise _not_genuine(error, partners) from error
    return _said(verified, call.largest, int(created.timestamp() * 1000))


def _signed_bytes(signature: Packet) -> datetime:
    """When it was signed, not yet proved; a signature over a text would let line ends change."""
    if signature.signature_type != SignatureType.Binary or signature.signature_created is None:
        raise Refused(Fault.NOT_GENUINE, "It is signed as a text, which does not protect each byte.")
    return signature.signature_created


def lock(plaintext: bytes, passphrase: str) -> Content:
    return Content(content=encrypt(plaintext, passwords=[passphrase]))


def unlock(call: Unlock) -> Content:
    try:
        packets = dearmor(call.locked, Label.MESSAGE)
        check_locked(read_packets(packets))
    except Malformed as error:
        raise Refused(Fault.NOT_GENUINE, str(error)) from error
    try:
        unlocked = decrypt(packets, passwords=[call.passphrase])
    except RuntimeError as error:
        if first_line(error).startswith("No key"):
            raise Refused(Fault.NOT_FOR_US, "The passphrase does not open it.") from error
        raise Refused(Fault.NOT_GENUINE, "It is not whole.") from error
    return Content(content=_within(unlocked.bytes, call.largest))


def _encrypted(sealed: bytes, secret: Tsk) -> bytes:
    try:
        parcel = dearmor(sealed, Label.MESSAGE)
        packets = read_packets(parcel)
        check_encrypted(packets)
        told = recipients(packets)
    except Malformed as error:
        raise Refused(Fault.NOT_GENUINE, str(error)) from error
    if ANYBODY not in told and not {one.hex() for one in told} & _key_ids(bytes(secret)):
        raise Refused(Fault.NOT_FOR_US, "It is encrypted to another key than ours.")
    return parcel


def _key_ids(key: bytes) -> set[str]:
    return {packet.key_id for packet in PacketPile.from_bytes(key) if packet.key_id is not None}


def _not_genuine(error: Exception, partners: Partners) -> Refused:
    """The library tells its reasons by text only (its verify.rs and decrypt.rs)."""
    said = first_line(error)
    if "structure" in said:
        return Refused(
            Fault.NOT_GENUINE, "It is compressed by OpenPGP inside, or not plainly signed: gpg needs -s and -z 0."
        )
    if "no valid signatures" not in said:
        return Refused(Fault.NOT_GENUINE, "It is not whole.")
    if not partners.named:
        return Refused(Fault.NOT_GENUINE, "It is not signed by one of the partner's keys.")
    return Refused(
        Fault.UNPROVEN,
        "It names a partner's key, but the signature does not hold: "
        "it is forged, the key no longer holds, or the partner's clock is ahead.",
    )


def _said(result: Decrypted, largest: int, signed: int | None) -> Said:
    if len(result.valid_sigs) != 1:
        raise Refused(Fault.NOT_GENUINE, "It has to have exactly one signature of the partner.")
    signer = str(result.valid_sigs[0].certificate).upper()
    return Said(content=_within(result.bytes, largest), signer=signer, signed=signed)


def _within(content: bytes | None, largest: int) -> bytes:
    if content is None:
        raise Refused(Fault.NOT_GENUINE, "It says nothing.")
    if len(content) > largest:
        raise Refused(Fault.TOO_LARGE, f"It says {len(content)} bytes, and at most {largest} are allowed.")
    return content
