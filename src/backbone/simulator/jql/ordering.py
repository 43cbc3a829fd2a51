"""ORDER BY: stable, by several fields, ties by ascending id.

Issues whose field is empty come last in ascending and first in descending order.
Without ORDER BY the newest key comes first, as in Jira's issue navigator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TypeAlias

from backbone.simulator.jql.comparing import split_key
from backbone.simulator.jql.fields import find_fields
from backbone.simulator.jql.printing import print_field
from backbone.simulator.jql.tree import NamedField, Sort
from backbone.simulator.jql.world import FieldInfo, FieldKind, IssueView, JqlContext, Value

MOST_SORTS_ON_CLOUD = 7
_DEFAULT = (Sort(field=NamedField(name="key"), descending=True),)
SortKey: TypeAlias = tuple[int, float, str]
_UNSORTABLE = frozenset({FieldKind.TEXTS, FieldKind.ALL_TEXT, FieldKind.PRESENCE})


def check_order(order: Sequence[Sort], context: JqlContext) -> list[str]:
    """Jira's sentences about what is wrong with an ORDER BY."""
    problems = [
        f"Not able to sort using field '{print_field(sort.field)}'."
        for sort in order
        if not _sortable(find_fields(sort.field, context.world))
    ]
    if context.cloud and len(order) > MOST_SORTS_ON_CLOUD:
        problems.append(f"The ORDER BY clause has {len(order)} fields; at most {MOST_SORTS_ON_CLOUD} are allowed.")
    return problems


def _sortable(fields: Sequence[FieldInfo]) -> bool:
    return bool(fields) and all(info.kind not in _UNSORTABLE for info in fields)


def sort_issues(issues: Iterable[IssueView], order: Sequence[Sort], context: JqlContext) -> list[IssueView]:
    """The issues in order; ``order`` must have passed check_order."""
    found = sorted(issues, key=lambda issue: issue.id)
    for sort in reversed(order or _DEFAULT):
        key = _key(find_fields(sort.field, context.world)[0], context)
        found.sort(key=key, reverse=sort.descending)
    return found


def _key(info: FieldInfo, context: JqlContext) -> Callable[[IssueView], SortKey]:
    if info.id == "key":
        return _issue_key
    measure = _measure(info, context)
    field_id = info.id

    def key(issue: IssueView) -> SortKey:
        value = issue.value(field_id)
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = value[0] if value else None
        return (1, 0, "") if value is None or value == "" else measure(value)

    return key


def _issue_key(issue: IssueView) -> SortKey:
    project, number = split_key(issue.key)
    return (0, 0, f"{project}-{number:020}")


def _measure(info: FieldInfo, context: JqlContext) -> Callable[[Value], SortKey]:
    """How values of a field compare; nobody asks it about empty ones."""
    if info.kind in {FieldKind.OPTION, FieldKind.ORDERED_OPTION}:
        return lru_cache(maxsize=None)(lambda value: _option_key(info.catalogue, str(value), context))
    if info.kind is FieldKind.USER:
        return lru_cache(maxsize=None)(lambda value: (0, 0, context.world.user_name(str(value)).lower()))
    return _scalar_key


def _option_key(catalogue: str, value_id: str, context: JqlContext) -> SortKey:
    found = context.world.numbered(catalogue, value_id)
    return (0, 0, value_id) if found is None else (0, found.rank, found.name.lower())


def _scalar_key(value: Value) -> SortKey:
    if isinstance(value, datetime):
        return (0, value.timestamp(), "")
    if isinstance(value, date):
        return (0, value.toordinal(), "")
    if isinstance(value, int | float):
        return (0, value, "")
    return (0, 0, str(value).lower())
