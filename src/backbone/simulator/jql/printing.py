"""From tree to text: a query printed here reads back as the same tree."""

from __future__ import annotations

from typing import assert_never

from backbone.simulator.jql.tree import (
    And,
    Call,
    Clause,
    Empty,
    FieldReference,
    Item,
    Items,
    NamedField,
    Not,
    NumberedField,
    Operand,
    Or,
    PropertyField,
    Query,
    Sort,
    Terminal,
    Text,
)
from backbone.simulator.jql.words import quote


def print_query(query: Query) -> str:
    """The query as text, with as many quotes as needed to be unmistakable."""
    parts = [] if query.where is None else [_print_clause(query.where)]
    if query.order:
        parts.append("ORDER BY " + ", ".join(_print_sort(sort) for sort in query.order))
    return " ".join(parts)


def print_field(field: FieldReference) -> str:
    """The field as Jira names it in messages, without quotes around a plain name."""
    match field:
        case NamedField(name=name):
            return name
        case NumberedField(number=number):
            return f"cf[{number}]"
        case PropertyField(key=key, path=path):
            return f"issue.property[{key}].{path}"
        case _:
            assert_never(field)


def print_operand(operand: Operand) -> str:
    """The operand as it may stand in a query."""
    if isinstance(operand, Items):
        return "(" + ", ".join(_print_item(item) for item in operand.items) + ")"
    return _print_item(operand)


def show_operand(operand: Operand) -> str:
    """The operand as Jira repeats it in messages: every text in quotes but for bare numbers."""
    if isinstance(operand, Items):
        return "(" + ", ".join(_show_item(item) for item in operand.items) + ")"
    return _show_item(operand)


def _show_item(item: Item) -> str:
    match item:
        case Text(value=value, quoted=quoted):
            return value if not quoted and value.isdecimal() else quote(value)
        case Empty():
            return "EMPTY"
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(arguments)})"
        case _:
            assert_never(item)


def _print_item(item: Item) -> str:
    match item:
        case Text(value=value, quoted=quoted):
            return quote(value) if quoted else value
        case Empty():
            return "EMPTY"
        case Call(name=name, arguments=arguments):
            return f"{quote(name)}({', '.join(quote(argument) for argument in arguments)})"
        case _:
            assert_never(item)


def _print_clause(clause: Clause) -> str:
    match clause:
        case Terminal(field=field, operator=operator, operand=operand):
            return f"{_print_reference(field)} {operator} {print_operand(operand)}"
        case Not(clause=inner):
            return f"NOT {_enclosed(inner)}"
        case And(clauses=clauses):
            return " AND ".join(_enclosed(inner) for inner in clauses)
        case Or(clauses=clauses):
            return " OR ".join(_enclosed(inner) for inner in clauses)
        case _:
            assert_never(clause)


def _enclosed(clause: Clause) -> str:
    text = _print_clause(clause)
    return f"({text})" if isinstance(clause, And | Or) else text


def _print_reference(field: FieldReference) -> str:
    match field:
        case NamedField(name=name):
            return quote(name)
        case NumberedField():
            return print_field(field)
        case PropertyField(key=key, path=path):
            return f"issue.property[{quote(key)}].{path}"
        case _:
            assert_never(field)


def _print_sort(sort: Sort) -> str:
    return f"{_print_reference(sort.field)} {'DESC' if sort.descending else 'ASC'}"
