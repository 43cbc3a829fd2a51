"""An issue deleted, moved away or no longer visible: three outcomes, none of them destructive."""

from __future__ import annotations

from backbone.core.model.pair import PairState
from backbone.simulator.control.administration import PermissionOrder, set_permission
from tests.parts.neighbours import Neighbours, issue_of, keys, neighbours, said, seen


async def begun(jiras: Neighbours) -> str:
    """PA-1 is in step, and another issue beside it; the key of its partner."""
    jiras.ann.create("PA", "Bug", "Comes and goes", Customer="Aqua")
    jiras.ann.create("PA", "Bug", "Stays")
    jiras.ann.comment("PA-1", "Hello")
    await jiras.begin()
    return await jiras.partner("PA-1")


async def states(jiras: Neighbours) -> list[PairState]:
    """The states of Ann's pairs."""
    async with jiras.store.unit() as uow:
        return [pair.state async for pair in uow.pairs.all(jiras.halves[0].connector)]


def show(jiras: Neighbours, *, visible: bool) -> None:
    """An administrator gives our account the right to see PA, or takes it."""
    order = PermissionOrder(project="PA", permission="BROWSE_PROJECTS", user="sync", held=visible)
    set_permission(jiras.first.site, order)


async def test_a_deleted_issue_leaves_its_partner_alone_and_is_not_made_again() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        before = issue_of(jiras.second, partner)
        jiras.ann.delete("PA-1")
        await jiras.count()
        assert await jiras.codes() == ["issue-deleted"]
        assert await states(jiras) == [PairState.DELETED, PairState.LINKED]
        assert issue_of(jiras.second, partner) == before
        jiras.ben.edit(partner, Account="Norte")
        jiras.ben.comment(partner, "Anybody there?")
        await jiras.settle()
        assert keys(jiras.first, "PA") == ["PA-2"]
        assert len(keys(jiras.second, "PB")) == 2
        assert await jiras.codes() == ["issue-deleted"]


async def test_a_deletion_is_noticed_as_well_when_the_partner_is_edited_first() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.delete("PA-1")
        jiras.ben.edit(partner, Account="Norte")
        await jiras.settle()
        await jiras.count()
        assert await jiras.codes() == ["issue-deleted"]
        assert keys(jiras.first, "PA") == ["PA-2"]
        assert seen(jiras.second, partner, "Account") == "Norte"


async def test_an_issue_that_is_moved_away_rests_and_goes_on_when_it_is_back() -> None:
    async with neighbours(tapped=True) as jiras:
        partner = await begun(jiras)
        jiras.ann.move("PA-1", "ATTIC")
        await jiras.count()
        assert await jiras.codes() == ["issue-moved"]
        assert await states(jiras) == [PairState.MOVED, PairState.LINKED]
        away = jiras.ann.edit("PA-1", summary="Kept in the attic").key
        jiras.ben.edit(partner, Account="Norte")
        jiras.ben.comment(partner, "Where are you?")
        await jiras.settle()
        assert "attic" not in jiras.taps[1]
        assert seen(jiras.first, away, "Customer") == "Aqua"
        assert said(jiras.first, away) == ["Hello"]

        back = jiras.ann.move(away, "PA").key
        await jiras.settle()
        await jiras.count()
        assert seen(jiras.second, partner, "summary") == "Kept in the attic"
        assert seen(jiras.first, back, "Customer") == "Norte"
        assert len(said(jiras.first, back)) == 2
        assert await states(jiras) == [PairState.LINKED, PairState.LINKED]
        await jiras.equal()


async def test_issues_that_are_hidden_from_our_account_go_on_when_they_are_shown_again() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        before = issue_of(jiras.second, partner)
        show(jiras, visible=False)
        jiras.ann.edit("PA-1", summary="Edited in the dark")
        await jiras.count()
        assert set(await states(jiras)) <= {PairState.LINKED, PairState.INVISIBLE}
        codes = await jiras.codes()
        assert codes
        assert set(codes) <= {"permission-missing", "issue-invisible"}
        jiras.ben.edit(partner, Account="Norte")
        for _ in range(3):
            await jiras.cycle(0)
        assert issue_of(jiras.second, partner).comments == before.comments
        assert seen(jiras.second, partner, "summary") == "Comes and goes"

        show(jiras, visible=True)
        await jiras.settle()
        await jiras.count()
        assert seen(jiras.second, partner, "summary") == "Edited in the dark"
        assert seen(jiras.first, "PA-1", "Customer") == "Norte"
        assert await states(jiras) == [PairState.LINKED, PairState.LINKED]
        await jiras.equal()
