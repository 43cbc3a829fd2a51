"""`audit` and `secrets`: what was done and exchanged, and the key that secrets are sealed with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated

import typer

from backbone.cli.channel import verify_parcels
from backbone.cli.outcome import counted, run, settings, tell, tell_json
from backbone.cli.running import AsJson
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry


def register(app: typer.Typer) -> None:
    audit = typer.Typer(
        help="The record of what was done, and of what was exchanged with partners.", no_args_is_help=True
    )
    audit.command("list")(show)
    audit.command("verify")(verify_parcels)
    app.add_typer(audit, name="audit")
    secrets = typer.Typer(help="The key that secrets in the database are sealed with.", no_args_is_help=True)
    secrets.command("key")(new_key)
    secrets.command("rotate")(rotate)
    app.add_typer(secrets, name="secrets")


def show(
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many entries.")] = 50,
    before: Annotated[int | None, typer.Option(help="Only entries before the one with this number.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print who did what, the newest first."""
    found = settings()

    async def work() -> int:
        from backbone.bootstrap import assembled

        async with assembled(found) as backbone, backbone.store.administration() as unit:
            entries = await unit.audit.page(before, count)
        if as_json:
            tell_json([_plain(one) for one in entries])
            return 0
        for one in entries:
            for line in _lines(one):
                tell(line)
        return 0

    run(work)


def new_key() -> None:
    """Print a new key for BACKBONE_SECRET_KEY; nothing is changed."""
    from backbone.bootstrap.access import new_key_text

    tell(new_key_text())


def rotate() -> None:
    """Seal all secrets with a new key; the old one is let go when everything is sealed anew."""
    found = settings()

    async def work() -> int:
        from backbone.app.usecases.rotating import rotate as exchange
        from backbone.bootstrap import assembled
        from backbone.bootstrap.access import keys_of
        from backbone.cli.operator import operator

        async with assembled(found) as backbone:
            done = await exchange(backbone.store, backbone.system, backbone.sealer, keys_of(found), operator())
        tell(f"{done.sealed_anew} of {counted(done.secrets, 'secret')} sealed with the new key.")
        if found.secret_key is not None:
            tell(
                "Take the old key out of BACKBONE_SECRET_KEY everywhere; keep it with the backups that were made before."
            )
        return 0

    run(work)


def _lines(one: AuditEntry) -> Iterator[str]:
    from backbone.cli.problems import moment

    yield f"{one.id}  {moment(one.at)}  {one.who}  {one.what}  {one.about}  from {one.address or 'unknown'}"
    for word, told in (("before", one.before), ("after", one.after)):
        if told:
            shown = {key: _shown(key, value) for key, value in told.items()}
            yield f"    {word}: {json.dumps(shown, ensure_ascii=False)}"


def _shown(key: str, value: object) -> object:
    """The value for people: a token or a handshake file ends at an instant, told to programs in milliseconds."""
    from backbone.cli.problems import moment

    return moment(Millis(value)) if key == "expires" and isinstance(value, int) else value


def _plain(one: AuditEntry) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at,
        "who": one.who,
        "what": one.what,
        "about": one.about,
        "from": one.address,
        "before": one.before,
        "after": one.after,
    }
