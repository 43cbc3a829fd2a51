"""`pair` and `information`: which issues belong together, as a person pairs, moves and restores them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.outcome import HELD_BACK, counted, run, settings, tell, tell_json
from backbone.cli.running import AsJson

if TYPE_CHECKING:
    from backbone.app.usecases.information.pairing import Preview
    from backbone.bootstrap import Backbone
    from backbone.ports.information import Given
    from backbone.ports.records import Synchronization
    from backbone.settings import Settings

Synchronized = Annotated[str, typer.Argument(help="Key or name of the synchronization.")]
Connector = Annotated[str, typer.Argument(help="Key of the connector, such as PA-2.")]
_ONE = "Key or name of the synchronization; may be left out where there is only one."


def register(app: typer.Typer) -> None:
    app.command("pair")(pair)
    information = typer.Typer(help="Export, adopt and restore sync information.", no_args_is_help=True)
    information.command("export")(export)
    information.command("import")(adopt)
    information.command("deleted")(deleted)
    information.command("restore")(restore)
    app.add_typer(information, name="information")


def pair(
    file: Annotated[
        Path, typer.Argument(help="Two columns: keys of the first project and of the second.", exists=True)
    ],
    synchronization: Annotated[str | None, typer.Option(help=_ONE)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be paired; change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Pair existing issues that a file lists. Nothing is created, and what differs is held until a side is chosen."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.information import pairing
        from backbone.app.usecases.information.columns import rows_of
        from backbone.cli.operator import operator

        async with _at_work(found) as backbone, _plainly(str(file)):
            one = await _chosen(backbone, synchronization)
            mine = one.connectors[0]
            asked = pairing.Pairing(store=backbone.store, engine=backbone.engine, one=one, connector=mine)
            rows = rows_of(file.read_text(encoding="utf-8-sig"))
            rows = rows if mine == one.first else [(second, first) for first, second in rows]
            if dry_run:
                return _show(await pairing.preview(asked, pairing.listed_keys(rows)), as_json=as_json)
            count = await pairing.pair(asked, pairing.listed_keys(rows), by=operator())
        tell_json({"paired": count}) if as_json else tell(f"{counted(count, 'pair')} of issues now belong together.")
        return 0

    run(work)


def _show(found: Preview, *, as_json: bool) -> int:
    """What a preview found; 1 where something stands in the way."""
    wrong = [{"position": one.position, "field": one.field, "cause": one.cause} for one in found.wrong]
    if as_json:
        tell_json({"pairs": found.pairs, "conflicts": wrong, "differences": dict(found.differences)})
        return HELD_BACK if wrong else 0
    tell(f"{counted(found.pairs, 'pair')} would belong together:")
    for local, remote in found.shown[:20]:
        tell(f"  {local}  {remote}")
    for one in found.wrong:
        tell(f"  line {one.position + 1} can't be paired: {one.cause}")
    for name, count in found.differences.items():
        tell(f"  '{name}' differs in {count} of the {found.compared} first pairs")
    return HELD_BACK if wrong else 0


def export(synchronization: Synchronized, file: Annotated[Path, typer.Argument(help="Where to write it.")]) -> None:
    """Write which issues belong together into a file, as both connectors see it."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.information.listing import list_information
        from backbone.bootstrap import assembled
        from backbone.web.api.pairing import two_arrays_of

        async with assembled(found) as backbone:
            one = await _chosen(backbone, synchronization)
            listings = [
                await list_information(backbone.store, backbone.engine, connector, local=None, remote=None)
                if connector in one.connectors
                else None
                for connector in (one.first, one.second)
            ]
            with file.open("wb") as opened:
                async for piece in two_arrays_of(listings):
                    opened.write(piece)
        first, second = (0 if one is None else one.total for one in listings)
        tell(f"{counted(first, 'entry', 'entries')} and {second} written to {file}.")
        return 0

    run(work)


