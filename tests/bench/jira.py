"""A pretend Jira in a process of its own, and the hand that moves it. Called with the flavour and how many issues."""

from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from backbone.simulator import Simulator
from backbone.simulator.plan import WorldPlan
from tests.bench.worlds import many, many_of_cloud, plans

NORTHWIND, LUMEN = "northwind", "lumen"
HEADERS = {
    NORTHWIND: {"Authorization": "Bearer northwind-token"},
    LUMEN: {"Authorization": f"Basic {b64encode(b'sync@lumen.example:lumen-token').decode()}"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJira:
    """One pretend Jira seen from outside. ``name`` is northwind (Data Center) or lumen (Cloud)."""

    name: str
    url: str
    http: aiohttp.ClientSession
    process: asyncio.subprocess.Process

    async def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401  JSON
        """A command of the control interface; it is neither counted nor delayed."""
        async with self.http.request(method, f"{self.url}/__simulator__/{path}", json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def delay(self, seconds: float) -> None:
        await self.control("PUT", "latency", {"seconds": seconds})

    async def calls(self) -> Mapping[str, int]:
        found: Mapping[str, int] = (await self.control("GET", "calls"))["endpoints"]
        return found

    async def forget_calls(self) -> None:
        await self.control("DELETE", "calls")

    def login(self) -> dict[str, Any]:
        """Arguments of a request by the account of the synchronization."""
        return {"headers": HEADERS[self.name]}


@asynccontextmanager
async def remote_jira(name: str, issues: int) -> AsyncIterator[RemoteJira]:
    """Start a pretend Jira with so many issues of two comments each."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.jira", name, str(issues), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            yield RemoteJira(name=name, url=url, http=http, process=process)
    finally:
        process.kill()
        await process.wait()


def main(name: str, issues: int) -> None:
    """Serve until killed; the first line of output is the address."""
    first, second = plans()
    if name == NORTHWIND:
        plan = first.model_copy(update={"issues": tuple(many(issues))})
    else:
        plan = second.model_copy(update={"issues": tuple(many_of_cloud(issues))})
    asyncio.run(_serve(plan))


async def _serve(plan: WorldPlan) -> None:
    async with Simulator.of_plan(plan) as simulator:
        print(simulator.url, flush=True)  # noqa: T201  the address is asked for
        await asyncio.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
