"""The test of one field by one clause.

Emptiness follows Jira: ``!=``, ``not in`` and ``!~`` do not find issues whose field is empty
(Atlassian, "Advanced searching - operators reference").
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from backbone.simulator.jql.fields import OPERATORS
from backbone.simulator.jql.matching import TextProblem, TextTest, read_text_query
from backbone.simulator.jql.operands import (
    Refusal,
    check_call,
    read_issue,
    read_keys,
    read_moment,
    read_number,
)
from backbone.simulator.jql.printing import print_field, show_operand
from backbone.simulator.jql.tree import Call, Empty, FieldReference, Items, Operand, Operator, Terminal, Text
from backbone.simulator.jql.world import FieldInfo, FieldKind, IssueView, JqlContext, Value

Predicate: TypeAlias = Callable[[IssueView], bool]
Read = TypeVar("Read")

_NEGATIVE = frozenset({Operator.NOT_EQUALS, Operator.NOT_IN, Operator.NOT_LIKE, Operator.IS_NOT})
_COMPARISONS: Mapping[Operator, Callable[[float, float], bool]] = MappingProxyType(
    {
        Operator.GREATER: operator.gt,
        Operator.GREATER_EQUALS: operator.ge,
        Operator.LESS: operator.lt,
        Operator.LESS_EQUALS: operator.le,
    }
)
_TEXT_SYSTEM_FIELDS = ("summary", "description", "environment", "comment")


def unknown_field(reference: FieldReference, context: JqlContext) -> str:
    """Jira's sentence about a field that nobody knows or that is hidden from the account."""
    name = print_field(reference)
    if context.account is None:
        return f"Field '{name}' does not exist or this field cannot be viewed by anonymous users."
    return f"Field '{name}' does not exist or you do not have permission to view it."


def compile_field(info: FieldInfo, clause: Terminal, context: JqlContext) -> Predicate:
    """The test of one field; raises Refusal."""
    name = print_field(clause.field)
    if info.kind is FieldKind.UNSEARCHABLE:
        raise Refusal(f"Field '{name}' is not searchable, it is only sortable.")
    if clause.operator not in OPERATORS[info.kind]:
        raise Refusal(f"The operator '{clause.operator}' is not supported by the '{name}' field.")
    items = _items_of(clause, name)
    if clause.operator in {Operator.IS, Operator.IS_NOT}:
        return _emptiness(info, filled=clause.operator is Operator.IS_NOT)
    if clause.operator in {Operator.LIKE, Operator.NOT_LIKE}:
        return _likeness(info, clause, name, context)
    if clause.operator in _COMPARISONS:
        return _relation(info, clause.operator, _single_of(clause.operand, name), name, context)
    return _equality(info, items, name, context, negative=clause.operator in _NEGATIVE)


def _items_of(clause: Terminal, name: str) -> Sequence[Text | Call | Empty]:
    listing = clause.operator in {Operator.IN, Operator.NOT_IN}
    if isinstance(clause.operand, Items):
        if listing:
            return clause.operand.items
        raise Refusal(
            f"Operator '{clause.operator}' does not support the list value '{show_operand(clause.operand)}' for field '{name}'."
        )
    if listing and not isinstance(clause.operand, Call):
        raise Refusal(
            f"Operator '{clause.operator}' does not support the non-list value "
            f"'{show_operand(clause.operand)}' for field '{name}'."
        )
    if clause.operator in {Operator.IS, Operator.IS_NOT} and not isinstance(clause.operand, Empty):
        raise Refusal(
            f"The operator '{clause.operator}' only supports the values EMPTY and NULL, "
            f"not '{show_operand(clause.operand)}', for field '{name}'."
        )
    return (clause.operand,)


def _single_of(operand: Operand, name: str) -> Text | Call:
    if isinstance(operand, Text | Call):
        return operand
    raise Refusal(f"The field '{name}' does not support searching for EMPTY values with this operator.")


def _is_empty(value: Value) -> bool:
    return value is None or value == "" or (not isinstance(value, str | int | float | date) and not value)


def _emptiness(info: FieldInfo, *, filled: bool) -> Predicate:
    field_id = info.id
    if filled:
        return lambda issue: not _is_empty(issue.value(field_id))
    return lambda issue: _is_empty(issue.value(field_id))


def _likeness(info: FieldInfo, clause: Terminal, name: str, context: JqlContext) -> Predicate:
    item = _single_of(clause.operand, name)
    if isinstance(item, Call):
        check_call(item)
        raise Refusal(f"A value provided by the function '{item.name}' is invalid for the field '{name}'.")
    test = read_text(item.value, name)
    field_ids = _text_fields(info, context)
    if clause.operator is Operator.LIKE:
        return lambda issue: any(test(text) for field_id in field_ids for text in _texts(issue.value(field_id)))

    def unlike(issue: IssueView) -> bool:
        texts = [text for field_id in field_ids for text in _texts(issue.value(field_id))]
        return bool(texts) and not any(test(text) for text in texts)

    return unlike


def read_text(text: str, name: str) -> TextTest:
    """The test for a text query; raises Refusal."""
    try:
        return read_text_query(text)
    except TextProblem as problem:
        reason = str(problem)
    if reason == "empty":
        raise Refusal(f"The field '{name}' does not support searching for an empty string.")
    if reason.startswith("start"):
        raise Refusal(
            f"The text query '{text}' for field '{name}' is not allowed to start with character '{reason[-1]}'"
        )
    raise Refusal(f"Unable to parse the text '{text}' for field '{name}'.")


