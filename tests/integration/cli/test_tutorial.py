"""The tutorial does what it says, from its own page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backbone.cli.app import app
from backbone.cli.worlds import small_world
from tests.architecture.sources import ROOT
from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras, served_jiras

PAGE = ROOT / "docs" / "tutorial" / "two-projects.md"


@pytest.fixture
def jiras() -> Iterator[ServedJiras]:
    """The two worlds that the tutorial starts."""
    with served_jiras(small_world("data-center", "PA"), small_world("cloud", "PB")) as found:
        yield found


@pytest.fixture
def file(jiras: ServedJiras, tmp_path: Path) -> Path:
    """The file of the page, with the addresses of this test."""
    block = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    text = block[1].replace("http://127.0.0.1:8701", jiras.acme.url).replace("http://127.0.0.1:8702", jiras.beta.url)
    path = tmp_path / "backbone.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_tutorial(jiras: ServedJiras, shell: Shell, file: Path) -> None:
    jiras.anna.create("PA", "Bug", "The door squeaks", priority="High")
    assert shell("apply", file).exit_code == 0
    assert "1 issue to create" in shell("plan").stdout
    assert shell("sync", "--until-quiet").exit_code == 0
    assert "1 pair compared, 0 differences." in shell("verify").stdout
    jiras.anna.edit("PA-1", priority="Highest")
    jiras.beta.as_user("ben").comment("PB-1", "Oil helps.")

    planned = shell.json("plan")["writes"]

    assert {(one["issue"], one["kind"]) for one in planned} == {("PB-1", "change"), ("PA-1", "comment")}
    assert shell("sync").exit_code == 0
    explained = shell("explain", "PB-1", "priority").stdout
    assert re.search(r"field-written +Priority +High +Highest", explained) is not None


def test_every_command_of_the_guides_exists() -> None:
    pages = [PAGE, *(ROOT / "docs" / "guides").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"backbone ([a-z][a-z-]*)", commands(page))}

    known = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    assert named - known == set()
    assert {"apply", "plan", "sync", "explain", "doctor", "retry"} <= named


def commands(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```console\n(.*?)```", text, re.DOTALL))
