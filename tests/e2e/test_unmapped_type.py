"""A type that is taken out of the configuration stops its issues, those with a partner included (rule 23)."""

from __future__ import annotations

from tests.parts.two_jiras import TwoJiras


async def test_a_paired_issue_whose_type_is_no_longer_mapped_is_told_of_no_more() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        partner = (await jiras.partners())["PUMP-4"]
        before = jiras.second.as_user("owen").issue(partner).values["summary"]
        jiras.declaration = jiras.declaration.replace("      - {first: Improvement, second: Story}\n", "")
        await jiras.synchronize()
        await jiras.settle()

        jiras.first.as_user("gero").edit("PUMP-4", summary="This stays at home")
        await jiras.settle()

        assert jiras.second.as_user("owen").issue(partner).values["summary"] == before
