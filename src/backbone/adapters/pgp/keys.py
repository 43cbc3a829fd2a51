"""Keys as the child reads and judges them: strong enough, in force, and able to do what they are needed for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from pysequoia import ArmorKind, Cert, CipherSuite, Profile, Tsk, armor, decrypt, encrypt
from pysequoia.packet import Packet, PacketPile, SignatureType
from pysequoia.packet import Tag as LibraryTag

from backbone.adapters.pgp.calls import Fault, Key
from backbone.adapters.pgp.packets import Label, Malformed, Tag, dearmor, read_packets

USER_ID = "channel"
"""Says nothing of anybody. Without one gpg does not import a key."""
LARGEST_KEY = 200_000
WEAKEST_RSA, STRONGEST_RSA = 3000, 8192
RSA = 1
CURVES = {
    18: bytes.fromhex("0a2b060104019755010501"),  # ECDH with the identifier of Curve 25519
    22: bytes.fromhex("092b06010401da470f01"),  # EdDSA with that of Ed25519
    25: b"",  # X25519 and Ed25519 of RFC 9580, which need none
    27: b"",
}
CURVE_25519 = "Curve 25519"
NAMES = {2: "RSA for one purpose", 3: "RSA for one purpose", 16: "ElGamal", 17: "DSA", 18: "ECDH", 19: "ECDSA"}
NAMES |= {20: "ElGamal", 22: "EdDSA", 26: "X448", 28: "Ed448"}
SUITES = {"curve25519": CipherSuite.Cv25519, "rsa3072": CipherSuite.RSA3k}
CERTIFYING = (
    SignatureType.DirectKey,
    SignatureType.GenericCertification,
    SignatureType.PersonaCertification,
    SignatureType.CasualCertification,
    SignatureType.PositiveCertification,
)


class Refused(Exception):
    """What was asked for is not done; ``fault`` says of what kind the reason is, the message says it to people."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Part:
    """A primary key or a subkey, with the signatures of the primary key that say what it is for."""

    key: Packet
    signatures: tuple[Packet, ...]

    def newest(self) -> Packet | None:
        binding = [one for one in self.signatures if one.signature_type in (*CERTIFYING, SignatureType.SubkeyBinding)]
        dated = [(one.signature_created, one) for one in binding if one.signature_created]
        return max(dated, key=lambda pair: pair[0])[1] if dated else None

    def in_force(self, now: datetime) -> bool:
        newest = self.newest()
        revoked = any(one.signature_type == SignatureType.SubkeyRevocation for one in self.signatures)
        if newest is None or revoked or self.key.key_created is None:
            return False
        validity = newest.key_validity_period
        return not validity or self.key.key_created + validity > now

    def encrypts(self) -> bool:
        newest = self.newest()
        flags = newest.key_flags if newest else None
        return flags is not None and (flags.transport_encryption or flags.storage_encryption)

    def signs(self) -> bool:
        newest = self.newest()
        flags = newest.key_flags if newest else None
        return flags is not None and flags.signing


def generate(kind: str) -> Key:
    tsk = Tsk.generate(USER_ID, profile=Profile.RFC4880, cipher_suite=SUITES[kind])
    return _pair(tsk, _own_packets(list(PacketPile.from_bytes(bytes(tsk)))))


def read_public(armored: str) -> Key:
    with library_errors():
        return _public(*_judged_public(armored))


def read_secret(armored: str) -> Key:
    with library_errors():
        tsk, packets = _secret(armored)
        _judge(tsk.extract_certificate(), packets)
        _prove(tsk)
        return _pair(tsk, packets)


def recipient_key(armored: str) -> Cert:
    """Judged at each use, since a key expires without anybody touching it."""
    with library_errors():
        return _judged_public(armored)[0]


def secret_key(armored: str) -> Tsk:
    """Our own key, which was judged when it became ours."""
    with library_errors():
        return _secret(armored)[0]


def verifying_key(armored: str) -> Cert:
    """A partner's key as it was pinned; that it expired since shows by the signatures it may no longer make."""
    with library_errors():
        return Cert.from_packets(_read(armored, Label.PUBLIC, Tag.PUBLIC_KEY, Tag.PUBLIC_SUBKEY))


@contextmanager
def library_errors() -> Iterator[None]:
    """What the library cannot read or write is a malformed key."""
    try:
        yield
    except RuntimeError as error:
        raise refused_key(f"The key is malformed: {first_line(error)}") from error


def refused_key(message: str) -> Refused:
    return Refused(Fault.KEY_REFUSED, message)


def first_line(error: Exception) -> str:
    """What the library says, without the trace that it may append."""
    return str(error).partition("\n")[0]


def _judged_public(armored: str) -> tuple[Cert, Sequence[Packet]]:
    packets = _read(armored, Label.PUBLIC, Tag.PUBLIC_KEY, Tag.PUBLIC_SUBKEY)
    cert = Cert.from_packets(packets)
    _judge(cert, packets)
    return cert, packets


def _secret(armored: str) -> tuple[Tsk, Sequence[Packet]]:
    packets = _read(armored, Label.SECRET, Tag.SECRET_KEY, Tag.SECRET_SUBKEY)
    return Tsk.from_packets(packets), packets


