"""Two projects in step, and the little language in which a small test tells what happens to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

from backbone.app.engine.context import Engine
from backbone.core.model.changes import FieldChange, IssueChanged
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.keys import SUMMARY, ConnectionName, FieldId, ProjectId, Role
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar, Value, labels
from backbone.ports.records import InboxMessage
from tests.fakes.halves import BUG, FIELDS, FIRST_WORKFLOW, LABELS, LOW, OPEN, P1, PRIORITY, SECOND_WORKFLOW, TODO, half
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.world import FakeSystem, World, drive

A, B = ConnectionName("A"), ConnectionName("B")


@dataclass(slots=True)
class Scene:
    """Project A is the first, project B the second; ``skew`` is by how much B's clock is ahead, in milliseconds."""

    skew: int = 0
    first: HalfConfiguration = field(default_factory=lambda: half("INT-1", "A-1", "A", Role.FIRST))
    second: HalfConfiguration = field(default_factory=lambda: half("INT-1", "B-1", "B", Role.SECOND))
    system: FakeSystem = field(default_factory=FakeSystem)
    a: FakeJira = field(init=False)
    b: FakeJira = field(init=False)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        clock = self.system
        self.a = FakeJira(A, ProjectId(A), FIELDS, lambda: clock.time, workflow=FIRST_WORKFLOW, first_status=OPEN)
        self.b = FakeJira(
            B, ProjectId(B), FIELDS, lambda: clock.time + self.skew, workflow=SECOND_WORKFLOW, first_status=TODO
        )
        self.b.defaults = {PRIORITY: P1}
        self.world = World(jiras={A: self.a, B: self.b}, system=self.system)
        drive(self.world.synchronize(self.first, self.second))

    # what happens -----------------------------------------------------------------------------------------------------

    def pair(self, **values: Value) -> tuple[FakeIssue, FakeIssue]:
        """A new issue in A and its partner in B, in step."""
        start: dict[FieldId, Value] = {SUMMARY: Scalar("a"), PRIORITY: LOW, LABELS: labels()}
        self.a.create_issue(BUG, start | {FieldId(name): value for name, value in values.items()})
        self.settle()
        return self.issues()

    def issues(self) -> tuple[FakeIssue, FakeIssue]:
        """The newest issue of each project."""
        return list(self.a.issues.values())[-1], list(self.b.issues.values())[-1]

    def settle(self) -> None:
        drive(self.world.settle())
        self.wait(5)

    def wait(self, seconds: int) -> None:
        self.system.time += seconds * 1000

    def look(self, jira: FakeJira) -> bool:
        self.wait(3)
        return drive(self.world.look(jira.name))

    def tell(self, jira: FakeJira) -> None:
        """Look at a project and let its messages arrive, without applying them."""
        self.look(jira)
        self.world.deliver_all()

    def reconfigure(self, first: HalfConfiguration, second: HalfConfiguration) -> None:
        drive(self.world.configure(first, second))

    def turns(self) -> None:
        """Run every turn that is queued, once."""
        for turn in self.world.store.turns.ready():
            drive(self.world.run(turn))

    def at(self, jira: FakeJira, point: str, happens: Callable[[], None]) -> None:
        """Let something happen the next time that a Jira is asked for something."""

        def gate(reached: str) -> None:
            if reached == point:
                jira.gate = lambda _point: None
                happens()

        jira.gate = gate

    def engine_with_waiting(self, jira: object) -> Engine:
        """The engine with an event loop, in which this one stands for project B: some of its calls wait."""
        waiting = cast("FakeJira", jira)  # whatever does not wait is passed on
        return replace(self.world.engine, trackers={A: self.a, B: waiting}, abreast=2)

    # what can be seen -------------------------------------------------------------------------------------------------

    @property
    def messages(self) -> int:
        return self.world.messages()

    def waiting(self) -> list[InboxMessage]:
        """Messages that wait to be applied."""
        return [one for waiting in self.world.store.tables.inbox.values() for one in waiting.messages]

    def field_changes(self) -> list[FieldChange]:
        """Changes of single values that wait to be applied."""
        contents = [one.content for one in self.waiting()]
        return [change for one in contents if isinstance(one, IssueChanged) for change in one.changes.fields]

    def problems(self) -> list[Code]:
        return [one.problem.code for one in self.world.store.tables.problems.values()]

    def half_of(self, issue: FakeIssue) -> Pair:
        """The memory of one half."""
        found = [one for one in self.world.store.tables.pairs.values() if one.local and one.local.id == issue.ref.id]
        return found[-1]
