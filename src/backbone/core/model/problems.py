"""What a person must see: one problem a cause, with what it holds back and how it is cured."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backbone.core.model.keys import ConnectorKey, IssueRef, MappingId, PairUid


class Code(StrEnum):
    """The catalogue of problems; each has a page in the reference."""

    FIELD_REFUSED = "field-refused"
    ISSUE_REFUSED = "issue-refused"
    COMMENT_REFUSED = "comment-refused"
    FILE_REFUSED = "file-refused"
    VALUE_UNKNOWN = "value-unknown"
    NO_PATH_TO_STATUS = "no-path-to-status"
    TYPE_NOT_MAPPED = "type-not-mapped"
    ISSUE_DELETED = "issue-deleted"
    ISSUE_MOVED = "issue-moved"
    ISSUE_INVISIBLE = "issue-invisible"
    STAMP_IN_FUTURE = "stamp-in-future"
    OSCILLATION = "oscillation"
    MASS_CHANGE = "mass-change"
    START_CONFLICT = "start-conflict"
    HALF_PAIR = "half-pair"
    UNKNOWN_MARKER = "unknown-marker"
    CREATE_UNKNOWN = "create-unknown"
    LOGIN_REFUSED = "login-refused"
    CAPTCHA = "captcha"
    PERMISSION_MISSING = "permission-missing"
    JQL_REFUSED = "jql-refused"
    HOST_UNREACHABLE = "host-unreachable"
    CLOCK_SKEWED = "clock-skewed"
    PERMISSION_NEEDED = "permission-needed"
    NAME_UNMATCHED = "name-unmatched"
    SCREEN_LACKS_FIELD = "screen-lacks-field"
    WORKFLOW_GAP = "workflow-gap"
    MESSAGES_WAITING = "messages-waiting"
    TURNS_STALLED = "turns-stalled"
    CHANNEL_DOWN = "channel-down"
    CHANNEL_PLACE = "channel-place"
    PARCEL_REFUSED = "parcel-refused"
    CONFIGURATION_AWAITED = "configuration-awaited"
    PARCEL_TOO_LARGE = "parcel-too-large"
    PARCELS_UNANSWERED = "parcels-unanswered"
    PARTNER_SILENT = "partner-silent"
    CHANNEL_DIVERGED = "channel-diverged"
    MAIL_RETURNED = "mail-returned"
    HANDSHAKE_SUSPENDED = "handshake-suspended"
    PARTNER_DOUBTFUL = "partner-doubtful"
    PARTNER_CLOCK = "partner-clock"
    PARTNER_MOVED = "partner-moved"
    PARTNER_LEFT = "partner-left"
    DEFECT = "defect"


LASTING = frozenset({Code.START_CONFLICT})
"""Problems of a pair that are not over because a message could be applied to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What a problem holds back, as little as possible (rule 22). ``mappings`` are those of a problem with several."""

    pair: PairUid | None = None
    mapping: MappingId | None = None
    thing: str = ""
    mappings: tuple[MappingId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Code, place, cause and cure. ``cause`` is Jira's own words or ours; it never holds an issue's content."""

    code: Code
    connector: ConnectorKey | None
    occurred_in: IssueRef | None
    triggered_by: IssueRef | None = None
    cause: str
    remedy: str
    holds: Holds = field(default_factory=Holds)

    @property
    def identity(self) -> str:
        """Equal for problems of one cause, which are counted and not listed twice."""
        where = self.connector or ""
        what = self.holds.pair or (self.occurred_in.id if self.occurred_in else "")
        return "|".join([self.code, where, what, self.holds.mapping or "", self.holds.thing])
