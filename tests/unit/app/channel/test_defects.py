"""A defect of the program loses nothing that came, and holds nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backbone.core.model.keys import PairUid
from backbone.core.model.problems import Code
from backbone.ports.cipher import Opened
from tests.fakes.cipher import PlainCipher
from tests.parts.counted_messages import counting, tell, used
from tests.parts.two_installations import TwoInstallations

P, Q = PairUid("p"), PairUid("q")


@dataclass(frozen=True, slots=True)
class Defective(PlainCipher):
    """Fails with some parcels in a way that nobody thought of; ``fails`` are their bytes."""

    fails: set[bytes] = field(default_factory=set)

    async def open(
        self, sealed: bytes, secret: str | None, partners: Sequence[str], *, largest: int, encrypted: bool = True
    ) -> Opened:
        if sealed in self.fails:
            raise RuntimeError("a secret")
        return await PlainCipher.open(self, sealed, secret, partners, largest=largest, encrypted=encrypted)


async def one_that_fails() -> tuple[TwoInstallations, Defective]:
    """What the second side told of P fails at the first; later parcels do not."""
    two = counting()
    await two.exchange(3)
    cipher = Defective(clock=two.system.now)
    two.first.host.cipher = cipher
    await tell(two.second, {P: 1})
    await two.second.step()
    cipher.fails.add(two.wire.to_first.sent[-1])
    await two.exchange(1)
    return two, cipher


async def test_what_came_is_kept_and_used_when_the_defect_is_gone() -> None:
    two, cipher = await one_that_fails()
    assert Code.DEFECT in two.first.problems
    assert used(two.first) == {}

    cipher.fails.clear()
    two.wait(600)
    await two.first.step()

    assert list(used(two.first)) == [P]


async def test_what_fails_at_each_try_holds_nothing_else() -> None:
    two, _ = await one_that_fails()
    await tell(two.first, {Q: 2})
    for _ in range(3):
        await two.exchange(1, seconds=600)

    assert list(used(two.second)) == [Q]
