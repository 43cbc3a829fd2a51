"""Everything dies at random moments while people work, and nothing is lost, doubled, out of order or different."""

from __future__ import annotations

import pytest

from tests.bench.kills import run_kills


@pytest.mark.timeout(400)
@pytest.mark.parametrize("workers", [1, 3])
async def test_ten_kills_leave_both_sides_equal(workers: int) -> None:
    verdict = await run_kills(kills=10, workers=workers, issues=40, seed=workers)
    assert verdict.sound, verdict
    assert verdict.issues == 40
    assert verdict.kills.total() == 10
