"""What decisions have to say to people: notes for the journal, and values that lost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backbone.core.model.keys import MappingId
from backbone.core.model.values import Shared

LONGEST_SHOWN = 200


class What(StrEnum):
    """Events of the journal."""

    FIELD_SENT = "field-sent"
    FIELD_WRITTEN = "field-written"
    FIELD_AGREED = "field-agreed"
    FIELD_PARKED = "field-parked"
    VALUE_LOST = "value-lost"
    OVERWRITE_NOTICED = "overwrite-noticed"
    ISSUE_SENT = "issue-sent"
    ISSUE_CREATED = "issue-created"
    ISSUE_ADOPTED = "issue-adopted"
    COMMENT_SENT = "comment-sent"
    COMMENT_WRITTEN = "comment-written"
    COMMENT_REMOVED = "comment-removed"
    FILE_SENT = "file-sent"
    FILE_WRITTEN = "file-written"
    FILE_REMOVED = "file-removed"
    STATUS_MOVED = "status-moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One entry for the journal: what happened to which mapping, from what to what, and why.

    ``lost`` is a value that lost, whole and as both sides understand it, so that it can be restored.
    """

    what: What
    mapping: MappingId | None = None
    before: str = ""
    after: str = ""
    because: str = ""
    lost: Shared | None = None


def shorten(text: str) -> str:
    """Text short enough for a journal entry."""
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"
