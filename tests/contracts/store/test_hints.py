"""What a Jira hinted at is kept until it was looked at."""

from __future__ import annotations

from backbone.core.model.keys import ConnectionName, IssueId, Millis
from backbone.ports.hints import MOST_HINTED
from backbone.ports.store import Store
from tests.contracts.store.things import JIRA, OTHER_JIRA

ONE, TWO = IssueId("10001"), IssueId("10002")


async def _note(store: Store, issues: list[IssueId], at: int, connection: ConnectionName = JIRA) -> None:
    async with store.unit() as unit:
        await unit.hints.note(connection, issues, Millis(at))
        await unit.commit()


async def _hinted(store: Store, connection: ConnectionName = JIRA, limit: int = 100) -> list[tuple[IssueId, Millis]]:
    async with store.unit() as unit:
        return list((await unit.hints.of_connection(connection, limit)).items())


async def test_hints_are_of_their_connection_oldest_first(store: Store) -> None:
    await _note(store, [TWO, TWO], 5)
    await _note(store, [ONE], 7)
    await _note(store, [ONE], 6, OTHER_JIRA)

    assert await _hinted(store) == [(TWO, 5), (ONE, 7)]
    assert await _hinted(store, limit=1) == [(TWO, 5)]
    assert await _hinted(store, OTHER_JIRA) == [(ONE, 6)]


async def test_a_hint_that_came_again_outlives_the_look_at_the_first(store: Store) -> None:
    await _note(store, [ONE, TWO], 5)
    await _note(store, [ONE], 9)
    async with store.unit() as unit:
        await unit.hints.clear(JIRA, {ONE: Millis(5), TWO: Millis(5)})
        await unit.commit()

    assert await _hinted(store) == [(ONE, 9)]


async def test_no_more_hints_are_kept_than_a_look_can_use(store: Store) -> None:
    await _note(store, [IssueId(str(number)) for number in range(MOST_HINTED)], 1)
    await _note(store, [IssueId("one too many")], 2)

    assert len(await _hinted(store, limit=2 * MOST_HINTED)) == MOST_HINTED


async def test_a_hint_without_issues_is_no_mistake(store: Store) -> None:
    await _note(store, [], 1)

    assert await _hinted(store) == []
