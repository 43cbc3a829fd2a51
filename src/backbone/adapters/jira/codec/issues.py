"""An issue's JSON into a snapshot."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from backbone.adapters.jira.codec.comments import CommentsJson, embedded_from_json
from backbone.adapters.jira.codec.files import FileJson, file_from_json
from backbone.adapters.jira.codec.history import ChangelogJson, Legend, history_from_json
from backbone.adapters.jira.codec.instants import millis_from_json
from backbone.adapters.jira.codec.markers import MARKER, marker_from_json
from backbone.adapters.jira.codec.people import UserJson
from backbone.adapters.jira.codec.transitions import TransitionJson, transition_from_json
from backbone.adapters.jira.codec.values import OptionJson, option_from_json, value_from_json
from backbone.core.model.keys import FieldId, IssueId, IssueKey, IssueRef, Millis, ProjectId
from backbone.core.model.snapshot import CommentSnapshot, FileSnapshot, HistoryItem, IssueSnapshot, Transition
from backbone.core.model.values import Value
from backbone.ports.tracker import Wanted

ALWAYS = ("updated", "created", "issuetype", "project", "status", "creator")
"""Fields that every snapshot needs."""


class ProjectJson(msgspec.Struct):
    """The project of an issue."""

    id: str | int
    type_key: str | None = msgspec.field(default=None, name="projectTypeKey")


class FrameJson(msgspec.Struct):
    """The fields that every snapshot needs."""

    updated: str | int
    created: str | int
    issuetype: OptionJson
    project: ProjectJson
    creator: UserJson | None = None


class IssueJson(msgspec.Struct):
    """An issue with its fields still undecoded: only those that are wanted will be.

    Cloud's search may leave out the key where nothing but ids was asked for.
    """

    id: str
    key: str = ""
    fields: msgspec.Raw = msgspec.Raw(b"{}")
    changelog: ChangelogJson | None = None
    transitions: list[TransitionJson] | None = None
    properties: dict[str, msgspec.Raw] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How an answer is to be understood: what was asked, and when the server answered."""

    wanted: Wanted
    legend: Legend
    at: Millis


def fields_of(wanted: Wanted) -> tuple[str, ...]:
    """The names to ask for, each once."""
    extra = [name for name, asked in (("comment", wanted.comments), ("attachment", wanted.files)) if asked]
    return tuple(dict.fromkeys([*ALWAYS, *wanted.fields, *extra]))


def expansions_of(wanted: Wanted) -> tuple[str, ...]:
    pairs = (
        ("changelog", wanted.history),
        ("transitions", wanted.transitions),
        ("transitions.fields", wanted.transitions),
    )
    return tuple(name for name, asked in pairs if asked)


def issue_from_json(found: IssueJson, reading: Reading) -> IssueSnapshot:
    """Raises ValueError or msgspec's errors where the answer is not an issue."""
    if not found.key:
        raise ValueError("an issue without a key")
    frame = msgspec.json.decode(found.fields, type=FrameJson)
    fields = msgspec.json.decode(found.fields, type=dict[str, msgspec.Raw])
    wanted = reading.wanted
    properties = found.properties
    return IssueSnapshot(
        ref=IssueRef(id=IssueId(found.id), key=IssueKey(found.key)),
        project=ProjectId(str(frame.project.id)),
        type=option_from_json(frame.issuetype),
        created=millis_from_json(frame.created),
        updated=millis_from_json(frame.updated),
        read_at=reading.at,
        own=reading.legend.me.owns(frame.creator),
        values=_values(fields, wanted),
        comments=_comments(fields, frame, reading),
        files=_files(fields, reading),
        history=_history(found.changelog, reading),
        transitions=_transitions(found, wanted),
        marker=marker_from_json(properties.get(MARKER)) if wanted.marker and properties is not None else None,
        marker_known=wanted.marker and properties is not None,
    )


def _values(fields: dict[str, msgspec.Raw], wanted: Wanted) -> dict[FieldId, Value]:
    read = {name: value_from_json(fields[name], kind) for name, kind in wanted.fields.items() if name in fields}
    return {name: value for name, value in read.items() if value is not None}


def _comments(fields: dict[str, msgspec.Raw], frame: FrameJson, reading: Reading) -> tuple[CommentSnapshot, ...] | None:
    if not reading.wanted.comments or "comment" not in fields:
        return None
    found = msgspec.json.decode(fields["comment"], type=CommentsJson)
    return embedded_from_json(found, reading.legend.me, frame.project.type_key)


def _files(fields: dict[str, msgspec.Raw], reading: Reading) -> tuple[FileSnapshot, ...] | None:
    if not reading.wanted.files or "attachment" not in fields:
        return None
    found = msgspec.json.decode(fields["attachment"], type=list[FileJson])
    return tuple(file_from_json(each, reading.legend.me) for each in found)


def _history(changelog: ChangelogJson | None, reading: Reading) -> tuple[HistoryItem, ...] | None:
    if not reading.wanted.history or changelog is None or not changelog.complete:
        return None
    return history_from_json(changelog.histories, reading.legend)


def _transitions(found: IssueJson, wanted: Wanted) -> tuple[Transition, ...] | None:
    if not wanted.transitions or found.transitions is None:
        return None
    return tuple(transition_from_json(each) for each in found.transitions)
