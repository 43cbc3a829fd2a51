"""Which rule set a value, from what, when: answered from the journal."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from backbone.app.declaration.findings import choose_from
from backbone.app.usecases.choosing import halves_of
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import ConnectorKey, MappingId
from backbone.core.sync.notes import What
from backbone.ports.records import JournalEntry
from backbone.ports.store import Store, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that happened to an issue or its partner; ``side`` names the synchronization and the connector."""

    entry: JournalEntry
    synchronization: str


async def explain(
    store: Store, issue: str, field: str | None, within: Collection[ConnectorKey] | None = None
) -> tuple[Step, ...]:
    """Everything that was done to an issue or one of its fields, oldest first. Raises Mistake.

    ``within`` are connectors whose synchronization is asked about; what others did is not told.
    """
    async with store.unit() as uow:
        entries = await uow.journal.of_issue(issue.strip())
        entries = [one for one in entries if within is None or one.connector in within]
        names = await _names(uow)
        rules = await _rules(uow, {one.connector for one in entries})
    if not entries:
        cause = "nothing was ever synchronized to or from this issue"
        raise Mistake(issue, cause, "Check the key, or see with 'backbone status' whether its project catches up still")
    if field is not None:
        wanted = {ident for ident, known in rules.items() if field.casefold() in known}
        if not wanted:
            every = [name for ident, known in rules.items() for name in known if name != ident.casefold()]
            raise Mistake(f"{issue}, field {field}", "no such field is mapped", choose_from(field, every))
        entries = [one for one in entries if one.mapping in wanted or one.what in _WHOLE]
    return tuple(Step(entry=one, synchronization=names.get(one.connector, "")) for one in entries)


_WHOLE = frozenset({What.ISSUE_SENT, What.ISSUE_CREATED, What.ISSUE_ADOPTED})
"""What concerns every field: an issue is created with all its values."""


async def _rules(uow: UnitOfWork, connectors: set[ConnectorKey]) -> dict[MappingId, frozenset[str]]:
    """By which words people may name each mapping: the fields of both sides, and its own id."""
    found: dict[MappingId, frozenset[str]] = {}
    every = [one for one in await uow.synchronizations.all() if connectors & set(one.connectors)]
    for half in await halves_of(uow, every):
        for one in half.fields:
            words = {one.name.casefold(), one.field.casefold(), one.id.casefold()}
            found[one.id] = found.get(one.id, frozenset()) | words
    return found


async def _names(uow: UnitOfWork) -> dict[str, str]:
    every = await uow.synchronizations.all()
    return {connector: one.key for one in every for connector in one.connectors}
