"""`problems`: what is held back and why, and what a person may do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backbone.cli.outcome import HELD_BACK, run, settings, tell, tell_json
from backbone.cli.running import AsJson, Named

app = typer.Typer(
    name="problems",
    help="List what is held back, why, and how it is cured, and act on it; exit code 1 when there is anything.",
    invoke_without_command=True,
    rich_markup_mode=None,
)

Number = Annotated[int | None, typer.Argument(metavar="[ID]", help="Number of a problem, as the list shows it.")]
OfCode = Annotated[str | None, typer.Option("--code", help="Act on all problems of this code instead.")]
In = Annotated[str | None, typer.Option("--in", metavar="SYNC", help="Of this synchronization only, with --code.")]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="problems")
    parent.command("support-bundle")(support_bundle)


@app.callback()
def problems(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is held back, why, and how it is cured, and act on it; exit code 1 when there is anything."""
    if context.invoked_subcommand is None:
        _list(None, as_json)


@app.command("list")
def list_problems(named: Named = None, as_json: AsJson = False) -> None:
    """Print what is held back, why, and how it is cured; exit code 1 when there is anything."""
    _list(named, as_json)


def _list(named: str | None, as_json: bool) -> None:
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.status import open_problems
        from backbone.bootstrap import assembled
        from backbone.cli.problems import plain_problem, problem_lines

        async with assembled(found) as backbone:
            listed = await open_problems(backbone.store, named)
        if as_json:
            tell_json([plain_problem(one) for one in listed])
            return HELD_BACK if listed else 0
        for one in listed:
            for line in problem_lines(one):
                tell(line)
        if not listed:
            tell("Nothing is held back.")
        return HELD_BACK if listed else 0

    run(work)


@app.command("show")
def show(
    number: Annotated[int, typer.Argument(metavar="ID", help="Number of a problem, as the list shows it.")],
    as_json: AsJson = False,
) -> None:
    """Print one problem with what it holds back, why it happens, and which actions it offers."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.troubleshooting.acting import find_or_mistake
        from backbone.app.usecases.troubleshooting.contents import content_of
        from backbone.bootstrap import assembled
        from backbone.cli.problems import plain_shown, shown_lines

        async with assembled(found) as backbone:
            one = await find_or_mistake(backbone.store, number)
            content = await content_of(backbone.store, one)
        if as_json:
            tell_json(plain_shown(one, content))
            return 0
        for line in shown_lines(one, content):
            tell(line)
        return 0

    run(work)


@app.command("retry")
def retry(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Try again what a problem holds back, now that its cause may be gone."""
    _act("retry", number, code, named, as_json=as_json)


@app.command("resync")
def resync(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Let the partner tell its values of the issue again; right when something changed on the sending side."""
    _act("resync", number, code, named, as_json=as_json)


@app.command("ignore")
def ignore(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Ignore future changes of the partner's issue."""
    _act("ignore", number, code, named, as_json=as_json)


@app.command("recreate")
def recreate(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Synchronize the partner's issue with a new issue, since ours is gone."""
    _act("recreate", number, code, named, as_json=as_json)


@app.command("take-mine")
def take_mine(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Take the value of the issue in which the problem occurred, on both sides."""
    _act("take-mine", number, code, named, as_json=as_json)


@app.command("take-theirs")
def take_theirs(number: Number = None, code: OfCode = None, named: In = None, as_json: AsJson = False) -> None:
    """Take the partner's value, on both sides."""
    _act("take-theirs", number, code, named, as_json=as_json)


def _act(word: str, number: int | None, code: str | None, named: str | None, *, as_json: bool) -> None:
    """Act on one problem, or on all of a code; exit code 1 where one could not be acted on."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.troubleshooting.about import Action
        from backbone.app.usecases.troubleshooting.acting import choose
        from backbone.app.usecases.troubleshooting.recorded import act_on_chosen_as
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            await backbone.open_connections()
            which = await choose(backbone.store, number, code, named)
            done = await act_on_chosen_as(operator(), backbone.engine, backbone.store, which, Action(word))
            if word == "retry":
                await backbone.unblock()
        if as_json:
            tell_json({"done": list(done.done), "failed": dict(done.failed)})
            return HELD_BACK if done.failed else 0
        for one in done.done:
            tell(f"problem {one}: {word} is under way")
        for one, why in done.failed:
            tell(f"problem {one}: {why}")
        if not (done.done or done.failed):
            tell("There is no such problem.")
        return HELD_BACK if done.failed else 0

    run(work)


@app.command("overwritten")
def overwritten(named: Named = None, as_json: AsJson = False) -> None:
    """Print values that lost against newer ones, the newest first, with the number by which each is restored."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.troubleshooting.losers import overwritten_values
        from backbone.bootstrap import assembled
        from backbone.cli.problems import moment, plain_loser

        async with assembled(found) as backbone:
            listed = await overwritten_values(backbone.store, named)
        if as_json:
            tell_json([plain_loser(one) for one in listed])
            return 0
        for one in listed:
            restored = ", restored" if one.known.restored is not None else ""
            tell(f"[{one.known.id}] {moment(one.known.loser.at)} {one.issue} {one.field}{restored}")
            tell(f"    {one.known.loser.value}")
        if not listed:
            tell("No value lost.")
        return 0

    run(work)


@app.command("restore")
def restore(
    number: Annotated[int, typer.Argument(metavar="ID", help="Number of a value, as 'overwritten' shows it.")],
) -> None:
    """Let a value that lost against a newer one count again, on both sides."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.troubleshooting.losers import loser_numbered
        from backbone.app.usecases.troubleshooting.recorded import restore_as
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            await backbone.open_connections()
            known = await loser_numbered(backbone.store, number)
            await restore_as(operator(), backbone.engine, backbone.store, known)
        tell(f"value {number}: it is written to both sides by 'backbone serve' or the next 'backbone sync'")
        return 0

    run(work)


def support_bundle(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Zip file to write; it must not be there yet.")],
    hash_names: Annotated[
        bool, typer.Option("--hash-names", help="Replace names of fields, options and people, and keys of issues.")
    ] = False,
) -> None:
    """Write FILE for whoever helps: versions, settings, configuration and figures; no secrets, nothing of issues."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.troubleshooting.bundle import Told
        from backbone.app.usecases.troubleshooting.bundle import support_bundle as bundle
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            told = Told(settings=backbone.shown_settings(), log=backbone.last_log_lines())
            content = await bundle(backbone.store, told, backbone.system.now(), hash_names=hash_names)
        with file.open("xb") as stream:
            stream.write(content)
        tell(f"{file}: {len(content) // 1024 + 1} KB. Look into it before you send it.")
        return 0

    run(work)
