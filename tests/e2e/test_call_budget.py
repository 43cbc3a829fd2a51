"""REST calls are counted: a change that makes one more of them fails here."""

from __future__ import annotations

import pytest

from tests.bench.calls import DIRECTIONS, Direction, Row, measure, rows

LINES = [(direction, row) for direction in DIRECTIONS for row in rows(direction)]


@pytest.mark.parametrize(("direction", "row"), LINES, ids=[f"{row.name}, {one.name}" for one, row in LINES])
async def test_what_users_do_costs_no_more_calls_than_allowed(direction: Direction, row: Row) -> None:
    calls = await measure(row, direction)
    assert row.kept(calls), calls.shown()
    assert calls.total >= row.floor, "what was to be counted did not happen"
