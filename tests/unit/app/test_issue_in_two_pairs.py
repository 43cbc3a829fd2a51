"""An issue may be in several pairs: what was cut short for one of them is not forgotten by another one (rules 11, 12)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from backbone.app.usecases import switching
from backbone.core.model.keys import SUMMARY, ConnectionName, ConnectorKey, PairUid, ProjectId, Role, SynchronizationKey
from backbone.core.model.pair import Pair, PairState
from backbone.core.model.values import Scalar
from backbone.ports.records import ApplyTurn
from backbone.ports.store import Store
from tests.fakes.halves import BUG, FIELDS, FIRST_WORKFLOW, HIGH, LOW, OPEN, PRIORITY, TEAM, half
from tests.fakes.jira import FakeIssue, FakeJira
from tests.fakes.scene import B, Scene
from tests.fakes.world import Crash, drive

C = ConnectionName("C")


@dataclass(slots=True)
class Shared:
    """B's issue is synchronized with one of A and, by another synchronization, with one of C."""

    scene: Scene = field(default_factory=Scene)
    c: FakeJira = field(init=False)
    of_a: FakeIssue = field(init=False)
    of_b: FakeIssue = field(init=False)
    of_c: FakeIssue = field(init=False)

    def __post_init__(self) -> None:
        scene = self.scene
        self.of_a, self.of_b = scene.pair()
        self.c = FakeJira(
            C, ProjectId(C), FIELDS, lambda: scene.system.time, workflow=FIRST_WORKFLOW, first_status=OPEN
        )
        scene.world.jiras[C] = self.c
        self.of_c = self.c.create_issue(BUG, {SUMMARY: Scalar("a"), PRIORITY: LOW})
        drive(self._join())
        scene.settle()

    async def _join(self) -> None:
        world = self.scene.world
        first, second = half("INT-2", "C-2", "C", Role.FIRST), half("INT-2", "B-2", "B", Role.SECOND)
        await world.synchronize(first, second)
        async with world.store.unit() as uow:
            for one, local, remote in ((first, self.of_c, self.of_b), (second, self.of_b, self.of_c)):
                await uow.pairs.save(
                    Pair(
                        uid=PairUid("joined"),
                        connector=one.connector,
                        state=PairState.LINKED,
                        born_here=one.role is Role.FIRST,
                        local=local.ref,
                        remote=remote.ref,
                    )
                )
            await uow.commit()

    def tell(self, jira: FakeJira) -> None:
        self.scene.tell(jira)

    def run(self, connector: str) -> None:
        """The turn of one of the two pairs of B's issue."""
        ready = self.scene.world.store.turns.ready()
        [turn] = [one for one in ready if isinstance(one, ApplyTurn) and one.connector == ConnectorKey(connector)]
        drive(self.scene.world.run(turn))

    def cut_short(self, point: str) -> None:
        """What A tells is being done in B; at that point the worker dies."""
        self.tell(self.scene.a)
        self.scene.at(self.scene.b, point, _dies)
        self.run("B-1")

    def other_pair_first(self) -> None:
        """Somebody edits C's issue, and that is written to B's."""
        self.c.set(self.of_c, PRIORITY, HIGH)
        self.tell(self.c)
        self.run("B-2")


def _dies() -> None:
    raise Crash


async def _delete(store: Store) -> None:
    async with store.unit() as uow:
        await uow.synchronizations.remove(SynchronizationKey("INT-1"))
        await uow.commit()


@pytest.mark.parametrize("thing", ["comment", "file"])
def test_an_addition_that_was_cut_short_is_made_once_although_the_other_pair_is_worked_on_first(thing: str) -> None:
    shared = Shared()
    if thing == "comment":
        shared.scene.a.comment(shared.of_a, "of A")
    else:
        shared.scene.a.attach(shared.of_a, "a.txt", b"content")
    shared.cut_short(f"{thing}-added")
    shared.c.set(shared.of_c, SUMMARY, Scalar("of C"))
    shared.tell(shared.c)
    shared.run("B-2")

    shared.scene.settle()

    assert shared.of_b.values[SUMMARY] == Scalar("of C")
    assert len(shared.of_b.comments) + len(shared.of_b.files) == 1


def test_a_write_that_was_cut_short_is_no_edit_after_the_other_pair_was_worked_on() -> None:
    """Told as an edit of now it would undo what somebody entered before it was written."""
    shared = Shared()
    shared.scene.a.set(shared.of_a, SUMMARY, Scalar("of A"))
    shared.tell(shared.scene.a)
    shared.scene.a.set(shared.of_a, SUMMARY, Scalar("of A, put right"))
    shared.scene.wait(20)
    shared.scene.at(shared.scene.b, "edited", _dies)
    shared.run("B-1")
    shared.other_pair_first()
    shared.scene.look(shared.scene.b)

    shared.scene.settle()

    found = [one.values[SUMMARY] for one in (shared.of_a, shared.of_b, shared.of_c)]
    assert found == [Scalar("of A, put right")] * 3
    assert {one.values[PRIORITY].name for one in (shared.of_a, shared.of_c)} == {"High"}  # type: ignore[union-attr]


