"""Plays the demo: starts everything, lets people work, and tells what arrived where."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path

from rich.console import Console

from backbone.app.declaration.credentials import open_connections
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply
from backbone.app.usecases.quiet import until_quiet
from backbone.app.usecases.serving import keep_serving
from backbone.bootstrap import Backbone, assembled, opened_trackers
from backbone.cli.demo.story import Scene, Step, story
from backbone.cli.demo.view import Happening, View
from backbone.cli.outcome import counted
from backbone.core.model.keys import ConnectorKey
from backbone.ports.records import JournalEntry
from backbone.settings import Settings
from backbone.simulator import Simulator
from backbone.simulator.demo import lumen, northwind

PORTS = {"northwind": 8081, "lumen": 8082}
SECRETS = {"NORTHWIND_TOKEN": "northwind-token", "LUMEN_TOKEN": "lumen-token"}
PATIENCE = 60.0
"""Seconds after which a step that did not arrive is left alone."""


async def play(settings: Settings, console: Console, *, pause: float, stay: bool) -> int:
    """Run the demo; with ``stay`` everything goes on until Ctrl-C. Returns how many steps did not arrive."""
    os.environ |= SECRETS
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="backbone-demo-", ignore_cleanup_errors=True))
        scene = Scene(
            await stack.enter_async_context(_site("northwind")), await stack.enter_async_context(_site("lumen")), {}
        )
        backbone = await stack.enter_async_context(assembled(settings.model_copy(update={"home": Path(home)})))
        view = View(console, heading=_heading(scene))
        with ExitStack() as showing:
            showing.enter_context(view.shown())
            view.say("Synchronizing what is there already …")
            await _begin(backbone, scene)
            stop = _until_interrupted()
            serving = asyncio.create_task(keep_serving(backbone, stop))
            try:
                missed = await _tell(backbone, scene, view, pause, stop)
                view.say("")
                showing.close()
                view.tell([*await _summary(backbone, missed), *(_to_try(scene, view) if stay else ())])
                if stay:
                    await stop.wait()
            finally:
                stop.set()
                await serving
    return missed


def _heading(scene: Scene) -> tuple[str, ...]:
    return (
        f"Northwind Pumps, Jira Data Center, project PUMP: {scene.northwind.url} (token northwind-token)",
        f"Lumen Sensors,   Jira Cloud,       project LUM:  {scene.lumen.url} (sync@lumen.example, lumen-token)",
        "",
    )


@asynccontextmanager
async def _site(name: str) -> AsyncIterator[Simulator]:
    """A pretend Jira at its usual port, or at another one where that is taken."""
    site = Simulator.of_plan(northwind() if name == "northwind" else lumen())
    try:
        await site.start(port=PORTS[name])
    except OSError:
        await site.start()
    try:
        yield site
    finally:
        await site.stop()


def _until_interrupted() -> asyncio.Event:
    stop = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    return stop


async def _begin(backbone: Backbone, scene: Scene) -> None:
    """Apply the demo's configuration and bring both sides in step."""
    text = files("backbone.cli.demo").joinpath("pumps-and-sensors.yaml").read_text("utf-8")
    for name, site in (("northwind", scene.northwind), ("lumen", scene.lumen)):
        text = text.replace(f"http://127.0.0.1:{PORTS[name]}", site.url)
    declaration = declaration_from(text.encode(), "pumps-and-sensors.yaml")
    async with opened_trackers(open_connections(declaration, os.environ)) as trackers:
        declared = await resolve(declaration, trackers)
    await apply(backbone.store, declared, "pumps-and-sensors.yaml", backbone.system.now())
    await backbone.open_connections()
    async with backbone.turns() as turns:
        await until_quiet(backbone.engine, turns, None, patience=30.0)


async def _tell(backbone: Backbone, scene: Scene, view: View, pause: float, stop: asyncio.Event) -> int:
    """Step after step; how many did not arrive in time."""
    missed = 0
    for step in story():
        if stop.is_set():
            break
        began = backbone.system.now()
        happening = Happening(step, step.do(scene))
        view.begin(happening)
        missed += not await _watch(backbone, happening, began, stop)
        view.end(happening)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await stop.wait()
    return missed


async def _watch(backbone: Backbone, happening: Happening, began: int, stop: asyncio.Event) -> bool:
    """Wait until the journal tells of the step's arrival."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not stop.is_set():
                arrived = await _arrival(backbone, happening.issue, happening.step, began)
                if arrived is not None:
                    happening.seconds = (arrived.at - began) / 1000
                    happening.partner = arrived.issue.key if arrived.issue else "?"
                    happening.became = _became(arrived)
                    return True
                await asyncio.sleep(0.1)
    return False


async def _arrival(backbone: Backbone, issue: str, step: Step, began: int) -> JournalEntry | None:
    async with backbone.store.unit() as uow:
        entries = await uow.journal.of_issue(issue)
    fresh = [one for one in entries if one.at >= began and one.what == step.expect]
    return next((one for one in fresh if one.issue is not None and one.issue.key != issue), None)


def _became(entry: JournalEntry) -> str:
    if not entry.rule:
        return entry.what.replace("-", " ")
    change = f"{entry.before} -> {entry.after}" if entry.before else entry.after
    return f"{entry.rule}: {change}"


async def _summary(backbone: Backbone, missed: int) -> list[str]:
    pairs = 0
    async with backbone.store.unit() as uow:
        for one in await uow.synchronizations.all():
            pairs += await uow.pairs.count(ConnectorKey(one.first))
        problems = [one.problem for one in await uow.problems.open()]
    late = f", {counted(missed, 'step')} did not arrive" if missed else ""
    for_a_person = f", {counted(len(problems), 'problem')} for a person to decide:" if problems else "."
    issues = [(one.occurred_in.key if one.occurred_in else one.connector, one.cause) for one in problems]
    return [f"{counted(pairs, 'pair')} in step{late}{for_a_person}", *(f"  {key}: {cause}" for key, cause in issues)]


def _to_try(scene: Scene, view: View) -> list[str]:
    """What a watcher can do now: an edit, and a look at the other side; in lines that no terminal breaks."""
    issue, partner = next(((one.issue, one.partner) for one in view.happenings if one.issue == "PUMP-1"), ("", ""))
    return [
        f"Now it is your turn: edit {issue}, and a second later look at its partner {partner}.",
        f"  curl -X PUT {scene.northwind.url}/rest/api/2/issue/{issue} \\",
        f"    -H 'Authorization: Bearer {SECRETS['NORTHWIND_TOKEN']}' \\",
        """    -H 'Content-Type: application/json' -d '{"fields": {"summary": "Hello"}}'""",
        f"  curl -u sync@lumen.example:{SECRETS['LUMEN_TOKEN']} \\",
        f"    '{scene.lumen.url}/rest/api/2/issue/{partner}?fields=summary'",
        "Ctrl-C ends.",
    ]
