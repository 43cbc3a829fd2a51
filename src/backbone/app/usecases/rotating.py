"""Exchanging the key that secrets are sealed with: all or nothing, and a crash at any moment leaves a key for each.

The new key is put beside the old one before anything is sealed with it, and the old one goes after everything is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import mistake_of, require_key
from backbone.app.channel.settings import all_sealed, resealed
from backbone.app.usecases.publishing_to_partner import holding
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.sealing import KeyRing, SealBroken, Sealer
from backbone.ports.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How many secrets there are, and how many of them were sealed anew."""

    secrets: int
    sealed_anew: int


async def rotate(store: AdministrationStore, system: System, sealer: Sealer, ring: KeyRing, by: Caller) -> Rotated:
    """Seal everything with a new key, or go on where another exchange stopped. Raises Mistake; then nothing changed."""
    try:
        async with holding(store, system, await _channels(store)) as fences, store.administration() as unit:
            await unit.secrets.hold_alone()
            done = await _seal_anew(unit, sealer, ring)
            told = {"kept": done.secrets, "sealedAnew": done.sealed_anew}
            await unit.audit.write(entry_of(by, "secrets.rotate", "secret key", system.now(), after=told))
            await unit.commit(*fences)
        await _let_go(store, sealer, ring)
    except SealBroken as broken:
        raise mistake_of(broken) from broken
    return done


async def _channels(store: AdministrationStore) -> list[SynchronizationKey]:
    """Those to partners: what is sealed of them stands beside what changes with every parcel."""
    async with store.unit() as uow:
        return [one.synchronization for one in await uow.channels.all()]


async def _seal_anew(unit: AdministrationUnit, sealer: Sealer, ring: KeyRing) -> Rotated:
    kept = await unit.secrets.all()
    require_key(sealer, kept)
    channels = await unit.channels.all()
    of_channels = [one for channel in channels for one in all_sealed(channel)]
    closed = sum(not sealer.opens(one) for one in of_channels)
    if closed:
        cause = f"the key is missing that {closed} of {len(of_channels)} secrets of channels are sealed with"
        raise SealBroken(cause, "Put it back (BACKBONE_SECRET_KEY, or the file secret-key in BACKBONE_HOME)")
    ring.renew()
    old = [one for one in kept if not sealer.newest(one.sealed)]
    for one in old:
        secret = sealer.unseal(one.sealed, one.place)
        await unit.secrets.put(replace(one, sealed=sealer.seal(secret, one.place)))
    anew = sum(not sealer.newest(one) for one in of_channels)
    for channel in channels:
        await unit.channels.save(resealed(channel, sealer))
    return Rotated(secrets=len(kept) + len(of_channels), sealed_anew=len(old) + anew)


async def _let_go(store: AdministrationStore, sealer: Sealer, ring: KeyRing) -> None:
    """Only while nobody seals, and only when nothing needs the old key any more."""
    async with store.administration() as unit:
        await unit.secrets.hold_alone()
        of_channels = [one for channel in await unit.channels.all() for one in all_sealed(channel)]
        if all(sealer.newest(one) for one in [*(kept.sealed for kept in await unit.secrets.all()), *of_channels]):
            ring.settle()
