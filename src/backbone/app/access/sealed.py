"""Secrets that are given over the API or typed: kept sealed, found by an id, opened only where they are used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.app.declaration.credentials import Unseal, nothing_sealed
from backbone.app.usecases.mistakes import Mistake
from backbone.ports.access import SealedSecret
from backbone.ports.administration import AdministrationUnit
from backbone.ports.sealing import SealBroken, Sealer
from backbone.ports.system import System


async def seal_secret(unit: AdministrationUnit, sealer: Sealer, system: System, about: str, secret: str) -> str:
    """Keep a secret; its id. ``about`` says what it is for, such as ``connection northwind, password``.

    Raises Mistake when the key is lost that others were sealed with: nobody shall go on with half of the secrets.
    """
    await unit.secrets.hold()
    try:
        require_key(sealer, await unit.secrets.all())
        kept = SealedSecret(id=system.new_id(), about=about, sealed="", created=system.now())
        sealed = sealer.seal(secret, kept.place)
    except SealBroken as broken:
        raise mistake_of(broken) from broken
    await unit.secrets.put(SealedSecret(id=kept.id, about=about, sealed=sealed, created=kept.created))
    return kept.id


async def unseal_secret(unit: AdministrationUnit, sealer: Sealer, ident: str) -> str:
    """The secret. Raises Mistake."""
    kept = await unit.secrets.get(ident)
    try:
        return nothing_sealed(ident) if kept is None else sealer.unseal(kept.sealed, kept.place)
    except SealBroken as broken:
        raise mistake_of(broken) from broken


async def sealed_secrets(unit: AdministrationUnit, sealer: Sealer) -> Unseal:
    """What opens any of the secrets as they are now."""
    kept: Mapping[str, SealedSecret] = {one.id: one for one in await unit.secrets.all()}

    def unseal(ident: str) -> str:
        one = kept.get(ident)
        return nothing_sealed(ident) if one is None else sealer.unseal(one.sealed, one.place)

    return unseal


def require_key(sealer: Sealer, kept: Sequence[SealedSecret]) -> None:
    """Raises SealBroken unless every secret can be opened with a key that is known."""
    closed = sum(not sealer.opens(one.sealed) for one in kept)
    if closed:
        cause = f"the key is missing that {closed} of {len(kept)} secrets are sealed with"
        raise SealBroken(cause, "Put it back (BACKBONE_SECRET_KEY, or the file secret-key in BACKBONE_HOME)")


def mistake_of(broken: SealBroken) -> Mistake:
    return Mistake("sealed secrets", broken.cause, broken.cure)
