"""Our marker as the JSON of an entity property."""

from __future__ import annotations

import msgspec

from backbone.core.model.snapshot import Marker

MARKER = "backbone.marker"
"""Key of the property, on issues and on comments alike."""


class MarkerJson(msgspec.Struct):
    """Short names would save nothing: a property may have 32 KB."""

    installation: str
    incarnation: str
    synchronization: str
    partner: str
    attempt: str


class PropertyJson(msgspec.Struct):
    """An entity property in a list."""

    key: str
    value: msgspec.Raw = msgspec.Raw(b"null")


def marker_to_json(marker: Marker) -> dict[str, object]:
    """The property as an element of ``properties`` of a request."""
    return {
        "key": MARKER,
        "value": {
            "installation": marker.installation,
            "incarnation": marker.incarnation,
            "synchronization": marker.synchronization,
            "partner": marker.partner,
            "attempt": marker.attempt,
        },
    }


def marker_from_json(raw: bytes | msgspec.Raw | None) -> Marker | None:
    """The marker, or nothing where somebody put something else under our key."""
    if raw is None:
        return None
    try:
        found = msgspec.json.decode(raw, type=MarkerJson)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Marker(
        installation=found.installation,
        incarnation=found.incarnation,
        synchronization=found.synchronization,
        partner=found.partner,
        attempt=found.attempt,
    )
