"""`publication` and `decline`: what a partner behind firewalls is offered, and the slave's no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.outcome import run, settings, tell, tell_json
from backbone.cli.revisions import One
from backbone.cli.running import AsJson

if TYPE_CHECKING:
    from backbone.app.usecases.publications import PublicationView


def register(app: typer.Typer) -> None:
    app.command("publication")(publication)
    app.command("decline")(decline)


def publication(named: One, as_json: AsJson = False) -> None:
    """Print what the master published, as a part of the slave's file to fill in, and what it changes."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.publications import show_publication
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            view = await show_publication(backbone.store, named)
        if as_json:
            tell_json(_plain(view))
        else:
            _show(view)
        return 0

    run(work)


def decline(
    named: One,
    message: Annotated[str, typer.Option("--message", "-m", help="What the master's administrator is told.")],
) -> None:
    """Decline what the master published: both sides go on by the configuration before."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.publications import decline_publication
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            one = await decline_publication(backbone.store, backbone.system, named, message, operator())
        tell(f"{one.key}  {one.name}: declined; both sides go on as before")
        return 0

    run(work)


def _show(view: PublicationView) -> None:
    state = "waits for the slave's answer" if view.waits else "is agreed"
    tell(f"# {view.key}  {view.name}: revision {view.revision} {state}")
    if view.message:
        tell(f"# The master's administrator wrote: {' '.join(view.message.split())}")
    if view.declined:
        tell(f"# The one before was declined: {' '.join(view.declined.split())}")
    for change in view.changes:
        tell(f"#   {' '.join(change.show().split())}")
    tell(view.yaml.rstrip("\n"))


def _plain(view: PublicationView) -> dict[str, object]:
    return {
        "key": view.key,
        "name": view.name,
        "here": view.here,
        "revision": view.revision,
        "digest": view.digest,
        "message": view.message,
        "waits": view.waits,
        "declined": view.declined,
        "changes": [{"about": one.about, "before": one.before, "after": one.after} for one in view.changes],
        "yaml": view.yaml,
    }
