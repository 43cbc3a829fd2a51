"""Comments as Jira shows them, and what is written."""

from __future__ import annotations

import msgspec

from backbone.adapters.jira.codec.instants import millis_from_json
from backbone.adapters.jira.codec.markers import MARKER, PropertyJson, marker_from_json, marker_to_json
from backbone.adapters.jira.codec.people import Identity, UserJson, person_from_json
from backbone.adapters.jira.codec.values import plain_text
from backbone.core.model.keys import CommentId
from backbone.core.model.snapshot import CommentSnapshot, Marker

_SERVICE_DESK = "sd.public.comment"


class _PublicJson(msgspec.Struct):
    internal: bool | str = False


class CommentJson(msgspec.Struct):
    """One comment. ``jsd_public`` exists only where Jira Service Management is installed."""

    id: str | int
    created: str | int
    updated: str | int | None = None
    body: str = ""
    author: UserJson | None = None
    visibility: dict[str, msgspec.Raw] | None = None
    jsd_public: bool | None = msgspec.field(default=None, name="jsdPublic")
    properties: list[PropertyJson] | None = None


class CommentsJson(msgspec.Struct):
    """A list of comments, embedded in an issue or a page of the resource."""

    comments: list[CommentJson] = []
    total: int | None = None

    @property
    def complete(self) -> bool:
        return self.total is None or self.total <= len(self.comments)


class CommentsByIdJson(msgspec.Struct):
    """Cloud's list of comments that were asked for by id."""

    values: list[CommentJson] = []


def comment_from_json(found: CommentJson, me: Identity) -> CommentSnapshot:
    """Raises ValueError for an odd instant."""
    own = me.owns(found.author)
    created = millis_from_json(found.created)
    return CommentSnapshot(
        id=CommentId(str(found.id)),
        body=plain_text(found.body),
        author=person_from_json(found.author),
        created=created,
        updated=created if found.updated is None else millis_from_json(found.updated),
        restricted=_restricted(found),
        own=own,
        marker=marker_from_json(_property(found, MARKER)),
        marker_known=found.properties is not None or not own,
    )


def embedded_from_json(
    found: CommentsJson, me: Identity, project_type: str | None
) -> tuple[CommentSnapshot, ...] | None:
    """A list that came with an issue, or None where it is not complete.

    In a service project without ``jsdPublic`` nobody can tell which comments are internal: then it isn't either.
    """
    if not found.complete:
        return None
    if project_type == "service_desk" and any(each.jsd_public is None for each in found.comments):
        return None
    return tuple(comment_from_json(each, me) for each in found.comments)


def comment_to_json(body: str, marker: Marker) -> dict[str, object]:
    return {"body": body, "properties": [marker_to_json(marker)]}


def edited_comment_to_json(body: str, visibility: dict[str, msgspec.Raw] | None) -> dict[str, object]:
    """An update without ``visibility`` may make a restricted comment public, hence it is repeated."""
    return {"body": body} if visibility is None else {"body": body, "visibility": visibility}


def _restricted(found: CommentJson) -> bool:
    if found.visibility or found.jsd_public is False:
        return True
    raw = _property(found, _SERVICE_DESK)
    if raw is None:
        return False
    try:
        internal = msgspec.json.decode(raw, type=_PublicJson).internal
    except msgspec.MsgspecError:
        return True
    return str(internal).lower() == "true"


def _property(found: CommentJson, key: str) -> msgspec.Raw | None:
    return next((each.value for each in found.properties or [] if each.key == key), None)
