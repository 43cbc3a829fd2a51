"""Directories on file systems that fill up, refuse writes and vanish.

Runs as a process in a mount namespace of its own, with an empty folder as argument, and prints what happened as JSON.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Mapping, Sequence
from pathlib import Path

from backbone.ports.transport import TransportError
from tests.parts.exchange_folder import Folder, handles, parcels

Told = Mapping[str, Sequence[object]]


def mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def umount(path: Path) -> None:
    subprocess.run(["umount", str(path)], check=True)


async def outcome(of: Awaitable[object]) -> Sequence[str]:
    """What a call raised, in a form that survives the way out of this process."""
    try:
        await of
    except TransportError as error:
        return [type(error).__name__, error.words, error.cure]
    return []


async def full(root: Path) -> Told:
    mount("-t", "tmpfs", "-o", "size=128k", "none", root)
    folder = await Folder(root / "SEND").prepare()
    (root / "filling").write_bytes(bytes(64 * 1024))
    too_much = await outcome(folder.sender.send(b"x" * 100_000))
    left = sorted(folder.names())
    (root / "filling").unlink()
    room_again = await outcome(folder.sender.send(b"x" * 100_000))
    return {"too_much": too_much, "left": left, "room_again": room_again, "came": [len(parcels(await folder.look()))]}


async def read_only(root: Path) -> Told:
    mount("-t", "tmpfs", "none", root)
    folder = await Folder(root / "SEND").prepare()
    await folder.sender.send(b"parcel")
    mount("-o", "remount,ro", root)
    batch = await folder.look()
    again = await folder.look(batch.memory)
    told: Told = {
        "send": await outcome(folder.sender.send(b"other")),
        "check_sender": await outcome(folder.sender.check()),
        "check_receiver": await outcome(folder.receiver.check()),
        "came": [len(batch.arrivals), len(again.arrivals)],
        "confirm": await outcome(folder.receiver.confirm(handles(batch))),
    }
    mount("-o", "remount,rw", root)
    after = await folder.look(again.memory)
    return {**told, "after": [len(after.arrivals), after.memory, sorted(folder.names())]}


async def unmounted(root: Path) -> Told:
    share, place = root / "share", root / "RECEIVE"
    share.mkdir()
    place.mkdir()
    mount("--bind", share, place)
    folder = await Folder(place).prepare()
    await folder.sender.send(b"parcel")
    umount(place)
    told: Told = {
        "look": await outcome(folder.look()),
        "send": await outcome(folder.sender.send(b"other")),
        "left": sorted(folder.names()),
    }
    mount("--bind", share, place)
    return {**told, "back": [len(parcels(await folder.look()))]}


async def covered(root: Path) -> Told:
    folder = await Folder(root / "SEND").prepare()
    mount("-t", "tmpfs", "none", folder.path)
    return {"send": await outcome(folder.sender.send(b"parcel")), "left": sorted(folder.names())}


if __name__ == "__main__":
    story = {"full": full, "read_only": read_only, "unmounted": unmounted, "covered": covered}[sys.argv[1]]
    print(json.dumps(asyncio.run(story(Path(sys.argv[2])))))  # noqa: T201 - this is how the test hears of it
