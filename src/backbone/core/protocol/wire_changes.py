"""What is said of issues, and what was agreed to be exchanged, as plain values."""

from __future__ import annotations

from backbone.core.model.changes import (
    Changes,
    CommentChange,
    Content,
    ElementChange,
    FieldChange,
    FileChange,
    IssueAppeared,
    IssueChanged,
    IssueCreated,
    MembersAsserted,
)
from backbone.core.model.exchange import NEITHER, Exchange, SharedField, SharedType, Ways
from backbone.core.model.values import FieldKind
from backbone.core.protocol.shapes import Choice, Group, Maybe, Member, OneOf, Record, Several
from backbone.core.protocol.wire_values import (
    CONTENT,
    COUNT,
    DIGEST,
    IDENTIFIER,
    INSTANT,
    ISSUE,
    NAME,
    STAMP,
    TITLE,
    VALUE_FINGERPRINT,
    YES_OR_NO,
)

MOST_FIELDS = 2_000
MOST_ELEMENTS = 20_000
"""Elements of multi-values, comments or attachments of one issue."""


_FIELD = Record(
    FieldChange,
    (
        Member("alias", "alias", NAME),
        Member("value", "value", Several(CONTENT, 2)),
        Member("stamp", "stamp", STAMP),
        Member("asserts", "asserts", Maybe(VALUE_FINGERPRINT), None),
    ),
)
_ELEMENT = Record(
    ElementChange,
    (
        Member("alias", "alias", NAME),
        Member("element", "element", CONTENT),
        Member("present", "present", YES_OR_NO),
        Member("stamp", "stamp", STAMP),
    ),
)
_MEMBERS = Record(
    MembersAsserted,
    (
        Member("alias", "alias", NAME),
        Member("elements", "elements", Group(CONTENT, MOST_ELEMENTS)),
        Member("stamp", "stamp", STAMP),
    ),
)
_COMMENT = Record(
    CommentChange,
    (
        Member("id", "original", IDENTIFIER),
        Member("version", "version", COUNT),
        Member("author", "author", TITLE),
        Member("created", "created", INSTANT),
        Member("body", "body", Maybe(CONTENT)),
    ),
)
_FILE = Record(
    FileChange,
    (
        Member("id", "original", IDENTIFIER),
        Member("present", "present", YES_OR_NO),
        Member("name", "name", TITLE),
        Member("size", "size", COUNT),
        Member("mime", "mime", TITLE),
        Member("digest", "digest", Maybe(DIGEST), None),
    ),
)
_CHANGES = Record(
    Changes,
    (
        Member("fields", "fields", Several(_FIELD, MOST_FIELDS, key=lambda one: one.alias), ()),
        Member("elements", "elements", Several(_ELEMENT, MOST_ELEMENTS, key=lambda one: (one.alias, one.element)), ()),
        Member("members", "members", Several(_MEMBERS, MOST_FIELDS, key=lambda one: one.alias), ()),
        Member("comments", "comments", Several(_COMMENT, MOST_ELEMENTS, key=lambda one: one.original), ()),
        Member("files", "files", Several(_FILE, MOST_ELEMENTS, key=lambda one: one.original), ()),
    ),
)
CONTENT_OF_PAIR: OneOf[Content] = OneOf(
    "Content",
    {
        "created": Record(IssueCreated, (Member("issue", "issue", ISSUE),)),
        "appeared": Record(
            IssueAppeared,
            (
                Member("issue", "issue", ISSUE),
                Member("type", "type_alias", NAME),
                Member("changes", "changes", _CHANGES),
            ),
        ),
        "changed": Record(IssueChanged, (Member("issue", "issue", ISSUE), Member("changes", "changes", _CHANGES))),
    },
)

_WAYS = Record(Ways, (Member("to_second", "to_slave", YES_OR_NO), Member("to_first", "to_master", YES_OR_NO)))
_ALIASES = Several(NAME, MOST_ELEMENTS, key=str)
EXCHANGE = Record(
    Exchange,
    (
        Member(
            "types",
            "types",
            Several(
                Record(SharedType, (Member("alias", "alias", NAME), Member("ways", "ways", _WAYS))),
                MOST_FIELDS,
                key=lambda one: one.alias,
            ),
            (),
        ),
        Member(
            "fields",
            "fields",
            Several(
                Record(
                    SharedField,
                    (
                        Member("alias", "alias", NAME),
                        Member("kind", "kind", Choice(FieldKind)),
                        Member("ways", "ways", _WAYS),
                        Member("values", "values", Maybe(_ALIASES), None),
                        Member("types", "types", Maybe(_ALIASES), None),
                    ),
                ),
                MOST_FIELDS,
                key=lambda one: one.alias,
            ),
            (),
        ),
        Member("comments", "comments", _WAYS, NEITHER),
        Member("files", "files", _WAYS, NEITHER),
        Member("largest", "largest", Maybe(COUNT), None),
    ),
)
