"""Looks leave time for the work while there is much to see."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from backbone.app.engine.cursors import OVERLAP, looked_at
from backbone.app.engine.look import SWEEP
from backbone.app.usecases.serving import BRIEF, REST, WHOLE, Looks
from backbone.core.model.keys import SUMMARY
from backbone.core.model.values import Scalar
from tests.fakes.halves import BUG
from tests.fakes.issues import FakeIssue
from tests.fakes.scene import Scene
from tests.fakes.world import FakeSystem, drive

TOOK = 2_000


def _scene(issues: int) -> tuple[Scene, Looks]:
    """A project with so many new issues, two of which fit a page, at which a look takes two seconds."""
    scene = Scene()
    for number in range(issues):
        scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Number {number}")})
    scene.a.page_size = 2

    def slow(point: str) -> None:
        scene.system.time += TOOK if point == "search" else 0

    scene.a.gate = slow
    return scene, Looks(scene.world.engine, scene.a.name, [scene.first])


def _searches(scene: Scene, looks: Looks) -> int:
    before = scene.a.calls.get("search", 0)
    drive(looks.look())
    return scene.a.calls.get("search", 0) - before


def test_after_a_look_at_several_pages_there_is_a_rest() -> None:
    scene, looks = _scene(issues=3)

    assert _searches(scene, looks) == 1
    scene.system.time += REST * TOOK - 1
    assert _searches(scene, looks) == 0
    scene.system.time += 1
    assert _searches(scene, looks) == 1


def test_after_a_look_at_one_page_the_next_comes_when_it_is_due() -> None:
    scene, looks = _scene(issues=2)

    assert [_searches(scene, looks), _searches(scene, looks)] == [1, 1]


def test_while_much_happens_most_looks_reach_back_a_few_seconds() -> None:
    scene, looks = _scene(issues=3)
    reached = []
    for _ in range(4):
        watermark = drive(looked_at(scene.world.engine, scene.a.name)).watermark
        drive(looks.look())
        reached.append(watermark - scene.a.asked_since)
        scene.system.time += WHOLE - REST * TOOK

    assert reached == [OVERLAP, BRIEF, OVERLAP + 2 * (WHOLE - REST * TOOK + TOOK), BRIEF]


def test_what_became_visible_late_is_seen_by_the_next_look_that_reaches_back_further() -> None:
    """A minute after it was made: shortly after one such look, and half a minute before the next."""
    scene, looks = _scene(issues=3)
    scene.a.gate = lambda _point: None
    issues = list(scene.a.issues.values())
    late = scene.a.create_issue(BUG, {SUMMARY: Scalar("late")})
    scene.a.hidden.add(late.ref.id)

    scene.system.time += OVERLAP - 2_000
    for one in issues:
        scene.a.set(one, SUMMARY, Scalar("edited"))
    drive(looks.look())
    scene.a.hidden.clear()
    scene.system.time += WHOLE - 1_000
    scene.a.set(issues[0], SUMMARY, Scalar("edited again"))
    drive(looks.look())
    assert not _is_known(scene, late)
    scene.system.time += 2_000
    drive(looks.look())
    assert _is_known(scene, late)


def test_a_look_ends_at_the_moment_at_which_it_began_however_fast_issues_are_made_meanwhile() -> None:
    """Each page shows two issues, and while it is read two more are made; what is made later is seen by the next look."""
    scene, looks = _scene(issues=5)
    made: list[FakeIssue] = []

    def busy(point: str) -> None:
        if point == "page" and len(made) < 40:
            scene.system.time += 1_000
            made.extend(scene.a.create_issue(BUG, {SUMMARY: Scalar(f"Late {len(made)}")}) for _ in range(2))

    scene.system.time += 5_000
    scene.a.gate = busy
    drive(looks.look())

    assert 0 < scene.a.calls["page"] <= 5
    while not _is_known(scene, made[-1]):
        scene.system.time += 10_000
        drive(looks.look())
    assert all(_is_known(scene, one) for one in made)


def _is_known(scene: Scene, issue: FakeIssue) -> bool:
    return any(pair.local == issue.ref for pair in scene.world.store.tables.pairs.values())


@dataclass(slots=True)
class _Meanwhile(FakeSystem):
    """While somebody sleeps, whatever goes on comes to its end."""

    others: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def sleep(self, seconds: float) -> None:
        self.time += int(seconds * 1000)
        await self.others.aclose()


async def _while_another_looks(back: int) -> int:
    """How often was searched for a look that comes due while another one at the same connection is under way."""
    system = _Meanwhile()
    scene = Scene(system=system)
    looks = Looks(scene.world.engine, scene.a.name, [scene.first], back=back)
    await system.others.enter_async_context(scene.world.store.hold(f"look:{scene.a.name}"))
    await looks.look()
    await system.others.aclose()
    return scene.a.calls.get("search", 0)


async def test_a_look_that_comes_seldom_waits_for_the_one_under_way() -> None:
    assert await _while_another_looks(back=SWEEP) == 1


async def test_a_look_that_comes_often_is_left_out_while_another_one_is_under_way() -> None:
    assert await _while_another_looks(back=OVERLAP) == 0
