"""Comments: created, edited and deleted both ways; restricted and internal ones never leave."""

from __future__ import annotations

from backbone.simulator import Simulator
from backbone.simulator.plan import WorldPlan
from backbone.simulator.world.discussion import Words, edit_comment
from backbone.simulator.world.issues import Visibility
from tests.parts.neighbours import Neighbours, issue_of, neighbours, said
from tests.parts.two_projects import CLOUD, declaration, plan_a, plan_b


async def begun(jiras: Neighbours) -> str:
    """PA-1 is in step; the key of its partner."""
    jiras.ann.create("PA", "Bug", "Talked about")
    await jiras.begin()
    return await jiras.partner("PA-1")


def restrict(simulator: Simulator, who: str, key: str, comment_id: int, visibility: Visibility | None) -> None:
    """Somebody restricts a comment, or makes it public, without touching its text."""
    issue = issue_of(simulator, key)
    comment = issue.comment(comment_id)
    assert comment is not None
    words = Words(body=comment.body, visibility=visibility, properties={})
    edit_comment(simulator.world, issue, simulator.as_user(who).user, comment, words)


def of_service(plan: WorldPlan) -> WorldPlan:
    """The projects are of Jira Service Management, where comments can be internal."""
    projects = tuple(one.model_copy(update={"kind": "service_desk"}) for one in plan.projects)
    return plan.model_copy(update={"projects": projects})


STAFF = Visibility(type="role", value="Staff")


async def test_a_comment_names_its_author_and_time_and_goes_once_each_way() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.comment("PA-1", "From Ann with {body} & *stars*")
        jiras.ben.comment(partner, "From Ben")
        await jiras.settle()
        assert len(said(jiras.first, "PA-1")) == len(said(jiras.second, partner)) == 2
        told = next(one for one in said(jiras.second, partner) if "Ann" in one)
        assert told == "Ann wrote on 2026-11-20 09:00 UTC:\nFrom Ann with {body} & *stars*"
        assert any(one.startswith("Ben wrote on ") and one.endswith("\nFrom Ben") for one in said(jiras.first, "PA-1"))
        await jiras.equal()


async def test_the_template_of_the_file_is_used() -> None:
    async with neighbours(declared=declaration(comments={"template": "[{author}] {body}"})) as jiras:
        partner = await begun(jiras)
        jiras.ann.comment("PA-1", "Short")
        await jiras.settle()
        assert said(jiras.second, partner) == ["[Ann] Short"]


async def test_an_edited_original_changes_its_copy_in_both_directions() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        ours, theirs = jiras.ann.comment("PA-1", "Frist"), jiras.ben.comment(partner, "Secnod")
        await jiras.settle()
        jiras.ann.edit_comment("PA-1", ours.id, "First")
        jiras.ben.edit_comment(partner, theirs.id, "Second")
        await jiras.settle()
        assert len(said(jiras.first, "PA-1")) == len(said(jiras.second, partner)) == 2
        await jiras.equal()


async def test_a_deleted_original_takes_its_copy_with_it_in_both_directions() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        ours, theirs = jiras.ann.comment("PA-1", "Ours"), jiras.ben.comment(partner, "Theirs")
        await jiras.settle()
        jiras.ann.delete_comment("PA-1", ours.id)
        await jiras.settle()
        assert said(jiras.second, partner) == ["Theirs"]
        jiras.ben.delete_comment(partner, theirs.id)
        await jiras.settle()
        assert said(jiras.first, "PA-1") == []


async def test_a_deleted_copy_stays_deleted_and_does_not_delete_its_original() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.ann.comment("PA-1", "Keep me")
        await jiras.settle()
        [copy] = issue_of(jiras.second, partner).comments
        jiras.ben.delete_comment(partner, copy.id)
        jiras.ann.edit("PA-1", summary="Something else")
        await jiras.settle()
        assert said(jiras.first, "PA-1") == ["Keep me"]
        assert said(jiras.second, partner) == []


async def test_comments_of_before_the_start_arrive_in_their_order() -> None:
    async with neighbours() as jiras:
        jiras.ann.create("PA", "Bug", "Much talked about")
        for number in range(130):
            jiras.ann.comment("PA-1", f"Number {number}")
        await jiras.begin()
        found = [one.rpartition(" ")[2] for one in said(jiras.second, await jiras.partner("PA-1"))]
        assert found == [str(number) for number in range(130)]


