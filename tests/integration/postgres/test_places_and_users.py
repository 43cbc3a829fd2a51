"""Home folders that are deep or closed, and users that have no name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from backbone.adapters.postgres import find_binaries, start, stop
from backbone.adapters.postgres.binaries import keep
from tests.integration.postgres.conftest import StartChild, said_by
from tests.parts.postgres import debian_binaries

NAMELESS = 12345
# Only root can become somebody else; whoever else runs the tests, runs them as themselves.
USERS = [NAMELESS, os.geteuid()] if os.geteuid() == 0 else [os.geteuid()]


@contextmanager
def modes_kept(folder: Path) -> Iterator[None]:
    parents = [folder, *folder.parents]
    before = [path.stat().st_mode for path in parents]
    yield

    assert before == [path.stat().st_mode for path in parents]


@pytest.fixture
def reachable_programs(home: Path, programs: Path | None) -> Path:
    """Programs that every user may run, wherever this repository lies."""
    home.parent.mkdir(exist_ok=True)
    return programs or keep(find_binaries(None), kept=home.parent / "programs").folder


def make(home: Path, *, mode: int = 0o711, uid: int = -1) -> None:
    home.mkdir()
    home.chmod(mode)
    os.chown(home, uid, -1)


def answer(dsn: str) -> object:
    with psycopg.connect(dsn) as connection:
        return connection.execute("SELECT 1").fetchone()


async def test_a_deep_home_has_its_socket_in_a_short_private_folder(home: Path) -> None:
    deep = home / ("deep" * 20) / ("deeper" * 10)
    deep.mkdir(parents=True)
    with modes_kept(deep):
        first = await start(deep)
        second = await start(deep)

        assert answer(first.dsn) == (1,)
        assert (second.pid, second.socket_folder) == (first.pid, first.socket_folder)
        assert len(str(first.socket_folder)) < 50
        assert first.socket_folder.stat().st_mode & 0o777 == 0o700
        assert (deep / "postgres" / "socket").read_text() == f"{first.socket_folder}\n"
        await stop(deep)
    assert not first.socket_folder.exists()


async def test_a_short_folder_that_was_cleaned_away_is_made_anew(home: Path) -> None:
    deep = home / ("deep" * 30)
    first = await start(deep)
    await stop(deep)

    second = await start(deep)

    assert second.socket_folder != first.socket_folder
    assert answer(second.dsn) == (1,)
    await stop(deep)


async def test_a_folder_somebody_else_put_in_the_place_of_ours_is_not_used(home: Path, tmp_path: Path) -> None:
    deep = home / ("deep" * 30)
    first = await start(deep)
    await stop(deep)
    first.socket_folder.symlink_to(tmp_path)

    second = await start(deep)

    first.socket_folder.unlink()
    assert second.socket_folder != first.socket_folder
    await stop(deep)


async def test_a_home_that_others_may_not_enter_stays_closed_and_works(home: Path) -> None:
    make(home, mode=0o700)
    with modes_kept(home):
        running = await start(home)

        assert answer(running.dsn) == (1,)
        assert (home / "postgres" / "data" / "PG_VERSION").is_file()
        await stop(home)
    place = (home / "postgres").resolve()
    assert place.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(place)


@pytest.mark.parametrize("uid", USERS)
def test_a_user_without_a_name_can_initialise_and_start(
    home: Path, reachable_programs: Path, start_child: StartChild, uid: int
) -> None:
    make(home, uid=uid)

    said = said_by(start_child(home, reachable_programs, uid=uid))

    assert said.get("answer") == "('backbone',)", said
    assert uid in {0, psutil.Process(int(said["pid"])).uids().effective}
    assert {path.name for path in (home / "postgres").iterdir() if path.name.startswith("nameless")} == set()


@pytest.mark.parametrize("uid", USERS)
async def test_root_shares_the_server_of_any_user(home: Path, start_child: StartChild, uid: int) -> None:
    make(home, uid=uid)
    theirs = said_by(start_child(home, debian_binaries(), uid=uid))

    ours = await start(home, binaries=debian_binaries())

    assert (ours.pid, ours.started_by_us) == (theirs["pid"], False)
    assert answer(ours.dsn) == (1,)


@pytest.mark.parametrize("uid", USERS)
async def test_data_of_another_user_are_refused_in_one_sentence(home: Path, start_child: StartChild, uid: int) -> None:
    running = await start(home)
    owner = psutil.Process(running.pid).uids().effective
    await stop(home)
    os.chown(home / "postgres.lock", uid, -1)

    said = said_by(start_child(home, debian_binaries(), uid=uid))

    refused = uid not in {0, owner}
    assert ("belongs to the user" in str(said.get("cause"))) is refused
