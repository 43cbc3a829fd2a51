"""What both sides said can be verified afterwards, and tampering with it shows."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from backbone.app.usecases.channels.auditing import AuditOfChannel, verify
from backbone.app.usecases.channels.office import Office
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar, labels
from backbone.core.protocol.channel import PinnedKey
from backbone.core.protocol.parcels import KeyFingerprint
from backbone.ports.administration import AdministrationStore
from backbone.ports.channels import StoredChannel
from backbone.ports.records import Synchronization
from tests.fakes.cipher import key_pair
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.fakes.transport import Network
from tests.parts.two_installations import KEYS, Installation, TwoInstallations, Unsealed


class MemoryOffice(Office):
    """An office over a store in memory, which has one channel."""

    async def look(self, named: str) -> tuple[Synchronization, StoredChannel]:
        async with self.store.unit() as uow:
            (stored,) = await uow.channels.all()
            one = await uow.synchronizations.get(stored.synchronization)
        assert one is not None, named
        key = KEYS[stored.channel.role]
        return one, replace(stored, secret_keys={key.public.fingerprint: key.secret})


async def audit(side: Installation) -> AuditOfChannel:
    office = MemoryOffice(
        store=cast("AdministrationStore", side.world.store),
        system=side.world.system,
        cipher=side.host.cipher,
        transports=Network(),
        sealer=Unsealed(),
        environment={},
    )
    return await verify(office, "Acme")


async def exchanged() -> TwoInstallations:
    two = TwoInstallations()
    two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()
    return two


async def test_both_sides_show_the_same_parcels_and_the_signed_acknowledgement() -> None:
    two = await exchanged()
    ours, theirs = await audit(two.first), await audit(two.second)

    assert ours.wrong == theirs.wrong == ()
    assert [one.digest for one in ours.sent] == [one.digest for one in theirs.received] != []
    assert [one.digest for one in theirs.sent] == [one.digest for one in ours.received] != []
    assert ours.proof is not None
    assert ours.proven
    assert ours.proof.contiguous == ours.sent[-1].number
    assert all(one.acknowledged for one in ours.sent)


async def test_a_changed_parcel_shows() -> None:
    two = await exchanged()
    tables = two.first.world.store.tables
    ((ident, (parcel, octets)),) = list(tables.sent.items())[:1]
    tables.sent[ident] = (replace(parcel, plaintext=parcel.plaintext + b" "), octets)

    assert [one.partition(" that")[0] for one in (await audit(two.first)).wrong] == ["parcel 1"]


async def test_an_acknowledgement_under_a_key_that_was_renewed_since_is_no_tampering() -> None:
    two = await exchanged()
    newer = key_pair(b"c" + bytes(range(128, 192))).public
    key = PinnedKey(fingerprint=KeyFingerprint(newer.fingerprint), armored=newer.armored)
    await two.first.change(lambda channel: replace(channel, partner_keys=(key,)))

    found = await audit(two.first)
    assert found.wrong == ()
    assert found.proof is not None
    assert not found.proven


async def test_an_acknowledgement_of_somebody_else_shows() -> None:
    two = await exchanged()
    proof = two.second.channel.proof
    assert proof is not None
    await two.first.change(lambda channel: replace(channel, proof=replace(proof, contiguous=1)))

    assert len((await audit(two.first)).wrong) == 1
