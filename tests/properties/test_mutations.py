"""What is accepted is what the partner sealed, whatever is done to parcels; see ``mutations.py`` for what is done."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import pytest

from backbone.app.channel.packing import LARGEST, unpack
from backbone.core.model.changes import IssueCreated
from backbone.core.model.keys import IssueId, IssueKey, IssueRef, PairUid
from backbone.core.protocol.chain import digest_of
from backbone.core.protocol.parcels import Digest, Messages, PairMessage, Parcel
from backbone.ports.cipher import NotGenuine, Opened
from tests.architecture.sources import ROOT
from tests.fakes.cipher import PlainCipher
from tests.fakes.parcels import parcel
from tests.properties.mutations import Scene, Tally, check_well_formed, collected, run, set_scene

CASES = 20_000


@pytest.mark.timeout(600)
def test_nothing_is_accepted_that_the_partner_did_not_seal_and_nothing_crashes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.properties.mutations", str(CASES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)

    assert told["quick cipher"]["failures"] == told["OpenPGP"]["failures"] == []
    assert told["quick cipher"]["cases"] + told["OpenPGP"]["cases"] == CASES
    assert told["most memory, MB"] < 600
    assert told["quick cipher"]["accepted"] > CASES // 20
    assert told["OpenPGP"]["accepted"] > 0


@dataclass(slots=True, kw_only=True)
class Careless(Scene):
    """Does not look at whom a parcel concerns."""

    async def open(self, sealed: bytes) -> tuple[Parcel, Digest]:
        keys = [self.partner.public.armored]
        opened = await self.cipher.open(sealed, self.us.secret, keys, largest=LARGEST)
        return unpack(opened.plaintext), digest_of(opened.plaintext)


class Credulous(PlainCipher):
    """Takes what is signed and not encrypted."""

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        try:
            return await super().open(sealed, secret, partners, largest=largest, encrypted=encrypted)
        except NotGenuine:
            return await super().open(sealed, None, partners, largest=largest, encrypted=False)


class Fragile(PlainCipher):
    """Breaks on what is not text."""

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        return await super().open(sealed.decode().encode(), secret, partners, largest=largest, encrypted=encrypted)


async def set_careless_scene() -> Scene:
    scene = await set_scene(PlainCipher(), collected(1)[:30])
    return Careless(**{one.name: getattr(scene, one.name) for one in fields(Scene)})


def test_a_channel_that_does_not_look_at_headers_is_found_out() -> None:
    found = asyncio.run(tampered_with(asyncio.run(set_careless_scene())))

    assert any("forwarded" in one for one in found.failures)


def test_a_cipher_that_takes_what_is_not_encrypted_is_found_out() -> None:
    found = asyncio.run(tampered_with(asyncio.run(set_scene(Credulous(), collected(1)[:30]))))

    assert any("unencrypted" in one for one in found.failures)


def test_a_cipher_that_breaks_is_found_out() -> None:
    found = asyncio.run(tampered_with(asyncio.run(set_scene(Fragile(), collected(1)[:30]))))

    assert any("UnicodeDecodeError" in one for one in found.failures)


def test_an_identifier_that_leads_elsewhere_is_found_out() -> None:
    created = IssueCreated(issue=IssueRef(id=IssueId("1"), key=IssueKey("A-1")))
    message = PairMessage(pair=PairUid("p"), after=0, contents=(created,))
    fine = parcel(Messages(messages=(message,)), 1)
    check_well_formed(fine)

    with pytest.raises(Exception, match=r"pair has characters|identifier that is none"):
        check_well_formed(replace(fine, body=Messages(messages=(replace(message, pair=PairUid("../p")),))))


async def tampered_with(scene: Scene) -> Tally:
    return await run(scene, range(400), 1, watched=False)
