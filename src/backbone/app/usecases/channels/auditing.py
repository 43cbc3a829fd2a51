"""What was sent to a partner and received from it, by digests, and whether all of it fits together.

Digests stay for ever, contents for thirty days. The partner's last acknowledgement is kept as it was signed: it proves
which parcels of ours the partner has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backbone.app.channel.opening import Refusal, understand
from backbone.app.channel.packing import unpack
from backbone.app.channel.settings import secret_keys_of
from backbone.app.usecases.channels.office import Office
from backbone.core.model.keys import Millis
from backbone.core.protocol.chain import digest_of, head
from backbone.core.protocol.channel import Proof
from backbone.core.protocol.parcels import Acknowledgement, Digest, KeyFingerprint
from backbone.core.protocol.wire import WireError
from backbone.ports.channels import SentParcel, StoredChannel


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedParcel:
    """One parcel. ``head`` is that of the chain at its number, for those of ours."""

    number: int
    digest: Digest
    at: Millis
    head: Digest | None = None
    acknowledged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditOfChannel:
    """Both directions in their present epochs. ``wrong`` is what does not fit, in words; empty where all does.

    ``proven`` tells that the partner's last acknowledgement could be proved: not when a key was renewed since.
    """

    sent: tuple[AuditedParcel, ...]
    received: tuple[AuditedParcel, ...]
    proof: Proof | None
    proven: bool
    wrong: tuple[str, ...]


async def verify(office: Office, named: str) -> AuditOfChannel:
    """Look at everything once more. Raises Mistake for a name that is not there."""
    _, stored = await office.look(named)
    sent, wrong = await _sent(office, stored)
    heads = {one.number: one.head for one in sent}
    provable = _is_provable(stored)
    return AuditOfChannel(
        sent=tuple(sent),
        received=await _received(office, stored),
        proof=stored.channel.proof,
        proven=provable,
        wrong=(*wrong, *_last(stored, heads), *(await _proven(office, stored, heads) if provable else ())),
    )


async def _sent(office: Office, stored: StoredChannel) -> tuple[list[AuditedParcel], list[str]]:
    outgoing = stored.channel.outgoing
    found: list[AuditedParcel] = []
    wrong: list[str] = []
    previous: Digest = Digest("")
    async with office.store.unit() as uow:
        async for one in uow.sent.after(stored.synchronization, outgoing.epoch, 0):
            wrong += _fits(one, previous, len(found) + 1)
            previous = one.head
            acknowledged = one.number <= outgoing.acknowledged
            found.append(
                AuditedParcel(
                    number=one.number, digest=one.digest, at=one.sealed, head=one.head, acknowledged=acknowledged
                )
            )
    return found, wrong


def _fits(one: SentParcel, previous: Digest, expected: int) -> list[str]:
    """What is wrong with a parcel of ours, as far as its contents are kept."""
    if one.number != expected:
        return [f"parcel {expected} that we sent is missing"]
    if not one.plaintext:
        return []
    if digest_of(one.plaintext) != one.digest:
        return [f"parcel {one.number} that we sent has other contents than its digest says"]
    try:
        header = unpack(one.plaintext).header
    except WireError:
        return [f"parcel {one.number} that we sent can't be read"]
    return [] if head(previous, header, one.digest) == one.head else [f"the chain breaks at parcel {one.number}"]


async def _received(office: Office, stored: StoredChannel) -> tuple[AuditedParcel, ...]:
    epoch = stored.channel.incoming.epoch
    if epoch is None:
        return ()
    async with office.store.unit() as uow:
        found = await uow.received.after(stored.synchronization, epoch, 0)
    contiguous = stored.channel.incoming.contiguous
    return tuple(
        AuditedParcel(number=one.number, digest=one.digest, at=one.received, acknowledged=one.number <= contiguous)
        for one in found
    )


def _last(stored: StoredChannel, heads: Mapping[int, Digest | None]) -> list[str]:
    outgoing = stored.channel.outgoing
    if outgoing.last and heads.get(outgoing.last) != outgoing.head:
        return ["the last parcel that we sent is not the one that we remember"]
    return []


def _is_provable(stored: StoredChannel) -> bool:
    """Whether both keys are still there by which the partner's last acknowledgement was signed and encrypted."""
    channel = stored.channel
    known = {one.fingerprint for one in (*channel.our_keys, *channel.partner_keys)}
    return channel.proof is not None and known.issuperset(channel.proof.keys)


async def _proven(office: Office, stored: StoredChannel, heads: Mapping[int, Digest | None]) -> list[str]:
    """What is wrong with the partner's last acknowledgement: it is opened and proved once more."""
    proof = stored.channel.proof
    if proof is None:
        return []
    secrets: Mapping[KeyFingerprint, str] = secret_keys_of(stored, office.sealer)
    try:
        found = await understand(office.cipher, stored.channel, secrets, proof.sealed.encode())
    except Refusal as refusal:
        return [f"the partner's last acknowledgement {refusal.cause}"]
    told = found.parcel.body
    if not isinstance(told, Acknowledgement) or (told.contiguous, told.head) != (proof.contiguous, proof.head):
        return ["the partner's last acknowledgement says something else than we remember"]
    if proof.contiguous and heads.get(proof.contiguous) != proof.head:
        return ["the partner acknowledged other parcels than those that we sent"]
    return []
