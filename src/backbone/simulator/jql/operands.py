"""What the operand of a clause means for a field: ids, accounts, numbers, instants.

Each reader returns the values, or raises Refusal with Jira's sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from backbone.simulator.jql.printing import show_operand
from backbone.simulator.jql.times import DateProblem, call_date_function, is_date_function, read_instant
from backbone.simulator.jql.tree import Call, Text
from backbone.simulator.jql.world import FieldInfo, FieldKind, IssueReference, JqlContext, MissingIssues

Single: TypeAlias = Text | Call
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]{1,18}", re.ASCII)


class Refusal(Exception):
    """The clause is wrong; the argument is Jira's sentence."""


def check_call(call: Call) -> None:
    """Refuse functions nobody knows and wrong numbers of arguments."""
    name = call.name.lower()
    most = 0 if name in {"now", "currentuser"} else 1
    if name != "currentuser" and not is_date_function(name):
        raise Refusal(f"Unable to find JQL function '{show_operand(call)}'.")
    if len(call.arguments) > most:
        raise Refusal(f"Function '{call.name}' expected '{most}' arguments but received '{len(call.arguments)}'.")


def read_keys(item: Single, info: FieldInfo, name: str, context: JqlContext) -> frozenset[str]:
    """The ids, accounts or folded labels that an item of an equality clause means."""
    return _KEY_READERS[info.kind](item, info, name, context)


def _read_options(item: Single, info: FieldInfo, name: str, context: JqlContext) -> frozenset[str]:
    text = _text_of(item, name)
    found = frozenset(value.id for value in context.world.named(info.catalogue, text.value))
    if found:
        return found
    if not _NUMBER.fullmatch(text.value):
        raise Refusal(f"The value '{text.value}' does not exist for the field '{name}'.")
    if context.world.numbered(info.catalogue, text.value) is None:
        raise Refusal(f"A value with ID '{text.value}' does not exist for the field '{name}'.")
    return frozenset({text.value})


def _read_labels(item: Single, _: FieldInfo, name: str, __: JqlContext) -> frozenset[str]:
    return frozenset({_text_of(item, name).value.lower()})


def _read_exact(item: Single, _: FieldInfo, name: str, __: JqlContext) -> frozenset[str]:
    return frozenset({_text_of(item, name).value})


def _read_users(item: Single, _: FieldInfo, name: str, context: JqlContext) -> frozenset[str]:
    if isinstance(item, Call) and item.name.lower() == "currentuser":
        check_call(item)
        return frozenset() if context.account is None else frozenset({context.account})
    text = _text_of(item, name)
    found = frozenset(context.world.users(text.value))
    if not found:
        raise Refusal(f"The value '{text.value}' does not exist for the field '{name}'.")
    return found


_KEY_READERS: Mapping[FieldKind, Callable[[Single, FieldInfo, str, JqlContext], frozenset[str]]] = MappingProxyType(
    {
        FieldKind.OPTION: _read_options,
        FieldKind.ORDERED_OPTION: _read_options,
        FieldKind.LABELS: _read_labels,
        FieldKind.EXACT_TEXT: _read_exact,
        FieldKind.USER: _read_users,
    }
)


def read_issue(item: Single, name: str, context: JqlContext) -> IssueReference | None:
    """The issue meant by a key or an id; None where missing issues are to be ignored."""
    text = _text_of(item, name).value
    found = context.world.issue(text)
    if found is not None or context.missing_issues is MissingIssues.IGNORE:
        return found
    if _NUMBER.fullmatch(text):
        raise Refusal(f"A value with ID '{text}' does not exist for the field '{name}'.")
    if _ISSUE_KEY.fullmatch(text):
        raise Refusal(f"An issue with key '{text}' does not exist for field '{name}'.")
    raise Refusal(f"The issue key '{text}' for field '{name}' is invalid.")


def read_number(item: Single, name: str) -> float:
    """The number an item means."""
    text = _text_of(item, name).value
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text:
        raise Refusal(f"Value '{text}' is invalid for the '{name}' field.")
    return number


def read_moment(item: Single, name: str, context: JqlContext) -> datetime:
    """The instant an item means, aware, in the account's time zone where it has days."""
    try:
        if isinstance(item, Call):
            _refuse_unless_date(item, name)
            increment = item.arguments[0] if item.arguments else None
            moment = call_date_function(item.name, increment, now=context.now, zone=context.time_zone)
        else:
            moment = read_instant(item.value, quoted=item.quoted, now=context.now, zone=context.time_zone)
        return moment.astimezone(context.time_zone)
    except (DateProblem, OverflowError, ValueError):
        raise Refusal(_invalid_date(item, name)) from None


def _refuse_unless_date(call: Call, name: str) -> None:
    check_call(call)
    if not is_date_function(call.name):
        raise Refusal(_wrong_function(call, name))


def _invalid_date(item: Single, name: str) -> str:
    shown = item.value if isinstance(item, Text) else show_operand(item)
    return (
        f"Date value '{shown}' for field '{name}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def _wrong_function(call: Call, name: str) -> str:
    return f"A value provided by the function '{call.name}' is invalid for the field '{name}'."


def _text_of(item: Single, name: str) -> Text:
    if isinstance(item, Call):
        check_call(item)
        raise Refusal(_wrong_function(item, name))
    return item
