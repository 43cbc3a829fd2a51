"""Exchanging the key that secrets are sealed with: all or nothing, and a crash at any moment leaves a key for each.

The new key is put beside the old one before anything is sealed with it, and the old one goes after everything is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.access.sealed import mistake_of, require_key
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
        async with store.administration() as unit:
            await unit.secrets.hold_alone()
            done = await _seal_anew(unit, sealer, ring)
            told = {"kept": done.secrets, "sealedAnew": done.sealed_anew}
            await unit.audit.write(entry_of(by, "secrets.rotate", "secret key", system.now(), after=told))
            await unit.commit()
        await _let_go(store, sealer, ring)
    except SealBroken as broken:
        raise mistake_of(broken) from broken
    return done


async def _seal_anew(unit: AdministrationUnit, sealer: Sealer, ring: KeyRing) -> Rotated:
    kept = await unit.secrets.all()
    require_key(sealer, kept)
    ring.renew()
    old = [one for one in kept if not sealer.newest(one.sealed)]
    for one in old:
        secret = sealer.unseal(one.sealed, one.place)
        await unit.secrets.put(replace(one, sealed=sealer.seal(secret, one.place)))
    return Rotated(secrets=len(kept), sealed_anew=len(old))


async def _let_go(store: AdministrationStore, sealer: Sealer, ring: KeyRing) -> None:
    """Only while nobody seals, and only when nothing needs the old key any more."""
    async with store.administration() as unit:
        await unit.secrets.hold_alone()
        if all(sealer.newest(one.sealed) for one in await unit.secrets.all()):
            ring.settle()
