"""What a planned run would write, and how many calls it would make."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.keys import ConnectionName


class Kind(StrEnum):
    """What would be written."""

    CREATE = "create"
    CHANGE = "change"
    COMMENT = "comment"
    UNCOMMENT = "remove comment"
    UPLOAD = "upload"
    REMOVE_FILE = "remove attachment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWrite:
    """One thing that would be written to an issue; ``what`` names a field, a comment or an attachment."""

    connection: ConnectionName
    kind: Kind
    issue: str
    what: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """REST calls of a run to one Jira."""

    reads: int
    writes: int


@dataclass(slots=True)
class Record:
    """Grows while a plan is made, one for each connection."""

    connection: ConnectionName
    writes: list[PlannedWrite] = field(default_factory=list)
    read_calls: int = 0
    write_calls: int = 0
    created: int = 0

    def note(self, kind: Kind, issue: str, what: str, *, before: str = "", after: str = "") -> None:
        self.writes.append(
            PlannedWrite(connection=self.connection, kind=kind, issue=issue, what=what, before=before, after=after)
        )

    @property
    def calls(self) -> Calls:
        return Calls(reads=self.read_calls, writes=self.write_calls)
