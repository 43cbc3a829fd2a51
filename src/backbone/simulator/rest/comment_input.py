"""Comments as they come in."""

from __future__ import annotations

from backbone.simulator.rest.call import Call
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.inputs import Reader, Unacceptable, read_text
from backbone.simulator.rest.property_input import read_properties
from backbone.simulator.world.discussion import Words
from backbone.simulator.world.issues import Visibility
from backbone.simulator.world.permissions import in_visibility

IGNORED = frozenset("author created updated updateAuthor id self renderedBody jsdAuthorCanSeeRequest".split())
READ = frozenset("body visibility properties".split())


def _known_keys(call: Call) -> frozenset[str]:
    return READ | IGNORED | ({"jsdPublic"} if call.traits.is_cloud else frozenset())


def read_visibility(call: Call, raw: object) -> Visibility | None:
    """A restriction that exists and to which the caller himself belongs."""
    if raw is None:
        return None
    if not isinstance(raw, dict) or raw.get("type") not in {"role", "group"}:
        raise Refused(400, errors={"commentLevel": "Visibility must have a type of 'role' or 'group'"})
    value = raw.get("value") or raw.get("identifier")
    known = call.world.roles if raw["type"] == "role" else {g for u in call.world.users.values() for g in u.groups}
    if value not in known:
        kind = "Role" if raw["type"] == "role" else "Group"
        raise Refused(400, errors={"commentLevel": f"{kind}: {value} does not exist."})
    visibility = Visibility(type=raw["type"], value=str(value))
    if not in_visibility(call.world, call.account, visibility):
        raise Refused(400, errors={"commentLevel": f"You are currently not a member of the {raw['type']}: {value}."})
    return visibility


def read_words(call: Call, reader: Reader, raw: object) -> Words:
    """A comment's body, visibility and properties; author and times are not the caller's to say."""
    if not isinstance(raw, dict):
        raise Unacceptable("data was not an object")
    unknown = set(raw) - _known_keys(call)
    if unknown:
        raise Refused(400, f"Unrecognized field {min(unknown)!r} (the simulator refuses what Jira might ignore)")
    if raw.get("body") is None:
        raise Unacceptable("Comment body can not be empty!")
    body = read_text(reader, "comment", raw["body"])
    if not body.strip():
        raise Unacceptable("Comment body can not be empty!")
    visibility = read_visibility(call, raw.get("visibility"))
    return Words(body=body, visibility=visibility, properties=read_properties(raw))
