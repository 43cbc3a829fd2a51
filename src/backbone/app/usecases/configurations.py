"""The configuration of a synchronization as the public interface shows it and takes it back.

It is the synchronization's part of the configuration file, but for the name and the description, which the interface
has as ``summary`` and ``description``; and each field mapping shows its identity as ``id``, also where none is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.app.declaration.declared import Json
from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.keys import STATUS

APART = frozenset({"name", "id", "description"})
"""Keys of the file that are no part of what is shown as the configuration."""


def shown_configuration(document: Mapping[str, object], first: HalfConfiguration) -> dict[str, object]:
    """The configuration with the identity of every field mapping. ``first`` is the first half of the same revision.

    Where a partner has one half, it is ours; before a master published something it has no mappings yet.
    """
    shown = {key: value for key, value in document.items() if key not in APART}
    fields = document.get("fields")
    if isinstance(fields, list) and len(fields) == len(_fields(first)):
        shown["fields"] = [{**one, "id": known.id} for one, known in zip(fields, _fields(first), strict=True)]
    return shown


def shown_draft(
    draft: Mapping[str, object], document: Mapping[str, object], first: HalfConfiguration
) -> dict[str, object]:
    """A draft with the identities of those mappings that are in force; ``document`` and ``first`` are what is."""
    fields, stored = draft.get("fields"), document.get("fields")
    if not isinstance(fields, list) or not isinstance(stored, list):
        return dict(draft)
    known = {
        (str(one.get("first")), str(one.get("second"))): mapping.id
        for one, mapping in zip(stored, _fields(first), strict=False)
    }
    return {**draft, "fields": [_with_id(one, known) for one in fields]}


def _with_id(field: object, known: Mapping[tuple[str, str], str]) -> object:
    if not isinstance(field, dict):
        return field
    identity = known.get((str(field.get("first")), str(field.get("second"))))
    return {**field, "id": identity} if identity else field


def taken_back(given: Mapping[str, Json], known: Mapping[str, object], first: HalfConfiguration) -> dict[str, Json]:
    """The configuration as it belongs into the file: what :func:`shown_configuration` added is taken out again.

    A mapping whose fields were both replaced keeps its identity, and with it what is remembered, if it keeps its ``id``.
    """
    fields = given.get("fields")
    if not isinstance(fields, list):
        return dict(given)
    stored = known.get("fields")
    by_id = dict(zip((one.id for one in _fields(first)), stored if isinstance(stored, list) else [], strict=False))
    return {**given, "fields": [_field(one, by_id) for one in fields]}


def _field(given: Json, by_id: Mapping[str, Mapping[str, object]]) -> Json:
    if not isinstance(given, dict) or given.get("id") not in by_id:
        return given
    stored = by_id[str(given["id"])]
    rest = {key: value for key, value in given.items() if key != "id"}
    if "id" in stored:
        return {**rest, "id": str(stored["id"])}
    unchanged = (given.get("first"), given.get("second")) == (stored.get("first"), stored.get("second"))
    return rest if unchanged else given


def _fields(half: HalfConfiguration) -> Sequence[FieldMapping]:
    """The mappings in the order of the document's ``fields``; the status stands apart there."""
    return [one for one in half.fields if one.field != STATUS]
