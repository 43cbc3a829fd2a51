"""Bad input gets one clear sentence with place and cure, exit code 2, and changes nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from backbone.app.usecases.mistakes import Mistake
from backbone.bootstrap import told_plainly
from tests.integration.cli.conftest import Shell
from tests.integration.cli.served_jiras import ServedJiras


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


MISTAKES: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "a broken file": (lambda text: text + "\n  - [", ("backbone.yaml:", "is no YAML")),
    "an unknown key": (lambda text: text.replace("start_with", "start_wiht"), ("'start_wiht' is not known here",)),
    "a field": (
        lambda text: text.replace("{first: summary, second: summary}", "{first: sumary, second: summary}"),
        ("backbone.yaml:12:", "sumary", "Summary"),
    ),
    "an option": (lambda text: text.replace("[Low, P3]", "[Lowest, P3]"), ("Lowest", "There is: High, Low, Medium")),
    "a status": (lambda text: text.replace("Done: Closed", "Done: Finished"), ("Finished", "Closed")),
    "a project": (lambda text: text.replace("project: PB", "project: PX"), ("there is no project 'PX' in beta",)),
    "a connection": (lambda text: text.replace("connection: beta", "connection: bta"), ("Did you mean 'beta'?",)),
    "an issue type": (lambda text: text.replace("second: Defect", "second: Defekt"), ("Did you mean 'Defect'?",)),
    "a JQL": (
        lambda text: text.replace("project: PA}", 'project: PA, jql: "nonsense = 1"}'),
        ("synchronizations[1].first.jql", "Jira refuses the JQL"),
    ),
}


@pytest.mark.parametrize(("change", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_the_file(
    change: Callable[[str], str], words: tuple[str, ...], jiras: ServedJiras, shell: Shell, tmp_path: Path
) -> None:
    result = shell("apply", jiras.write_file(tmp_path, change))

    assert_told(result.exit_code, result.stderr, words)
    assert shell.json("status") == []


def test_a_file_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    result = shell("apply", tmp_path / "nowhere.yaml")

    assert_told(result.exit_code, result.stderr, ("nowhere.yaml", "no such file", "Check the path"))


def test_wrong_credentials(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    result = shell("apply", jiras.write_file(tmp_path), ACME_PASSWORD="open-sesame")

    assert_told(result.exit_code, result.stderr, ("connections.acme", "refused the log-in", "Check user and password"))
    assert "open-sesame" not in result.output + result.stderr
    assert shell.json("status") == []


def test_a_secret_that_is_not_set(jiras: ServedJiras, shell: Shell, tmp_path: Path) -> None:
    result = shell("apply", jiras.write_file(tmp_path), BETA_TOKEN="")

    assert_told(result.exit_code, result.stderr, ("the environment variable BETA_TOKEN is not set", "Set it"))


def test_a_host_that_can_not_be_reached(jiras: ServedJiras, shell: Shell, tmp_path: Path, closed_port: int) -> None:
    gone = f"http://127.0.0.1:{closed_port}"
    file = jiras.write_file(tmp_path, lambda text: text.replace(jiras.beta.url, gone))

    result = shell("apply", file)

    assert_told(result.exit_code, result.stderr, ("connections.beta", "can't be reached", "Check the address"))


@pytest.mark.usefixtures("applied")
def test_a_host_that_went_away_after_it_was_applied(jiras: ServedJiras, shell: Shell, closed_port: int) -> None:
    with psycopg.connect(shell.environment["BACKBONE_DATABASE_URL"]) as connection:
        connection.execute(
            "update connection set document = replace(document::text, %s, %s)::jsonb",
            (jiras.beta.url, f"http://127.0.0.1:{closed_port}"),
        )

    for command in ("sync", "plan", "verify"):
        result = shell(command)
        assert_told(result.exit_code, result.stderr, ("connection beta", "can't be reached"))


@pytest.mark.usefixtures("applied")
def test_a_synchronization_that_is_not_there(shell: Shell) -> None:
    for command in ("status", "plan", "sync", "stop", "start", "verify", "problems list", "retry"):
        result = shell(*command.split(), "INT-7")
        assert_told(result.exit_code, result.stderr, ("INT-7", "There is: A and B, INT-1"))


@pytest.mark.usefixtures("applied")
def test_an_issue_or_a_field_that_nothing_happened_to(jiras: ServedJiras, shell: Shell) -> None:
    jiras.anna.create("PA", "Bug", "Known")
    assert shell("sync").exit_code == 0

    unknown = shell("explain", "PA-77")
    assert_told(unknown.exit_code, unknown.stderr, ("PA-77", "nothing was ever synchronized", "Check the key"))
    field = shell("explain", "PA-1", "sumary")
    assert_told(field.exit_code, field.stderr, ("field sumary", "no such field is mapped", "Did you mean 'summary'?"))
    assert field.stderr.rstrip().endswith("There is: description, labels, priority, status, summary.")


def test_a_database_that_can_not_be_reached(shell: Shell, closed_port: int) -> None:
    result = shell("status", BACKBONE_DATABASE_URL=f"postgresql://nobody@127.0.0.1:{closed_port}/none")

    assert_told(
        result.exit_code, result.stderr, ("database", "can't be reached", "refused. Check BACKBONE_DATABASE_URL")
    )


@pytest.mark.parametrize("address", ["nonsense", "mysql://user:s3cret@db.example/backbone", "postgresql://s3cret@[x"])
def test_an_address_of_a_database_that_is_none(shell: Shell, address: str) -> None:
    result = shell("status", BACKBONE_DATABASE_URL=address)

    assert_told(result.exit_code, result.stderr, ("BACKBONE_DATABASE_URL", "postgresql://"))
    assert "s3cret" not in result.stderr


def test_a_database_in_which_nothing_may_be_created() -> None:
    def create() -> None:
        raise psycopg.errors.InsufficientPrivilege("permission denied for schema public\nLINE 1: create ...\n    ^")

    with (
        pytest.raises(Mistake, match=r"permission denied for schema public\. Give the user"),
        told_plainly(),
    ):
        create()


WORLDS = {
    "not there": (None, "no such file"),
    "no YAML": (b"users: [", "is no YAML"),
    "no UTF-8": (b"\xff\xfe\x80", "is no YAML"),
    "no table": (b"hello", "world.yaml: "),
    "an unknown word": (b"uesrs: []", "uesrs: is not known here"),
    "a missing word": (b"projects: [{key: PA, name: A, lead: x}]", "projects[1].workflow: is missing"),
    "an unknown name": (b"projects: [{key: PA, name: A, lead: x, workflow: y}]", "the world can't be built"),
}


@pytest.mark.parametrize(("text", "words"), WORLDS.values(), ids=WORLDS.keys())
def test_a_world_that_can_not_be_had(shell: Shell, tmp_path: Path, text: bytes | None, words: str) -> None:
    world = tmp_path / "world.yaml"
    if text is not None:
        world.write_bytes(text)

    result = shell("simulator", "--world", world)

    assert_told(result.exit_code, result.stderr, ("world.yaml", words))


def test_a_port_that_there_is_not(shell: Shell) -> None:
    result = shell("simulator", "--port", "70000")

    assert_told(result.exit_code, result.stderr, ("--port", "65535"))


def test_a_copy_that_can_not_be_written(shell: Shell, tmp_path: Path) -> None:
    nowhere = shell("backup", tmp_path / "nowhere" / "copy")
    folder = shell("backup", tmp_path)

    assert_told(nowhere.exit_code, nowhere.stderr, ("there is no folder", "nowhere"))
    assert_told(folder.exit_code, folder.stderr, ("is a folder",))


def test_a_copy_that_is_none(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a backup")

    other = shell("restore", tmp_path / "text")
    nothing = shell("restore", tmp_path / "nothing")

    assert_told(other.exit_code, other.stderr, ("is no backup", "'backbone backup'"))
    assert_told(nothing.exit_code, nothing.stderr, ("no such file", "Check the path"))


@pytest.mark.usefixtures("applied")
def test_a_database_of_a_newer_version(shell: Shell) -> None:
    with psycopg.connect(shell.environment["BACKBONE_DATABASE_URL"]) as connection:
        connection.execute("update schema_version set version_num = '9999_future'")

    result = shell("sync")

    assert_told(result.exit_code, result.stderr, ("written by a newer Backbone", "Install that version"))


def test_a_home_that_is_no_folder(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    result = shell("status", BACKBONE_DATABASE_URL="", BACKBONE_HOME=str(tmp_path / "file"))

    assert_told(result.exit_code, result.stderr, ("Set BACKBONE_HOME to a folder",))


def test_a_full_disk_below_the_database() -> None:
    def grow() -> None:
        raise psycopg.errors.DiskFull("could not extend file: No space left on device")

    with (
        pytest.raises(Mistake, match="Make room on that disk"),
        told_plainly(),
    ):
        grow()


def test_a_setting_that_means_nothing(shell: Shell) -> None:
    result = shell("status", BACKBONE_LOG_LEVEL="loud")

    assert_told(result.exit_code, result.stderr, ("BACKBONE_LOG_LEVEL", "'debug', 'info', 'warning' or 'error'"))


def assert_told(code: int, said: str, words: tuple[str, ...]) -> None:
    assert code == 2, said
    assert "Traceback" not in said
    for word in words:
        assert word in said, said
