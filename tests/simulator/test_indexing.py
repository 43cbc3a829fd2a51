"""A search sees what the index knows, and the index can be told how to be late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.simulator.indexing import FixedLag, RandomLag, Reindexing, SearchIndex

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seeded(number: int) -> Random:
    return Random(number)  # noqa: S311 - faults need repetition, not secrecy


def lagging(seconds: float) -> SearchIndex[str]:
    return SearchIndex(lag=FixedLag(span=timedelta(seconds=seconds)))


def test_without_a_lag_a_change_is_seen_at_once() -> None:
    index: SearchIndex[str] = SearchIndex()
    index.note(1, "old", at(0))
    index.note(1, "new", at(0))

    assert index.view(at(0)) == {1: "new"}


def test_fixed_lag_shows_each_version_when_its_time_has_come() -> None:
    index = lagging(5)
    index.note(1, "old", at(0))
    index.note(1, "new", at(3))

    assert index.view(at(4)) == {}
    assert index.view(at(5)) == {1: "old"}
    assert index.view(at(8)) == {1: "new"}


def test_deleted_issue_is_found_until_the_index_knows() -> None:
    index = lagging(5)
    index.note(1, "old", at(0))
    index.forget(1, at(10))

    assert index.view(at(14)) == {1: "old"}
    assert index.view(at(15)) == {}


def test_reconciled_issues_are_seen_as_they_are_now() -> None:
    index = lagging(5)
    index.note(1, "old", at(0))
    index.note(2, "two", at(0))
    index.note(1, "new", at(6))
    index.note(3, "three", at(6))
    index.forget(2, at(6))

    assert index.view(at(7), reconcile=[1, 2, 99]) == {1: "new"}
    assert index.view(at(7)) == {1: "old", 2: "two"}


def test_random_lag_lets_newer_changes_overtake_older_ones_the_same_way_for_a_seed() -> None:
    def seen(seed: int) -> list[frozenset[int]]:
        index: SearchIndex[str] = SearchIndex(lag=RandomLag(generator=seeded(seed), longest=timedelta(seconds=60)))
        for number in range(20):
            index.note(number, "new", at(number))
        return [frozenset(index.view(at(second))) for second in range(100)]

    assert seen(7) == seen(7)
    assert any(visible and max(visible) + 1 > len(visible) for visible in seen(7))
    assert len(seen(7)[-1]) == 20


def test_share_of_a_random_lag_leaves_the_other_changes_prompt() -> None:
    lag = RandomLag(generator=seeded(1), longest=timedelta(seconds=60), share=0.5)

    delays = [lag.delay() for _ in range(200)]

    assert 60 < sum(delay == timedelta() for delay in delays) < 140


def test_newer_version_is_never_replaced_by_an_older_one_that_comes_late() -> None:
    delays = iter([timedelta(seconds=60), timedelta(seconds=1)])

    class Told:
        def delay(self) -> timedelta:
            return next(delays)

    index: SearchIndex[str] = SearchIndex(lag=Told())
    index.note(1, "old", at(0))
    index.note(1, "new", at(1))

    assert [index.view(at(second)).get(1) for second in (1, 2, 60)] == [None, "new", "new"]


def test_laggard_does_not_appear_until_it_is_released() -> None:
    index = lagging(1)
    index.hold(1, at(0))
    index.note(1, "one", at(0))
    index.note(2, "two", at(1))

    assert index.view(at(1000)) == {2: "two"}
    assert index.view(at(1000), reconcile=[1]) == {1: "one", 2: "two"}
    index.release(1)
    assert index.view(at(1001)) == {1: "one", 2: "two"}


def test_held_issue_stays_as_it_was_seen() -> None:
    index = lagging(0)
    index.note(1, "old", at(0))
    index.hold(1, at(1))
    index.note(1, "new", at(2))

    assert index.view(at(1000)) == {1: "old"}


def test_next_created_issues_can_be_held_before_they_exist() -> None:
    index = lagging(0)
    index.note(1, "one", at(0))
    index.hold_new(1)
    index.note(1, "changed", at(1))
    index.note(2, "two", at(2))
    index.note(3, "three", at(3))

    assert index.held == {2}
    assert index.view(at(4)) == {1: "changed", 3: "three"}
    index.release_all()
    assert set(index.view(at(5))) == {1, 2, 3}


def test_stale_node_is_behind_the_others() -> None:
    index: SearchIndex[str] = SearchIndex(behind={1: timedelta(seconds=30)})
    index.note(1, "old", at(0))
    index.note(1, "new", at(40))

    assert index.view(at(41), node=0) == {1: "new"}
    assert index.view(at(41), node=1) == {1: "old"}
    assert index.view(at(70), node=1) == {1: "new"}


def test_reindex_refuses_searches_and_leaves_nothing_out() -> None:
    index = lagging(1000)
    index.note(1, "one", at(0))
    index.hold(2, at(0))
    index.note(2, "two", at(0))
    index.start_reindex(at(1), timedelta(seconds=10))

    with pytest.raises(Reindexing) as refusal:
        index.view(at(10))

    assert refusal.value.until == at(11)
    assert index.view(at(11)) == {1: "one", 2: "two"}


def test_view_is_not_changed_by_what_happens_later() -> None:
    index: SearchIndex[str] = SearchIndex()
    index.note(1, "old", at(0))
    seen = index.view(at(0))
    index.note(1, "new", at(1))
    index.view(at(1))

    assert seen == {1: "old"}


class Step(NamedTuple):
    """What happens to an issue, so many seconds after the step before."""

    seconds: int
    issue_id: int
    deleted: bool


steps = st.lists(st.builds(Step, st.integers(0, 20), st.integers(1, 4), st.booleans()), max_size=25)


@given(steps=steps, seed=st.integers(0, 999), behind=st.integers(0, 30))
def test_index_is_never_ahead_of_the_truth_and_catches_up(steps: list[Step], seed: int, behind: int) -> None:
    index: SearchIndex[int] = SearchIndex(
        lag=RandomLag(generator=seeded(seed), longest=timedelta(seconds=30)), behind={1: timedelta(seconds=behind)}
    )
    truth: dict[int, int] = {}
    ever: set[tuple[int, int]] = set()
    now = 0
    for version, step in enumerate(steps):
        now += step.seconds
        if step.deleted:
            truth.pop(step.issue_id, None)
            index.forget(step.issue_id, at(now))
        else:
            truth[step.issue_id] = version
            ever.add((step.issue_id, version))
            index.note(step.issue_id, version, at(now))
        for node in (0, 1):
            assert set(index.view(at(now), node=node).items()) <= ever
        assert index.view(at(now), reconcile=[1, 2, 3, 4]) == truth

    assert index.view(at(now + 60)) == truth
    assert index.view(at(now + 60), node=1) == truth


@given(steps=steps, seed=st.integers(0, 999))
def test_issue_never_goes_back_to_an_older_version(steps: list[Step], seed: int) -> None:
    index: SearchIndex[int] = SearchIndex(lag=RandomLag(generator=seeded(seed), longest=timedelta(seconds=30)))
    newest: dict[int, int] = {}
    now = 0
    for version, step in enumerate(steps):
        now += step.seconds
        index.note(step.issue_id, version, at(now))
        for issue_id, seen in index.view(at(now)).items():
            assert seen >= newest.get(issue_id, -1)
            newest[issue_id] = seen
