"""The connections of a file: what becomes of those that are known, and storing them."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.declared import Declared, DeclaredConnection
from backbone.app.declaration.difference import Change, compare_documents
from backbone.app.usecases.own_connections import declared_part, following, let_files_win
from backbone.core.model.keys import ConnectionName, Millis
from backbone.ports.records import StoredConnection
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachedOtherwise:
    """A connection that the file adds or declares otherwise. ``new`` is one that was not known."""

    name: ConnectionName
    new: bool
    changes: tuple[Change, ...]


async def changed_connections(store: Store, declared: Declared) -> tuple[ReachedOtherwise, ...]:
    """Those of which applying the file would store something else; changes nothing."""
    async with store.unit() as uow:
        known = {one.name: one for one in await uow.synchronizations.connections()}
    found = [_otherwise(known.get(one.name), one) for one in declared.connections]
    return tuple(one for one in found if one is not None)


async def save_connections(uow: UnitOfWork, declared: Declared, file: str, now: Millis, by: Caller) -> None:
    """Store them as the file declares them, and who changed which of them; the caller commits."""
    known = {one.name: one for one in await uow.synchronizations.connections()}
    stored = []
    for one in declared.connections:
        before = known.get(one.name)
        document = {"declared": dict(one.document), "file": file, "applied": now, "account": one.account.id}
        stored.append(StoredConnection(name=one.name, document=following(before, document)))
        await uow.synchronizations.save_connection(stored[-1])
        if _otherwise(before, one) is not None:
            what = "connection.create" if before is None else "connection.change"
            was = declared_part(before) if before is not None else None
            await uow.audit.write(entry_of(by, what, one.name, now, before=was, after=one.document))
    await let_files_win(uow, stored)


def _otherwise(known: StoredConnection | None, one: DeclaredConnection) -> ReachedOtherwise | None:
    before = declared_part(known) if known is not None else {}
    changes = compare_documents(before, one.document)  # type: ignore[arg-type]  # it was plain JSON when it was saved
    return ReachedOtherwise(name=one.name, new=known is None, changes=changes) if changes else None
