"""An issue that Jira refuses to create waits for the edit that mends it."""

from __future__ import annotations

from backbone.core.model.problems import Code
from backbone.simulator.world.state import Refusal
from tests.parts.two_jiras import TwoJiras


async def test_an_edit_that_mends_a_refused_issue_lets_it_be_created() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        jiras.first.world.refusals.append(Refusal(summary_contains="poison", message="This team takes no poison."))
        owen = jiras.second.as_user("owen")
        issue = owen.create("LUM", "Defect", "A cup of poison")
        await jiras.settle()
        refused = {one.problem.code for one in await jiras.problems()}
        owen.edit(issue.key, summary="A cup of tea")

        await jiras.settle()

        created = [one.key for one in jiras.first.world.issues.values() if one.values["summary"] == "A cup of tea"]
        assert Code.ISSUE_REFUSED in refused
        assert len(created) == 1
        assert Code.ISSUE_REFUSED not in {one.problem.code for one in await jiras.problems()}
