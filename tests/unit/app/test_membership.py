"""Which issues a JQL selects is asked once a cycle, however many synchronizations have it (rule 19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backbone.app.engine.look import look
from backbone.core.model.keys import SUMMARY, ConnectionName, IssueId, ProjectId, Role
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG, FIELDS, half
from tests.fakes.jira import FakeJira
from tests.fakes.world import FakeSystem, World

A, B, C = ConnectionName("A"), ConnectionName("B"), ConnectionName("C")


@dataclass(eq=False)
class Asking:
    """What was asked of a Jira."""

    questions: list[tuple[str, frozenset[IssueId]]] = field(default_factory=list)


class CountingJira(FakeJira):
    """Remembers the questions."""

    asking: Asking

    async def members(self, ids: Sequence[IssueId], jql: str) -> frozenset[IssueId]:
        self.asking.questions.append((jql, frozenset(ids)))
        return frozenset(ids)


async def test_two_synchronizations_with_the_same_jql_ask_once() -> None:
    system = FakeSystem()
    jiras: dict[ConnectionName, FakeJira] = {
        name: CountingJira(name, ProjectId(name), FIELDS, lambda: system.time) for name in (A, B, C)
    }
    asking = Asking()
    for jira in jiras.values():
        assert isinstance(jira, CountingJira)
        jira.asking = asking
    world = World(jiras=jiras, system=system)
    for number, partner in ((1, "B"), (2, "C")):
        first = half(f"INT-{number}", f"A-{number}", "A", Role.FIRST)
        second = half(f"INT-{number}", f"{partner}-{number}", partner, Role.SECOND)
        await world.synchronize(replace(first, jql="labels = shared"), second)
    await look(world.engine, A)
    system.time += 5_000
    issues = {jiras[A].create_issue(BUG, {SUMMARY: Scalar(text)}).ref.id for text in ("one", "two")}
    system.time += 5_000
    asking.questions.clear()

    await look(world.engine, A)

    assert asking.questions == [("labels = shared", frozenset(issues))]
    assert world.messages() == 4
