"""Entries of the audit log: who, what, and what became different. Never a secret, never what is written in issues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backbone.app.access.caller import Caller
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry

HIDDEN = "(hidden)"
_SECRET_WORDS = ("password", "token", "secret", "authorization", "credential", "cookie", "private")
_LONGEST = 500

Document = Mapping[str, object]


def entry_of(
    caller: Caller,
    what: str,
    about: str,
    at: Millis,
    *,
    before: Document | None = None,
    after: Document | None = None,
) -> AuditEntry:
    """What the caller did, with what differs between two documents, either of which may be missing."""
    gone, come = differences(before or {}, after or {})
    return AuditEntry(at=at, who=caller.name, what=what, about=about, before=gone, after=come, address=caller.address)


def differences(before: Document, after: Document) -> tuple[Document, Document]:
    """The parts of two documents that differ, without secrets and with long texts cut.

    >>> differences({"name": "A", "jql": "x"}, {"name": "B", "jql": "x"})
    ({'name': 'A'}, {'name': 'B'})
    """
    gone, come = _different(before, after)
    return _table(_bare(gone)), _table(_bare(come))


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The value of a key that is not there."""


_NOTHING = _Nothing()


def _different(before: Document, after: Document) -> tuple[dict[str, object], dict[str, object]]:
    gone: dict[str, object] = {}
    come: dict[str, object] = {}
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key, _NOTHING), after.get(key, _NOTHING)
        if was == now:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping):
            gone[key], come[key] = _different(was, now)
            continue
        if was is not _NOTHING:
            gone[key] = was
        if now is not _NOTHING:
            come[key] = now
    return gone, come


def _bare(value: object, key: str = "") -> object:
    """The value as it may be recorded. Where a secret is found (``{env: NAME}``) is no secret."""
    match value:
        case Mapping():
            return {str(name): _bare(one, str(name)) for name, one in value.items()}
        case list() | tuple():
            return [_bare(one, key) for one in value]
        case str() if _is_secret(key):
            return HIDDEN
        case str() if len(value) > _LONGEST:
            return value[: _LONGEST - 1] + "…"
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _is_secret(key: str) -> bool:
    return any(word in key.casefold() for word in _SECRET_WORDS)


def _table(bare: object) -> Document:
    assert isinstance(bare, dict)
    return bare
