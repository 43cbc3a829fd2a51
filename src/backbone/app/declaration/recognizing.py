"""A synchronization without a name is known by the keys of its projects; this is it under the keys of before.

The identities of mappings are made from what the synchronization is known by, and everything remembered of issues hangs
on them: they stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from backbone.app.declaration.declared import ResolvedSynchronization
from backbone.app.declaration.mappings import mapping_id
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import MappingId


def known_as(one: ResolvedSynchronization, identity: str) -> ResolvedSynchronization:
    """The same, known by another identity. Both halves of it are here: one with a partner elsewhere has a name."""
    ids = dict(_ids(one, identity))
    halves = tuple(_with(half, ids) for half in one.halves)
    return replace(one, id=identity, halves=halves, document={"id": identity, **one.document})


def _ids(one: ResolvedSynchronization, identity: str) -> Iterator[tuple[MappingId, MappingId]]:
    other = {mapping.id: mapping for mapping in one.second.fields}
    for mapping in one.first.fields:
        parts = (mapping.field, other[mapping.id].field)
        yield mapping_id(one.identity, *parts), mapping_id(identity, *parts)
    for written in _written_ids(one.document.get("fields")):
        yield mapping_id(one.identity, "id", written), mapping_id(identity, "id", written)


def _written_ids(fields: object) -> Iterator[str]:
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, dict) and "id" in field:
            yield str(field["id"])


def _with(half: HalfConfiguration, ids: Mapping[MappingId, MappingId]) -> HalfConfiguration:
    return replace(half, fields=tuple(replace(one, id=ids.get(one.id, one.id)) for one in half.fields))
