"""A directory without its marker is not ours, whatever lies in it."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from backbone.adapters.transports.files.places import adopt, prepare, release
from backbone.adapters.transports.files.receiving import DirectoryReceiver
from backbone.adapters.transports.files.sending import DirectorySender
from backbone.core.model.keys import Role
from backbone.ports.transport import NotOurPlace, SendingDirectory
from tests.parts.exchange_folder import Folder, parcels, receiving, sending


def names_in(path: Path) -> list[str]:
    return [one.name for one in path.iterdir()]


@pytest.fixture
async def folder(tmp_path: Path) -> Folder:
    return await Folder(tmp_path / "exchange" / "acme" / "SEND").prepare()


async def test_directories_are_made_for_our_account_alone(folder: Folder) -> None:
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.path, folder.path.parent, folder.path.parent.parent)]

    assert modes == [0o700, 0o700, 0o700]


async def test_preparing_twice_changes_nothing(folder: Folder) -> None:
    folder.put(b"parcel")
    await folder.prepare()

    assert parcels(await folder.look()) == [b"parcel"]


async def test_a_directory_that_is_removed_is_never_made_again(folder: Folder) -> None:
    shutil.rmtree(folder.path)

    with pytest.raises(NotOurPlace, match="No such file or directory"):
        await folder.sender.send(b"parcel")
    with pytest.raises(NotOurPlace, match="No such file or directory"):
        await folder.look()
    assert not folder.path.exists()


async def test_an_unmounted_share_is_not_an_empty_one(folder: Folder) -> None:
    folder.path.rename(folder.path.with_name("mounted-elsewhere"))
    folder.path.mkdir()

    with pytest.raises(NotOurPlace, match="has no marker"):
        await folder.look()
    with pytest.raises(NotOurPlace, match="has no marker"):
        await folder.sender.send(b"parcel")
    with pytest.raises(NotOurPlace, match="has no marker"):
        await folder.receiver.wait(60)
    assert folder.names() == set()


async def test_what_was_moved_away_goes_on_when_it_is_back(folder: Folder) -> None:
    away = folder.path.with_name("away")
    await folder.sender.send(b"parcel")
    folder.path.rename(away)
    with pytest.raises(NotOurPlace):
        await folder.look()
    away.rename(folder.path)

    assert parcels(await folder.look()) == [b"parcel"]


async def test_a_link_put_into_a_directory_instead_of_in_its_place_is_noticed(folder: Folder, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    (folder.path / "share").symlink_to(share)

    with pytest.raises(NotOurPlace, match="contains a symbolic link to a directory, 'share'"):
        await folder.sender.send(b"parcel")
    with pytest.raises(NotOurPlace, match="contains a symbolic link"):
        await folder.sender.check()
    with pytest.raises(NotOurPlace, match="contains a symbolic link to a directory, 'share'"):
        await folder.look()
    with pytest.raises(NotOurPlace, match="contains a symbolic link"):
        await folder.receiver.check()


async def test_a_link_to_another_location_is_used_once_a_person_said_so(folder: Folder, tmp_path: Path) -> None:
    share = tmp_path / "share"
    share.mkdir()
    shutil.rmtree(folder.path)
    folder.path.symlink_to(share)
    with pytest.raises(NotOurPlace, match="has no marker"):
        await folder.sender.send(b"parcel")

    await adopt(folder.sending)
    await adopt(folder.receiving)
    await folder.sender.send(b"parcel")

    assert parcels(await folder.look()) == [b"parcel"]
    assert any(path.suffix == ".parcel" for path in share.iterdir())


async def test_adopting_makes_no_directory(folder: Folder) -> None:
    shutil.rmtree(folder.path)

    with pytest.raises(NotOurPlace, match="No such file"):
        await adopt(folder.sending)
    assert not folder.path.exists()


async def test_a_link_to_nowhere_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "SEND").symlink_to(tmp_path / "nowhere")

    with pytest.raises(NotOurPlace, match="No such file"):
        await prepare(sending(tmp_path / "SEND"))
    assert not (tmp_path / "nowhere").exists()


async def test_a_path_has_to_begin_at_the_root() -> None:
    with pytest.raises(NotOurPlace, match="is not an absolute path"):
        await prepare(SendingDirectory(path="exchange/SEND", channel="c", role=Role.FIRST))


async def test_a_file_in_place_of_the_directory_is_told(tmp_path: Path) -> None:
    (tmp_path / "SEND").write_text("?")

    with pytest.raises(NotOurPlace, match="Not a directory"):
        await prepare(sending(tmp_path / "SEND"))


@pytest.mark.parametrize("link", [False, True])
async def test_send_and_receive_are_never_one_directory(tmp_path: Path, *, link: bool) -> None:
    await prepare(sending(tmp_path / "SEND"))
    other = tmp_path / "RECEIVE" if link else tmp_path / "SEND"
    if link:
        other.symlink_to(tmp_path / "SEND")

    with pytest.raises(NotOurPlace, match="is SEND and RECEIVE at once"):
        await prepare(receiving(other, Role.FIRST))


async def test_a_link_that_makes_them_one_later_is_refused_even_if_confirmed(tmp_path: Path) -> None:
    send, receive = sending(tmp_path / "SEND"), receiving(tmp_path / "RECEIVE", Role.FIRST)
    await prepare(send)
    await prepare(receive)
    shutil.rmtree(receive.path)
    (tmp_path / "RECEIVE").symlink_to(send.path)

    with pytest.raises(NotOurPlace, match="SEND and RECEIVE at once"):
        await adopt(receive)
    with pytest.raises(NotOurPlace, match="SEND and RECEIVE at once"):
        await DirectoryReceiver(receive).check()
    await DirectorySender(send).check()


async def test_the_partner_may_receive_from_where_we_send(tmp_path: Path) -> None:
    await prepare(sending(tmp_path, Role.FIRST))
    await prepare(receiving(tmp_path, Role.SECOND))

    await DirectorySender(sending(tmp_path, Role.FIRST)).check()
    await DirectoryReceiver(receiving(tmp_path, Role.SECOND)).check()


async def test_nobody_sends_where_the_partner_sends(tmp_path: Path) -> None:
    await prepare(sending(tmp_path, Role.FIRST))

    with pytest.raises(NotOurPlace, match="is the partner's SEND, too"):
        await prepare(sending(tmp_path, Role.SECOND))


async def test_nobody_receives_where_the_partner_receives(tmp_path: Path) -> None:
    await prepare(receiving(tmp_path, Role.FIRST))

    with pytest.raises(NotOurPlace, match="is the partner's RECEIVE, too"):
        await prepare(receiving(tmp_path, Role.SECOND))


@pytest.mark.parametrize("role", list(Role))
async def test_two_synchronizations_never_share_a_directory(tmp_path: Path, role: Role) -> None:
    await prepare(sending(tmp_path, Role.FIRST, channel="one"))

    with pytest.raises(NotOurPlace, match="belongs to another synchronization"):
        await prepare(sending(tmp_path, role, channel="two"))
    with pytest.raises(NotOurPlace, match="belongs to another synchronization"):
        await adopt(receiving(tmp_path, role, channel="two"))


async def test_a_directory_that_is_released_is_free_and_keeps_what_is_anybody_elses(tmp_path: Path) -> None:
    await prepare(sending(tmp_path, Role.FIRST, channel="one"))
    await prepare(receiving(tmp_path, Role.SECOND, channel="one"))
    await release(sending(tmp_path, Role.FIRST, channel="two"))
    with pytest.raises(NotOurPlace, match="belongs to another synchronization"):
        await prepare(sending(tmp_path, Role.FIRST, channel="two"))
    await release(sending(tmp_path, Role.FIRST, channel="one"))

    assert names_in(tmp_path) == [".backbone-second-receive.json"]


async def test_a_marker_exchanged_under_us_is_noticed(folder: Folder, tmp_path: Path) -> None:
    await prepare(sending(tmp_path / "other", channel="another"))
    marker = ".backbone-first-send.json"
    shutil.copy(tmp_path / "other" / marker, folder.path / marker)

    with pytest.raises(NotOurPlace, match="belongs to another synchronization"):
        await folder.sender.send(b"parcel")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"channel": 1}', b"\xff" * 100, b" " * 100_000])
async def test_a_garbled_marker_is_no_marker_until_a_person_confirms(folder: Folder, content: bytes) -> None:
    (folder.path / ".backbone-first-send.json").write_bytes(content)
    with pytest.raises(NotOurPlace, match="cannot be read"):
        await folder.sender.send(b"parcel")

    await adopt(folder.sending)
    await folder.sender.send(b"parcel")

    assert parcels(await folder.look()) == [b"parcel"]


async def test_a_marker_for_another_use_under_our_name_is_no_marker(folder: Folder) -> None:
    other = (folder.path / ".backbone-second-receive.json").read_bytes()
    (folder.path / ".backbone-first-send.json").write_bytes(other)

    with pytest.raises(NotOurPlace, match="cannot be read"):
        await folder.sender.send(b"parcel")


async def test_a_link_is_no_marker(folder: Folder, tmp_path: Path) -> None:
    marker = folder.path / ".backbone-first-send.json"
    marker.rename(tmp_path / "marker")
    marker.symlink_to(tmp_path / "marker")

    with pytest.raises(NotOurPlace, match="cannot be read"):
        await folder.sender.check()


async def test_every_refusal_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotOurPlace) as refused:
        await DirectorySender(sending(tmp_path)).check()

    assert "confirm" in refused.value.cure
