"""Plan, verification, explanation and the doctor over the API: nothing is written, and each says what the command says."""

from __future__ import annotations

from tests.parts.office import Office


async def test_a_plan_writes_nothing_and_a_verification_finds_what_differs(here: Office) -> None:
    key = here.jiras.halves[0].synchronization
    before = here.jiras.writes()
    async with here.client() as api:
        planned = await api.get(f"integrations/{key}/plan")
        assert planned.status_code == 200, planned.text
        assert any(one["kind"] == "create" for one in planned.json()["writes"])
        assert here.jiras.writes() == before

        await here.quiet()
        equal = (await api.get(f"integrations/{key}/verify")).json()
        here.jiras.first.as_user("gero").edit("PUMP-4", summary="Edited a moment ago")
        different = (await api.get(f"integrations/{key}/verify")).json()["differences"]

        assert equal["pairs"] > 0
        assert {one["what"] for one in equal["differences"]} <= {"Component Path"}  # its options differ in the demo
        assert ("PUMP-4", "Edited a moment ago") in [(one["firstIssueKey"], one["atFirst"]) for one in different], (
            different
        )

        steps = (await api.get(f"integrations/{key}/explain", params={"issue": "PUMP-4", "field": "summary"})).json()
        assert {"issue-created", "issue-sent"} <= {one["what"] for one in steps}
        unknown = await api.get(f"integrations/{key}/explain", params={"issue": "NOPE-1"})
        assert unknown.status_code == 400

        findings = (await api.get(f"integrations/{key}/doctor")).json()
        assert [one for one in findings if one["serious"]] == []
