"""Directories that others write into: what is no parcel is left alone, and nothing is taken before it is whole."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

from backbone.adapters.transports.files.memory import MOST_NOTICED, MOST_STORED, Memory, recalled, remembered
from backbone.adapters.transports.files.names import parcel_name
from backbone.adapters.transports.files.survey import LARGEST
from backbone.ports.transport import NoticeKind, TransportError
from tests.parts.exchange_folder import Folder, handles, parcels, words

NAME = parcel_name(b"whatever")


@pytest.fixture
async def folder(tmp_path: Path) -> Folder:
    return await Folder(tmp_path / "RECEIVE").prepare()


async def test_a_link_named_like_a_parcel_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"whatever")
    (folder.path / NAME).symlink_to(secret)

    batch = await folder.look()

    assert (batch.arrivals, words(batch)) == ((), [f"'{NAME}': a symbolic link"])
    assert secret.exists()


async def test_links_in_a_circle_stop_nothing(folder: Folder) -> None:
    (folder.path / "circle").symlink_to("circle")
    (folder.path / NAME).symlink_to(NAME)
    await folder.sender.send(b"parcel")

    assert parcels(await folder.look()) == [b"parcel"]


async def test_a_pipe_named_like_a_parcel_stops_nothing(folder: Folder) -> None:
    os.mkfifo(folder.path / NAME)
    folder.put(b"parcel")

    batch = await folder.look()

    assert (parcels(batch), words(batch)) == ([b"parcel"], [f"'{NAME}': not a regular file"])


async def test_a_socket_and_a_directory_named_like_parcels_are_left_alone(folder: Folder) -> None:
    (folder.path / NAME).mkdir()
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{short}/s")
        shutil.move(f"{short}/s", folder.path / parcel_name(b"other"))
        batch = await folder.look()

    assert batch.arrivals == ()
    assert [text.partition(": ")[2] for text in words(batch)] == ["not a regular file"] * 2


async def test_a_hard_link_is_left_alone_and_the_file_behind_it_stays(folder: Folder, tmp_path: Path) -> None:
    behind = tmp_path / "behind"
    behind.write_bytes(b"whatever")
    (folder.path / NAME).hardlink_to(behind)
    left = await folder.look()
    behind.unlink()

    assert (left.arrivals, words(left)) == ((), [f"'{NAME}': a file with several hard links"])
    assert parcels(await folder.look(left.memory)) == [b"whatever"]


async def test_a_huge_file_is_not_read(folder: Folder) -> None:
    with (folder.path / NAME).open("wb") as file:
        file.truncate(1 << 40)
    folder.put(b"parcel")

    batch = await folder.look()

    assert (parcels(batch), words(batch)) == ([b"parcel"], [f"'{NAME}': larger than {LARGEST} bytes"])
    assert (folder.path / NAME).exists()


@pytest.mark.parametrize(
    "name",
    [
        NAME.upper(),
        NAME + "\n",
        "\n" + NAME,
        NAME + ".bak",
        "x" + NAME,
        "b-" + "g" * 32 + ".parcel",
        "b-" + "٣" * 32 + ".parcel",
        "a\\..\\" + NAME,
        "\x1b[2J" + NAME,
        "readme.txt",
        os.fsdecode(b"\xff\xfe"),
    ],
)
async def test_a_file_of_another_name_is_told_of_once_and_left(folder: Folder, name: str) -> None:
    folder.put(b"whatever", name=name)

    first = await folder.look()
    second = await folder.look(first.memory)

    assert (first.arrivals, [notice.kind for notice in first.notices]) == ((), [NoticeKind.FOREIGN])
    assert all(text.isascii() and text.isprintable() for text in words(first))
    assert (second.arrivals, second.notices, second.memory) == ((), (), first.memory)
    assert name in folder.names()


async def test_what_systems_put_there_is_passed_over_in_silence(folder: Folder) -> None:
    for name in (".nfs000001", ".DS_Store", "b-" + "0" * 32 + ".part"):
        folder.put(b"?", name=name)

    batch = await folder.look()

    assert (batch.arrivals, batch.notices) == ((), ())


async def test_what_is_told_and_remembered_of_many_foreign_files_is_bounded(folder: Folder) -> None:
    for number in range(2 * MOST_NOTICED):
        folder.put(b"", name=f"{number}.txt")

    first = await folder.look()
    second = await folder.look(first.memory)

    assert len(first.notices) == MOST_NOTICED
    assert second.notices == ()
    assert len(second.memory) < 10_000


async def test_names_that_are_gone_are_forgotten(folder: Folder) -> None:
    file = folder.put(b"", name="readme.txt")
    before = await folder.look()
    file.unlink()
    after = await folder.look(before.memory)

    assert (before.memory != "", after.memory) == (True, "")


async def test_the_oldest_come_first_whatever_their_names(folder: Folder) -> None:
    content = [f"{number}".encode() for number in range(20)]
    for age, parcel in enumerate(content):
        os.utime(folder.put(parcel), (1_000 - age, 1_000 - age))

    assert parcels(await folder.look()) == content[::-1]


async def test_a_file_that_is_still_being_copied_waits_until_it_is_whole(folder: Folder) -> None:
    whole = b"parcel" * 100
    path = folder.put(whole[:100], name=parcel_name(whole))
    first = await folder.look()
    path.write_bytes(whole)

    assert first.arrivals == ()
    assert parcels(await folder.look(first.memory)) == [whole]


async def test_a_file_that_stays_damaged_is_handed_over_after_half_a_minute(folder: Folder) -> None:
    folder.put(b"damaged", name=NAME)
    first = await folder.look()
    folder.clock += 29
    second = await folder.look(first.memory)
    folder.clock += 1
    third = await folder.look(second.memory)

    assert [parcels(batch) for batch in (first, second, third)] == [[], [], [b"damaged"]]
    assert recalled(third.memory).incomplete == {}


async def test_a_clock_that_is_set_back_only_makes_it_wait_longer(folder: Folder) -> None:
    folder.put(b"damaged", name=NAME)
    first = await folder.look()
    folder.clock -= 86_400
    second = await folder.look(first.memory)
    folder.clock += 30

    assert second.arrivals == ()
    assert parcels(await folder.look(second.memory)) == [b"damaged"]


async def test_a_file_that_took_the_place_of_the_one_that_was_read_stays(folder: Folder) -> None:
    path = folder.put(b"whatever")
    batch = await folder.look()
    path.rename(folder.path.parent / "aside")
    folder.put(b"whatever")
    await folder.receiver.confirm(handles(batch))

    assert path.exists()


@pytest.mark.parametrize(
    "handle", ["", "/", "../../secret/1/1:1", "..", f"{NAME}/../../secret", "\0", "readme.txt/1/1"]
)
async def test_a_handle_never_leads_out_of_the_directory(folder: Folder, handle: str) -> None:
    secret = folder.path.parent / "secret"
    secret.write_bytes(b"s")
    folder.put(b"?", name="readme.txt")
    await folder.receiver.confirm((handle,))

    assert secret.exists()
    assert folder.names() == {"readme.txt"}


async def test_what_was_stored_before_a_kill_is_removed_at_the_next_look(folder: Folder) -> None:
    folder.put(b"parcel")
    stored = await folder.look()
    after = await folder.look(stored.memory)

    assert (after.arrivals, after.memory, folder.names()) == ((), "", set())


async def test_files_moved_aside_and_put_back_are_received(folder: Folder, tmp_path: Path) -> None:
    path = folder.put(b"parcel")
    path.rename(tmp_path / path.name)
    away = await folder.look()
    (tmp_path / path.name).rename(path)

    assert parcels(await folder.look(away.memory)) == [b"parcel"]


async def test_a_memory_of_another_make_loses_nothing(folder: Folder) -> None:
    folder.put(b"parcel")

    for memory in ("{}", "[]", "null", '{"stored": 3}', '{"stored": {"../secret": "1:1"}}'):
        assert parcels(await folder.look(memory)) == [b"parcel"]


async def test_waiting_looks_every_two_seconds_and_ends_in_time(folder: Folder) -> None:
    await folder.look()
    await folder.receiver.wait(5)

    assert folder.slept == [2.0, 2.0, 1.0]


async def test_waiting_ends_when_a_parcel_comes_but_not_for_what_is_left_alone(folder: Folder) -> None:
    os.mkfifo(folder.path / NAME)
    folder.put(b"damaged", name=parcel_name(b"sound"))
    await folder.look()
    await folder.receiver.wait(6)
    folder.put(b"parcel")
    await folder.receiver.wait(6)

    assert folder.slept == [2.0, 2.0, 2.0, 2.0]


async def test_nothing_more_is_taken_when_thousands_cannot_be_removed(folder: Folder) -> None:
    full = Memory(stored={f"b-{number:032x}.parcel": "0:1000000000" for number in range(MOST_STORED)})
    for name in full.stored:
        os.utime(folder.put(b"", name=name), (1, 1))
    emptied = await folder.look(remembered(full))

    assert (emptied.arrivals, folder.names()) == ((), set())
    assert recalled(emptied.memory) == Memory()


async def test_a_directory_of_many_thousand_damaged_files_is_worked_off(folder: Folder) -> None:
    for number in range(1_500):
        folder.put(b"", name=f"b-{number:032x}.parcel")
    memory, came = "", 0
    for _ in range(60):
        batch = await folder.receiver.receive(memory, parcels=100, octets=1_000)
        await folder.receiver.confirm(handles(batch))
        came, memory = came + len(batch.arrivals), batch.memory
        folder.clock += 2

    assert (came, folder.names(), memory) == (1_500, set(), "")


async def test_files_that_only_wait_are_not_announced_as_more(folder: Folder) -> None:
    for number in range(1_100):
        folder.put(b"", name=f"b-{number:032x}.parcel")
    first = await folder.look()
    second = await folder.look(first.memory)

    assert [(batch.arrivals, batch.more) for batch in (first, second)] == [((), False)] * 2


async def test_a_directory_that_is_no_more_under_the_handle_is_told(folder: Folder) -> None:
    (folder.path / ".backbone-second-receive.json").unlink()

    with pytest.raises(TransportError, match="has no marker"):
        await folder.receiver.confirm(())
