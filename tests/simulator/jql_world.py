"""A small Jira for tests of the query language: two projects, five issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from backbone.simulator.jql import (
    FieldInfo,
    FieldKind,
    IssueReference,
    JqlContext,
    NamedValue,
    PropertyKind,
    Value,
)

_CATALOGUES: Mapping[str, Sequence[NamedValue]] = {
    "project": [NamedValue(id="10000", name="Alpha"), NamedValue(id="10001", name="Beta Works")],
    "issuetype": [NamedValue(id="1", name="Bug"), NamedValue(id="2", name="Task")],
    "status": [
        NamedValue(id="1", name="Open"),
        NamedValue(id="3", name="In Progress"),
        NamedValue(id="6", name="Done"),
    ],
    "statusCategory": [NamedValue(id="2", name="To Do"), NamedValue(id="3", name="Done")],
    "priority": [
        NamedValue(id="1", name="High", rank=3),
        NamedValue(id="2", name="Medium", rank=2),
        NamedValue(id="3", name="Low", rank=1),
    ],
    "resolution": [NamedValue(id="10", name="Fixed", rank=1)],
    "customfield_10004": [NamedValue(id="100", name="Red"), NamedValue(id="101", name="Blue")],
}
_PROJECT_KEYS = {"pa": "10000", "oldpa": "10000", "pb": "10001"}
_USERS = {"alice": "Alice Adams", "bob": "Bob Brown"}
_FIELDS = (
    FieldInfo(id="customfield_10001", name="Notes", kind=FieldKind.TEXT),
    FieldInfo(id="customfield_10002", name="Story Points", kind=FieldKind.NUMBER),
    FieldInfo(id="customfield_10003", name="Start Date", kind=FieldKind.DAY),
    FieldInfo(id="customfield_10004", name="Colour", kind=FieldKind.OPTION, catalogue="customfield_10004"),
    FieldInfo(id="customfield_10005", name="Twin", kind=FieldKind.NUMBER),
    FieldInfo(id="customfield_10006", name="Twin", kind=FieldKind.NUMBER),
    FieldInfo(id="customfield_10007", name="Opaque", kind=FieldKind.UNSEARCHABLE),
    FieldInfo(id="customfield_10008", name="Home Page", kind=FieldKind.EXACT_TEXT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallIssue:
    id: int
    key: str
    values: Mapping[str, Value]
    properties: Mapping[str, object] = field(default_factory=dict)

    def value(self, field_id: str) -> Value:
        return self.values.get(field_id)

    def property_value(self, key: str) -> object:
        return self.properties.get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWorld:
    issues: Sequence[SmallIssue]

    def custom_fields(self) -> Sequence[FieldInfo]:
        return _FIELDS

    def named(self, catalogue: str, text: str) -> Sequence[NamedValue]:
        wanted = text.lower()
        if catalogue == "project" and wanted in _PROJECT_KEYS:
            return [value for value in _CATALOGUES["project"] if value.id == _PROJECT_KEYS[wanted]]
        return [value for value in _CATALOGUES.get(catalogue, ()) if value.name.lower() == wanted]

    def numbered(self, catalogue: str, value_id: str) -> NamedValue | None:
        return next((value for value in _CATALOGUES.get(catalogue, ()) if value.id == value_id), None)

    def users(self, text: str) -> Sequence[str]:
        return [name for name, shown in _USERS.items() if text.lower() in {name, shown.lower()}]

    def user_name(self, account: str) -> str:
        return _USERS.get(account, account)

    def issue(self, id_or_key: str) -> IssueReference | None:
        wanted = id_or_key.upper().replace("OLDPA-", "PA-")
        found = (issue for issue in self.issues if wanted in {str(issue.id), issue.key})
        return next((IssueReference(id=issue.id, key=issue.key) for issue in found), None)

    def property_kind(self, key: str, path: str) -> PropertyKind | None:
        return {("sync", "partner.id"): PropertyKind.NUMBER, ("sync", "note"): PropertyKind.TEXT}.get((key, path))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ISSUES = (
    SmallIssue(
        id=10010,
        key="PA-1",
        values={
            "project": "10000",
            "issuetype": "1",
            "status": "1",
            "statusCategory": "2",
            "priority": "1",
            "labels": ["Red-Hot", "internal"],
            "summary": "Printer does not print",
            "description": "It only blinks in the night.",
            "comment": ["Have you tried turning it off?"],
            "created": instant("2026-01-10T10:00:00"),
            "updated": instant("2026-03-01T10:05:30"),
            "duedate": date(2026, 3, 5),
            "reporter": "alice",
            "assignee": "bob",
            "attachment": ["1"],
            "customfield_10002": 5.0,
            "customfield_10004": ["100", "101"],
            "customfield_10006": 7,
        },
        properties={"sync": {"partner": {"id": 77}, "note": "sent twice"}},
    ),
    SmallIssue(
        id=10011,
        key="PA-2",
        values={
            "project": "10000",
            "issuetype": "2",
            "status": "3",
            "priority": "3",
            "labels": ["customer"],
            "summary": "Order more paper",
            "created": instant("2026-02-10T10:00:00"),
            "updated": instant("2026-03-01T10:04:59"),
            "reporter": "bob",
            "customfield_10001": "blue ink too",
            "customfield_10008": "https://example.org/A",
        },
    ),
    SmallIssue(
        id=10012,
        key="PA-10",
        values={
            "project": "10000",
            "issuetype": "2",
            "status": "6",
            "statusCategory": "3",
            "resolution": "10",
            "summary": "Paint the shed",
            "created": instant("2026-02-11T10:00:00"),
            "updated": instant("2026-02-28T23:30:00"),
            "duedate": date(2026, 2, 28),
            "reporter": "alice",
            "customfield_10002": 0,
            "customfield_10004": ["101"],
            "customfield_10005": 7,
        },
    ),
    SmallIssue(
        id=10009,
        key="PB-3",
        values={
            "project": "10001",
            "issuetype": "1",
            "status": "1",
            "priority": "2",
            "summary": "Moved here",
            "created": instant("2025-12-24T10:00:00"),
            "updated": instant("2026-03-01T10:05:30"),
            "assignee": "alice",
        },
    ),
)

DATA_CENTER = JqlContext(
    now=instant("2026-03-01T10:06:00"),
    time_zone=UTC,
    account="alice",
    cloud=False,
    world=SmallWorld(issues=ISSUES),
)
CLOUD = replace(DATA_CENTER, cloud=True)
IN_NEW_YORK = replace(DATA_CENTER, time_zone=ZoneInfo("America/New_York"))
