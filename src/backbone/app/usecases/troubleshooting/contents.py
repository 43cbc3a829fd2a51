"""What a problem holds back, for people who may see it. It is read when asked for, and never logged or listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backbone.core.mapping.values import show_shared
from backbone.core.model.changes import IssueAppeared, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.pair import Pair
from backbone.ports.records import InboxMessage, OpenProblem
from backbone.ports.store import Store

LONGEST = 2_000
"""Characters of one value that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One thing that is held back: a field's value, a comment's text, an attachment's name."""

    what: str
    name: str
    value: str


async def content_of(store: Store, problem: OpenProblem) -> tuple[Content, ...]:
    """What is held back of the problem's field, or of its whole issue where it names none."""
    found = problem.problem
    if found.connector is None or found.holds.pair is None:
        return ()
    async with store.unit() as uow:
        half = await uow.synchronizations.half(found.connector)
        pair = await uow.pairs.get(found.connector, found.holds.pair)
        pending = await uow.inbox.pending(found.connector, found.holds.pair)
    held = [] if pair is None else list(_held(half, pair, problem))
    return tuple(held or _pending(half, pending, problem))


def _held(half: HalfConfiguration, pair: Pair, problem: OpenProblem) -> Iterator[Content]:
    wanted, thing = problem.problem.holds.mapping, problem.problem.holds.thing
    names = {one.id: one.name for one in half.fields}
    for mapping, values in pair.parked.items():
        if wanted not in (None, mapping) or thing:
            continue
        for one in values:
            sign = "" if one.element is None else ("+" if one.present else "-") + one.element
            yield Content(what="field", name=names.get(mapping, mapping), value=_cut(sign or show_shared(one.value)))
    if wanted is not None:
        return
    for comment in pair.held_comments.values():
        if thing in ("", f"comment {comment.original}"):
            yield Content(what="comment", name=f"by {comment.author}", value=_cut(comment.body or "(removed)"))
    for file in pair.held_files.values():
        if thing in ("", f"attachment {file.original}"):
            yield Content(what="attachment", name=file.name, value=f"{file.size} bytes, {file.mime}")


def _pending(half: HalfConfiguration, messages: Sequence[InboxMessage], problem: OpenProblem) -> Iterator[Content]:
    """What messages that wait say: of an issue that can't be created, or that is away."""
    names = {one.alias: one for one in half.fields}
    wanted = problem.problem.holds.mapping
    for message in messages:
        if not isinstance(message.content, IssueAppeared | IssueChanged):
            continue
        changes = message.content.changes
        for change in changes.fields:
            mapping = names.get(change.alias)
            if mapping is not None and wanted in (None, mapping.id):
                yield Content(what="field", name=mapping.name, value=_cut(show_shared(change.value)))
        for element in changes.elements:
            mapping = names.get(element.alias)
            if mapping is not None and wanted in (None, mapping.id):
                yield Content(
                    what="field", name=mapping.name, value=("+" if element.present else "-") + element.element
                )
        for comment in changes.comments if wanted is None else ():
            yield Content(what="comment", name=f"by {comment.author}", value=_cut(comment.body or "(removed)"))
        for file in changes.files if wanted is None else ():
            yield Content(what="attachment", name=file.name, value=f"{file.size} bytes, {file.mime}")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
