"""What could not leave while the way out did not work is told as soon as it works, however long that took."""

from __future__ import annotations

from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar, labels
from tests.fakes.halves import BUG, LABELS, LOW, PRIORITY
from tests.parts.two_installations import TwoInstallations

HOURS = 3600.0
MINUTES = 60.0


async def _in_step() -> TwoInstallations:
    two = TwoInstallations()
    two.a.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()
    return two


def _out(two: TwoInstallations, words: str) -> None:
    """The way out of the first does not work, or works again."""
    two.wire.towards(two.second.half.role).down = words


async def test_the_list_of_a_restored_side_leaves_once_there_is_a_way() -> None:
    two = await _in_step()
    before = two.first.backup()
    two.a.create_issue(BUG, {SUMMARY: Scalar("b"), PRIORITY: LOW, LABELS: labels()})
    await two.settle()
    await two.first.restore(before, "another life")
    _out(two, "no route")
    await two.exchange(times=60, seconds=0.5 * HOURS)

    _out(two, "")
    await two.exchange(times=12, seconds=5 * MINUTES)

    assert two.first.channel.restoring is None
    assert two.second.channel.restoring is None
