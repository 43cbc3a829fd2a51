"""Problems that are told while something is not known yet, and that end by themselves."""

from __future__ import annotations

from backbone.core.model.keys import SUMMARY
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from backbone.ports.tracker import OutcomeUnknown
from tests.fakes.halves import BUG
from tests.fakes.scene import Scene


def lost() -> None:
    raise OutcomeUnknown("no answer came")


def test_a_lost_answer_to_a_creation_is_told_until_it_is_known_what_was_created() -> None:
    scene = Scene()
    scene.at(scene.b, "created", lost)
    scene.a.create_issue(BUG, {SUMMARY: Scalar("a")})
    scene.tell(scene.a)
    scene.turns()
    meanwhile = scene.problems()

    scene.settle()

    assert meanwhile == [Code.CREATE_UNKNOWN]
    assert scene.problems() == []
    assert len(scene.b.issues) == 1