def _text_fields(info: FieldInfo, context: JqlContext) -> Sequence[str]:
    if info.kind is not FieldKind.ALL_TEXT:
        return (info.id,)
    custom = (field.id for field in context.world.custom_fields() if field.kind is FieldKind.TEXT)
    return (*_TEXT_SYSTEM_FIELDS, *custom)


def _texts(value: Value) -> Sequence[str]:
    if isinstance(value, str):
        return (value,) if value else ()
    return value if isinstance(value, Sequence) else ()


def _relation(info: FieldInfo, comparison: Operator, item: Text | Call, name: str, context: JqlContext) -> Predicate:
    compare = _COMPARISONS[comparison]
    if info.kind is FieldKind.ISSUE:
        return _issue_relation(compare, item, name, context)
    measure, bound = _scale(info, item, name, context)
    field_id = info.id

    def related(issue: IssueView) -> bool:
        value = issue.value(field_id)
        return value is not None and compare(measure(value), bound)

    return related


def _issue_relation(
    compare: Callable[[float, float], bool], item: Text | Call, name: str, context: JqlContext
) -> Predicate:
    """``key > A-5``: issues of the same project by the number in their key, also when an id is given."""
    issue = read_issue(item, name, context)
    if issue is None:
        return lambda _: False
    project, number = split_key(issue.key)

    def related(candidate: IssueView) -> bool:
        other, own = split_key(candidate.key)
        return other == project and compare(own, number)

    return related


def split_key(key: str) -> tuple[str, int]:
    """Project key and number of an issue key."""
    project, _, number = key.rpartition("-")
    return project, int(number)


def _scale(
    info: FieldInfo, item: Text | Call, name: str, context: JqlContext
) -> tuple[Callable[[Value], float], float]:
    """How to turn values of a field into numbers, and the operand so turned."""
    if info.kind is FieldKind.INSTANT:
        step = context.index_step
        return _instant_scale(step), _ticks(read_moment(item, name, context), step)
    if info.kind is FieldKind.DAY:
        return _ordinal, read_moment(item, name, context).toordinal()
    if info.kind is FieldKind.NUMBER:
        return _number, read_number(item, name)
    ranks = read_keys(item, info, name, context)
    bound = max((_rank(info, value_id, context) for value_id in ranks), default=0)
    return lambda value: _rank(info, str(value), context), bound


def _instant_scale(step: timedelta) -> Callable[[Value], float]:
    def ticks(value: Value) -> float:
        assert isinstance(value, datetime)  # what FieldKind.INSTANT promises
        return _ticks(value, step)

    return ticks


def _ticks(moment: datetime, step: timedelta) -> int:
    return int(moment.timestamp() // step.total_seconds())


def _ordinal(value: Value) -> float:
    assert isinstance(value, date)  # what FieldKind.DAY promises
    return value.toordinal()


def _number(value: Value) -> float:
    assert isinstance(value, int | float)  # what FieldKind.NUMBER promises
    return value


def _rank(info: FieldInfo, value_id: str, context: JqlContext) -> int:
    found = context.world.numbered(info.catalogue, value_id)
    return 0 if found is None else found.rank


def _equality(
    info: FieldInfo, items: Sequence[Text | Call | Empty], name: str, context: JqlContext, *, negative: bool
) -> Predicate:
    singles = [item for item in items if not isinstance(item, Empty) and not _is_unresolved(info, item)]
    finds_empty = len(singles) < len(items)
    if finds_empty and Operator.IS not in OPERATORS[info.kind]:
        raise Refusal(f"The field '{name}' does not support searching for EMPTY values.")
    contained = _membership(info, singles, name, context)
    field_id = info.id

    def included(issue: IssueView) -> bool:
        value = _value(issue, field_id)
        return finds_empty if _is_empty(value) else contained(value)

    def excluded(issue: IssueView) -> bool:
        value = _value(issue, field_id)
        return not _is_empty(value) and not contained(value)

    return excluded if negative else included


def _is_unresolved(info: FieldInfo, item: Text | Call) -> bool:
    """``resolution = Unresolved`` means that there is none (Atlassian, fields reference)."""
    return info.id == "resolution" and isinstance(item, Text) and item.value.lower() == "unresolved"


def _value(issue: IssueView, field_id: str) -> Value:
    return issue.id if field_id == "key" else issue.value(field_id)


def _membership(
    info: FieldInfo, items: Sequence[Text | Call], name: str, context: JqlContext
) -> Callable[[Value], bool]:
    if info.kind is FieldKind.ISSUE:
        issues = _read_each(items, lambda item: read_issue(item, name, context), context)
        ids = {issue.id for issue in issues if issue is not None}
        return lambda value: value in ids
    if info.kind in {FieldKind.INSTANT, FieldKind.DAY, FieldKind.NUMBER}:
        scales = _read_each(items, lambda item: _scale(info, item, name, context), context)
        bounds = {bound for _, bound in scales}
        measure = scales[0][0] if scales else None
        return lambda value: measure is not None and measure(value) in bounds
    found = _read_each(items, lambda item: read_keys(item, info, name, context), context)
    keys = frozenset[str]().union(*found)
    if info.kind is FieldKind.LABELS:
        return lambda value: any(text.lower() in keys for text in _texts(value))
    return lambda value: _any_in(value, keys)


def _read_each(
    items: Sequence[Text | Call], read: Callable[[Text | Call], Read], context: JqlContext
) -> Sequence[Read]:
    """What the items mean; without validation those that mean nothing are left out."""
    found = []
    for item in items:
        try:
            found.append(read(item))
        except Refusal:
            if context.validate:
                raise
    return found


def _any_in(value: Value, keys: Collection[str]) -> bool:
    if isinstance(value, str):
        return value in keys
    return isinstance(value, Sequence) and any(member in keys for member in value)
