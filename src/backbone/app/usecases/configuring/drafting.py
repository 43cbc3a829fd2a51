"""A configuration that is being written: saved as it is, checked, compared, published when it is right."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.app.declaration.difference import Change, compare_documents
from backbone.app.usecases.configurations import APART, shown_draft, taken_back
from backbone.app.usecases.configuring.checking import Conflict, find_conflicts
from backbone.app.usecases.configuring.declaring import Part, Unfit, normal
from backbone.app.usecases.configuring.editing import (
    ChangedMeanwhile,
    Edit,
    Editor,
    check_publication,
    described,
    known_now,
    publish_within,
    require_sides,
    with_configuration,
)
from backbone.app.usecases.publishing import Halves, halves_in_force
from backbone.core.model.keys import SynchronizationKey
from backbone.ports.administration import AdministrationStore
from backbone.ports.records import Signed, StoredConnection, Synchronization
from backbone.ports.revisions import Draft


class NoDraft(Exception):
    """Nobody is writing one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSeen:
    """A draft as the public interface shows it, and the synchronization that it is for."""

    draft: Draft
    one: Synchronization
    configuration: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What a draft is worked on with."""

    draft: Draft
    one: Synchronization
    halves: Halves
    stored: list[StoredConnection]

    @property
    def part(self) -> Part:
        """The document that it would become."""
        return with_configuration(described(self.one, Edit()), self.draft.document)  # type: ignore[arg-type]  # it was plain JSON when it was saved


async def read_draft(store: AdministrationStore, key: SynchronizationKey) -> DraftSeen:
    """Raises NoDraft, Gone."""
    begun = await _begun(store, key)
    shown = shown_draft(begun.draft.document, begun.one.document, begun.halves[0])
    return DraftSeen(draft=begun.draft, one=begun.one, configuration=shown)


async def write_draft(editor: Editor, key: SynchronizationKey, configuration: Part, message: str) -> None:
    """Save it, right or not, in place of the draft before. Raises Gone."""
    async with editor.store.administration() as unit:
        one = await known_now(unit, key)
        first = (await halves_in_force(unit, one))[0]
        draft = Draft(
            synchronization=key,
            based_on=one.revision,
            document=taken_back(configuration, one.document, first),
            written=Signed(by=editor.caller.shown, at=editor.now, why=message),
        )
        await unit.drafts.save(draft)
        await unit.commit()


async def discard_draft(store: AdministrationStore, key: SynchronizationKey) -> None:
    """Raises NoDraft."""
    async with store.administration() as unit:
        if await unit.drafts.get(key) is None:
            raise NoDraft
        await unit.drafts.remove(key)
        await unit.commit()


async def check_draft(editor: Editor, key: SynchronizationKey) -> list[Conflict]:
    """What stands against publishing it, and what is doubtful. Raises NoDraft, Gone.

    Who may not publish learns no more than that: findings name what there is in the other Jira.
    """
    begun = await _begun(editor.store, key)
    try:
        await require_sides(editor, begun.part, begun.stored, begun.halves)
    except Unfit as unfit:
        return [Conflict(serious=True, wrong=one) for one in unfit.wrong]
    return await find_conflicts(editor.engine, begun.part, begun.stored, begun.halves)


async def draft_difference(store: AdministrationStore, key: SynchronizationKey) -> tuple[Change, ...]:
    """What it would change of what is in force. Raises NoDraft, Gone, Unfit."""
    begun = await _begun(store, key)
    before = {name: value for name, value in begun.one.document.items() if name not in APART}
    after = {name: value for name, value in normal(begun.part, begun.stored).items() if name not in APART}
    return compare_documents(before, after)  # type: ignore[arg-type]  # it was plain JSON when it was saved


async def publish_draft(editor: Editor, key: SynchronizationKey, message: str) -> Synchronization:
    """Put it in force, and be done with it. Raises NoDraft, Gone, Unfit, ChangedMeanwhile, Mistake."""
    begun = await _begun(editor.store, key)
    if begun.draft.based_on != begun.one.revision:
        raise ChangedMeanwhile(begun.one.published)
    resolved = await check_publication(editor, begun.part, begun.halves)
    why = message or begun.draft.written.why or "published from a draft"
    async with editor.store.administration() as unit:
        one = await publish_within(unit, editor, begun.one, resolved, why)
        await unit.drafts.remove(key)
        await unit.commit()
    return one


async def _begun(store: AdministrationStore, key: SynchronizationKey) -> _Begun:
    async with store.administration() as unit:
        one = await known_now(unit, key)
        draft = await unit.drafts.get(key)
        if draft is None:
            raise NoDraft
        halves = await halves_in_force(unit, one)
        return _Begun(draft=draft, one=one, halves=halves, stored=list(await unit.synchronizations.connections()))
