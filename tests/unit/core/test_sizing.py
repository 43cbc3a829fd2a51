"""How large parcels may be: a refusal makes them smaller, an answered ping of a larger size larger."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backbone.core.model.keys import Millis, Role
from backbone.core.protocol.channel import FIRST_LARGEST, Channel, Outage
from backbone.core.protocol.delivering import DAY
from backbone.core.protocol.parcels import Ping
from backbone.core.protocol.sizing import LONGEST_PAUSE, SMALLEST, shrunk, size_to_try, tried
from tests.fakes.meeting import NOW, Both

REFUSED = 300_000


def after(days: float) -> Millis:
    return Millis(NOW + int(days * DAY))


def ping(size: int, begins: str = "mark" * 10) -> Ping:
    return Ping(clock=NOW, answers=False, filling=begins.ljust(size, "x"))


def met() -> Both:
    return Both().meet().confirm()


def small() -> Channel:
    return shrunk(met().master, REFUSED, NOW)


def test_a_refusal_makes_parcels_smaller_down_to_a_bound_and_never_larger() -> None:
    assert small().largest == REFUSED
    assert shrunk(small(), 1, NOW).largest == SMALLEST
    assert shrunk(small(), 2 * REFUSED, NOW).largest == REFUSED


def test_twice_the_size_is_tried_a_day_after_a_refusal() -> None:
    assert size_to_try(small(), after(0.9)) is None
    assert size_to_try(small(), after(1)) == 2 * REFUSED
    assert size_to_try(shrunk(small(), REFUSED, after(0.5)), after(1)) is None, "it was refused once more"
    assert size_to_try(shrunk(small(), FIRST_LARGEST - 1, NOW), after(1)) == 2 * REFUSED
    assert size_to_try(met().master, after(100)) is None, "nothing was ever refused"


def test_a_size_beyond_the_first_is_never_tried() -> None:
    large = shrunk(met().master, FIRST_LARGEST - 1, NOW)
    assert size_to_try(large, after(1)) == FIRST_LARGEST


def test_nothing_is_tried_while_parcels_can_not_be_sent_anyway() -> None:
    assert size_to_try(replace(small(), sending=Outage(failures=1)), after(1)) is None
    assert size_to_try(replace(small(), departed=True), after(1)) is None


def test_what_is_tried_in_vain_is_tried_ever_more_seldom() -> None:
    channel, now, pauses = small(), after(1), []
    for _ in range(8):
        channel, before = tried(channel, ping(2 * REFUSED), now), now
        while size_to_try(channel, now) is None:
            now = Millis(now + DAY)
        pauses.append((now - before) // DAY)
    assert pauses == [2, 4, 8, 16, 32, 32, 32, 32]
    assert pauses[-1] * DAY == LONGEST_PAUSE


@pytest.mark.parametrize("partners_largest", [FIRST_LARGEST, 10_000])
def test_an_answer_to_the_larger_ping_counts_whatever_size_it_has_itself(partners_largest: int) -> None:
    both, told = met(), ping(2 * REFUSED)
    both.master = tried(shrunk(both.master, REFUSED, NOW), told, NOW)
    both.slave = replace(both.slave, largest=partners_largest)
    both.tell(Role.SECOND, told)

    assert both.master.largest == 2 * REFUSED
    assert size_to_try(both.master, after(1)) == FIRST_LARGEST


def test_an_answer_to_another_ping_does_not_count() -> None:
    both = met()
    both.master = tried(shrunk(both.master, REFUSED, NOW), ping(2 * REFUSED), NOW)
    for other in (ping(0, ""), ping(2 * REFUSED, "another")):
        both.tell(Role.SECOND, other)
    assert both.master.largest == REFUSED


def test_an_answer_that_comes_after_another_refusal_does_not_count() -> None:
    both, told = met(), ping(2 * REFUSED)
    both.master = shrunk(tried(shrunk(both.master, REFUSED, NOW), told, NOW), REFUSED, NOW)
    both.tell(Role.SECOND, told)
    assert both.master.largest == REFUSED


def test_sizes_that_did_not_get_through_at_set_up_are_tried_later() -> None:
    both = Both()
    both.meet()
    assert size_to_try(replace(both.confirm().master, largest=10_000), after(1)) == 20_000
