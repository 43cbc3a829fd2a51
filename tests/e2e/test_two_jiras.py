"""The main job, end to end: two Jiras of different flavours move together."""

from __future__ import annotations

from backbone.app.engine.look import look
from tests.parts.two_jiras import FIRST, SECOND, TwoJiras


async def test_the_initial_synchronization_creates_every_selected_issue_once() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        partners = await jiras.partners()
        assert len(partners) == len(jiras.first.world.issues) - 4
        assert len(set(partners.values())) == len(partners)
        summaries = {issue.key: issue.values["summary"] for issue in jiras.first.world.issues.values()}
        others = {issue.key: issue.values["summary"] for issue in jiras.second.world.issues.values()}
        assert all(summaries[key] == others[partner] for key, partner in partners.items())


async def test_a_quiet_synchronization_costs_one_search_a_connection_and_cycle() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        for name, simulator in ((FIRST, jiras.first), (SECOND, jiras.second)):
            jiras.system.time += 5_000
            simulator.calls.reset()
            await look(jiras.engine, name)
            assert simulator.calls.total == 1, simulator.calls.endpoints()


async def test_a_text_that_cloud_renders_anew_is_no_edit() -> None:
    async with TwoJiras() as jiras:
        mara = jiras.first.as_user("mara")
        text = "First line.  \n\n\nLast line after blanks.   \n"
        key = mara.create("PUMP", "Bug", "Blanks at the ends of lines", description=text).key
        await jiras.synchronize()
        await jiras.settle()
        partner = (await jiras.partners())[key]
        assert jiras.second.as_user("priya").issue(partner).values["description"] != text
        assert mara.issue(key).values["description"] == text
        mara.edit(key, summary="Blanks at the ends of all lines")
        await jiras.settle()
        assert mara.issue(key).values["description"] == text
