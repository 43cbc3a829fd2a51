"""Issues: every state of an issue is a value, so that old states can be shown again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backbone.simulator.world.fields import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Visibility:
    """Restriction of a comment: ``type`` is ``role`` or ``group``."""

    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """``author`` is a user key, or ``None`` for an anonymous one; ``body`` is wiki text."""

    id: int
    author: str | None
    update_author: str | None
    body: str
    created: datetime
    updated: datetime
    visibility: Visibility | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What is known about a file; the bytes are in the world's ``blobs``."""

    id: int
    author: str
    filename: str
    size: int
    mime_type: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One changed field; ``old``/``new`` are Jira's ``from``/``to``."""

    field: str
    field_id: str | None
    custom: bool
    old: str | None
    old_text: str | None
    new: str | None
    new_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One entry of the changelog."""

    id: int
    author: str
    created: datetime
    items: tuple[HistoryItem, ...]
    metadata: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One state of an issue. ``version`` counts every change of state, visible in ``updated`` or not."""

    id: int
    key: str
    project_id: str
    type_id: str
    status_id: str
    creator: str
    created: datetime
    updated: datetime
    values: Mapping[str, Value]
    resolved: datetime | None = None
    status_since: datetime | None = None
    comments: tuple[Comment, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    histories: tuple[History, ...] = ()
    properties: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    archived: bool = False

    def value(self, field_id: str) -> Value:
        """The value of a field that a person can set, ``None`` when empty."""
        return self.values.get(field_id)

    def comment(self, comment_id: int) -> Comment | None:
        """The comment with this id, if it is on this issue."""
        return next((c for c in self.comments if c.id == comment_id), None)
