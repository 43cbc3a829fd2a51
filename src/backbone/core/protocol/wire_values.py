"""The small things of the wire format and their limits: identifiers, names, texts, numbers, stamps."""

from __future__ import annotations

from backbone.core.model.keys import IssueRef, Role
from backbone.core.model.stamps import Stamp
from backbone.core.protocol.shapes import Choice, Flag, Member, Record, Text, Whole

GREATEST = 2**63 - 1
"""The greatest number that may occur anywhere."""
LONGEST_TEXT = 4 * 1024 * 1024
"""Characters of a value or comment; Jira's own limit is 32,767 unless an administrator lifted it."""
LAST_INSTANT = 253_402_300_799_999
"""The end of the year 9999, in milliseconds since 1970."""
FIRST_INSTANT = -62_135_596_800_000
"""The beginning of the year 1: issues that were imported may be older than 1970."""

_CONTROL = r"\u0000-\u001f\u007f-\u009f"

IDENTIFIER = Text(64, 1, r"[0-9A-Za-z][0-9A-Za-z_\-]*")
"""Ids of pairs, channels, epochs and of things in Jira: nothing that means something in a path or a command."""
NAME = Text(1000, 1, rf"[^{_CONTROL}]*")
"""An alias or an address: one line that can be shown."""
LINE = Text(1000, 0, rf"[^{_CONTROL}]*")
"""The same, which may be empty."""
WORDS = Text(20_000, 0, r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*")
"""What one administrator writes to another: lines that can be shown."""
CONTENT = Text(LONGEST_TEXT, any_code=True)
"""What people wrote in Jira, whatever it is: even NUL and unpaired surrogates travel, escaped as JSON does it."""
TITLE = Text(4000, any_code=True)
"""The same where it is short: names of files and of people."""
PRINTABLE = r"[\u0020-\u007e]*"
ARMOR = Text(200_000, 1, r"[\n\r\u0020-\u007e]*")
"""ASCII armor of OpenPGP."""
DIGEST = Text(64, 64, r"[0-9a-f]{64}")
KEY_FINGERPRINT = Text(64, 40, r"(?:[0-9A-F]{40}|[0-9A-F]{64})")
VALUE_FINGERPRINT = Text(80, 0, r"(?:|x\[[^\u0000-\u001f]*\]|x#[0-9a-f]{64})", any_code=True)
PROJECT_KEY = Text(255, 1, r"[A-Z][A-Z0-9_]*")
ISSUE_KEY = Text(275, 3, r"[A-Z][A-Z0-9_]*-[0-9]{1,18}")

COUNT = Whole(0, GREATEST)
NUMBER = Whole(1, GREATEST)
INSTANT = Whole(FIRST_INSTANT, LAST_INSTANT)
YES_OR_NO = Flag()
ROLE = Choice(Role)

STAMP = Record(
    Stamp,
    (
        Member("at", "number", Whole(0, LAST_INSTANT)),
        Member("by", "role", ROLE),
        Member("origin", "origin", IDENTIFIER),
    ),
)
ISSUE = Record(IssueRef, (Member("id", "id", IDENTIFIER), Member("key", "key", ISSUE_KEY)))
