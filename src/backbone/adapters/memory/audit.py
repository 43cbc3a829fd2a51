"""What was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.adapters.memory.tables import Session, Tables
from backbone.core.model.keys import Millis
from backbone.ports.access import AuditEntry


class MemoryAudit:
    """The audit log of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def write(self, entry: AuditEntry) -> None:
        def operation(tables: Tables) -> None:
            number = max(tables.audit, default=0) + 1
            tables.audit[number] = replace(entry, id=number)

        self._session.change(operation, "audit")

    async def page(self, before: int | None = None, limit: int = 100) -> Sequence[AuditEntry]:
        kept = self._session.view.audit
        return [kept[number] for number in sorted(kept, reverse=True) if before is None or number < before][:limit]

    async def forget(self, before: Millis) -> None:
        def operation(tables: Tables) -> None:
            for number in [number for number, one in tables.audit.items() if one.at < before]:
                del tables.audit[number]

        self._session.change(operation, "audit")
