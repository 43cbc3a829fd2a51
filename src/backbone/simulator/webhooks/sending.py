"""Making the POST of a delivery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import aiohttp

from backbone.simulator.webhooks.addresses import AddressError, check_address
from backbone.simulator.webhooks.deliveries import Attempt, Delivery

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0


class Sender:
    """Posts deliveries over one client session, which is opened when it is first needed.

    The limits of time are real seconds: 5 to connect, 20 for all, as measured for Cloud by Hookdeck.
    Redirects are not followed, and the address is checked once more, since its variables are filled in now.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def post(self, delivery: Delivery) -> Attempt:
        """Make one delivery; whatever goes wrong is part of the result."""
        started = self._now()
        status, problem = 0, ""
        try:
            check_address(delivery.url)
            status = await self._status(delivery)
        except AddressError as refused:
            problem = str(refused)
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            problem = f"{type(failure).__name__}: {failure}"
        return Attempt(delivery=delivery, status=status, problem=problem, started=started, finished=self._now())

    async def _status(self, delivery: Delivery) -> int:
        async with self._opened().post(
            delivery.url,
            data=delivery.body,
            headers=delivery.headers,
            allow_redirects=False,
            ssl=delivery.verifies_certificates,
        ) as response:
            await response.read()
            return response.status

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout)
        return self._session

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
