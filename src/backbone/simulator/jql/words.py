"""Reserved words and escapes of JQL (Atlassian, "Search syntax for text fields" and "JQL reserved words")."""

from __future__ import annotations

import re

from backbone.simulator.jql.errors import JqlError

RESERVED_WORDS = frozenset(
    """
    abort access add after alias all alter and any as asc audit avg before begin between boolean
    break by byte catch cf char character check checkpoint collate collation column commit connect
    continue count create current date decimal declare decrement default defaults define delete
    delimiter desc difference distinct divide do double drop else empty encoding end equals escape
    exclusive exec execute exists explain false fetch file field first float for from function go
    goto grant greater group having identified if immediate in increment index initial inner inout
    input insert int integer intersect intersection into is isempty isnull join last left less like
    limit lock long max min minus mode modify modulo more multiply next noaudit not notin nowait
    null number object of on option or order outer output power previous prior privileges public
    raise raw remainder rename resource return returns revoke right row rowid rownum rows select
    session set share size sqrt start strict string subtract sum synonym table then to trans
    transaction trigger true uid union unique update user validate values view when whenever where
    while with
    """.split()
) - {"cf"}
"""Words that need quotes. ``cf`` is on Atlassian's list, yet it opens ``cf[10001]``."""

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_SURROGATE = re.compile(r"u[dD][89a-fA-F][0-9a-fA-F]{2}")
_SIMPLE_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", "'": "'", '"': '"', " ": " "}


def unescape(raw: str) -> str:
    """The text that ``raw`` stands for; an unknown escape raises JqlError."""
    return _ESCAPE.sub(_unescape_one, raw) if "\\" in raw else raw


def _unescape_one(match: re.Match[str]) -> str:
    escape = match.group(1)
    if len(escape) > 1 and not _SURROGATE.fullmatch(escape):
        return chr(int(escape[1:], 16))
    if escape in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[escape]
    raise JqlError(f"Error in the JQL Query: {illegal_escape(escape)}")


def illegal_escape(character: str) -> str:
    """Jira's sentence about a backslash before a character that has no escape."""
    return (
        f"'\\{character}' is an illegal JQL escape sequence. The valid escape sequences are "
        r"""\', \", \t, \n, \r, \\, '\ ' and \uXXXX."""
    )


def quote(text: str) -> str:
    """``text`` as a quoted literal that reads back as itself."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