def test_what_was_cut_short_for_one_pair_reaches_the_partner_of_the_other_one() -> None:
    shared = Shared()
    shared.scene.a.set(shared.of_a, SUMMARY, Scalar("of A"))
    shared.cut_short("edited")
    shared.other_pair_first()
    shared.scene.look(shared.scene.b)

    shared.scene.settle()

    assert shared.of_c.values[SUMMARY] == Scalar("of A")


def test_an_issue_is_told_of_again_once_each_of_its_pairs_has_ended_what_it_had_begun() -> None:
    shared = Shared()
    shared.scene.a.comment(shared.of_a, "of A")
    shared.cut_short("comment-added")
    shared.other_pair_first()
    tables = shared.scene.world.store.tables
    open_then = set(tables.attempts)

    shared.scene.settle()

    assert open_then == {(B, shared.of_b.ref.id)}
    assert not tables.attempts
    assert not tables.stamps[B, shared.of_b.ref.id].attempts


def test_what_was_cut_short_for_a_pair_that_is_deleted_holds_up_nothing() -> None:
    shared = Shared()
    shared.scene.a.comment(shared.of_a, "of A")
    shared.cut_short("comment-added")
    tables = shared.scene.world.store.tables
    drive(_delete(shared.scene.world.store))
    shared.other_pair_first()

    assert not tables.attempts
    assert not tables.stamps[B, shared.of_b.ref.id].attempts


@pytest.mark.parametrize("state", [PairState.IGNORED, PairState.HALF])
def test_what_was_cut_short_for_a_pair_that_takes_nothing_any_more_holds_up_nothing(state: PairState) -> None:
    shared = Shared()
    shared.scene.a.comment(shared.of_a, "of A")
    shared.cut_short("comment-added")
    tables = shared.scene.world.store.tables
    [key] = [key for key, one in tables.pairs.items() if one.connector == "B-1"]
    tables.pairs[key] = replace(tables.pairs[key], state=state)
    shared.run("B-1")

    assert not tables.attempts


def test_what_was_cut_short_holds_up_nobody_while_its_synchronization_is_stopped() -> None:
    shared = Shared()
    scene, store = shared.scene, shared.scene.world.store
    scene.a.set(shared.of_a, SUMMARY, Scalar("of A"))
    scene.a.comment(shared.of_a, "of A")
    shared.tell(scene.a)
    scene.at(scene.b, "comment-added", _dies)
    shared.run("B-1")
    drive(switching.stop(store, "INT-1", scene.system.now()))
    scene.settle()
    shared.c.set(shared.of_c, PRIORITY, HIGH)
    scene.settle()
    scene.b.set(shared.of_b, TEAM, Scalar("of B"))
    scene.settle()
    while_stopped = [shared.of_c.values[one] for one in (TEAM, SUMMARY)]

    drive(switching.start(store, "INT-1", scene.system.now()))
    scene.settle()

    assert while_stopped == [Scalar("of B"), Scalar("a")]
    assert shared.of_c.values[SUMMARY] == Scalar("of A")
    assert len(shared.of_b.comments) == 1
    assert not store.tables.stamps[B, shared.of_b.ref.id].attempts


def _attachments(issue: FakeIssue) -> list[bytes]:
    return sorted(content for _, content in issue.files.values())


def test_a_copy_for_one_pair_is_not_taken_for_that_of_another_one_which_has_the_same_name_and_size() -> None:
    shared = Shared()
    shared.scene.a.attach(shared.of_a, "a.txt", b"of A")
    shared.scene.settle()
    shared.c.attach(shared.of_c, "a.txt", b"of C")
    shared.c.set(shared.of_c, PRIORITY, HIGH)  # so that the issue is read

    shared.scene.settle()

    assert _attachments(shared.of_b) == [b"of A", b"of C"]


def test_a_copy_for_one_pair_is_not_removed_in_place_of_one_for_another_that_was_never_made() -> None:
    shared = Shared()
    shared.c.attach(shared.of_c, "a.txt", b"of C")
    shared.scene.settle()
    made = shared.scene.a.attach(shared.of_a, "a.txt", b"of A")
    shared.cut_short("add-file")
    shared.scene.a.remove_file_of(shared.of_a, made.id)
    shared.tell(shared.scene.a)

    shared.scene.settle()

    assert _attachments(shared.of_b) == [b"of C"]
