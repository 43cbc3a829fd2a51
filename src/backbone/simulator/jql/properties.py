"""``issue.property["key"].path``: values inside entity properties, as far as an app indexes them.

Facts: Atlassian, "Entity properties" (JQL finds only what an app's descriptor declares, as number,
text, string or date).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from backbone.simulator.jql.comparing import Predicate, read_text, unknown_field
from backbone.simulator.jql.operands import Refusal, read_moment, read_number
from backbone.simulator.jql.printing import print_field
from backbone.simulator.jql.tree import Call, Items, Operator, PropertyField, Terminal, Text
from backbone.simulator.jql.world import IssueView, JqlContext, PropertyKind

_Scalar: TypeAlias = str | float
_ORDER: Mapping[Operator, Callable[[float, float], bool]] = MappingProxyType(
    {
        Operator.GREATER: operator.gt,
        Operator.GREATER_EQUALS: operator.ge,
        Operator.LESS: operator.lt,
        Operator.LESS_EQUALS: operator.le,
    }
)
_EQUALITY = frozenset({Operator.EQUALS, Operator.NOT_EQUALS, Operator.IN, Operator.NOT_IN})
_EMPTINESS = frozenset({Operator.IS, Operator.IS_NOT})
_OPERATORS: Mapping[PropertyKind, frozenset[Operator]] = MappingProxyType(
    {
        PropertyKind.NUMBER: _EQUALITY | _EMPTINESS | frozenset(_ORDER),
        PropertyKind.DATE: _EQUALITY | _EMPTINESS | frozenset(_ORDER),
        PropertyKind.STRING: _EQUALITY | _EMPTINESS,
        PropertyKind.TEXT: frozenset({Operator.LIKE, Operator.NOT_LIKE}) | _EMPTINESS,
    }
)


def compile_property(field: PropertyField, clause: Terminal, context: JqlContext) -> Predicate:
    """The test of one value inside a property; raises Refusal."""
    kind = context.world.property_kind(field.key, field.path)
    name = print_field(field)
    if kind is None:
        raise Refusal(unknown_field(field, context))
    if clause.operator not in _OPERATORS[kind]:
        raise Refusal(f"The operator '{clause.operator}' is not supported by the '{name}' field.")
    test, negative = _test(kind, clause, name, context)

    def matches(issue: IssueView) -> bool:
        values = _indexed(issue.property_value(field.key), field.path, kind)
        if clause.operator is Operator.IS:
            return not values
        return bool(values) and any(test(value) for value in values) is not negative

    return matches


def _test(
    kind: PropertyKind, clause: Terminal, name: str, context: JqlContext
) -> tuple[Callable[[_Scalar], bool], bool]:
    """What a value must pass, and whether the clause asks for the opposite."""
    if clause.operator in _EMPTINESS:
        return lambda _: True, False
    items = _singles(clause, name)
    if kind is PropertyKind.TEXT:
        contains = read_text(_plain(items[0], name), name)
        return lambda value: contains(str(value)), clause.operator is Operator.NOT_LIKE
    operands = [_operand(kind, item, name, context) for item in items]
    if clause.operator in _ORDER:
        compare, bound = _ORDER[clause.operator], operands[0]
        return lambda value: _related(compare, value, bound), False
    return lambda value: value in operands, clause.operator in {Operator.NOT_EQUALS, Operator.NOT_IN}


def _related(compare: Callable[[float, float], bool], value: _Scalar, bound: _Scalar) -> bool:
    return not isinstance(value, str) and not isinstance(bound, str) and compare(value, bound)


def _singles(clause: Terminal, name: str) -> Sequence[Text | Call]:
    listing = clause.operator in {Operator.IN, Operator.NOT_IN}
    given = clause.operand.items if isinstance(clause.operand, Items) else (clause.operand,)
    singles = [item for item in given if isinstance(item, Text | Call)]
    if listing is not isinstance(clause.operand, Items) or len(singles) < len(given):
        raise Refusal(f"Operator '{clause.operator}' does not support this value for field '{name}'.")
    return singles


def _operand(kind: PropertyKind, item: Text | Call, name: str, context: JqlContext) -> _Scalar:
    if kind is PropertyKind.NUMBER:
        return read_number(item, name)
    if kind is PropertyKind.DATE:
        return read_moment(item, name, context).timestamp()
    return _plain(item, name)


def _plain(item: Text | Call, name: str) -> str:
    if isinstance(item, Call):
        raise Refusal(f"A value provided by the function '{item.name}' is invalid for the field '{name}'.")
    return item.value


def _indexed(value: object, path: str, kind: PropertyKind) -> Sequence[_Scalar]:
    """The values at a path that fit the kind; what does not fit is not in the index."""
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return ()
        value = value.get(part)
    found = value if isinstance(value, list | tuple) else (value,)
    converted = (_convert(element, kind) for element in found)
    return [element for element in converted if element is not None]


def _convert(value: object, kind: PropertyKind) -> _Scalar | None:
    if kind is PropertyKind.NUMBER:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    return _instant(value) if kind is PropertyKind.DATE else value


def _instant(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo is not None else None