def adopt(synchronization: Synchronized, file: Annotated[Path, typer.Argument(help="An export.", exists=True)]) -> None:
    """Take over an export: no issue is created, and what both sides have already is not copied."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.information.exchange import import_both
        from backbone.cli.operator import operator

        async with _at_work(found) as backbone, _plainly(str(file)):
            one = await _chosen(backbone, synchronization)
            done = await import_both(backbone.store, backbone.engine, one, _read(file), by=operator())
        tell(
            f"{counted(done.first.entries, 'entry', 'entries')} of {one.first} and {done.second.entries} of {one.second}."
        )
        return HELD_BACK if done.first.halves + done.second.halves else 0

    run(work)


async def _read(file: Path) -> AsyncIterator[tuple[bool, Given]]:
    from backbone.web.api.entries import two_arrays
    from backbone.web.api.information import understood

    async def pieces() -> AsyncIterator[bytes]:
        with file.open("rb") as opened:
            while piece := opened.read(65_536):
                yield piece

    async for first, position, element in two_arrays(pieces()):
        yield first, understood(position, element)


def deleted(connector: Connector, as_json: AsJson = False) -> None:
    """List what was deleted within 30 days and can be restored."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.information.deleting import deleted as deleted_entries
        from backbone.bootstrap import assembled
        from backbone.cli.problems import moment
        from backbone.core.model.keys import ConnectorKey

        async with assembled(found) as backbone:
            entries = await deleted_entries(backbone.store, ConnectorKey(connector), backbone.system.now())
        if as_json:
            tell_json([{"id": one.id, "local": one.local, "remote": one.remote, "at": one.at} for one in entries])
            return 0
        for one in entries:
            tell(f"{one.id}  {one.local or '-'}  {one.remote or '-'}  deleted {moment(one.at)} by {one.by}")
        if not entries:
            tell("Nothing was deleted within 30 days.")
        return 0

    run(work)


def restore(
    connector: Connector,
    number: Annotated[int | None, typer.Option("--id", help="One entry; all of them without it.")] = None,
) -> None:
    """Bring back sync information that was deleted within 30 days."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.information import deleting
        from backbone.app.usecases.information.refusals import NoSuchEntry
        from backbone.app.usecases.mistakes import Mistake
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator
        from backbone.core.model.keys import ConnectorKey

        async with assembled(found) as backbone:
            one = await _of_connector(backbone, connector)
            try:
                done = await deleting.restore(
                    backbone.store,
                    one,
                    ConnectorKey(connector),
                    number,
                    by=operator(),
                    now=backbone.system.now(),
                )
            except NoSuchEntry:
                cure = f"List what can be restored with 'backbone information deleted {connector}'"
                raise Mistake(connector, "there is nothing to restore", cure) from None
        tell(f"{counted(done.entries, 'entry', 'entries')} restored.")
        if done.left:
            tell(f"{done.left} stay deleted: their issues are in other pairs now.")
        return HELD_BACK if done.left else 0

    run(work)


def _at_work(found: Settings) -> AbstractAsyncContextManager[Backbone]:
    """The installation with its connections open."""
    from backbone.bootstrap import assembled

    @asynccontextmanager
    async def opened() -> AsyncIterator[Backbone]:
        async with assembled(found) as backbone:
            await backbone.open_connections()
            yield backbone

    return opened()


@asynccontextmanager
async def _plainly(place: str) -> AsyncIterator[None]:
    """What is wrong with a file or in the way of a Jira is told as a person's matter."""
    from backbone.app.usecases.information.refusals import EntryWrong
    from backbone.app.usecases.mistakes import Mistake
    from backbone.ports.tracker import TrackerError

    try:
        yield
    except EntryWrong as error:
        raise Mistake(place, str(error), "Nothing was changed; correct the file and try again") from error
    except TrackerError as error:
        raise Mistake(place, str(error), "Nothing was changed; try again when the Jira answers") from error


async def _chosen(backbone: Backbone, named: str | None) -> Synchronization:
    from backbone.app.usecases.choosing import chosen
    from backbone.app.usecases.mistakes import Mistake

    async with backbone.store.unit() as uow:
        found = await chosen(uow, named)
    if len(found) != 1:
        raise Mistake("synchronization", f"there are {len(found)}", "Name one with --synchronization")
    return found[0]


async def _of_connector(backbone: Backbone, connector: str) -> Synchronization:
    from backbone.app.usecases.mistakes import Mistake

    async with backbone.store.unit() as uow:
        for one in await uow.synchronizations.all():
            if connector in one.connectors:
                return one
    raise Mistake(connector, "there is no connector of this key", "See 'backbone status' for the keys")
