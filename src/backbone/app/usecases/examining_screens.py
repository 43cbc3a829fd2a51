"""Whether what is written can be written: the screens for creating and editing issues of each mapped type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from backbone.app.usecases.finding import Examined
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import STATUS, FieldId, IssueId, TypeId
from backbone.core.model.values import Option
from backbone.ports.tracker import CreateField, Lane, Tracker, Wanted

_GIVEN_ANYWAY = frozenset({"project", "issuetype", "reporter"})
"""Fields that Jira or we fill in by ourselves."""


async def screen_findings(
    place: str, half: HalfConfiguration, tracker: Tracker, granted: Mapping[str, bool]
) -> list[Examined]:
    """What the screens of a half's project keep from being written.

    Jira shows an account only the fields that it may write, so where a permission is missing no screen is judged.
    """
    found: list[Examined] = []
    for one in half.types:
        if not one.receives:
            continue
        written = [mapping for mapping in half.mappings_for(one.local) if _is_judged(mapping, granted)]
        if granted.get("CREATE_ISSUES", False):
            create = await tracker.create_fields(half.project, TypeId(one.local.id))
            found += _creating(place, one.local, written, create)
        issue = await _example(half, tracker, one.local) if granted.get("EDIT_ISSUES", False) else None
        if issue is not None:
            found += _editing(place, one.local, written, await tracker.edit_fields(issue), half.correlation_field)
    return found


def _is_judged(mapping: FieldMapping, granted: Mapping[str, bool]) -> bool:
    shown = mapping.field != "duedate" or granted.get("SCHEDULE_ISSUES", False)
    return shown and mapping.receives and mapping.field != STATUS


async def _example(half: HalfConfiguration, tracker: Tracker, issue_type: Option) -> IssueId | None:
    """Some issue of the type: the edit screen is known for issues only."""
    async for page in tracker.matching(half.project, f"issuetype = {issue_type.id}", Wanted(), Lane.BULK):
        return page.issues[0].ref.id if page.issues else None
    return None


def _creating(
    place: str, issue_type: Option, written: list[FieldMapping], screen: Iterable[CreateField]
) -> Iterator[Examined]:
    shown = {one.id: one for one in screen}
    mapped = {one.field for one in written}
    for one in shown.values():
        if one.required and not one.has_default and one.id not in mapped and one.id not in _GIVEN_ANYWAY:
            finding = f"{issue_type.name}: '{one.name}' is required to create an issue, but nothing is mapped to it"
            cure = "Map a field to it, give it a default in Jira, or make it optional"
            yield Examined(serious=True, place=place, finding=finding, cure=cure)
    for mapping in written:
        if mapping.field not in shown:
            finding = f"{issue_type.name}: '{mapping.name}' is not on the screen for creating issues"
            cure = "Put it there; until then new issues lack its value and a problem says so"
            yield Examined(serious=False, place=place, finding=finding, cure=cure)


def _editing(
    place: str,
    issue_type: Option,
    written: list[FieldMapping],
    screen: Iterable[CreateField],
    correlation_field: FieldId | None,
) -> Iterator[Examined]:
    shown = {one.id for one in screen}
    wanted = {one.field: one.name for one in written}
    if correlation_field is not None:
        wanted[correlation_field] = "the correlation field"
    for ident, name in wanted.items():
        if ident not in shown:
            finding = f"{issue_type.name}: '{name}' is not on the screen for editing issues"
            cure = "Put it there, or map it in the other direction only"
            yield Examined(serious=True, place=place, finding=finding, cure=cure)
