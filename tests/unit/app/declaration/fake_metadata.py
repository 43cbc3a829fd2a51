"""A Jira that only has names: what the declaration asks a tracker for, from plain tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backbone.core.model.keys import FieldId, Millis, ProjectId, ProjectKey, TypeId
from backbone.core.model.values import FieldKind, Option
from backbone.ports.tracker import AccountInfo, CreateField, FieldInfo, ProjectInfo, TrackerError, TypeInfo


def options(start: int, *names: str) -> tuple[Option, ...]:
    """Options with ids that count up from a number."""
    return tuple(Option(str(start + index), name) for index, name in enumerate(names))


@dataclass(kw_only=True)
class FakeMetadata:
    """A Jira with one project. ``offered`` lists the options of fields, ``below`` the children of their options.

    ``failures`` are raised by the method of that name.
    """

    cloud: bool = False
    server_id: str = "AAAA-1111"
    projects: tuple[ProjectInfo, ...] = ()
    known: tuple[FieldInfo, ...] = ()
    workflows: tuple[TypeInfo, ...] = ()
    offered: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    below: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    complaints: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, TrackerError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def account(self) -> AccountInfo:
        self._ask("account")
        return AccountInfo(
            id="sync",
            name="Sync User",
            time_zone="Europe/Berlin",
            cloud=self.cloud,
            version=(9, 12, 0),
            server_id=self.server_id,
            clock=Millis(0),
            local=Millis(0),
        )

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        self._ask(f"project {key_or_id}")
        return next((one for one in self.projects if key_or_id in (one.id, one.key, *one.former)), None)

    async def fields(self) -> tuple[FieldInfo, ...]:
        self._ask("fields")
        return self.known

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]:
        self._ask(f"types {project}")
        return self.workflows

    async def options(self, field_id: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        self._ask(f"options {field_id} {project} {' '.join(types)}")
        if field_id not in self.offered:
            return ()
        return (
            CreateField(
                id=field_id,
                name=field_id,
                required=False,
                options=self.offered[field_id],
                children={parent.id: self.below.get(parent.id, ()) for parent in self.offered[field_id]},
            ),
        )

    async def check_jql(self, jql: str) -> str | None:
        self._ask(f"jql {jql}")
        return self.complaints.get(jql)

    def _ask(self, question: str) -> None:
        """Note the question, or fail as that kind of question does."""
        self.asked.append(question)
        failure = self.failures.get(question.partition(" ")[0])
        if failure is not None:
            raise failure


def field_info(ident: str, name: str, kind: FieldKind | None, schema: str = "") -> FieldInfo:
    return FieldInfo(id=FieldId(ident), name=name, kind=kind, custom=ident.startswith("customfield_"), schema=schema)


SYSTEM_FIELDS = (
    field_info("summary", "Summary", FieldKind.TEXT),
    field_info("description", "Description", FieldKind.MULTILINE),
    field_info("environment", "Environment", FieldKind.MULTILINE),
    field_info("priority", "Priority", FieldKind.OPTION),
    field_info("labels", "Labels", FieldKind.LABELS),
    field_info("duedate", "Due Date", FieldKind.DATE),
    field_info("status", "Status", FieldKind.STATUS),
    field_info("issuetype", "Issue Type", None),
    field_info("assignee", "Assignee", None, "user"),
)


def acme() -> FakeMetadata:
    """A Data Center with project PA, which was called OLD."""
    return FakeMetadata(
        server_id="AAAA-1111",
        projects=(
            ProjectInfo(id=ProjectId("10000"), key=ProjectKey("PA"), name="Project A", former=(ProjectKey("OLD"),)),
            ProjectInfo(id=ProjectId("10001"), key=ProjectKey("PX"), name="Project X"),
        ),
        known=(
            *SYSTEM_FIELDS,
            field_info("customfield_10010", "Severity", FieldKind.OPTION),
            field_info("customfield_10011", "Place", FieldKind.CASCADE),
            field_info("customfield_10012", "Partner issue", FieldKind.TEXT),
            field_info("customfield_10013", "Teams", FieldKind.OPTIONS),
            field_info("customfield_10014", "Points", FieldKind.NUMBER),
            field_info("customfield_10015", "Twin", FieldKind.TEXT),
            field_info("customfield_10016", "Twin", FieldKind.TEXT),
        ),
        workflows=(
            TypeInfo(type=Option("1", "Bug"), subtask=False, statuses=options(1, "Open", "In Progress", "Done")),
            TypeInfo(type=Option("2", "Task"), subtask=False, statuses=options(1, "Open", "In Progress", "Done")),
            TypeInfo(type=Option("3", "Sub-task"), subtask=True, statuses=options(1, "Open", "Done")),
        ),
        offered={
            "priority": options(1, "High", "Medium", "Low"),
            "customfield_10010": options(100, "Minor", "Major", "Blocker"),
            "customfield_10011": options(200, "Europe", "Asia"),
            "customfield_10013": options(300, "Red", "Green"),
        },
        below={"200": options(210, "Bern", "Oslo"), "201": options(220, "Tokyo")},
    )


def beta() -> FakeMetadata:
    """A Cloud site with project PB."""
    return FakeMetadata(
        cloud=True,
        server_id="BBBB-2222",
        projects=(ProjectInfo(id=ProjectId("20000"), key=ProjectKey("PB"), name="Agile Project"),),
        known=(
            *SYSTEM_FIELDS,
            field_info("customfield_20010", "Severity", FieldKind.OPTION),
            field_info("customfield_20011", "Location", FieldKind.CASCADE),
            field_info("customfield_20012", "Partner key", FieldKind.TEXT),
            field_info("customfield_20013", "Teams", FieldKind.OPTIONS),
            field_info("customfield_20014", "Story points", FieldKind.NUMBER),
        ),
        workflows=(
            TypeInfo(type=Option("31", "Defect"), subtask=False, statuses=options(41, "To Do", "Doing", "Closed")),
            TypeInfo(type=Option("32", "Task"), subtask=False, statuses=options(41, "To Do", "Doing", "Closed")),
        ),
        offered={
            "priority": options(51, "P1", "P2", "P3"),
            "customfield_20010": options(500, "minor", "Major", "Blocker"),
            "customfield_20011": options(600, "Europe", "Asia"),
            "customfield_20013": options(700, "Red", "Green", "Blue"),
        },
        below={"600": options(610, "Bern", "Oslo"), "601": options(620, "Tokyo", "Kyoto")},
    )
