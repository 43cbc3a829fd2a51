"""What the documents say about the configuration file is what the program reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from backbone.app.declaration.page import HEADINGS, UNWRITTEN, configuration_page
from backbone.app.declaration.reading import read_declaration
from backbone.app.declaration.schema import schema_text
from tests.architecture.sources import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SCHEMA = ROOT / "docs" / "reference" / "backbone.schema.json"
PAGE = ROOT / "docs" / "reference" / "configuration-file.md"


def test_the_schema_is_fresh() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run `make docs`"


def test_the_page_is_fresh() -> None:
    example = (ROOT / "examples" / "two-projects.yaml").read_text(encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == configuration_page(example), "run `make docs`"


def test_the_page_names_every_key_of_every_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = {key for model in HEADINGS for key in model.model_fields if key not in UNWRITTEN}

    assert [key for key in sorted(keys) if f"| `{key}` |" not in page] == []


def test_every_key_of_the_file_is_explained() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.split("|")[-2].strip() == ""] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.name for path in EXAMPLES])
def test_an_example_is_right_for_the_program_and_for_editors(path: Path) -> None:
    plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(path), default=str))

    assert read_declaration(path).warnings == ()
    assert [error.message for error in Draft202012Validator(json.loads(schema_text())).iter_errors(plain)] == []


def test_the_schema_is_one_and_knows_a_misspelled_key() -> None:
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    wrong = {"connections": {"acme": {"url": "https://jira.acme.example", "tokn": {"env": "TOKEN"}}}}

    found = [error.message for error in Draft202012Validator(schema).iter_errors(wrong)]

    assert any("tokn" in message for message in found)