def _read(armored: str, label: Label, primary: Tag, subkey: Tag) -> Sequence[Packet]:
    if len(armored) > LARGEST_KEY:
        raise refused_key(f"The key has more than {LARGEST_KEY} characters.")
    try:
        content = dearmor(armored.encode(), label)
        tags = [packet.tag for packet in read_packets(content)]
    except Malformed as error:
        raise refused_key(f"This is not the key that is needed. {error}") from error
    if tags.count(primary) != 1 or tags[0] != primary:
        raise refused_key("It has to be one key, and there are several or none.")
    if not set(tags) <= {primary, subkey, Tag.USER_ID, Tag.USER_ATTRIBUTE, Tag.SIGNATURE}:
        raise refused_key("The key has packets that do not belong into such a key.")
    return _own_packets(list(PacketPile.from_bytes(content)))


def _own_packets(packets: Sequence[Packet]) -> list[Packet]:
    """Without pictures and without what others certified, which name people and have no use here."""
    primary, kept, skipping = packets[0], [], False
    for packet in packets:
        if packet.tag != LibraryTag.Signature:
            skipping = packet.tag == LibraryTag.UserAttribute
        elif packet.issuer_fingerprint != primary.fingerprint and packet.issuer_key_id != primary.key_id:
            continue
        if not skipping:
            kept.append(packet)
    return kept


def _judge(cert: Cert, packets: Sequence[Packet]) -> None:
    now = datetime.now(UTC)
    parts = list(_parts(packets))
    for part in parts:
        _algorithm(part.key)
    try:
        expiration = cert.expiration
    except RuntimeError as error:
        raise refused_key(f"The key does not hold by its own signatures: {first_line(error)}") from error
    if cert.is_revoked:
        raise refused_key("The key was revoked.")
    if expiration is not None and expiration <= now:
        raise refused_key(f"The key expired on {expiration:%Y-%m-%d}.")
    if not any(part.signs() and part.in_force(now) for part in parts):
        raise refused_key("The key cannot sign, or may no longer: make one with a signing key in force.")
    if not any(part.encrypts() and part.in_force(now) for part in parts):
        raise refused_key("Nothing can be encrypted to the key: make one with an encryption subkey in force.")
    _try_encryption(cert)


def _try_encryption(cert: Cert) -> None:
    try:
        encrypt(b"", recipients=[cert])
    except RuntimeError as error:
        raise refused_key("Nothing can be encrypted to the key: its encryption subkey does not hold.") from error


def _prove(tsk: Tsk) -> None:
    """Its secret parts are all there and not locked."""
    cert = tsk.extract_certificate()
    try:
        sealed = encrypt(b"", recipients=[cert], signer=tsk.signer())
        decrypt(sealed, decryptor=tsk.decryptor(), store=lambda _: [cert])
    except RuntimeError as error:
        raise refused_key(
            "The secret key cannot be used: export it whole and without a passphrase (it is sealed where it is kept)."
        ) from error


def _parts(packets: Sequence[Packet]) -> Iterator[Part]:
    key, signatures = packets[0], list[Packet]()
    for packet in packets[1:]:
        if packet.tag == LibraryTag.Signature:
            signatures.append(packet)
        elif packet.tag in (LibraryTag.PublicSubkey, LibraryTag.SecretSubkey):
            yield Part(key, tuple(signatures))
            key, signatures = packet, []
    yield Part(key, tuple(signatures))


def _algorithm(key: Packet) -> str:
    """For people. RFC 4880, 5.5.2: version, four bytes of time, algorithm, then its numbers."""
    version, number, numbers = key.body[0], key.body[5], key.body[6:]
    if version != 4:
        raise refused_key("The key is not of version 4, the only one that all programs read.")
    if number == RSA:
        return _rsa(int.from_bytes(numbers[:2], "big"))
    if number in CURVES and numbers.startswith(CURVES[number]):
        return CURVE_25519
    name = NAMES.get(number, f"the algorithm numbered {number}")
    where = " on another curve than 25519" if number in CURVES else ""
    raise refused_key(f"The key uses {name}{where}, which is not accepted: use Curve 25519, or RSA from 3072 bits.")


def _rsa(bits: int) -> str:
    if not WEAKEST_RSA <= bits <= STRONGEST_RSA:
        raise refused_key(
            f"The key uses RSA of {bits} bits; it has to be {WEAKEST_RSA} to {STRONGEST_RSA}, or Curve 25519."
        )
    return f"RSA-{bits}"


def _pair(tsk: Tsk, packets: Sequence[Packet]) -> Key:
    public = _public(tsk.extract_certificate(), packets)
    return Key(
        secret=armor(bytes(tsk), ArmorKind.SecretKey),
        armored=public.armored,
        fingerprint=public.fingerprint,
        algorithm=public.algorithm,
    )


def _public(cert: Cert, packets: Sequence[Packet]) -> Key:
    algorithms = sorted({_algorithm(part.key) for part in _parts(packets)})
    return Key(
        secret=None,
        armored=armor(bytes(cert), ArmorKind.PublicKey),
        fingerprint=cert.fingerprint.upper(),
        algorithm=", ".join(algorithms),
    )
