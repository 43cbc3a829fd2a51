"""How long changes travel when Jira hints at them: ten edits a second, each followed from one history to the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from time import monotonic
from typing import cast

from fastapi import Request

from backbone.adapters.dispatch import PostgresTurns
from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection
from backbone.adapters.jira.tracker import JiraTracker
from backbone.adapters.sealing import GivenKeys, KeySealer, new_key_text
from backbone.adapters.store import PostgresStore, open_store
from backbone.app.access.caller import Caller
from backbone.app.engine.context import Engine
from backbone.app.usecases.webhooks.registering import Desk, register
from backbone.bootstrap.clock import WallSystem
from backbone.core.model.keys import ConnectionName
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin
from backbone.web.app import create_app
from backbone.web.front import BASE
from backbone.web.installation import Installation
from backbone.web.listening import Listening, open_listening, serve
from tests.bench.jira import RemoteJira
from tests.bench.kills import MARA
from tests.bench.stage import Stage, stage

ISSUES = 60
PER_SECOND = 10.0
ADMINISTRATORS: Mapping[str, JiraLogin] = {
    "northwind": PasswordLogin(user="gero", password="gero"),
    "lumen": ApiTokenLogin(email="kate@lumen.example", api_token="kate-token"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What the route of hints works with."""

    store: PostgresStore
    sealer: KeySealer
    system: WallSystem


async def _nobody(_: Request) -> None:
    """Hints need no log-in."""


@asynccontextmanager
async def _hearing(here: Stage) -> AsyncIterator[None]:
    """The REST API beside the worker, and webhooks of both Jiras that lead to it."""
    opened, stop = open_listening(Listening(host="127.0.0.1", port=0)), asyncio.Event()
    async with open_store(here.orders.dsn, PostgresTurns) as store:
        hearing = Hearing(store=store, sealer=KeySealer(GivenKeys(new_key_text())), system=WallSystem())
        app = create_app(cast("Installation", hearing), _nobody)  # the other routes are not called
        serving = asyncio.create_task(serve(app, opened, stop))
        try:
            await _register(here, hearing, f"{opened.address}{BASE}/hints/")
            yield
        finally:
            stop.set()
            await serving


async def _register(here: Stage, hearing: Hearing, prefix: str) -> None:
    trackers = {
        ConnectionName(one.name): JiraTracker(
            JiraConnection(base_url=one.url, login=ADMINISTRATORS[one.name]), ProcessBudget()
        )
        for one in (here.first, here.second)
    }
    engine = Engine(store=hearing.store, trackers=trackers, system=hearing.system)
    desk = Desk(
        store=hearing.store,
        engine=engine,
        registries={name: tracker.webhooks for name, tracker in trackers.items()},
        sealer=hearing.sealer,
        address_of=lambda secret: f"{prefix}{secret}",
    )
    try:
        for name in trackers:
            standing = await register(desk, name, Caller(name="bench", shown="bench", everything=True))
            assert standing.refusal is None, standing.refusal
    finally:
        for tracker in trackers.values():
            await tracker.close()


async def travel_times(changes: int) -> list[float]:
    """Seconds from the history of one Jira to that of the other, of every change; an hour for one that never came."""
    async with stage(issues=ISSUES) as here:
        await here.start_worker()
        pairs = await _all_paired(here)
        async with _hearing(here):
            for number in range(changes):
                begun = monotonic()
                await _edit(here.first, list(pairs)[number % ISSUES], f"Change {number}")
                await asyncio.sleep(max(0.0, 1 / PER_SECOND - (monotonic() - begun)))
            await asyncio.sleep(10)
        sent, arrived = await _moments(here.first, pairs), await _moments(here.second, pairs.values())
        assert len(sent) == changes
        return [arrived[one] - moment if one in arrived else 3600.0 for one, moment in sent.items()]


async def _all_paired(here: Stage) -> Mapping[str, str]:
    """Keys of the issues and of their partners, once all are created and their comments are there."""
    while (await here.second.calls()).get("POST issue/{issue}/comment", 0) < 2 * ISSUES:  # noqa: ASYNC110  elsewhere
        await asyncio.sleep(0.2)
    while True:
        found = await here.ask("select local_key, remote_key from pair where remote_key like 'LUM-%'")
        if len(found) == ISSUES:
            return dict(found)
        await asyncio.sleep(0.2)


async def _edit(jira: RemoteJira, key: str, summary: str) -> None:
    address = f"{jira.url}/rest/api/2/issue/{key}"
    async with jira.http.put(address, json={"fields": {"summary": summary}}, headers=MARA) as answer:
        answer.raise_for_status()


async def _moments(jira: RemoteJira, keys: Iterable[str]) -> dict[str, float]:
    """When each change was written, in seconds since 1970."""
    found: dict[str, float] = {}
    for key in keys:
        address = f"{jira.url}/rest/api/2/issue/{key}?fields=summary&expand=changelog"
        async with jira.http.get(address, **jira.login()) as answer:
            answer.raise_for_status()
            histories = (await answer.json())["changelog"]["histories"]
        for history in histories:
            at = datetime.strptime(history["created"], "%Y-%m-%dT%H:%M:%S.%f%z").timestamp()
            found |= {item["toString"]: at for item in history["items"] if str(item["toString"]).startswith("Change ")}
    return found


async def table(changes: int) -> list[str]:
    """The lines of the documents."""
    times = sorted(await travel_times(changes))
    within = sum(one <= 1.0 for one in times) / len(times)
    half, most, last = quantiles(times, n=100)[49], quantiles(times, n=100)[98], times[-1]
    return [
        "| changes | a second | half within | 99 of 100 within | slowest | within one second |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| {changes} | {PER_SECOND:.0f} | {half:.2f} s | {most:.2f} s | {last:.2f} s | {within:.1%} |",
    ]
