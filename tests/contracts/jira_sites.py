"""Pretend Jiras of every supported flavour with a tracker at each, for the tests of the tracker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backbone.adapters.jira.budget import ProcessBudget
from backbone.adapters.jira.connection import JiraConnection, Timeouts
from backbone.adapters.jira.tracker import JiraTracker
from backbone.core.model.keys import FieldId, IssueId, Millis, ProjectId
from backbone.core.model.snapshot import Marker
from backbone.core.model.values import FieldKind, Option
from backbone.ports.login import ApiTokenLogin, JiraLogin, PasswordLogin, TokenLogin
from backbone.simulator import Simulator
from backbone.simulator.person import Person
from backbone.simulator.plan import WorldPlan
from backbone.simulator.world.clock import Clock

NOON = datetime(2026, 11, 2, 12, 0, 0, 250_000, tzinfo=UTC)

PATIENT = Timeouts(connecting=10, reading=30, whole=60)

FLAVOURS = ("8.20.30", "9.12.14", "10.3.17", "11.0.1", "cloud")

_WORKFLOW = {
    "name": "plain",
    "initial": "Open",
    "transitions": [
        {"name": "Start", "start": ["Open"], "to": "In Progress"},
        {
            "name": "Finish",
            "start": ["In Progress"],
            "to": "Done",
            "screen": ["resolution", "Customer"],
            "required": ["resolution"],
        },
        {"name": "Reopen", "start": ["Done"], "to": "Open", "sets": {"resolution": None}},
    ],
}


def plan(flavour: str) -> WorldPlan:
    """A project that the account may do everything in, and one that it can't see."""
    return WorldPlan.model_validate(
        {
            "flavour": "cloud" if flavour == "cloud" else "data-center",
            "version": "10.3.17" if flavour == "cloud" else flavour,
            "users": [
                {"name": "sync", "password": "sync", "tokens": ["sync-token"], "time_zone": "Asia/Kolkata"},
                {"name": "anna", "display_name": "Anna Arendt", "password": "anna", "tokens": ["anna-token"]},
            ],
            "roles": {"Developers": ["sync", "anna"]},
            "statuses": [{"name": "Open", "category": "new"}, {"name": "In Progress"}, {"name": "Done"}],
            "types": ["Bug", "Task"],
            "fields": [
                {"name": "Customer", "kind": "textfield"},
                {"name": "Points", "kind": "float"},
                {"name": "Start", "kind": "datepicker"},
                {"name": "Meeting", "kind": "datetime"},
                {
                    "name": "Severity",
                    "kind": "select",
                    "options": ["Minor", "Major", {"value": "Old", "disabled": True}],
                },
                {"name": "Colors", "kind": "multiselect", "options": ["Red", "Green", "Blue"]},
                {
                    "name": "Place",
                    "kind": "cascadingselect",
                    "options": [{"value": "EU", "children": ["Rome", "Oslo"]}],
                },
                {"name": "Tags", "kind": "labels"},
                {"name": "Site", "kind": "url"},
            ],
            "workflows": [_WORKFLOW],
            "projects": [
                {"key": "PA", "name": "Project A", "lead": "anna", "workflow": "plain"},
                {"key": "OT", "name": "Other", "lead": "anna", "workflow": "plain"},
                {
                    "key": "SEC",
                    "name": "Secret",
                    "lead": "anna",
                    "workflow": "plain",
                    "grants": {"BROWSE_PROJECTS": ["user:anna"]},
                },
            ],
        }
    )


class Patience:
    """Time as the budget waits for it: it passes at once, for the pretend Jira too."""

    def __init__(self, clock: Clock) -> None:
        self.waited = 0.0
        self._clock = clock

    def __call__(self) -> float:
        return self.waited

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds
        self._clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteUnderTest:
    """A pretend Jira, somebody who works there, and our tracker."""

    simulator: Simulator
    tracker: JiraTracker
    budget: ProcessBudget
    patience: Patience
    clock: Clock

    @property
    def anna(self) -> Person:
        return self.simulator.as_user("anna")

    @property
    def cloud(self) -> bool:
        return self.simulator.traits.is_cloud

    def project(self, key: str = "PA") -> ProjectId:
        return ProjectId(next(one.id for one in self.simulator.world.projects.values() if one.key == key))

    def field(self, name: str) -> FieldId:
        return FieldId(next(one.id for one in self.simulator.world.fields.values() if one.name == name))

    def type(self, name: str = "Bug") -> Option:
        found = next(one for one in self.simulator.world.issue_types.values() if one.name == name)
        return Option(found.id, found.name)

    def status(self, name: str) -> Option:
        found = next(one for one in self.simulator.world.statuses.values() if one.name == name)
        return Option(found.id, found.name)

    def report(self, summary: str = "It is broken", **fields: object) -> IssueId:
        """Anna reports a bug."""
        return IssueId(str(self.anna.create("PA", "Bug", summary, **fields).id))

    def now(self) -> Millis:
        return Millis(round(self.clock().timestamp() * 1000))


def marker(partner: str = "20001", attempt: str = "a1") -> Marker:
    return Marker(installation="i1", incarnation="n1", synchronization="INT-1", partner=partner, attempt=attempt)


SYSTEM: dict[FieldId, FieldKind] = {
    FieldId("summary"): FieldKind.TEXT,
    FieldId("description"): FieldKind.MULTILINE,
    FieldId("priority"): FieldKind.OPTION,
    FieldId("labels"): FieldKind.LABELS,
    FieldId("duedate"): FieldKind.DATE,
    FieldId("status"): FieldKind.STATUS,
}


def credentials(flavour: str) -> JiraLogin:
    """Cloud has tokens with an e-mail address, Data Center 11 personal tokens, older ones also passwords."""
    if flavour == "cloud":
        return ApiTokenLogin(email="sync@example.com", api_token="sync-token")
    if flavour.startswith("11"):
        return TokenLogin(token="sync-token")
    return PasswordLogin(user="sync", password="sync")


@asynccontextmanager
async def site_under_test(
    flavour: str, login: JiraLogin | None = None, timeouts: Timeouts = PATIENT
) -> AsyncIterator[SiteUnderTest]:
    clock = Clock()
    clock.freeze(NOON)
    async with Simulator.of_plan(plan(flavour), clock, context="/jira") as simulator:
        connection = JiraConnection(
            base_url=simulator.url,
            login=login or credentials(flavour),
            timeouts=timeouts,
        )
        patience = Patience(clock)
        budget = ProcessBudget(now=patience, sleep=patience.sleep)
        tracker = JiraTracker(connection, budget)
        try:
            yield SiteUnderTest(simulator=simulator, tracker=tracker, budget=budget, patience=patience, clock=clock)
        finally:
            await tracker.close()
