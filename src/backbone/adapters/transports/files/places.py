"""Directories as places of a channel: made once, marked, and looked at anew each time they are used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from backbone.adapters.transports.files.directory import opened, sync
from backbone.adapters.transports.files.failure import PASSING, told
from backbone.adapters.transports.files.marker import Place, mark, unmark, verify
from backbone.ports.transport import NotOurPlace

T = TypeVar("T")

_LOOKS = 3


def within(place: Place, work: Callable[[int], T]) -> T:
    """Do something with the handle of a place that is ours, which may be done again.

    What a share tells that may not be so is looked at again, with a new handle. Raises TransportError.
    """

    def verified(handle: int) -> T:
        verify(handle, place)
        return work(handle)

    return _looking_again(place, verified)


def _looking_again(place: Place, work: Callable[[int], T]) -> T:
    for look in range(1, _LOOKS + 1):
        try:
            with opened(place.path) as handle:
                return work(handle)
        except OSError as error:
            if look == _LOOKS or error.errno not in PASSING:
                raise told(error, place.path) from error
    raise AssertionError("the last look returns or raises")


async def prepare(place: Place) -> None:
    """Make a directory, for our account alone, and mark it. One that is there is left as it is, and marked."""
    await asyncio.to_thread(_prepare, place)


async def release(place: Place) -> None:
    """Take the marker of a place out of its directory, if it is there."""
    await asyncio.to_thread(_looking_again, place, lambda handle: unmark(handle, place))


async def adopt(place: Place) -> None:
    """Mark the directory that is there now."""
    await asyncio.to_thread(_looking_again, place, lambda handle: mark(handle, place))


def _prepare(place: Place) -> None:
    if not Path(place.path).is_absolute():
        raise NotOurPlace(f"{place.path} is not an absolute path", cure="Give the path from the root: /….")
    try:
        for missing in reversed(_missing(Path(place.path))):
            _make(missing)
    except OSError as error:
        raise told(error, place.path) from error
    _looking_again(place, lambda handle: mark(handle, place))


def _make(path: Path) -> None:
    # A link to nowhere is there and yet missing: opening it tells so.
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        with opened(str(path.parent)) as parent:
            sync(parent)


def _missing(path: Path) -> list[Path]:
    """What has to be made, innermost first."""
    return [each for each in (path, *path.parents) if not each.exists()]
