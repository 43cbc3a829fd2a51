"""The mappings that the proofs work with: few values a field, many-to-one, unmapped, multi-valued, a workflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from backbone.core.model.configuration import (
    CommentRules,
    FieldMapping,
    FileRules,
    HalfConfiguration,
    StartPolicy,
    TypeMapping,
    ValueTable,
)
from backbone.core.model.keys import (
    STATUS,
    SUMMARY,
    ConnectionName,
    ConnectorKey,
    FieldId,
    MappingId,
    ProjectId,
    Revision,
    Role,
    SynchronizationKey,
)
from backbone.core.model.values import FieldKind, Option

PRIORITY, LABELS, NOTE, TEAM = (
    FieldId("priority"),
    FieldId("labels"),
    FieldId("customfield_1"),
    FieldId("customfield_2"),
)
FIELDS = (SUMMARY, PRIORITY, LABELS, NOTE, TEAM, STATUS)

BUG, DEFECT = Option("1", "Bug"), Option("11", "Defect")
HIGH, LOW, LOWEST, LOCAL_ONLY = Option("1", "High"), Option("2", "Low"), Option("3", "Lowest"), Option("4", "Local")
P1, P3 = Option("21", "P1"), Option("23", "P3")
OPEN, DOING, DONE = Option("s1", "Open"), Option("s2", "In progress"), Option("s3", "Done")
TODO, CLOSED = Option("t1", "To Do"), Option("t3", "Closed")

FIRST_WORKFLOW = {"s1": [DOING], "s2": [DONE, OPEN], "s3": [OPEN]}
SECOND_WORKFLOW = {"t1": [CLOSED], "t3": [TODO]}

PRIORITIES = {
    Role.FIRST: ValueTable(to_alias={"1": "P1", "2": "P3", "3": "P3"}, from_alias={"P1": HIGH, "P3": LOW}),
    Role.SECOND: ValueTable(to_alias={"21": "P1", "23": "P3"}, from_alias={"P1": P1, "P3": P3}),
}
STATUSES = {
    Role.FIRST: ValueTable(
        to_alias={"s1": "To Do", "s2": "To Do", "s3": "Closed"}, from_alias={"To Do": OPEN, "Closed": DONE}
    ),
    Role.SECOND: ValueTable(to_alias={"t1": "To Do", "t3": "Closed"}, from_alias={"To Do": TODO, "Closed": CLOSED}),
}


def half(
    synchronization: str, connector: str, connection: str, role: Role, *, origin: str | None = None
) -> HalfConfiguration:
    """One half of the synchronization that the proofs run."""
    return HalfConfiguration(
        synchronization=SynchronizationKey(synchronization),
        connector=ConnectorKey(connector),
        connection=ConnectionName(connection),
        role=role,
        origin=origin or connection,
        revision=Revision(1),
        project=ProjectId(connection),
        types=(TypeMapping(local=BUG if role is Role.FIRST else DEFECT, alias="bug", sends=True, receives=True),),
        fields=mappings(role),
        comments=CommentRules(sends=True, receives=True),
        files=FileRules(sends=True, receives=True),
    )


def mappings(role: Role, start: StartPolicy = StartPolicy.FIRST) -> tuple[FieldMapping, ...]:
    """Two-way mappings of six fields, and one that only the first side sends."""
    return (
        _mapping(SUMMARY, FieldKind.TEXT, start),
        _mapping(PRIORITY, FieldKind.OPTION, start, table=PRIORITIES[role]),
        _mapping(LABELS, FieldKind.LABELS, start),
        _mapping(TEAM, FieldKind.TEXT, start),
        _mapping(NOTE, FieldKind.TEXT, start, sends=role is Role.FIRST, receives=role is Role.SECOND),
        _mapping(STATUS, FieldKind.STATUS, start, table=STATUSES[role]),
    )


def _mapping(
    field: FieldId,
    kind: FieldKind,
    start: StartPolicy,
    *,
    table: ValueTable | None = None,
    sends: bool = True,
    receives: bool = True,
) -> FieldMapping:
    return FieldMapping(
        id=MappingId(f"m-{field}"),
        field=field,
        name=field,
        alias=field,
        kind=kind,
        sends=sends,
        receives=receives,
        table=table,
        start=start,
    )


def only(one: HalfConfiguration, fields: Sequence[FieldId]) -> HalfConfiguration:
    """The half with these mappings only."""
    return replace(one, fields=tuple(mapping for mapping in one.fields if mapping.field in fields))
