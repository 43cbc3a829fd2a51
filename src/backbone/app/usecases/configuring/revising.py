"""What was in force before: listed, shown, compared, and put in force again as a new revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.app.declaration.difference import Change, compare_documents
from backbone.app.usecases.configurations import APART, shown_configuration
from backbone.app.usecases.configuring.editing import (
    Edit,
    Editor,
    check_publication,
    described,
    known_now,
    publish,
    with_configuration,
)
from backbone.app.usecases.publishing import halves_in_force
from backbone.core.model.keys import Revision, SynchronizationKey
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import Synchronization
from backbone.ports.revisions import Publication


class NoRevision(Exception):
    """There is none of this number, or nothing is kept of it."""

    def __init__(self, revision: Revision) -> None:
        super().__init__(f"there is no revision {revision}")
        self.revision = revision


async def list_revisions(store: AdministrationStore, key: SynchronizationKey) -> Sequence[Publication]:
    """The newest first."""
    async with store.administration() as unit:
        return await unit.revisions.all(key)


async def show_revision(
    store: AdministrationStore, key: SynchronizationKey, revision: Revision
) -> tuple[Publication, dict[str, object]]:
    """A revision with its configuration as the public interface shows it. Raises NoRevision, Gone."""
    async with store.administration() as unit:
        one = await known_now(unit, key)
        publication = await _publication(unit, key, revision)
        try:
            first = await unit.synchronizations.half(one.first, revision)
        except LookupError:
            raise NoRevision(revision) from None
    return publication, shown_configuration(publication.document, first)


async def compare_revisions(
    store: AdministrationStore, key: SynchronizationKey, before: Revision, after: Revision | None
) -> tuple[Change, ...]:
    """What changed between two revisions, up to the one in force where none is named. Raises NoRevision, Gone."""
    async with store.administration() as unit:
        one = await known_now(unit, key)
        old = await _publication(unit, key, before)
        new = await _publication(unit, key, after or one.revision)
    return compare_documents(_configuration(old.document), _configuration(new.document))  # type: ignore[arg-type]  # it was plain JSON when it was saved


async def roll_back(editor: Editor, key: SynchronizationKey, revision: Revision, message: str) -> Synchronization:
    """Publish the configuration of a revision anew. Raises NoRevision, Gone, Unfit, ChangedMeanwhile, Mistake.

    Names are looked up once more: what Jira does not have any more is told.
    """
    async with editor.store.administration() as unit:
        one = await known_now(unit, key)
        publication = await _publication(unit, key, revision)
        halves = await halves_in_force(unit, one)
    part = with_configuration(described(one, Edit()), _configuration(publication.document))  # type: ignore[arg-type]  # it was plain JSON when it was saved
    resolved = await check_publication(editor, part, halves)
    why = f"rolled back to revision {revision}" + (f": {message}" if message else "")
    return await publish(editor, one, resolved, why)


async def _publication(unit: AdministrationUnit, key: SynchronizationKey, revision: Revision) -> Publication:
    found = await unit.revisions.get(key, revision)
    if found is None:
        raise NoRevision(revision)
    return found


def _configuration(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if name not in APART}
