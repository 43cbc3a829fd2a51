"""`account`: local administrators; and `access`: which project administrators may work here."""

from __future__ import annotations

from typing import Annotated

import typer

from backbone.cli.outcome import run, settings, tell, tell_json
from backbone.cli.running import AsJson

Name = Annotated[str, typer.Argument(help="Name of the account; capitals don't count.")]
Groups = Annotated[list[str] | None, typer.Argument(metavar="[GROUP]...", help="Groups of Jira; none shuts all out.")]


def register(app: typer.Typer) -> None:
    account = typer.Typer(help="Local administrators: accounts of this installation.", no_args_is_help=True)
    account.command("add")(add)
    account.command("list")(show_all)
    account.command("password")(password)
    account.command("remove")(remove)
    app.add_typer(account, name="account")
    access = typer.Typer(help="Which project administrators may work here.", no_args_is_help=True)
    access.command("show")(show_rule)
    access.command("restrict")(restrict)
    access.command("open")(open_to_all)
    app.add_typer(access, name="access")


def add(name: Name) -> None:
    """Add a local administrator; the password is asked for, or is the first line of standard input."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.accounts import add_account, usable_name
        from backbone.bootstrap import assembled
        from backbone.bootstrap.access import passwords
        from backbone.cli.operator import asked_password, operator

        kept = usable_name(name)
        given = asked_password(kept)
        async with assembled(found) as backbone:
            await add_account(backbone.store, backbone.system, passwords(), name=kept, password=given, by=operator())
        tell(f"{kept} may sign in now.")
        return 0

    run(work)


def password(name: Name) -> None:
    """Change the password of a local administrator; whoever is signed in with the old one is signed out."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.accounts import change_password, usable_name
        from backbone.bootstrap import assembled
        from backbone.bootstrap.access import passwords
        from backbone.cli.operator import asked_password, operator

        kept = usable_name(name)
        given = asked_password(kept)
        async with assembled(found) as backbone:
            await change_password(
                backbone.store, backbone.system, passwords(), name=kept, password=given, by=operator()
            )
        tell(f"{kept} has another password now, and is signed out everywhere.")
        return 0

    run(work)


def remove(name: Name) -> None:
    """Remove a local administrator; sessions end and tokens are revoked."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.accounts import remove_account
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            await remove_account(backbone.store, backbone.system, name=name, by=operator())
        tell(f"{name} may not sign in any more.")
        return 0

    run(work)


def show_all(as_json: AsJson = False) -> None:
    """Print the local administrators."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.accounts import list_accounts
        from backbone.bootstrap import assembled
        from backbone.cli.problems import moment

        async with assembled(found) as backbone:
            accounts = await list_accounts(backbone.store)
        if as_json:
            tell_json([{"name": one.name, "created": one.created, "changed": one.changed} for one in accounts])
            return 0
        for one in accounts:
            tell(f"{one.name}  since {moment(one.created)}, password of {moment(one.changed)}")
        if not accounts:
            tell("There is none. Add one with 'backbone account add NAME'.")
        return 0

    run(work)


def show_rule(as_json: AsJson = False) -> None:
    """Print which project administrators may work here."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.restricting import access_rule
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone:
            rule = await access_rule(backbone.store)
        if as_json:
            tell_json({"everyone": rule.everyone, "groups": list(rule.groups)})
        elif rule.everyone:
            tell("All administrators of a synchronized project may configure its synchronizations.")
        else:
            named = ", ".join(rule.groups) or "no group"
            tell(f"Of project administrators only members of {named} may work here.")
        return 0

    run(work)


def restrict(groups: Groups = None) -> None:
    """Let in only project administrators who are in one of these groups; administrators of Jira always are."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.restricting import restrict_to
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            await restrict_to(backbone.store, backbone.system, groups=groups or [], by=operator())
        tell("It counts at once, also for those who are signed in.")
        return 0

    run(work)


def open_to_all() -> None:
    """Let in all administrators of a synchronized project."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.restricting import open_to_all as let_in
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            await let_in(backbone.store, backbone.system, by=operator())
        tell("All administrators of a synchronized project may work here.")
        return 0

    run(work)
