"""A problem advises what helps, and offers nothing that does not."""

from __future__ import annotations

import pytest

from backbone.app.channel.following import partner_problem
from backbone.app.usecases.troubleshooting.acting import actions_of
from backbone.core.model.keys import SUMMARY, ConnectorKey
from backbone.core.model.problems import Code
from backbone.core.model.values import Scalar
from backbone.ports.tracker import Refusal
from tests.fakes.scene import Scene
from tests.unit.app.troubleshooting.helping import the_problem


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (
            "Field 'summary' cannot be set. It is not on the appropriate screen, or unknown.",
            "Put 'summary' on the edit screen of this issue type or mend what Jira complains about, then retry.",
        ),
        (
            "You do not have the Permission to edit issues in this project.",
            "Give our account the permission that Jira names, then retry.",
        ),
    ],
)
def test_a_refused_field_is_cured_by_what_jira_names(words: str, cure: str) -> None:
    scene = Scene()
    ours, _ = scene.pair()
    scene.b.refuse = lambda _, values: Refusal(fields={SUMMARY: words}) if SUMMARY in values else None
    scene.a.set(ours, SUMMARY, Scalar("theirs"))
    scene.settle()

    assert the_problem(scene, Code.FIELD_REFUSED).problem.remedy == cure


def test_a_partner_that_left_is_told_with_its_cure_alone() -> None:
    """A retry would hide it: the partner says it once, and nothing comes from it any more."""
    problem = partner_problem(Code.PARTNER_LEFT, ConnectorKey("A-1"), "the partner deleted its half")

    assert actions_of(problem) == ()
    assert "backbone delete" in problem.remedy
