"""Bodies of create, edit and transition requests: all or nothing.

A request with one field that is off the screen, unknown, empty though required or of a wrong
form is refused as a whole, with every complaint under the id of its field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backbone.simulator.rest.call import Body, Call, checked, mapping
from backbone.simulator.rest.comment_input import read_words
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.field_meta import MULTI_VERBS, Place
from backbone.simulator.rest.inputs import Reader, Unacceptable, off_screen
from backbone.simulator.rest.property_input import read_properties
from backbone.simulator.world.discussion import Words
from backbone.simulator.world.editing import EMPTY
from backbone.simulator.world.fields import Field, Value
from backbone.simulator.world.issues import Issue

BODY_KEYS = ("fields", "update", "historyMetadata", "properties", "transition")
METADATA_KEYS = (
    "type description descriptionKey activityDescription activityDescriptionKey emailDescription "
    "emailDescriptionKey actor generator cause extraData"
).split()


@dataclass(slots=True, kw_only=True)
class Parsed:
    """What a valid request wants."""

    values: dict[str, Value] = field(default_factory=dict)
    comments: list[Words] = field(default_factory=list)
    properties: dict[str, object] = field(default_factory=dict)
    metadata: dict[str, object] | None = None
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A screen to be filled in: which fields it takes and which must not stay empty.

    Creating and transitions ask for every required field, editing only for those it touches.
    """

    place: Place
    screen: frozenset[str]
    required: frozenset[str]
    issue: Issue | None = None
    asks_untouched: bool = True

    def present(self, field_id: str) -> Value:
        """The value before the request."""
        if self.issue is None:
            return None
        return self.issue.type_id if field_id == "issuetype" else self.issue.value(field_id)


def _writable(call: Call, form: Form, field_id: str) -> Field | None:
    found = call.world.fields.get(field_id)
    if found is None or field_id not in form.screen:
        return None
    if found.custom and call.world.contexts_of(field_id, form.place.project.id, form.place.type_id) is None:
        return None
    return found


def _verbs(parsed: Parsed, field_id: str, raw: object) -> Iterable[tuple[str, object]]:
    if not isinstance(raw, list) or not all(isinstance(step, dict) and len(step) == 1 for step in raw):
        parsed.errors[field_id] = "data was not an array of operations"
        return
    for step in raw:
        yield from step.items()


def _apply_verb(reader: Reader, found: Field, verb: str, raw: object, value: Value) -> Value:
    if verb == "set":
        return reader.read(found, raw)
    if verb not in {"add", "remove"} or found.kind not in MULTI_VERBS:
        raise Unacceptable(f"Field '{found.id}' does not support operation '{verb}'")
    present = value if isinstance(value, tuple) else ()
    if verb == "remove" and isinstance(raw, str):
        return tuple(item for item in present if item != raw)
    element = reader.read(found, [raw])
    elements = element if isinstance(element, tuple) else ()
    if verb == "remove":
        return tuple(item for item in present if item not in elements)
    return tuple(sorted({*present, *elements}))


def _read_fields(call: Call, form: Form, reader: Reader, body: Body, parsed: Parsed) -> None:
    for field_id, raw in mapping(body, "fields").items():
        found = _writable(call, form, field_id)
        if found is None:
            parsed.errors[field_id] = off_screen(field_id)
            continue
        try:
            parsed.values[field_id] = reader.read(found, raw)
        except Unacceptable as refusal:
            parsed.errors[field_id] = refusal.text


def _read_updates(call: Call, form: Form, reader: Reader, body: Body, parsed: Parsed) -> None:
    for field_id, raw in mapping(body, "update").items():
        if field_id == "comment":
            _read_comments(call, reader, raw, parsed)
            continue
        found = _writable(call, form, field_id)
        if field_id in parsed.values:
            parsed.errors[field_id] = f"Field '{field_id}' cannot appear in both 'fields' and 'update'"
            continue
        if found is None:
            parsed.errors[field_id] = off_screen(field_id)
            continue
        value = form.present(field_id)
        try:
            for verb, operand in _verbs(parsed, field_id, raw):
                value = _apply_verb(reader, found, verb, operand, value)
            parsed.values[field_id] = value
        except Unacceptable as refusal:
            parsed.errors[field_id] = refusal.text


def _read_comments(call: Call, reader: Reader, raw: object, parsed: Parsed) -> None:
    for verb, operand in _verbs(parsed, "comment", raw):
        if verb != "add":
            parsed.errors["comment"] = f"Field 'comment' does not support operation '{verb}' here"
            continue
        try:
            parsed.comments.append(read_words(call, reader, operand))
        except Unacceptable as refusal:
            parsed.errors["comment"] = refusal.text


def _check_required(call: Call, form: Form, parsed: Parsed) -> None:
    for field_id in sorted(form.required - set(parsed.errors)):
        touched = field_id in parsed.values
        if not touched and not form.asks_untouched:
            continue
        present = parsed.values.get(field_id) if touched else form.present(field_id)
        if present in EMPTY and _writable(call, form, field_id) is not None:
            name = call.world.fields[field_id].name
            text = "You must specify a summary of the issue." if field_id == "summary" else f"{name} is required."
            parsed.errors[field_id] = text


def read_metadata(body: Body) -> dict[str, object] | None:
    """``historyMetadata``, with its own strict set of keys."""
    if body.get("historyMetadata") is None:
        return None
    return checked(body["historyMetadata"], METADATA_KEYS)


def parse(call: Call, form: Form, body: Mapping[str, object]) -> Parsed:
    """Read a whole request; raise Jira's refusal with every complaint at once."""
    parsed = Parsed()
    known = checked(dict(body), BODY_KEYS)
    reader = Reader(world=call.world, traits=call.traits, place=form.place, adf=call.api == "3")
    parsed.metadata = read_metadata(known)
    parsed.properties = read_properties(known)
    _read_fields(call, form, reader, known, parsed)
    _read_updates(call, form, reader, known, parsed)
    _check_required(call, form, parsed)
    if parsed.errors:
        raise Refused(400, errors=parsed.errors)
    _ask_validators(call, form, parsed)
    return parsed


def _ask_validators(call: Call, form: Form, parsed: Parsed) -> None:
    summary = parsed.values.get("summary") or form.present("summary") or ""
    for refusal in call.world.refusals:
        if refusal.issue_id is not None and (form.issue is None or form.issue.id != refusal.issue_id):
            continue
        if refusal.summary_contains is not None and refusal.summary_contains not in str(summary):
            continue
        if refusal.field_id is None:
            raise Refused(400, refusal.message)
        if refusal.field_id in parsed.values:
            raise Refused(400, errors={refusal.field_id: refusal.message})
