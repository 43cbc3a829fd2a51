"""Which kinds of fields can be joined, pure."""

from __future__ import annotations

from backbone.core.model.values import FieldKind

_TEXTS = frozenset({FieldKind.TEXT, FieldKind.MULTILINE})

TAKERS: dict[FieldKind, frozenset[FieldKind]] = {
    FieldKind.TEXT: _TEXTS | {FieldKind.URL},
    FieldKind.MULTILINE: _TEXTS,
    FieldKind.NUMBER: _TEXTS | {FieldKind.NUMBER},
    FieldKind.DATE: _TEXTS | {FieldKind.DATE},
    FieldKind.INSTANT: _TEXTS | {FieldKind.INSTANT},
    FieldKind.URL: _TEXTS | {FieldKind.URL},
    FieldKind.OPTION: frozenset({FieldKind.OPTION}),
    FieldKind.CASCADE: frozenset({FieldKind.CASCADE}),
    FieldKind.STATUS: frozenset({FieldKind.STATUS}),
    FieldKind.LABELS: frozenset({FieldKind.LABELS, FieldKind.OPTIONS}),
    FieldKind.OPTIONS: frozenset({FieldKind.OPTIONS}),
}
"""What can take a value of a kind. A text can't become a number, and a label has no blanks as an option may have."""

CHOSEN = frozenset({FieldKind.OPTION, FieldKind.CASCADE, FieldKind.OPTIONS})
"""Kinds whose values Jira lists."""

TABLED = CHOSEN | {FieldKind.LABELS, FieldKind.STATUS}
"""Kinds to which a table of values can apply."""

ELSEWHERE = {
    "status": "Write the key status: beside fields:",
    "issuetype": "Write the key issue_types: beside fields:",
    "comment": "Write the key comments: beside fields:",
    "attachment": "Write the key attachments: beside fields:",
    "project": "Each side names its project already",
}
"""Fields that are not joined as fields, and where they belong."""


def fits(sender: FieldKind, receiver: FieldKind) -> bool:
    return receiver in TAKERS[sender]


def refused_values(sender: FieldKind, receiver: FieldKind) -> str | None:
    """Which values of the sender the receiver will refuse, although it takes others."""
    match sender, receiver:
        case FieldKind.MULTILINE, FieldKind.TEXT:
            return "texts with line breaks, since it has a single line"
        case FieldKind.TEXT, FieldKind.URL:
            return "texts that are no address"
        case _:
            return None
