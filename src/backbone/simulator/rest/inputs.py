"""JSON as values of the world, with Jira's complaints about what it cannot take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from backbone.simulator import adf
from backbone.simulator.flavour import Traits
from backbone.simulator.rest.field_meta import Place
from backbone.simulator.rest.times import read_instant
from backbone.simulator.world.fields import CHOICES, Field, FieldKind, Option, Value
from backbone.simulator.world.people import User
from backbone.simulator.world.permissions import may
from backbone.simulator.world.state import World

URL = re.compile(r"^[a-z][a-z0-9+.-]*://\S+$", re.IGNORECASE)
LABEL_LIMIT = 255
TEXT_LIMIT = 255


class Unacceptable(ValueError):
    """A value that Jira refuses; the text goes into ``errors`` under the field's id."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads values for one place, in one version of the interface."""

    world: World
    traits: Traits
    place: Place
    adf: bool

    def read(self, field: Field, raw: object) -> Value:
        """The canonical value; ``Unacceptable`` where Jira refuses it."""
        if raw is None and field.kind is not FieldKind.ISSUETYPE:
            return None
        return READERS[field.kind](self, field, raw)


def too_long(world: World) -> str:
    """Jira's sentence about a text that exceeds the limit of the instance."""
    return f"The entered text is too long. It exceeds the allowed limit of {world.settings.text_limit:,} characters."


def normal_text(traits: Traits, text: str) -> str:
    """What is stored of a text: Cloud normalizes line ends and trailing blanks."""
    if not traits.editable_normalizes_text:
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip(" \t") for line in lines).rstrip("\n")


def _string(raw: object) -> str:
    if not isinstance(raw, str):
        raise Unacceptable("Operation value must be a string")
    return raw


def _summary(_reader: Reader, _field: Field, raw: object) -> Value:
    text = _string(raw).strip()
    if "\n" in text or "\r" in text:
        raise Unacceptable("The summary is invalid because it contains newline characters.")
    if len(text) > TEXT_LIMIT:
        raise Unacceptable("Summary must be less than 255 characters.")
    return text


def _line(_reader: Reader, _field: Field, raw: object) -> Value:
    text = _string(raw)
    if len(text) > TEXT_LIMIT:
        raise Unacceptable(f"The entered text is too long. It exceeds the allowed limit of {TEXT_LIMIT} characters.")
    return text


def read_text(reader: Reader, field_id: str, raw: object) -> str:
    """A long text: a document in version 3, wiki text elsewhere."""
    text = adf.from_adf(raw, field_id) if reader.adf else _string(raw)
    text = normal_text(reader.traits, text)
    limit = reader.world.settings.text_limit
    if limit and len(text) > limit:
        raise Unacceptable(too_long(reader.world))
    return text


def _area(reader: Reader, field: Field, raw: object) -> Value:
    return read_text(reader, field.id, raw)


def _url(reader: Reader, _field: Field, raw: object) -> Value:
    text = _string(raw)
    if text and not URL.match(text):
        raise Unacceptable(f"The URL provided is not valid: {text}" if reader.traits.is_cloud else "Not a valid URL")
    return text


def _number(_reader: Reader, _field: Field, raw: object) -> Value:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Unacceptable("Operation value must be a number")
    return float(raw)


def _date(_reader: Reader, _field: Field, raw: object) -> Value:
    text = _string(raw)
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise Unacceptable("Error parsing date string: " + text) from None


def _datetime(_reader: Reader, _field: Field, raw: object) -> Value:
    text = _string(raw)
    try:
        return read_instant(text)
    except ValueError:
        raise Unacceptable("Error parsing time: " + text) from None


def _pick(options: Iterable[Option], raw: object) -> Option:
    if not isinstance(raw, dict):
        raise Unacceptable("Could not find valid 'id' or 'value' in the Parent Option object.")
    wanted = raw.get("id"), raw.get("value")
    if wanted == (None, None):
        raise Unacceptable("Specify a valid 'id' or 'name' for the option")
    for option in options:
        fits = option.id == str(wanted[0]) if wanted[0] is not None else option.value == wanted[1]
        if fits and option.disabled:
            raise Unacceptable(f"The option '{option.value}' is disabled and cannot be selected.")
        if fits:
            return option
    shown = wanted[0] if wanted[0] is not None else wanted[1]
    word = "id" if wanted[0] is not None else "value"
    raise Unacceptable(f"Option {word} '{shown}' is not valid")


def _options(reader: Reader, field: Field) -> tuple[Option, ...]:
    context = reader.world.contexts_of(field.id, reader.place.project.id, reader.place.type_id)
    return () if context is None else context.options


def _choice(reader: Reader, field: Field, raw: object) -> Value:
    return _pick(_options(reader, field), raw).id


def _choices(reader: Reader, field: Field, raw: object) -> Value:
    if not isinstance(raw, list):
        raise Unacceptable("data was not an array")
    picked = {_pick(_options(reader, field), item).id for item in raw}
    return tuple(option.id for option in _options(reader, field) if option.id in picked)


def _cascade(reader: Reader, field: Field, raw: object) -> Value:
    parent = _pick(_options(reader, field), raw)
    child = raw.get("child") if isinstance(raw, dict) else None
    if child is None:
        return (parent.id,)
    return parent.id, _pick(parent.children, child).id


