"""Entity properties as they come in: any JSON within Jira's limits."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from backbone.simulator.rest.call import checked
from backbone.simulator.rest.errors import Refused

KEY_LIMIT = 255
VALUE_LIMIT = 32_768


def check_property(key: object, value: object) -> str:
    """The key, or 400 for a key or value beyond the limits."""
    if not isinstance(key, str) or not key or len(key) > KEY_LIMIT:
        raise Refused(400, "The property key must be a string of 1 to 255 characters.")
    if len(msgspec.json.encode(value)) > VALUE_LIMIT:
        raise Refused(400, f"The property value is too long. The maximum length is {VALUE_LIMIT} characters.")
    return key


def read_properties(body: Mapping[str, object]) -> dict[str, object]:
    """The ``properties`` array of a body as a mapping."""
    listed = body.get("properties")
    if listed is None:
        return {}
    if not isinstance(listed, list):
        raise Refused(400, errors={"properties": "data was not an array"})
    found: dict[str, object] = {}
    for entry in listed:
        known = checked(entry, ("key", "value"))
        found[check_property(known.get("key"), known.get("value"))] = known.get("value")
    return found
