"""Identities: every key and id is a type of its own, so that none is taken for another.

Jira ids are immutable and identify (rule 20); keys such as ``PA-7`` change when an issue moves or a project is
renamed and serve display and the public interface only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ConnectionName = NewType("ConnectionName", str)
SynchronizationKey = NewType("SynchronizationKey", str)
ConnectorKey = NewType("ConnectorKey", str)
ProjectId = NewType("ProjectId", str)
ProjectKey = NewType("ProjectKey", str)
IssueId = NewType("IssueId", str)
IssueKey = NewType("IssueKey", str)
TypeId = NewType("TypeId", str)
FieldId = NewType("FieldId", str)
CommentId = NewType("CommentId", str)
FileId = NewType("FileId", str)
TransitionId = NewType("TransitionId", str)
MappingId = NewType("MappingId", str)
PairUid = NewType("PairUid", str)
"""Identity of a pair of issues, equal on both halves; made by the half that saw the issue first."""
Revision = NewType("Revision", int)
Millis = NewType("Millis", int)
"""An instant in milliseconds since 1970-01-01 UTC."""

STATUS = FieldId("status")
SUMMARY = FieldId("summary")


class Role(StrEnum):
    """Which half of a synchronization a connector is; the first is the master and wins a tie of stamps."""

    FIRST = "first"
    SECOND = "second"

    @property
    def partner(self) -> Role:
        return Role.SECOND if self is Role.FIRST else Role.FIRST


def own_connection(jira: ConnectionName, synchronization: SynchronizationKey) -> ConnectionName:
    """The connection by which one synchronization alone reaches the Jira of another connection.

    >>> own_connection(ConnectionName("acme"), SynchronizationKey("INT-1"))
    'acme~INT-1'
    """
    return ConnectionName(f"{jira_of(jira)}~{synchronization}")


def jira_of(connection: ConnectionName) -> ConnectionName:
    """What stands for the Jira of a connection wherever an issue is meant, however it is reached.

    Names in files have no tilde.

    >>> jira_of(ConnectionName("acme~INT-1"))
    'acme'
    """
    return ConnectionName(connection.partition("~")[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRef:
    """An issue: by its immutable id, with the key that it had when last seen."""

    id: IssueId
    key: IssueKey
