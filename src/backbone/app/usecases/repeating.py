"""A request that is repeated under the same key gets the same answer, and what it asks for happens once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.repeats import Answer, RequestKey
from backbone.ports.system import System


async def answer_once(
    store: AdministrationStore,
    system: System,
    request: RequestKey | None,
    work: Callable[[AdministrationUnit], Awaitable[Answer]],
) -> Answer:
    """Do the work of a request and keep its answer in the same transaction; a repeated one only gets the answer.

    ``work`` writes to the unit and leaves the commit to us. What it raises undoes everything, and the key may be used
    again. Without a key it is done each time. Raises UnderWay, AnotherRequest.
    """
    async with store.administration() as unit:
        known = await unit.repeats.claim(request, system.now()) if request is not None else None
        if known is not None:
            return known
        answer = await work(unit)
        if request is not None:
            await unit.repeats.keep(request, answer, system.now())
        await unit.commit()
        return answer


async def answer_before(store: AdministrationStore, system: System, request: RequestKey | None) -> Answer | None:
    """What was answered to this request before, for who has something to check first. Raises UnderWay, AnotherRequest."""
    if request is None:
        return None
    async with store.administration() as unit:
        return await unit.repeats.claim(request, system.now())
