"""When a turn that a failure ended is run again. Until then the later turns of its pair wait.

A turn that only puts itself off says when it wants to come again: that is no failure, see requeue.py.
"""

from __future__ import annotations

from asyncio import CancelledError
from datetime import UTC, datetime, timedelta

import psycopg
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from psycopg_pool import PoolClosed, PoolTimeout

from backbone.ports.store import LockLost

_SOON = 1.0  # seconds
_LONGEST = 300.0
_NOBODYS_FAULT = (
    psycopg.OperationalError,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    ConnectorException,
    PoolTimeout,
    PoolClosed,
    LockLost,
    OSError,
)


class TurnRetries(BaseRetryStrategy):
    """What nobody has to act on is retried for ever, a defect ``attempts`` times; then the sweep starts anew.

    ``ahead`` is how many seconds the clock of the database is ahead of ours: it decides when a job is due.
    """

    def __init__(self, attempts: int, ahead: float = 0.0) -> None:
        self._attempts = attempts
        self.ahead = ahead

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        wait = self.wait(exception, job.attempts)
        if wait is None:
            return None
        return RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=wait + self.ahead))

    def wait(self, exception: BaseException, attempts: int) -> float | None:
        """Seconds until the next attempt after so many failed ones; None if there is none."""
        match exception:
            case CancelledError():
                return 0.0  # this worker stops: another one goes on at once
            case _ if isinstance(exception, _NOBODYS_FAULT):
                return _SOON
            case _ if attempts < self._attempts:
                return min(_LONGEST, _SOON * 2.0**attempts)
            case _:
                return None
