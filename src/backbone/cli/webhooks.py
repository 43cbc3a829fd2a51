"""`webhooks`: have Jiras tell of changes, so that they travel within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from backbone.cli.outcome import HELD_BACK, run, settings, tell, tell_json, tell_table
from backbone.cli.running import AsJson

if TYPE_CHECKING:
    from backbone.app.usecases.webhooks.registering import Standing
    from backbone.ports.webhooks import StoredWebhook

Connection = Annotated[str, typer.Argument(help="Name of the connection, as the configuration file has it.")]


def register(app: typer.Typer) -> None:
    webhooks = typer.Typer(
        help="Have Jiras tell of changes. Without, they are found by asking every few seconds.", no_args_is_help=True
    )
    webhooks.command("list")(show_all)
    webhooks.command("register")(register_one)
    webhooks.command("remove")(remove)
    app.add_typer(webhooks, name="webhooks")


def register_one(connection: Connection, as_json: AsJson = False) -> None:
    """Register a webhook, or print what to enter in Jira where our account may not; needs BACKBONE_PUBLIC_ADDRESS."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.webhooks.registering import register
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator
        from backbone.core.model.keys import ConnectionName

        async with assembled(found) as backbone:
            await backbone.open_connections()
            standing = await register(backbone.webhook_desk, ConnectionName(connection), operator())
        _show(standing, as_json=as_json)
        return 0 if standing.refusal is None else HELD_BACK

    run(work)


def remove(connection: Connection) -> None:
    """Remove the webhook of a connection, here and in that Jira."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.webhooks.registering import remove as remove_webhook
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator
        from backbone.core.model.keys import ConnectionName

        async with assembled(found) as backbone:
            await backbone.open_connections()
            refused = await remove_webhook(backbone.webhook_desk, ConnectionName(connection), operator())
        if refused is None:
            tell(f"{connection} hints no more.")
            return 0
        tell(f"{connection} hints no more, but its webhook stays in Jira: {refused}. Remove it there by hand.")
        return HELD_BACK

    run(work)


def show_all(as_json: AsJson = False) -> None:
    """Print which Jiras tell of changes, and when they did last."""
    found = settings()

    async def work() -> int:
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone, backbone.store.administration() as unit:
            known = await unit.webhooks.all()
        if as_json:
            tell_json([_plain(one) for one in known])
            return 0
        table = Table("Connection", "Registered by", "Last hint", "Last refused")
        for one in known:
            plain = _plain(one)
            table.add_row(one.connection, *(str(plain[key] or "-") for key in ("registered_by", "received", "refused")))
        tell_table(table)
        return 0

    run(work)


def _plain(one: StoredWebhook) -> dict[str, str | None]:
    from backbone.cli.problems import moment

    return {
        "connection": one.connection,
        "registered_by": "Backbone" if one.registration is not None else "a person",
        "received": None if one.received is None else moment(one.received),
        "refused": None if one.refused is None else moment(one.refused),
    }


def _show(standing: Standing, *, as_json: bool) -> None:
    form = standing.form
    if as_json:
        by_hand = {"page": form.page, "url": form.url, "events": list(form.events), "jql": form.jql}
        told = {"connection": standing.webhook.connection, "registered": standing.refusal is None}
        entered = {"refusal": standing.refusal, "enter": by_hand | {"secret": standing.secret}}
        tell_json(told | entered if standing.refusal is not None else told)
        return
    if standing.refusal is None:
        tell(f"{standing.webhook.connection} tells of changes from now on.")
        return
    tell(f"Our account may not register a webhook: {standing.refusal}.")
    tell(f"An administrator of that Jira can: open {form.page}, create a webhook, and enter")
    tell(f"  URL     {form.url}")
    if standing.secret is not None:
        tell(f"  Secret  {standing.secret}")
    tell(f"  Events  {', '.join(form.events)}")
    tell(f"  JQL     {form.jql}")
