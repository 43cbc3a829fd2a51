"""A foreground run always ends, and says what is held back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ACME, BETA, PROJECT_B, ServedJiras, served_jiras


@pytest.fixture
def jiras() -> Iterator[ServedJiras]:
    """The second one demands a description of every issue."""
    strict = {**BETA, "projects": [{**PROJECT_B, "required": ["summary", "description"]}]}
    with served_jiras(ACME, strict) as found:
        yield found


def test_a_poisoned_issue_is_held_back_alone(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    """Its creation is refused; the others are in step, and the exit code says that something is missing."""
    for number in range(3):
        jiras.anna.create("PA", "Bug", f"Good {number}", description="With a text")
    jiras.anna.create("PA", "Bug", "Poisoned")
    assert shell("apply", jiras.write_file(tmp_path)).exit_code == 0

    result = shell("sync", "--patience", "2")

    assert result.exit_code == 1, result.output
    assert sorted(jiras.summaries()[1]) == ["Good 0", "Good 1", "Good 2"]
    (problem,) = shell.json("problems")
    assert (problem["code"], problem["triggered_by"]) == ("issue-refused", "PA-4")

    assert shell("retry").exit_code == 0
    assert shell("sync", "--patience", "2").exit_code == 1
    jiras.anna.edit("PA-4", description="Now it has one")
    assert shell("sync", "--patience", "2").exit_code == 0, shell("problems").stdout
    assert len(jiras.summaries()[1]) == 4
