"""Dates of a query: literals in the account's time zone, distances from now, and the date functions.

Facts: Atlassian, "Advanced searching - fields reference" and "- functions reference". Literals have
minutes at most and no zone; a bare number is an absolute instant in milliseconds since 1970.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType

_LITERAL = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})(?: ([0-9]{1,2}):([0-9]{2}))?", re.ASCII)
_DISTANCE = re.compile(r"([+-]?)((?:[0-9]{1,9}[wdhm] ?)+)", re.ASCII)
_INCREMENT = re.compile(r"([+-]?)([0-9]{1,6})([yMwdhm]?)", re.ASCII)
_MILLISECONDS = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_UNITS: Mapping[str, timedelta] = MappingProxyType(
    {
        "w": timedelta(weeks=1),
        "d": timedelta(days=1),
        "h": timedelta(hours=1),
        "m": timedelta(minutes=1),
    }
)
FIRST_DAY_OF_WEEK = 6
"""Sunday, as ``datetime.weekday`` counts: weeks start then unless a site's locale says otherwise."""


class DateProblem(ValueError):
    """A text that is no date, or one beyond the calendar."""


def read_instant(text: str, *, quoted: bool, now: datetime, zone: tzinfo) -> datetime:
    """The instant a literal means, aware; raises DateProblem."""
    try:
        if not quoted and _MILLISECONDS.fullmatch(text):
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text))
        literal = _LITERAL.fullmatch(text)
        if literal is not None:
            return _from_literal(literal, zone)
        return now + _distance(text)
    except (ValueError, OverflowError) as problem:
        raise DateProblem(text) from problem


def _from_literal(literal: re.Match[str], zone: tzinfo) -> datetime:
    year, _, month, day, hour, minute = literal.groups()
    return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=zone)


def _distance(text: str) -> timedelta:
    match = _DISTANCE.fullmatch(text)
    if match is None or text.endswith(" "):
        raise DateProblem(text)
    parts = re.findall(r"([0-9]+)([wdhm])", match.group(2))
    total = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
    return -total if match.group(1) == "-" else total


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _week(moment: datetime) -> datetime:
    return _day(moment - timedelta(days=(moment.weekday() - FIRST_DAY_OF_WEEK) % 7))


def _month(moment: datetime) -> datetime:
    return _day(moment.replace(day=1))


def _year(moment: datetime) -> datetime:
    return _day(moment.replace(month=1, day=1))


_PERIODS: Mapping[str, tuple[Callable[[datetime], datetime], str]] = MappingProxyType(
    {"day": (_day, "d"), "week": (_week, "w"), "month": (_month, "M"), "year": (_year, "y")}
)
_BOUNDARY = re.compile(r"(startof|endof)(day|week|month|year)")


def is_date_function(name: str) -> bool:
    """Whether a function of this name gives an instant."""
    return name.lower() == "now" or _BOUNDARY.fullmatch(name.lower()) is not None


def call_date_function(name: str, increment: str | None, *, now: datetime, zone: tzinfo) -> datetime:
    """The instant that ``name(increment)`` gives, e.g. ``startOfDay("-1d")``; raises DateProblem."""
    local = now.astimezone(zone)
    match = _BOUNDARY.fullmatch(name.lower())
    if match is None:
        return local
    start, unit = _PERIODS[match.group(2)]
    try:
        shifted = local if increment is None else _shift(local, increment, unit)
        if match.group(1) == "startof":
            return start(shifted)
        return _add(start(shifted), 1, unit) - timedelta(milliseconds=1)
    except (ValueError, OverflowError) as problem:
        raise DateProblem(increment or "") from problem


def _shift(moment: datetime, increment: str, natural_unit: str) -> datetime:
    match = _INCREMENT.fullmatch(increment)
    if match is None:
        raise DateProblem(increment)
    number = int(match.group(2)) * (-1 if match.group(1) == "-" else 1)
    return _add(moment, number, match.group(3) or natural_unit)


def _add(moment: datetime, number: int, unit: str) -> datetime:
    if unit in _UNITS:
        return moment + number * _UNITS[unit]
    months = moment.year * 12 + moment.month - 1 + number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
