"""Markers: small files that tell whose a directory is, and for what.

An unmounted share is an empty directory, and ``ln -s`` into a directory changes nothing: without its marker no
directory is ours. Where two installations share a directory, the sender's marker and the receiver's lie side by side.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from backbone.adapters.transports.files.directory import Unfit, discard, read, sync, write
from backbone.adapters.transports.files.failure import LACKING_RIGHTS
from backbone.core.model.keys import Role
from backbone.ports.transport import NotOurPlace, ReceivingDirectory, SendingDirectory

Place = SendingDirectory | ReceivingDirectory

_LARGEST = 4096


class Purpose(StrEnum):
    """For what a directory is used by the half that marked it."""

    SEND = "send"
    RECEIVE = "receive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Which half uses a directory, and for what; the name of the marker is made of it."""

    role: Role
    purpose: Purpose

    @property
    def marker(self) -> str:
        return f".backbone-{self.role}-{self.purpose}.json"


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What a marker says."""

    channel: str
    role: Role
    purpose: Purpose


class _Told(StrEnum):
    """What a marker that is there may fail to tell."""

    HIDDEN = "hidden"  # it is another account's
    GARBLED = "garbled"


_Markers = Mapping[Use, Marker | _Told]


def use_of(place: Place) -> Use:
    """Who uses a place for what."""
    match place:
        case SendingDirectory():
            return Use(role=Role(place.role), purpose=Purpose.SEND)
        case ReceivingDirectory():
            return Use(role=Role(place.role), purpose=Purpose.RECEIVE)


def verify(handle: int, place: Place) -> None:
    """Raise NotOurPlace unless the directory is marked as this place, and as nothing that excludes it."""
    markers = _markers(handle)
    _object_to_others(markers, place)
    own = markers.get(use_of(place))
    if own is None:
        raise NotOurPlace(
            f"{place.path} is not the directory that it was: it has no marker {use_of(place).marker}",
            cure="Mount the share, or link the right directory. If this is the new location, confirm it.",
        )
    if not isinstance(own, Marker):
        raise NotOurPlace(
            f"{place.path}: the marker {use_of(place).marker} cannot be read",
            cure="Look who changed it. If this is the right directory, confirm it as the new location.",
        )


def mark(handle: int, place: Place) -> None:
    """Put the marker of a place into a directory. Raises NotOurPlace when it is used for something else."""
    markers = _markers(handle)
    _object_to_others(markers, place)
    use = use_of(place)
    if isinstance(markers.get(use), Marker):
        return
    content = msgspec.json.encode(Marker(channel=place.channel, role=use.role, purpose=use.purpose)) + b"\n"
    part = write(handle, content, readable=True)
    try:
        os.rename(part, use.marker, src_dir_fd=handle, dst_dir_fd=handle)
    except OSError:
        discard(handle, part)
        raise
    sync(handle)


def unmark(handle: int, place: Place) -> None:
    """Remove the marker of a place; one that says anything else stays."""
    use = use_of(place)
    said = _said(handle, use)
    if isinstance(said, Marker) and said.channel == place.channel:
        discard(handle, use.marker)
        sync(handle)


def _markers(handle: int) -> _Markers:
    return dict(_found(handle))


def _found(handle: int) -> Iterator[tuple[Use, Marker | _Told]]:
    for role in Role:
        for purpose in Purpose:
            use = Use(role=role, purpose=purpose)
            said = _said(handle, use)
            if said is not None:
                yield use, said


def _said(handle: int, use: Use) -> Marker | _Told | None:
    try:
        content, _ = read(handle, use.marker, _LARGEST)
        marker = msgspec.json.decode(content, type=Marker)
    except (Unfit, msgspec.DecodeError):
        return _Told.GARBLED
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        if error.errno in LACKING_RIGHTS:
            return _Told.HIDDEN
        raise
    return marker if (marker.role, marker.purpose) == (use.role, use.purpose) else _Told.GARBLED


def _object_to_others(markers: _Markers, place: Place) -> None:
    """Refuse a directory that already serves what would take our parcels away or give us our own."""
    own = use_of(place)
    for use, marker in markers.items():
        if isinstance(marker, Marker) and marker.channel != place.channel:
            raise _refusal(place, use, "belongs to another synchronization", "Give each directories of its own.")
        if use == own:
            continue
        if use.role == own.role:
            raise _refusal(place, use, "is SEND and RECEIVE at once", "Use two directories.")
        if use.purpose == own.purpose:
            theirs = use.purpose.upper()
            raise _refusal(place, use, f"is the partner's {theirs}, too", "One half sends where the other receives.")


def _refusal(place: Place, use: Use, what: str, cure: str) -> NotOurPlace:
    return NotOurPlace(
        f"{place.path} {what}: it has the marker {use.marker}",
        cure=f"{cure} If that use of the directory is over, remove the marker.",
    )
