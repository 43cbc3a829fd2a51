"""The pages that are made from the program name everything that the program has."""

from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from backbone.cli.app import app
from backbone.cli.pages import command_line_page, settings_page
from backbone.settings import Settings
from tests.architecture.sources import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize(
    ("name", "page"),
    [("command-line.md", command_line_page), ("settings.md", settings_page)],
)
def test_a_page_of_the_program_is_fresh(name: str, page: object) -> None:
    assert callable(page)
    assert (REFERENCE / name).read_text(encoding="utf-8") == page(), "run `make docs`"


def test_every_command_and_option_is_explained() -> None:
    page = command_line_page()

    names = [one.name for one in app.registered_commands]
    assert [name for name in names if f"## backbone {name}\n" not in page] == []
    assert re.findall(r"^\| .* \|  \|$", page, re.MULTILINE) == []


@pytest.mark.parametrize("words", [(), ("channel",), ("problems",)], ids=" ".join)
def test_the_help_lists_commands_with_whole_sentences(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"}).stdout

    listed = told.partition("Commands:")[2]
    assert listed.count(".\n") >= len(re.findall(r"^  \S", listed, re.MULTILINE)) > 1
    assert "..." not in listed


def test_names_and_defaults_on_the_page_are_whole() -> None:
    page = command_line_page()

    assert "| `GROUP...` |" in page
    assert "Default: ``" not in page


def test_every_setting_is_explained() -> None:
    page = settings_page()

    assert [name for name in Settings.model_fields if f"`BACKBONE_{name.upper()}`" not in page] == []
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