def _label(raw: object) -> str:
    text = _string(raw)
    if any(blank in text for blank in " \t\n\r"):
        raise Unacceptable(f"The label '{text}' contains spaces which is invalid.")
    if len(text) > LABEL_LIMIT:
        raise Unacceptable(f"The label '{text}' is too long (over {LABEL_LIMIT} characters).")
    return text


def _labels(_reader: Reader, _field: Field, raw: object) -> Value:
    if not isinstance(raw, list):
        raise Unacceptable("data was not an array")
    return tuple(sorted({_label(item) for item in raw if item != ""}))


def find_account(reader: Reader, raw: object) -> User | None:
    """The user of ``{"name": …}`` or ``{"accountId": …}``, by the word of this product."""
    if not isinstance(raw, dict):
        raise Unacceptable("data was not an object")
    words = ("accountId", "id") if reader.traits.is_cloud else ("name",)
    given = next((raw[word] for word in words if raw.get(word) is not None), None)
    if not isinstance(given, str) or not given:
        return None
    for user in reader.world.users.values():
        if given in ((user.account_id,) if reader.traits.is_cloud else (user.name,)):
            return user
    text = f"User '{given}' does not exist."
    raise Unacceptable(text if not reader.traits.is_cloud else f"Specify a valid value for {given}")


def _user(reader: Reader, field: Field, raw: object) -> Value:
    if field.id == "assignee" and isinstance(raw, dict) and "-1" in raw.values():
        return reader.place.project.lead
    user = find_account(reader, raw)
    if user is None:
        return None
    if field.id == "assignee" and not assignable(reader.world, user, reader.place):
        raise Unacceptable(
            f"User '{user.account_id if reader.traits.is_cloud else user.name}' cannot be assigned issues."
        )
    if not user.active:
        raise Unacceptable(f"User '{user.display_name}' is not active.")
    return user.key


def assignable(_world: World, user: User, place: Place) -> bool:
    """Whether a user can be assigned issues of the project."""
    return user.active and may(user, "ASSIGNABLE_USER", place.project)


Named = Callable[[World], "Iterable[tuple[str, str]]"]


def _by_name(pairs: Iterable[tuple[str, str]], raw: object, kind: str) -> str:
    if not isinstance(raw, dict):
        raise Unacceptable(f"Could not find valid 'id' or 'name' for {kind}.")
    wanted_id, wanted_name = raw.get("id"), raw.get("name")
    for found_id, name in pairs:
        if (found_id == str(wanted_id)) if wanted_id is not None else (name == wanted_name):
            return found_id
    if wanted_id is None:
        raise Unacceptable(f"The {kind} name '{wanted_name}' is not valid")
    raise Unacceptable(f"The {kind} id '{wanted_id}' is not valid")


def _priority(reader: Reader, _field: Field, raw: object) -> Value:
    world = reader.world
    pairs = [(p, world.priorities[p].name) for p in reader.place.project.priority_ids]
    if not isinstance(raw, dict):
        raise Unacceptable("Specify the Priority (id or name) in the string format")
    return _by_name(pairs, raw, "Priority")


def _resolution(reader: Reader, _field: Field, raw: object) -> Value:
    return _by_name([(r.id, r.name) for r in reader.world.resolutions.values()], raw, "Resolution")


def _issue_type(reader: Reader, _field: Field, raw: object) -> Value:
    types = reader.world.issue_types
    try:
        return _by_name([(t, types[t].name) for t in reader.place.project.type_ids], raw, "issue type")
    except Unacceptable:
        raise Unacceptable("The issue type selected is invalid.") from None


def _parent(reader: Reader, _field: Field, raw: object) -> Value:
    wanted = raw.get("id") or raw.get("key") if isinstance(raw, dict) else None
    issue = reader.world.find_issue(str(wanted)) if wanted else None
    if issue is None or issue.project_id != reader.place.project.id:
        raise Unacceptable("Could not find issue by id or key.")
    return str(issue.id)


def _not_settable(_reader: Reader, field: Field, _raw: object) -> Value:
    raise Unacceptable(off_screen(field.id))


def off_screen(field_id: str) -> str:
    """Jira's sentence about a field that the screen does not have, or that does not exist."""
    return f"Field '{field_id}' cannot be set. It is not on the appropriate screen, or unknown."


READERS: dict[FieldKind, Callable[[Reader, Field, object], Value]] = {
    FieldKind.SUMMARY: _summary,
    FieldKind.TEXT: _line,
    FieldKind.TEXTAREA: _area,
    FieldKind.URL: _url,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.DATETIME: _datetime,
    **dict.fromkeys(CHOICES, _choice),
    FieldKind.MULTISELECT: _choices,
    FieldKind.CHECKBOXES: _choices,
    FieldKind.CASCADE: _cascade,
    FieldKind.LABELS: _labels,
    FieldKind.USER: _user,
    FieldKind.PRIORITY: _priority,
    FieldKind.RESOLUTION: _resolution,
    FieldKind.ISSUETYPE: _issue_type,
    FieldKind.PARENT: _parent,
    FieldKind.PROJECT: _not_settable,
    FieldKind.STATUS: _not_settable,
    FieldKind.COMMENT: _not_settable,
    FieldKind.COMPUTED: _not_settable,
}
