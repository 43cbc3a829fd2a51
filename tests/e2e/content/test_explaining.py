"""``explain`` answers for every field that was written."""

from __future__ import annotations

from backbone.app.usecases.explaining import explain
from backbone.core.sync.notes import What
from tests.parts.neighbours import neighbours, seen
from tests.parts.two_projects import SHOWING_B, plan_b

WRITTEN = {
    "Summary": ("summary", "Fuller"),
    "Account": ("Customer", "Norte"),
    "Analysis": ("Cause", "Heat"),
    "Points": ("Effort", "8"),
    "Delivered": ("Shipped", "2026-12-01"),
    "Document": ("Sheet", "https://example.com/2"),
    "Impact": ("Severity", "Flaw"),
    "Source": ("Channel", "Web"),
    "Location": ("Place", "Asia / Tokyo"),
    "Priority": ("priority", "P3"),
    "Due date": ("duedate", "2027-01-06"),
    "Status": ("status", "Doing"),
}
"""Ben's fields: what Ann calls them, and what was written last."""


async def test_every_field_that_was_written_is_explained_with_rule_values_and_cause() -> None:
    async with neighbours(second=plan_b(issues=SHOWING_B)) as jiras:
        jiras.ann.create(
            "PA", "Bug", "Full", Customer="Aqua", Severity="Stops", Effort=1, Place=["Europe"], Channel="Mail"
        )
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ann.edit(
            "PA-1",
            summary="Fuller",
            Customer="Norte",
            Cause="Heat",
            Effort=8,
            Shipped="2026-12-01",
            Sheet="https://example.com/2",
            Severity="Cosmetic",
            Channel="Web",
            Place=["Asia", "Tokyo"],
            priority="Minor",
            duedate="2027-01-06",
        )
        jiras.ann.transition("PA-1", "Begin")
        await jiras.settle()
        for theirs, (ours, after) in WRITTEN.items():
            for key, field in ((partner, theirs), ("PA-1", ours)):
                steps = [step.entry for step in await explain(jiras.store, key, field)]
                last = [one for one in steps if one.what == What.FIELD_WRITTEN][-1]
                assert (last.rule, last.after) == (theirs, after), field
                assert last.before
                assert last.because
                assert last.revision == 1
                assert last.issue is not None
                assert last.issue.key == partner
                told = [one for one in steps if one.what == What.FIELD_SENT][-1]
                assert told.because
                assert told.after


async def test_elements_comments_files_and_creation_are_explained() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Full", Series=["N1"])
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.ann.edit("PA-1", Series=["N2"])
        jiras.ann.comment("PA-1", "Hello")
        jiras.ann.attach("PA-1", "a.txt", b"a")
        await jiras.settle()
        assert seen(jiras.second, partner, "Models") == ["L2"]
        entries = [step.entry for step in await explain(jiras.store, partner, None)]
        events = {one.what for one in entries}
        assert events >= {What.ISSUE_SENT, What.ISSUE_CREATED, What.COMMENT_WRITTEN, What.FILE_WRITTEN}
        assert all(one.because for one in entries)
        written = [one for one in entries if one.what == What.FIELD_WRITTEN and one.rule == "Models"]
        assert sorted(one.after for one in written) == ["+L2", "-L1"]


async def test_a_value_that_was_parked_is_explained_by_the_words_of_jira() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Full")
        await jiras.begin()
        partner = await jiras.partner("PA-1")
        jiras.second.world.settings.text_limit = 10
        jiras.ann.edit("PA-1", description="longer than ten")
        await jiras.settle()
        steps = [step.entry for step in await explain(jiras.store, partner, "description")]
        assert steps[-1].what == What.FIELD_PARKED
        assert "too long" in steps[-1].because
