"""`apply` and `doctor`: what a configuration file declares, and whether it can work."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backbone.cli.outcome import HELD_BACK, run, settings, tell, tell_json

if TYPE_CHECKING:
    from backbone.app.declaration.declared import Declared
    from backbone.app.declaration.difference import Change
    from backbone.app.declaration.reading import Declaration
    from backbone.app.usecases.applying import Applied
    from backbone.app.usecases.declared_connections import ReachedOtherwise
    from backbone.core.model.exchange import Exchange
    from backbone.core.model.keys import ConnectionName
    from backbone.ports.records import Signed
    from backbone.ports.tracker import Tracker
    from backbone.settings import Settings

File = Annotated[Path, typer.Argument(help="The configuration file.")]


def register(app: typer.Typer) -> None:
    app.command("apply")(apply)
    app.command("doctor")(doctor)


def apply(
    file: File,
    message: Annotated[
        str, typer.Option("--message", "-m", help="What a partner behind firewalls is told of what changes for both.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Create or update what FILE declares. Applying the same file twice changes nothing."""
    found = settings()

    async def work() -> int:
        from backbone.app.declaration.reading import read_declaration
        from backbone.app.usecases import applying
        from backbone.app.usecases.declared_connections import changed_connections
        from backbone.app.usecases.publishing_to_partner import Publishing
        from backbone.app.usecases.same_jira import require_same_jiras
        from backbone.bootstrap import assembled
        from backbone.cli.operator import operator

        declaration = read_declaration(file)
        async with assembled(found) as backbone:
            published = await applying.published_for(backbone.store)
            async with _resolved(declaration, published) as (declared, trackers):
                await require_same_jiras(backbone.store, declared, trackers)
                reached = await changed_connections(backbone.store, declared)
                if dry_run:
                    applied = await applying.preview(backbone.store, declared, message)
                else:
                    now, place = backbone.system.now(), file.absolute()
                    office = backbone.office(place.parent)
                    publishing = Publishing(office=office, system=backbone.system, message=message)
                    applied = await applying.apply(
                        backbone.store, declared, str(place), now, operator(), publishing=publishing
                    )
                    await backbone.unblock()  # the log-ins were just proven
        outcome = _Outcome(declared, reached, applied)
        if as_json:
            tell_json(outcome.plain(str(file)))
        else:
            outcome.show(str(file), dry_run=dry_run)
        return 0

    run(work)


def doctor(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Examine whether the Jiras of FILE let Backbone do what it declares; exit code 1 when something must be put right."""
    found = settings()

    async def work() -> int:
        from backbone.app.declaration.credentials import open_connections
        from backbone.app.declaration.reading import read_declaration
        from backbone.app.usecases.examining import examine
        from backbone.bootstrap import opened_trackers
        from backbone.cli.findings import show_findings

        declaration = read_declaration(file)
        async with opened_trackers(open_connections(declaration, os.environ)) as trackers:
            findings = await examine(declaration, trackers, await _published_for(found, declaration))
        show_findings(findings, as_json=as_json)
        return HELD_BACK if any(one.serious for one in findings) else 0

    run(work)


async def _published_for(found: Settings, declaration: Declaration) -> Mapping[str, Exchange]:
    """What masters published for slaves of the file; no database is opened for one that has none."""
    from backbone.app.usecases.applying import published_for
    from backbone.bootstrap import assembled
    from backbone.core.model.keys import Role

    if all(one.here is not Role.SECOND for one in declaration.document.synchronizations):
        return {}
    async with assembled(found) as backbone:
        return await published_for(backbone.store)


@asynccontextmanager
async def _resolved(
    declaration: Declaration, published: Mapping[str, Exchange]
) -> AsyncIterator[tuple[Declared, Mapping[ConnectionName, Tracker]]]:
    """The file with every name found in its Jiras, and these. Raises DeclarationError."""
    from backbone.app.declaration.credentials import open_connections
    from backbone.app.declaration.resolve import resolve
    from backbone.bootstrap import opened_trackers

    async with opened_trackers(open_connections(declaration, os.environ)) as trackers:
        yield await resolve(declaration, trackers, published), trackers


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a file, or would."""

    declared: Declared
    reached: tuple[ReachedOtherwise, ...]
    applied: tuple[Applied, ...]

    def plain(self, file: str) -> dict[str, object]:
        return {
            "connections": [_plain_connection(one) for one in self.reached],
            "synchronizations": [_plain(one) for one in self.applied],
            "warnings": [one.show(file) for one in self.declared.warnings],
        }

    def show(self, file: str, *, dry_run: bool) -> None:
        for warning in self.declared.warnings:
            print(f"warning: {warning.show(file)}", file=sys.stderr)
        for way in self.reached:
            _show_connection(way, dry_run=dry_run)
        for one in self.applied:
            _show_synchronization(one, dry_run=dry_run)


def _show_connection(one: ReachedOtherwise, *, dry_run: bool) -> None:
    """Of a new one only the name: all that the file says of it is new."""
    tell(f"connection {one.name}: {_WORDS['Created' if one.new else 'Changed'][int(dry_run)]}")
    for change in () if one.new else one.changes:
        tell(f"    {change.show()}")


def _show_synchronization(one: Applied, *, dry_run: bool) -> None:
    key = f"{one.key}  " if one.key else ""
    tell(f"{key}{one.name}: {_WORDS[type(one.outcome).__name__][int(dry_run)]}")
    if one.replaces is not None:
        tell(f"    {'would replace' if dry_run else 'replaces'} what {published(one.replaces)}")
    for change in getattr(one.outcome, "changes", ()):
        tell(f"    {change.show()}")
    if one.waits:
        tell("    The partner is told, and both go on as before until it is taken over there.")


def published(signed: Signed) -> str:
    """Who published something, when and why, for people."""
    from backbone.cli.problems import moment

    return f"{signed.by} published at {moment(signed.at)}" + (f" ({signed.why})" if signed.why else "")


_WORDS = {
    "Created": ("created", "would be created"),
    "Changed": ("changed", "would be changed"),
    "Unchanged": ("unchanged", "unchanged"),
    "Undeclared": ("not in this file, left as it is", "not in this file, left as it is"),
}


def _plain_connection(one: ReachedOtherwise) -> dict[str, object]:
    return {"name": one.name, "outcome": "created" if one.new else "changed", "changes": _plain_changes(one.changes)}


def _plain_changes(changes: Iterable[Change]) -> list[dict[str, object]]:
    return [{"about": change.about, "before": change.before, "after": change.after} for change in changes]


def _plain(one: Applied) -> dict[str, object]:
    return {
        "key": one.key,
        "name": one.name,
        "outcome": type(one.outcome).__name__.lower(),
        "revision": one.revision,
        "waits": one.waits,
        "replaces": {"by": one.replaces.by, "at": one.replaces.at, "why": one.replaces.why} if one.replaces else None,
        "changes": _plain_changes(getattr(one.outcome, "changes", ())),
    }
