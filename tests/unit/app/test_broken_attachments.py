"""An attachment of which Jira stored a part only: it is never left beside the whole one, and never lost sight of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.app.engine.apply import run_apply
from backbone.core.mapping.discussion import PROOFS
from backbone.core.model.keys import FileId, PairUid, Role
from backbone.core.model.pair import FileLink, Pair
from backbone.core.model.problems import Code
from backbone.core.model.snapshot import Person
from backbone.core.sync.incoming import LATE_ANSWER
from backbone.ports.records import ApplyTurn
from tests.fakes.halves import half
from tests.fakes.issues import ANN, SYNC, FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import Crash, drive

CONTENT = b"all of it"


def _scene(*, busy: bool) -> tuple[Scene, FakeIssue, FakeIssue]:
    """An attachment in A that B stores a part of; ``busy`` has an edit travel along."""
    scene = Scene()
    issue, partner = scene.pair()
    scene.b.stored = 3
    scene.a.attach(issue, "a.txt", CONTENT)
    if busy:
        scene.a.comment(issue, "see there")
    scene.look(scene.a)
    scene.world.deliver_all()
    return scene, issue, partner


def _stored(partner: FakeIssue) -> list[bytes]:
    return [content for _, content in partner.files.values()]


@pytest.mark.parametrize("busy", [False, True])
def test_what_is_broken_is_removed_before_the_whole_comes(*, busy: bool) -> None:
    scene, _, partner = _scene(busy=busy)
    scene.turns()
    assert _stored(partner) == [CONTENT[:3]]

    scene.b.stored = None
    scene.settle()

    assert _stored(partner) == [CONTENT]
    assert scene.problems() == []


def test_what_jira_does_not_let_us_remove_is_told_with_its_cure_and_gets_no_company() -> None:
    scene, _, partner = _scene(busy=False)
    scene.b.refuse_removal = "you may not delete it"

    scene.settle()
    scene.settle()

    assert _stored(partner) == [CONTENT[:3]]
    [stored] = partner.files
    [told] = [one.problem for one in scene.world.store.tables.problems.values()]
    assert told.code is Code.FILE_REFUSED
    assert stored in told.cause
    assert "you may not delete it" in told.cause
    assert stored in told.remedy


@pytest.mark.parametrize("by_hand", [False, True])
def test_once_it_may_go_or_is_gone_a_retry_brings_the_whole(*, by_hand: bool) -> None:
    scene, _, partner = _scene(busy=False)
    scene.b.refuse_removal = "you may not delete it"
    scene.settle()
    if by_hand:
        partner.files.clear()
    else:
        scene.b.refuse_removal = ""

    scene.b.stored = None
    pair = scene.half_of(partner)
    drive(run_apply(scene.world.engine, ApplyTurn(connector=pair.connector, pair=pair.uid), retry=True))
    scene.settle()

    assert _stored(partner) == [CONTENT]
    assert scene.problems() == []


def test_what_is_broken_goes_when_the_partner_removes_the_original() -> None:
    scene, issue, partner = _scene(busy=False)
    scene.turns()
    scene.a.remove_file_of(issue, next(iter(issue.files)))

    scene.settle()
    scene.settle()

    assert _stored(partner) == []


# a part of which nobody knows ---------------------------------------------------------------------------------------


def _dies() -> None:
    raise Crash


def _died(scene: Scene, at: str, issue: FakeIssue) -> None:
    """While the attachment was copied to B; another process takes over."""
    scene.at(scene.b, at, _dies)
    scene.a.attach(issue, "a.txt", CONTENT)
    scene.tell(scene.a)
    scene.turns()
    scene.world.restart()


def _later(scene: Scene) -> None:
    scene.b.stored = None
    scene.wait(LATE_ANSWER // 1000)
    scene.settle()


def test_what_is_broken_is_removed_although_we_died_before_it_was_noted() -> None:
    scene = Scene()
    issue, partner = scene.pair()
    scene.b.stored = 3
    _died(scene, "file-added", issue)
    assert _stored(partner) == [CONTENT[:3]]

    _later(scene)

    assert _stored(partner) == [CONTENT]
    assert scene.problems() == []


def test_what_nobody_noted_and_jira_does_not_let_us_remove_gets_no_company() -> None:
    scene = Scene()
    issue, partner = scene.pair()
    scene.b.stored = 3
    scene.b.refuse_removal = "you may not delete it"
    _died(scene, "file-added", issue)

    _later(scene)
    scene.settle()

    assert _stored(partner) == [CONTENT[:3]]
    assert scene.problems() == [Code.FILE_REFUSED]


@pytest.mark.parametrize(
    ("name", "content", "who"), [("a.txt", b"xyz", SYNC), ("b.txt", b"all", SYNC), ("a.txt", b"all", ANN)]
)
def test_what_is_not_proved_to_be_a_part_of_ours_stays(name: str, content: bytes, who: Person) -> None:
    scene = Scene()
    issue, partner = scene.pair()
    _died(scene, "add-file", issue)
    scene.b.attach(partner, name, content, who)

    _later(scene)

    assert sorted(_stored(partner)) == sorted([content, CONTENT])


def test_what_our_account_had_uploaded_before_stays() -> None:
    scene = Scene()
    issue, partner = scene.pair()
    scene.b.attach(partner, "a.txt", CONTENT[:3], SYNC)
    _died(scene, "add-file", issue)

    _later(scene)

    assert sorted(_stored(partner)) == sorted([CONTENT[:3], CONTENT])


def test_the_copy_of_another_synchronization_stays() -> None:
    scene = Scene()
    issue, partner = scene.pair()
    others = half("INT-2", "C-1", "A", Role.FIRST), half("INT-2", "C-2", "B", Role.SECOND)
    drive(scene.world.synchronize(*others))
    _died(scene, "add-file", issue)
    copy = scene.b.attach(partner, "a.txt", CONTENT[:3], SYNC)
    link = FileLink(original=FileId("9"), ours=False, name="a.txt", size=3, mirror=copy.id)
    pair = replace(scene.half_of(partner), connector=others[1].connector, uid=PairUid("u2"), files={FileId("@9"): link})
    drive(_save(scene, pair))

    _later(scene)

    assert sorted(_stored(partner)) == sorted([CONTENT[:3], CONTENT])


async def _save(scene: Scene, pair: Pair) -> None:
    async with scene.world.store.unit() as uow:
        await uow.pairs.save(pair)
        await uow.commit()


def test_a_copy_that_nobody_noted_goes_with_its_original() -> None:
    scene = Scene()
    first, second = scene.pair()
    made = scene.a.attach(first, "a.txt", b"content")
    scene.tell(scene.a)
    scene.at(scene.b, "file-added", _dies)
    scene.turns()
    uploaded = len(second.files)
    scene.a.remove_file_of(first, made.id)
    scene.tell(scene.a)

    scene.settle()

    assert (uploaded, len(second.files)) == (1, 0)


def test_nothing_older_is_taken_for_a_copy_that_nobody_noted_and_goes_with_its_original() -> None:
    """Our account may have attached it for a synchronization that is no more."""
    scene = Scene()
    first, second = scene.pair()
    scene.b.attach(second, "a.txt", b"already", SYNC)
    scene.settle()
    scene.wait(60)
    made = scene.a.attach(first, "a.txt", b"content")
    scene.tell(scene.a)
    scene.at(scene.b, "add-file", _dies)
    scene.turns()
    scene.a.remove_file_of(first, made.id)
    scene.tell(scene.a)

    scene.settle()

    assert [content for _, content in second.files.values()] == [b"already"]


def test_a_copy_that_nobody_noted_and_that_goes_is_not_taken_for_that_of_one_that_replaces_its_original() -> None:
    scene = Scene()
    first, second = scene.pair()
    made = scene.a.attach(first, "a.txt", b"content")
    scene.tell(scene.a)
    scene.at(scene.b, "file-added", _dies)
    scene.turns()
    scene.a.remove_file_of(first, made.id)
    scene.a.attach(first, "a.txt", b"CONTENT")
    for _ in range(PROOFS):
        scene.tell(scene.a)

    scene.settle()

    assert _stored(second) == [b"CONTENT"]
