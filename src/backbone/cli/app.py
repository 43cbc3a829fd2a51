"""All commands put together."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from backbone import __version__
from backbone.cli import (
    accounts,
    auditing,
    channel,
    configuration,
    copies,
    deleting,
    information,
    inspection,
    publications,
    rehearsal,
    resyncing,
    revisions,
    running,
    switching,
    tokens,
    troubleshooting,
    webhooks,
)

app = typer.Typer(
    name="backbone",
    help="Keeps the issues of two Jiras equal, in both directions.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

for _module in (
    configuration,
    revisions,
    channel,
    publications,
    running,
    inspection,
    troubleshooting,
    switching,
    deleting,
    resyncing,
    information,
    copies,
    accounts,
    tokens,
    auditing,
    webhooks,
    rehearsal,
):
    _module.register(app)


def _list_whole_sentences(group: typer.Typer) -> None:
    """Let `--help` list each command with its whole first sentence, which it would cut off at the end of the line."""
    for one in group.registered_commands:
        one.short_help = _first_sentence(inspect.getdoc(one.callback))
    for each in group.registered_groups:
        if each.typer_instance is not None:
            each.short_help = _first_sentence(each.typer_instance.info.help)
            _list_whole_sentences(each.typer_instance)


def _first_sentence(text: str | None) -> str:
    return " ".join((text or "").split()).partition(". ")[0].removesuffix(".") + "."


_list_whole_sentences(app)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"backbone {__version__}")
        raise typer.Exit


@app.callback()
def backbone(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keeps the issues of two Jiras equal, in both directions."""
    del version
