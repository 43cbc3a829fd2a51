"""Transitions as Jira offers them."""

from __future__ import annotations

import msgspec

from backbone.adapters.jira.codec.values import OptionJson, option_from_json
from backbone.core.model.keys import FieldId, TransitionId
from backbone.core.model.snapshot import Transition
from backbone.core.model.values import Option


class ScreenFieldJson(msgspec.Struct):
    """A field of a transition's screen."""

    required: bool = False
    has_default: bool = msgspec.field(default=False, name="hasDefaultValue")
    allowed: list[msgspec.Raw] = msgspec.field(default_factory=list, name="allowedValues")


class TransitionJson(msgspec.Struct):
    """A transition; ``fields`` come with ``expand=transitions.fields`` only."""

    id: str | int
    name: str
    to: OptionJson
    fields: dict[str, ScreenFieldJson] = {}


class TransitionsJson(msgspec.Struct):
    """The transitions of one issue."""

    transitions: list[TransitionJson]


def transition_from_json(found: TransitionJson) -> Transition:
    """Raises ValueError for a transition that leads nowhere."""
    required = {name for name, screen in found.fields.items() if screen.required and not screen.has_default}
    return Transition(
        id=TransitionId(str(found.id)),
        name=found.name,
        to=option_from_json(found.to),
        required=frozenset(FieldId(name) for name in required),
        offered=frozenset(FieldId(name) for name in found.fields),
        options={FieldId(name): _options(screen) for name, screen in found.fields.items() if screen.allowed},
    )


def _options(screen: ScreenFieldJson) -> tuple[Option, ...]:
    """Options by id and name; people and other things that are allowed have none of ours."""
    found = []
    for raw in screen.allowed:
        try:
            found.append(option_from_json(msgspec.json.decode(raw, type=OptionJson)))
        except (msgspec.MsgspecError, ValueError):
            continue
    return tuple(found)