async def test_more_comments_than_cloud_embeds_arrive_from_there() -> None:
    async with neighbours() as jiras:
        key = jiras.ben.create("PB", "Defect", "Much talked about").key
        for number in range(130):
            jiras.ben.comment(key, f"Number {number}")
        await jiras.begin()
        here = await jiras.partner(key)
        assert [one.rpartition(" ")[2] for one in said(jiras.first, here)] == [str(number) for number in range(130)]
        jiras.ben.comment(key, "Number last")
        await jiras.settle()
        assert len(said(jiras.first, here)) == 131


async def test_restricted_and_internal_comments_never_leave_in_any_byte() -> None:
    for plans in ((of_service(plan_a()), plan_b(CLOUD)), (of_service(plan_a(CLOUD)), plan_b("9.12.22"))):
        async with neighbours(*plans, tapped=True) as jiras:
            jiras.ann.create("PA", "Bug", "With secrets")
            jiras.ann.comment("PA-1", "classified before", role="Staff")
            jiras.ann.comment_internally("PA-1", "classified before")
            await jiras.begin()
            partner = await jiras.partner("PA-1")
            jiras.ann.comment("PA-1", "classified by role", role="Staff")
            group = jiras.ann.comment("PA-1", "classified by group", group="jira-users")
            jiras.ann.comment_internally("PA-1", "classified as internal")
            jiras.ben.comment(partner, "classified too", role="Staff")
            jiras.ann.comment("PA-1", "for everybody")
            await jiras.settle()
            restrict(jiras.first, "ann", "PA-1", group.id, STAFF)
            await jiras.settle()
            assert "for everybody" in jiras.taps[1]
            assert not any("classified" in tap for tap in jiras.taps)
            assert len(said(jiras.second, partner)) == 2


async def test_a_comment_that_becomes_restricted_loses_its_copy_and_gets_it_back_when_public() -> None:
    async with neighbours(tapped=True) as jiras:
        partner = await begun(jiras)
        ours = jiras.ann.comment("PA-1", "Public at first")
        await jiras.settle()
        restrict(jiras.first, "ann", "PA-1", ours.id, STAFF)
        await jiras.settle()
        assert said(jiras.second, partner) == []
        issue = issue_of(jiras.first, "PA-1")
        comment = issue.comment(ours.id)
        assert comment is not None
        words = Words(body="later classified", visibility=STAFF, properties={})
        edit_comment(jiras.first.world, issue, jiras.ann.user, comment, words)
        await jiras.settle()
        assert "classified" not in jiras.taps[1]
        restrict(jiras.first, "ann", "PA-1", ours.id, None)
        await jiras.settle()
        assert [one.partition("\n")[2] for one in said(jiras.second, partner)] == ["later classified"]


async def test_comments_of_one_direction_stay_at_home_in_the_other() -> None:
    async with neighbours(declared=declaration(comments={"direction": "first_to_second"})) as jiras:
        partner = await begun(jiras)
        jiras.ann.comment("PA-1", "To Ben")
        jiras.ben.comment(partner, "For us only")
        await jiras.settle()
        assert len(said(jiras.second, partner)) == 2
        assert said(jiras.first, "PA-1") == ["To Ben"]


async def test_without_comments_in_the_file_none_travels() -> None:
    async with neighbours(declared=declaration(comments=None)) as jiras:
        partner = await begun(jiras)
        jiras.ann.comment("PA-1", "Stays")
        await jiras.settle()
        assert said(jiras.second, partner) == []


async def test_a_comment_that_is_too_long_there_is_one_problem_and_arrives_when_shortened() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.second.world.settings.text_limit = 200
        long = jiras.ann.comment("PA-1", "x" * 300)
        jiras.ann.comment("PA-1", "Short")
        await jiras.settle()
        assert await jiras.codes() == ["comment-refused"]
        assert [one.partition("\n")[2] for one in said(jiras.second, partner)] == ["Short"]
        jiras.ann.edit_comment("PA-1", long.id, "Shortened")
        await jiras.settle()
        assert await jiras.codes() == []
        assert len(said(jiras.second, partner)) == 2
        await jiras.equal()


async def test_a_refused_comment_arrives_by_a_retry_when_the_cause_is_gone() -> None:
    async with neighbours() as jiras:
        partner = await begun(jiras)
        jiras.second.world.settings.text_limit = 200
        jiras.ann.comment("PA-1", "x" * 300)
        await jiras.settle()
        assert await jiras.codes() == ["comment-refused"]
        jiras.second.world.settings.text_limit = 32_767
        await jiras.retry()
        await jiras.settle()
        assert len(said(jiras.second, partner)) == 1
        await jiras.equal()
