"""`revisions`, `rollback` and `export`: what was published, going back to it, and what is in force as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.outcome import run, settings, tell, tell_json, tell_table
from backbone.cli.running import AsJson, Named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from backbone.ports.administration import AdministrationStore
    from backbone.ports.records import Synchronization
    from backbone.ports.revisions import Publication

One = Annotated[str, typer.Argument(metavar="SYNC", help="Key or name of a synchronization.")]
Number = Annotated[int, typer.Argument(metavar="REVISION", help="Number of a revision.", min=1)]


def register(app: typer.Typer) -> None:
    app.command("revisions")(revisions)
    app.command("rollback")(rollback)
    app.command("export")(export)


def revisions(named: One, as_json: AsJson = False) -> None:
    """Print every configuration that was published: when, by whom and why, the newest first."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.configuring.revising import list_revisions
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            one = await the_one(backbone.store, named)
            known = await list_revisions(backbone.store, one.key)
        if as_json:
            tell_json([_plain(each, one) for each in known])
        else:
            tell_table(_table(one, known))
        return 0

    run(work)


def rollback(
    named: One,
    revision: Number,
    message: Annotated[str, typer.Option("--message", "-m", help="Why; shown in the list of revisions.")] = "",
    as_json: AsJson = False,
) -> None:
    """Put the configuration of REVISION in force again, as a new revision. Names are looked up anew."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.configuring.editing import Editor
        from backbone.app.usecases.configuring.revising import roll_back
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator
        from backbone.cli.refusing import plainly
        from backbone.core.model.keys import Revision

        async with assembled(found) as backbone:
            one = await the_one(backbone.store, named)
            await backbone.open_connections()
            now = backbone.system.now()
            editor = Editor(store=backbone.store, engine=backbone.engine, caller=operator(), now=now)
            with plainly(named):
                after = await roll_back(editor, one.key, Revision(revision), message)
        if as_json:
            tell_json({"key": after.key, "revision": after.revision})
        elif after.revision == one.revision:
            tell(f"{one.key}  {one.name}: that is in force already, as revision {one.revision}")
        else:
            tell(f"{after.key}  {after.name}: revision {after.revision} says what revision {revision} said")
        return 0

    run(work)


def export(named: Named = None) -> None:
    """Print a configuration file of what is in force, for `apply`. It never holds a secret."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.choosing import chosen
        from backbone.app.usecases.configuring.exchanging import export_file
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone, backbone.store.unit() as uow:
            tell((await export_file(uow, await chosen(uow, named))).rstrip("\n"))
        return 0

    run(work)


async def the_one(store: AdministrationStore, named: str) -> Synchronization:
    """Raises Mistake for an unknown name, and for one that several have."""
    from backbone.app.usecases.choosing import chosen
    from backbone.app.usecases.mistakes import Mistake

    async with store.unit() as uow:
        found = await chosen(uow, named)
    if len(found) > 1:
        raise Mistake(named, "several are called so", f"Write the key: {', '.join(one.key for one in found)}")
    return found[0]


def _table(one: Synchronization, known: Sequence[Publication]) -> Table:
    from rich.table import Table

    from backbone.cli.problems import moment

    table = Table(box=None, pad_edge=False)
    for head in ("REVISION", "IN FORCE", "PUBLISHED", "BY", "WHY"):
        table.add_column(head, overflow="fold", justify="right" if head == "REVISION" else "left")
    for each in known:
        in_force = "yes" if each.revision == one.revision else ""
        signed = each.published
        table.add_row(str(each.revision), in_force, moment(signed.at), signed.by, signed.why)
    return table


def _plain(each: Publication, one: Synchronization) -> dict[str, object]:
    return {
        "revision": each.revision,
        "in_force": each.revision == one.revision,
        "by": each.published.by,
        "at": each.published.at,
        "why": each.published.why,
    }
