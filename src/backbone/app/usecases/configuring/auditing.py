"""What the audit log keeps of changes to synchronizations."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.app.access.caller import Caller
from backbone.core.model.keys import Millis, SynchronizationKey
from backbone.ports.access import AuditEntry

_NOTHING: Mapping[str, object] = {}


def audited(
    caller: Caller,
    at: Millis,
    what: str,
    about: SynchronizationKey,
    *,
    before: Mapping[str, object] = _NOTHING,
    after: Mapping[str, object] = _NOTHING,
) -> AuditEntry:
    """An entry with who did it and from where."""
    return AuditEntry(
        at=at, who=caller.name, what=what, about=about, before=before, after=after, address=caller.address
    )
