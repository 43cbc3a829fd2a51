"""`delete`: the end of a synchronization."""

from __future__ import annotations

import typer

from backbone.cli.outcome import counted, run, settings, tell, tell_json
from backbone.cli.revisions import One, the_one
from backbone.cli.running import AsJson


def register(app: typer.Typer) -> None:
    app.command("delete")(delete)


def delete(named: One, as_json: AsJson = False) -> None:
    """Delete a synchronization; the issues stay, and a partner behind firewalls is told."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.deleting import delete_integration
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            one = await the_one(backbone.store, named)
            gone = await delete_integration(backbone.store, backbone.system, operator(), one.key, backbone.farewell)
        if as_json:
            tell_json({"deleted": one.key, "archived_pairs": gone.pairs, "cut_short": gone.cut_short})
            return 0
        tell(f"{one.key}  {one.name}: deleted; the issues of its {counted(gone.pairs, 'pair')} stay as they are")
        return 0

    run(work)
