"""Whatever is armed: nothing is lost but by a fault that says so, and nothing is invented but by a forger."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backbone.simulator.webhooks import Delivery, How
from backbone.simulator.webhooks.mischief import Forged, Late, Lost, MischiefBoard, Reordered, Repeated, WebhookFault

START = datetime(2026, 11, 2, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)


def delivery(number: int) -> Delivery:
    return Delivery(
        number=number,
        webhook=1,
        event="jira:issue_updated",
        issue=str(number),
        key=f"PA-{number}",
        url="http://127.0.0.1/",
        body=str(number).encode(),
        headers={},
        due=START,
    )


def mark(original: Delivery, how: How) -> Delivery:
    return replace(original, forged=str(how))


CONDITIONS = {"probability": st.floats(0, 1), "seed": st.integers(0, 9), "skip": st.integers(0, 3)}
FAITHFUL: st.SearchStrategy[WebhookFault] = st.one_of(
    st.builds(Repeated, copies=st.integers(1, 3), seconds=st.floats(0, 60), **CONDITIONS),
    st.builds(Late, shortest=st.floats(0, 900), longest=st.floats(900, 1800), **CONDITIONS),
    st.builds(Reordered, window=st.integers(2, 5), **CONDITIONS),
    st.builds(Forged, how=st.sampled_from(How), **CONDITIONS),
)


def outcome(faults: list[WebhookFault], count: int) -> list[Delivery]:
    """All that becomes of so many deliveries in the end."""
    board = MischiefBoard(mark)
    for fault in faults:
        board.arm(fault)
    made = [each for number in range(count) for each in board.strike(delivery(number), START)]
    return [*made, *board.release(START, patient=False)]


@given(st.lists(FAITHFUL, max_size=4), st.integers(0, 20))
def test_without_a_losing_fault_every_delivery_is_made(faults: list[WebhookFault], count: int) -> None:
    genuine = Counter(each.body for each in outcome(faults, count) if not each.forged)

    assert genuine.keys() == {str(number).encode() for number in range(count)}


@given(st.lists(FAITHFUL, max_size=4), st.integers(0, 20))
def test_nothing_is_more_than_half_an_hour_late(faults: list[WebhookFault], count: int) -> None:
    assert all(START <= each.due <= START + HALF_AN_HOUR for each in outcome(faults, count))


@given(st.integers(2, 6), st.integers(0, 20))
def test_reordering_moves_deliveries_within_their_window_only(window: int, count: int) -> None:
    arrived = sorted(outcome([Reordered(window=window)], count), key=lambda each: each.order)

    numbers = [int(each.body) for each in arrived]
    assert sorted(numbers) == list(range(count))
    assert all(number // window == place // window for place, number in enumerate(numbers))
    assert numbers == sorted(numbers, key=lambda number: (number // window, -number))


@given(st.integers(0, 20), st.integers(0, 5), st.integers(0, 5))
def test_the_counted_conditions_are_exact(count: int, skip: int, times: int) -> None:
    arrived = outcome([Lost(skip=skip, times=times)], count)

    lost = set(range(count)) - {int(each.body) for each in arrived}
    assert lost == set(range(count)[skip : skip + times])
