"""A restored backup knows less than the Jiras do: what an earlier life created is adopted, never created again."""

from __future__ import annotations

import copy
from dataclasses import replace

from backbone.adapters.memory import MemoryStore
from backbone.app.engine.orphans import begin_again
from tests.parts.two_jiras import TwoJiras


async def test_what_was_created_after_the_backup_is_adopted() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        backup = copy.deepcopy(jiras.store._committed.tables)
        new = jiras.first.as_user("mara").create("PUMP", "Bug", "Found after the backup")
        other = jiras.second.as_user("owen").create("LUM", "Defect", "Reported after the backup")
        jiras.first.as_user("mara").comment(new.key, "A comment after the backup")
        await jiras.settle()
        issues = (len(jiras.first.world.issues), len(jiras.second.world.issues))

        await _restore(jiras, backup)
        await jiras.settle()

        assert (len(jiras.first.world.issues), len(jiras.second.world.issues)) == issues
        partners = await jiras.partners()
        assert new.key in partners
        assert other.key in partners.values()
        partner = jiras.second.world.find_issue(partners[new.key])
        assert partner is not None
        assert [one.body.split("\n", 1)[1] for one in partner.comments] == ["A comment after the backup"]


async def test_an_orphan_whose_original_is_gone_is_told_once() -> None:
    async with TwoJiras() as jiras:
        await jiras.synchronize()
        await jiras.settle()
        backup = copy.deepcopy(jiras.store._committed.tables)
        new = jiras.first.as_user("mara").create("PUMP", "Bug", "Short-lived")
        await jiras.settle()
        partner = (await jiras.partners())[new.key]
        jiras.first.as_user("gero").delete(new.key)

        await _restore(jiras, backup)
        await jiras.settle()

        told = [one.problem for one in await jiras.problems() if one.problem.code == "unknown-marker"]
        assert [one.occurred_in.key for one in told if one.occurred_in] == [partner]
        assert jiras.second.world.find_issue(partner) is not None


async def _restore(jiras: TwoJiras, tables: object) -> None:
    """Go on with what was known at the backup, as another incarnation."""
    store = MemoryStore("installation", "second life", now=jiras.system.now, original=False)
    store._committed.tables = tables  # type: ignore[assignment]  # a copy of its own kind
    jiras.store = store
    jiras.engine = replace(jiras.engine, store=store)
    await begin_again(store)
