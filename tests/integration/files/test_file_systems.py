"""The exchange of files over real file systems: full, read-only, unmounted, of another account, and two at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backbone.adapters.transports.files.memory import MOST_STORED
from backbone.adapters.transports.files.places import adopt
from backbone.ports.transport import NotOurPlace, TransportError
from tests.parts.exchange_folder import Folder, handles, parcels

ROOT = Path(__file__).parents[3]
NOBODY = 65534


def story(name: str, folder: Path) -> dict[str, list[object]]:
    """What happens with a file system of its own; see ``disks.py``."""
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-m", "tests.integration.files.disks", name, folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, list[object]] = json.loads(done.stdout)
    return told


def test_a_full_disk_is_told_leaves_nothing_and_passes_when_there_is_room(tmp_path: Path) -> None:
    told = story("full", tmp_path)

    assert told["too_much"][:2] == ["TransportError", f"{tmp_path}/SEND: No space left on device"]
    assert "Make room" in str(told["too_much"][2])
    assert (told["left"], told["room_again"], told["came"]) == ([], [], [1])


def test_a_read_only_share_is_told_and_nothing_comes_twice(tmp_path: Path) -> None:
    told = story("read_only", tmp_path)

    for call in ("send", "check_sender", "check_receiver", "confirm"):
        assert told[call][0] == "TransportError"
        assert "Read-only file system" in str(told[call][1])
        assert "for writing" in str(told[call][2])
    assert told["came"] == [1, 0]
    assert told["after"] == [0, "", []]


def test_an_unmounted_share_holds_and_goes_on_when_it_is_mounted(tmp_path: Path) -> None:
    told = story("unmounted", tmp_path)

    assert [told[call][0] for call in ("look", "send")] == ["NotOurPlace", "NotOurPlace"]
    assert (told["left"], told["back"]) == ([], [1])


def test_an_empty_file_system_mounted_over_the_directory_holds(tmp_path: Path) -> None:
    told = story("covered", tmp_path)

    assert (told["send"][0], told["left"]) == ("NotOurPlace", [])


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than that of temporary files."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        assert Path(name).stat().st_dev != tmp_path.stat().st_dev
        yield Path(name)


async def test_both_directories_may_be_links_to_another_file_system(tmp_path: Path, elsewhere: Path) -> None:
    for name in ("SEND", "RECEIVE"):
        (elsewhere / name).mkdir()
        (tmp_path / name).symlink_to(elsewhere / name)
    there, back = await Folder(tmp_path / "SEND").prepare(), await Folder(tmp_path / "RECEIVE").prepare()
    await there.sender.send(b"there")
    await back.sender.send(b"back")

    assert (parcels(await there.look()), parcels(await back.look())) == ([b"there"], [b"back"])
    assert len(list((elsewhere / "SEND").glob("*.parcel"))) == 1


async def test_a_sender_killed_before_the_parcel_has_its_name_leaves_nothing_to_receive(tmp_path: Path) -> None:
    folder = await Folder(tmp_path / "SEND").prepare()
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.files.killed", str(folder.path), cwd=ROOT
    )
    died_of = await killed.wait()
    found = await folder.look()
    left = folder.names()
    folder.clock = 1e12
    await folder.sender.send(b"parcel")

    assert (died_of, found.arrivals, found.notices) == (-signal.SIGKILL, (), ())
    assert ([name.endswith(".part") for name in left], len(folder.names())) == ([True], 1)
    assert parcels(await folder.look()) == [b"parcel"]


async def test_a_file_system_that_takes_no_files_of_that_size_is_told(tmp_path: Path) -> None:
    folder = await Folder(tmp_path / "SEND").prepare()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(TransportError, match="File too large"):
            await folder.sender.send(bytes(5000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert folder.names() == set()


@pytest.fixture
def anybodys() -> Iterator[Path]:
    """A folder that every account reaches."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


@contextlib.contextmanager
def without_privileges() -> Iterator[None]:
    """As an account that file systems refuse things to."""
    former = os.geteuid()
    os.seteuid(former or NOBODY)
    try:
        yield
    finally:
        os.seteuid(former)


