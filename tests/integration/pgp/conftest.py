"""One real cipher a test, and one gpg home for all, since keys take time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from backbone.adapters.pgp.cipher import SequoiaCipher
from backbone.ports.cipher import KeyKind, KeyPair
from tests.parts.gpg import RSA, Gpg, gpg_home


@pytest.fixture
async def cipher() -> AsyncIterator[SequoiaCipher]:
    async with SequoiaCipher() as real:
        yield real


@pytest.fixture
async def ours(cipher: SequoiaCipher) -> KeyPair:
    return await cipher.generate(KeyKind.CURVE_25519)


@pytest.fixture(scope="session")
def gpg() -> Iterator[Gpg]:
    with gpg_home() as home:
        yield home


@pytest.fixture(scope="session")
def partner(gpg: Gpg) -> str:
    """The fingerprint of a key that gpg made on Curve 25519."""
    return gpg.make_key("partner")


@pytest.fixture(scope="session")
def partner_rsa(gpg: Gpg) -> str:
    """The same with RSA."""
    return gpg.make_key("partner-rsa", RSA.format(3072))
