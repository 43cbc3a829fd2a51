"""`apply`, `status` and `sync`: from a file to two projects in step."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


def test_an_issue_appears_on_the_other_side(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    jiras.anna.create("PA", "Bug", "The door squeaks", priority="High", labels=["door"])
    file = jiras.write_file(tmp_path)
    assert shell("apply", file).exit_code == 0

    result = shell("sync", "--until-quiet")

    assert result.exit_code == 0, result.output
    assert jiras.summaries()[1] == ["The door squeaks"]