async def test_a_directory_of_another_account_is_told_with_what_to_do(anybodys: Path) -> None:
    folder = await Folder(anybodys / "SEND").prepare()
    await folder.sender.send(b"parcel")
    folder.path.chmod(0o555)
    for file in folder.path.iterdir():
        file.chmod(0o444)
    with without_privileges():
        batch = await folder.look()
        for call in (
            folder.sender.send(b"other"),
            folder.sender.check(),
            folder.receiver.check(),
            folder.receiver.confirm(handles(batch)),
        ):
            with pytest.raises(TransportError, match="Permission denied") as refused:
                await call
            assert "Let the account" in refused.value.cure
        again = await folder.look(batch.memory)
    folder.path.chmod(0o755)

    assert (parcels(batch), again.arrivals) == ([b"parcel"], ())


async def test_a_parcel_that_may_not_be_read_is_told_once_nothing_else_is_left_to_take(anybodys: Path) -> None:
    folder = await Folder(anybodys / "RECEIVE").prepare()
    folder.path.chmod(0o755)
    folder.put(b"hidden").chmod(0o000)
    folder.put(b"open").chmod(0o644)
    with without_privileges():
        first = await folder.look()
        with pytest.raises(TransportError, match="Permission denied"):
            await folder.look(first.memory)

    assert parcels(first) == [b"open"]


async def test_the_partners_marker_need_not_be_readable(anybodys: Path) -> None:
    folder = await Folder(anybodys / "SEND").prepare()
    folder.path.chmod(0o777)
    (folder.path / ".backbone-first-send.json").chmod(0o000)
    folder.put(b"parcel").chmod(0o644)
    with without_privileges():
        batch = await folder.look()
        await folder.receiver.confirm(handles(batch))

    assert parcels(batch) == [b"parcel"]
    assert list(folder.path.glob("*.parcel")) == []


async def test_what_cannot_be_removed_does_not_end_waiting_and_is_borne_with_up_to_a_limit(anybodys: Path) -> None:
    folder = await Folder(anybodys / "RECEIVE").prepare()
    for number in range(MOST_STORED - 1):
        folder.put(b"%d" % number).chmod(0o444)
    folder.path.chmod(0o555)
    memory, came = "", 0
    with without_privileges():
        for _ in range(5):
            batch = await folder.receiver.receive(memory, parcels=500, octets=1_000_000)
            memory, came = batch.memory, came + len(batch.arrivals)
        await folder.receiver.wait(4)
    folder.path.chmod(0o755)
    folder.put(b"the last").chmod(0o444)
    folder.path.chmod(0o555)
    with without_privileges():
        memory = (await folder.look(memory)).memory
        with pytest.raises(TransportError, match="contains 2000 parcels that were received and cannot be removed"):
            await folder.look(memory)
    folder.path.chmod(0o755)
    after = await folder.look(memory)

    assert (came, folder.slept) == (MOST_STORED - 1, [2.0, 2.0])
    assert (after.arrivals, after.memory, folder.names()) == ((), "", set())


async def test_a_directory_is_moved_as_the_guide_says(tmp_path: Path, elsewhere: Path) -> None:
    folder = await Folder(tmp_path / "exchange" / "SEND").prepare()
    await folder.sender.send(b"parcel")
    guide = (ROOT / "docs/guides/exchange-by-files.md").read_text(encoding="utf-8")
    steps = guide.partition("```sh\n")[2].partition("```")[0]
    steps = steps.replace("/var/lib/backbone/exchange/acme", str(folder.path.parent)).replace("/mnt", str(elsewhere))
    (elsewhere / "partner").mkdir()
    shell = await asyncio.create_subprocess_exec("sh", "-euc", steps)
    assert await shell.wait() == 0
    with pytest.raises(NotOurPlace, match="has no marker"):
        await folder.sender.send(b"other")
    for place in (folder.sending, folder.receiving):
        await adopt(place)
    await folder.sender.send(b"other")

    assert parcels(await folder.look()) == [b"parcel", b"other"]
    assert len(list((elsewhere / "partner" / "out").glob("*.parcel"))) == 2
