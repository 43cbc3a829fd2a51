"""`token`: tokens of this installation, for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from backbone.app.access.caller import Scope
from backbone.app.usecases.tokens import USUAL_DAYS
from backbone.cli.outcome import fail, run, settings, tell, tell_json, tell_table
from backbone.cli.running import AsJson
from backbone.ports.access import AccessToken


def register(app: typer.Typer) -> None:
    token = typer.Typer(help="Tokens of this installation, for scripts.", no_args_is_help=True)
    token.command("create")(create)
    token.command("list")(show_all)
    token.command("revoke")(revoke)
    app.add_typer(token, name="token")


def create(
    account: Annotated[str, typer.Argument(help="The local administrator whose token it is.")],
    label: Annotated[str, typer.Argument(help="What uses it, so that you know it again.")],
    scope: Annotated[Scope, typer.Option(help="How much it allows; each includes the ones before.")] = Scope.READ,
    days: Annotated[int, typer.Option(help="How long it lasts; at most 365.")] = USUAL_DAYS,
) -> None:
    """Make a token and print it; it is never shown again."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.tokens import create_token_for
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            made = await create_token_for(
                backbone.store,
                backbone.system,
                account=account,
                label=label,
                scope=scope,
                days=days,
                by=operator(),
            )
        tell(made.whole)
        return 0

    run(work)


def show_all(as_json: AsJson = False) -> None:
    """Print all tokens, as far as they are known again: never the tokens themselves."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.tokens import list_tokens
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            tokens = await list_tokens(backbone.store)
            now = backbone.system.now()
        if as_json:
            tell_json([_plain(one) for one in tokens])
        elif tokens:
            tell_table(_table(tokens, now))
        else:
            tell("There is none. Make one with 'backbone token create ACCOUNT LABEL'.")
        return 0

    run(work)


def revoke(prefix: Annotated[str, typer.Argument(help="The token's first part, as 'token list' shows it.")]) -> None:
    """Revoke a token at once."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.tokens import revoke_token
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            revoked = await revoke_token(backbone.store, backbone.system, prefix=prefix, by=operator())
        if not revoked:
            fail(f"{prefix}: there is no such token, or it is revoked. See 'backbone token list'.")
        tell("It does not work any more.")
        return 0

    run(work)


def _plain(one: AccessToken) -> dict[str, object]:
    return {
        "prefix": one.prefix,
        "owner": one.owner,
        "label": one.label,
        "scope": one.scope,
        "created": one.created,
        "expires": one.expires,
        "lastUsed": one.last_used,
        "revoked": one.revoked,
    }


def _table(tokens: Sequence[AccessToken], now: int) -> Table:
    from backbone.cli.problems import moment

    table = Table("Prefix", "Owner", "Label", "Scope", "Expires", "Last used", "", box=None, pad_edge=False)
    for one in tokens:
        ended = "revoked" if one.revoked is not None else "expired" if one.expires <= now else ""
        table.add_row(one.prefix, one.owner, one.label, one.scope, moment(one.expires), moment(one.last_used), ended)
    return table
