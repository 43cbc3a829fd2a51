"""How changes of values read in the changelog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from backbone.simulator.flavour import Flavour
from backbone.simulator.world.fields import CHOICES, MULTI_CHOICES, Field, FieldKind, Value
from backbone.simulator.world.issues import HistoryItem
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World

# id and text of one side of a changelog item
Side = tuple[str | None, str | None]
NOTHING: Side = (None, None)


def number_text(number: float) -> str:
    """A number as the changelog shows it: ``12`` and ``12.5``."""
    return str(int(number)) if number == int(number) else repr(number)


def identity(world: World, user: User) -> str:
    """What stands for a user in ids of this product."""
    return user.account_id if world.flavour is Flavour.CLOUD else user.key


def _date(world: World, field: Field, value: str) -> Side:
    del world
    if not field.custom:
        return value, f"{value} 00:00:00.0"
    day = datetime.fromisoformat(value)
    return value, day.strftime("%d/%b/%y").lstrip("0")


def _instant(world: World, value: datetime) -> Side:
    local = value.astimezone(ZoneInfo(world.settings.time_zone))
    text = local.strftime("%d/%b/%y %I:%M %p").lstrip("0").replace(" 0", " ")
    return local.strftime("%Y-%m-%dT%H:%M%z"), text


def _options(world: World, field: Field, ids: tuple[str, ...]) -> Side:
    found = [option for option in (world.find_option(field.id, i) for i in ids) if option]
    return "[" + ", ".join(ids) + "]", ",".join(option.value for option in found)


def _cascade(world: World, field: Field, ids: tuple[str, ...]) -> Side:
    names = [option.value for option in (world.find_option(field.id, i) for i in ids) if option]
    text = f"Parent values: {names[0]}({ids[0]})"
    if len(ids) > 1:
        text += f"Level 1 values: {names[1]}({ids[1]})"
    return None, text


class _Named(Protocol):
    """Anything that has a name."""

    @property
    def name(self) -> str: ...


def _named(world: World, kind: FieldKind, value: str) -> Side | None:
    tables: Mapping[FieldKind, Mapping[str, _Named]] = {
        FieldKind.PRIORITY: world.priorities,
        FieldKind.RESOLUTION: world.resolutions,
        FieldKind.ISSUETYPE: world.issue_types,
        FieldKind.STATUS: world.statuses,
    }
    table = tables.get(kind)
    if table is None:
        return None
    named = table.get(value)
    return value, named.name if named is not None else value


def _text(world: World, field: Field, value: str) -> Side:
    named = _named(world, field.kind, value)
    if named is not None:
        return named
    if field.kind is FieldKind.USER:
        user = world.users[value]
        return identity(world, user), user.display_name
    if field.kind in CHOICES:
        option = world.find_option(field.id, value)
        return value, option.value if option is not None else value
    if field.kind is FieldKind.DATE:
        return _date(world, field, value)
    return None, value


def side(world: World, field: Field, value: Value) -> Side:
    """``from``/``fromString`` (or ``to``/``toString``) of a value."""
    if value is None or value == ():
        return (None, "") if field.kind is FieldKind.LABELS else NOTHING
    if isinstance(value, str):
        return _text(world, field, value)
    if isinstance(value, datetime):
        return _instant(world, value)
    if isinstance(value, float):
        return None, number_text(value)
    if field.kind in MULTI_CHOICES:
        return _options(world, field, value)
    if field.kind is FieldKind.CASCADE:
        return _cascade(world, field, value)
    return None, " ".join(value)


def changed(world: World, field: Field, old: Value, new: Value) -> HistoryItem:
    """The changelog item of one changed field."""
    old_id, old_text = side(world, field, old)
    new_id, new_text = side(world, field, new)
    return HistoryItem(
        field=field.name if field.custom else field.id,
        field_id=field.id,
        custom=field.custom,
        old=old_id,
        old_text=old_text,
        new=new_id,
        new_text=new_text,
    )
