"""When a turn that failed is run again."""

from __future__ import annotations

from asyncio import CancelledError
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from procrastinate.jobs import Job
from psycopg_pool import PoolTimeout

from backbone.adapters.dispatch.retrying import TurnRetries
from backbone.ports.store import LockLost

RETRIES = TurnRetries(8)


@pytest.mark.parametrize("error", [psycopg.OperationalError(), PoolTimeout(), LockLost(), OSError()])
def test_what_nobody_is_to_blame_for_is_retried_for_ever(error: Exception) -> None:
    assert RETRIES.wait(error, 10_000) == 1.0


def test_a_defect_is_retried_so_often_and_with_growing_pauses() -> None:
    waits = [RETRIES.wait(ZeroDivisionError(), attempts) for attempts in range(9)]

    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, None]


def test_a_turn_that_was_cut_short_is_left_to_another_worker_at_once() -> None:
    assert RETRIES.wait(CancelledError(), 99) == 0.0


def test_the_clock_of_the_database_decides() -> None:
    job = Job(queue="turns", lock=None, queueing_lock=None, task_name="turn")
    decision = TurnRetries(8, ahead=3600).get_retry_decision(exception=LockLost(), job=job)

    assert decision is not None
    assert decision.retry_at is not None
    assert decision.retry_at - datetime.now(UTC) > timedelta(minutes=55)
    assert TurnRetries(0).get_retry_decision(exception=ZeroDivisionError(), job=job) is None
