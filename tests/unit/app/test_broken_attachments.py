"""An attachment of which Jira stored a part only: it is never left beside the whole one, and never lost sight of."""

from __future__ import annotations

import pytest

from backbone.app.engine.apply import run_apply
from backbone.core.model.problems import Code
from backbone.ports.records import ApplyTurn
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import drive

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
