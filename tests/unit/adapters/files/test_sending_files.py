"""A parcel appears as a whole or not at all, and errors of shares are looked at again before they are believed."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from backbone.adapters.transports.files.places import within
from backbone.adapters.transports.files.sending import DirectorySender, rename_within
from backbone.adapters.transports.files.survey import LARGEST
from backbone.ports.transport import TooLargeToSend, TransportError
from tests.parts.exchange_folder import Folder, parcels


@pytest.fixture
async def folder(tmp_path: Path) -> Folder:
    return await Folder(tmp_path / "SEND").prepare()


class Share:
    """Renames as a share of a network does: it tells these errors, the call being carried out or not."""

    def __init__(self, *errors: int, carried_out: bool) -> None:
        self.errors = list(errors)
        self.carried_out = carried_out
        self.calls = 0

    def rename(self, handle: int, old: str, new: str) -> None:
        self.calls += 1
        if not self.errors:
            return rename_within(handle, old, new)
        if self.carried_out:
            rename_within(handle, old, new)
        number = self.errors.pop(0)
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESTALE, errno.EIO])
@pytest.mark.parametrize("carried_out", [True, False])
async def test_an_error_after_which_the_parcel_is_there_or_can_be_put_there_is_none(
    folder: Folder, number: int, *, carried_out: bool
) -> None:
    share = Share(number, carried_out=carried_out)
    await DirectorySender(folder.sending, rename=share.rename).send(b"parcel")

    assert parcels(await folder.look()) == [b"parcel"]
    assert len(folder.names()) == 1
    assert share.calls == (1 if carried_out else 2)


async def test_an_error_that_stays_is_told_and_leaves_nothing(folder: Folder) -> None:
    share = Share(*[errno.ESTALE] * 5, carried_out=False)

    with pytest.raises(TransportError, match="Stale file handle") as failed:
        await DirectorySender(folder.sending, rename=share.rename).send(b"parcel")
    assert "file server" in failed.value.cure
    assert folder.names() == set()


async def test_a_stale_handle_is_exchanged_for_a_new_one(folder: Folder) -> None:
    looks: list[int] = []

    def work(handle: int) -> str:
        looks.append(handle)
        if len(looks) == 1:
            raise OSError(errno.ESTALE, "stale")
        return "done"

    assert (within(folder.sending, work), len(looks)) == ("done", 2)


async def test_an_error_that_will_not_pass_is_not_tried_again(folder: Folder) -> None:
    share = Share(errno.EACCES, carried_out=False)

    with pytest.raises(TransportError, match="Permission denied"):
        await DirectorySender(folder.sending, rename=share.rename).send(b"parcel")
    assert folder.names() == set()


async def test_a_check_leaves_nothing(folder: Folder) -> None:
    await folder.sender.check()

    assert folder.names() == set()


async def test_a_parcel_is_for_our_account_alone(folder: Folder) -> None:
    await folder.sender.send(b"parcel")

    [file] = folder.path.glob("*.parcel")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_group_that_the_directory_is_shared_with_may_take_parcels_and_nobody_else(folder: Folder) -> None:
    folder.path.chmod(0o2777)
    await folder.sender.send(b"parcel")

    [file] = folder.path.glob("*.parcel")
    assert stat.S_IMODE(file.stat().st_mode) == 0o660


async def test_parcels_keep_their_order_though_the_clock_of_the_file_system_stands_still(folder: Folder) -> None:
    folder.sender._newest = 4_000_000_000_000_000_000  # a time to come, in nanoseconds
    sent = [f"{number}".encode() for number in range(10)]
    for parcel in sent:
        await folder.sender.send(parcel)

    assert parcels(await folder.look()) == sent
    assert {path.stat().st_mtime_ns - 4_000_000_000_000_000_000 for path in folder.path.glob("*.parcel")} == set(
        range(1, 11)
    )


async def test_sending_the_same_bytes_twice_makes_one_file(folder: Folder) -> None:
    await folder.sender.send(b"parcel")
    await folder.sender.send(b"parcel")

    assert len(folder.names()) == 1


async def test_what_the_other_side_would_not_look_into_is_not_sent(folder: Folder) -> None:
    with pytest.raises(TooLargeToSend):
        await folder.sender.send(bytes(LARGEST + 1))
    assert folder.names() == set()


async def test_only_what_a_killed_process_of_ours_left_a_day_ago_is_swept(folder: Folder) -> None:
    ours, fresh, foreign = "b-" + "1" * 32 + ".part", "b-" + "2" * 32 + ".part", "other.part"
    for name in (ours, fresh, foreign):
        os.utime(folder.put(b"?", name=name), (folder.clock, folder.clock))
    folder.clock += 86_401
    os.utime(folder.path / fresh, (folder.clock, folder.clock))
    await folder.sender.check()

    assert folder.names() == {fresh, foreign}


async def test_what_cannot_be_swept_stops_nothing(folder: Folder) -> None:
    (folder.path / ("b-" + "1" * 32 + ".part")).mkdir()
    (folder.path / ("b-" + "2" * 32 + ".part")).symlink_to("nowhere")
    folder.clock = 1e12
    await folder.sender.send(b"parcel")

    assert len(folder.names()) == 3
