"""Secrets that were given are kept sealed; their key can be exchanged, lost and put back, and nothing is half done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from backbone.adapters.sealing import FileKeys, GivenKeys, KeySealer, new_key_text
from backbone.app.access.sealed import seal_secret, sealed_secrets, unseal_secret
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import declaration_from
from backbone.app.usecases.mistakes import Mistake
from backbone.app.usecases.reopening import reopen
from backbone.app.usecases.rotating import Rotated, rotate
from backbone.core.model.keys import ConnectionName
from backbone.ports.login import PasswordLogin
from backbone.ports.records import StoredConnection
from backbone.ports.sealing import Sealer
from tests.integration.access.conftest import Door
from tests.parts.office import ROOT

ABOUT = "connection north, password"


class PowerCut(Exception):
    """The process dies."""


@dataclass
class DyingRing:
    """Keys of a file, whose process dies before or after a step."""

    keys: FileKeys
    before_renewing: bool = False
    after_renewing: bool = False
    before_settling: bool = False

    def renew(self) -> None:
        if self.before_renewing:
            raise PowerCut
        self.keys.renew()
        if self.after_renewing:
            raise PowerCut

    def settle(self) -> None:
        if self.before_settling:
            raise PowerCut
        self.keys.settle()


async def _keep(door: Door, sealer: Sealer, *secrets: str) -> list[str]:
    async with door.store.administration() as unit:
        kept = [await seal_secret(unit, sealer, door.clock, ABOUT, secret) for secret in secrets]
        await unit.commit()
    return kept


async def _opened(door: Door, sealer: Sealer, kept: list[str]) -> list[str]:
    async with door.store.administration() as unit:
        return [await unseal_secret(unit, sealer, ident) for ident in kept]


async def _rotated(door: Door, sealer: Sealer, keys: FileKeys) -> list[str]:
    await rotate(door.store, door.clock, sealer, keys, ROOT)
    return []


def _stored(secret: str) -> StoredConnection:
    declared = {"url": "https://jira.north.example", "user": "sync", "password": {"sealed": secret}}
    return StoredConnection(name=ConnectionName("north"), document={"declared": declared, "file": "/etc/b.yaml"})


async def test_a_connection_is_opened_with_a_secret_that_is_kept_sealed(lonely: Door, tmp_path: Path) -> None:
    sealer = KeySealer(FileKeys(tmp_path / "secret-key"))
    [ident] = await _keep(lonely, sealer, "north-password")

    async with lonely.store.administration() as unit:
        opened = reopen(_stored(ident), {}, await sealed_secrets(unit, sealer))

    assert opened.login == PasswordLogin(user="sync", password="north-password")
    assert "north-password" not in repr(opened)


async def test_a_lost_key_is_told_with_the_connection(lonely: Door) -> None:
    [ident] = await _keep(lonely, KeySealer(GivenKeys(new_key_text())), "north-password")

    async with lonely.store.administration() as unit:
        unseal = await sealed_secrets(unit, KeySealer(GivenKeys(new_key_text())))
    with pytest.raises(Mistake, match="connection north: the key that a secret was sealed with is missing"):
        reopen(_stored(ident), {}, unseal)
    with pytest.raises(Mistake, match="there is no sealed secret"):
        reopen(_stored("another"), {}, unseal)


def test_a_file_may_not_name_a_sealed_secret() -> None:
    text = b"connections:\n  north: {url: https://j.example, user: a, password: {sealed: abc}}\nsynchronizations: []\n"

    with pytest.raises(DeclarationError, match="a sealed secret can't be named in a file"):
        declaration_from(text, "backbone.yaml")


async def test_nothing_is_sealed_while_the_key_of_other_secrets_is_lost(lonely: Door, tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    await _keep(lonely, KeySealer(FileKeys(path)), "north-password")
    lost = path.rename(tmp_path / "elsewhere")

    with pytest.raises(Mistake, match="the key is missing that 1 of 1 secrets are sealed with"):
        await _keep(lonely, KeySealer(FileKeys(path)), "another")
    assert not path.exists()

    lost.rename(path)
    assert len(await _keep(lonely, KeySealer(FileKeys(path)), "another")) == 1


async def test_after_a_rotation_everything_opens_and_the_old_key_is_gone(lonely: Door, tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "secret-key")
    sealer = KeySealer(keys)
    kept = await _keep(lonely, sealer, "one", "two", "three")
    old = keys.all()[0]

    done = await rotate(lonely.store, lonely.clock, sealer, keys, ROOT)

    assert done == Rotated(secrets=3, sealed_anew=3)
    assert await _opened(lonely, sealer, kept) == ["one", "two", "three"]
    assert [key.id for key in keys.all()] != [old.id]
    with pytest.raises(Mistake):
        await _opened(lonely, KeySealer(GivenKeys(old.text)), kept)


@pytest.mark.parametrize("moment", ["before_renewing", "after_renewing", "before_settling"])
async def test_a_rotation_that_dies_loses_nothing_and_the_next_one_ends_it(
    lonely: Door, tmp_path: Path, moment: str
) -> None:
    keys = FileKeys(tmp_path / "secret-key")
    sealer = KeySealer(keys)
    kept = await _keep(lonely, sealer, "one", "two")
    old = keys.all()[0].id
    ring = DyingRing(keys)
    setattr(ring, moment, True)

    with pytest.raises(PowerCut):
        await rotate(lonely.store, lonely.clock, sealer, ring, ROOT)
    assert await _opened(lonely, sealer, kept) == ["one", "two"]
    kept += await _keep(lonely, sealer, "meanwhile")

    await rotate(lonely.store, lonely.clock, sealer, keys, ROOT)
    assert await _opened(lonely, sealer, kept) == ["one", "two", "meanwhile"]
    assert len(keys.all()) == 1
    assert keys.all()[0].id != old


async def test_rotations_and_new_secrets_at_the_same_time_lose_nothing(lonely: Door, tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "secret-key")
    sealer = KeySealer(keys)
    kept = await _keep(lonely, sealer, "first")

    rounds = await asyncio.gather(
        *(_keep(lonely, sealer, f"secret {number}") for number in range(4)),
        *(_rotated(lonely, KeySealer(FileKeys(keys.path)), FileKeys(keys.path)) for _ in range(3)),
        *(_keep(lonely, KeySealer(FileKeys(keys.path)), f"other {number}") for number in range(4)),
    )

    kept += [ident for one in rounds for ident in one]
    assert len(kept) == 9
    assert sorted(await _opened(lonely, sealer, kept)) == sorted(
        ["first", *(f"secret {number}" for number in range(4)), *(f"other {number}" for number in range(4))]
    )
    assert len(keys.all()) == 1


async def test_a_key_of_the_setting_is_exchanged_by_writing_the_new_one_before_it(lonely: Door) -> None:
    old, new = new_key_text(), new_key_text()
    kept = await _keep(lonely, KeySealer(GivenKeys(old)), "one")
    with pytest.raises(Mistake, match="BACKBONE_SECRET_KEY holds no new key"):
        await rotate(lonely.store, lonely.clock, KeySealer(GivenKeys(old)), GivenKeys(old), ROOT)

    both = GivenKeys(f"{new} {old}")
    await rotate(lonely.store, lonely.clock, KeySealer(both), both, ROOT)

    assert await _opened(lonely, KeySealer(GivenKeys(new)), kept) == ["one"]


async def test_the_database_holds_no_secret_in_the_clear(lonely: Door, tmp_path: Path) -> None:
    sealer = KeySealer(FileKeys(tmp_path / "secret-key"))
    await _keep(lonely, sealer, "north-password")

    async with lonely.store.administration() as unit:
        [kept] = await unit.secrets.all()
    assert "north-password" not in kept.sealed
    assert kept.sealed not in repr(kept)
