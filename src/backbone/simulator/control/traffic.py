"""What is done to calls: counting, latency, faults, limits, the clock and the search index."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from backbone.simulator.control.commands import Command, Nothing, Order
from backbone.simulator.indexing import FixedLag, RandomLag
from backbone.simulator.limits import read_limits
from backbone.simulator.rest.call import Site


def show_calls(site: Site, order: Nothing) -> object:
    """Calls since the last reset."""
    del order
    return site.calls.to_json()


def reset_calls(site: Site, order: Nothing) -> object:
    """Count from zero."""
    del order
    site.calls.reset()
    return site.calls.to_json()


class LatencyOrder(Order, frozen=True):
    """Seconds added to every call."""

    seconds: float


def set_latency(site: Site, order: LatencyOrder) -> object:
    site.latency = max(order.seconds, 0.0)
    return {"seconds": site.latency}


def show_faults(site: Site, order: Nothing) -> object:
    """Armed faults with their counts."""
    del order
    return {"faults": site.faults.list()}


def clear_faults(site: Site, order: Nothing) -> object:
    del order
    site.faults.clear()
    return {"faults": []}


class LimitsOrder(Order, frozen=True):
    """Limits by name; one that is not named is off."""

    limits: dict[str, object]


def set_limits(site: Site, order: LimitsOrder) -> object:
    site.limits.arrange(read_limits(order.limits))
    return {"limits": sorted(order.limits)}


def show_limits(site: Site, order: Nothing) -> object:
    """How the limits were used."""
    del order
    usages = site.limits.usages(site.world.clock().timestamp())
    return {
        "usage": [
            {"limit": u.limit, "key": u.key, "granted": u.granted, "refused": u.refused, "allowed": u.allowed}
            for u in usages
        ]
    }


class ClockOrder(Order, frozen=True):
    """Stand still at an instant, move by seconds, or follow real time again."""

    freeze: datetime | None = None
    advance: float = 0.0
    release: bool = False


def set_clock(site: Site, order: ClockOrder) -> object:
    clock = site.world.clock
    if order.release:
        clock.release()
    if order.freeze is not None:
        clock.freeze(order.freeze)
    if order.advance:
        clock.advance(timedelta(seconds=order.advance))
    return {"now": clock().isoformat()}


class RandomLagOrder(Order, frozen=True):
    """A share of the changes takes up to this many seconds, so that newer ones overtake older ones."""

    longest: float
    share: float = 1.0
    seed: int = 0


class IndexOrder(Order, frozen=True):
    """Any of: a lag in seconds, a random one, nodes and which are behind, issues held back, a re-index."""

    lag: float | None = None
    random: RandomLagOrder | None = None
    behind: dict[int, float] | None = None
    node: int | None = None
    nodes: int | None = None
    hold: tuple[str, ...] = ()
    hold_new: int | None = None
    release: tuple[str, ...] = ()
    release_all: bool = False
    reindex: float | None = None
    catch_up: bool = False


def _lag(site: Site, order: IndexOrder) -> None:
    if order.lag is not None:
        site.index.lag = FixedLag(span=timedelta(seconds=order.lag))
    if order.random is not None:
        generator = Random(order.random.seed)  # noqa: S311 - a lag needs repetition, not secrecy
        longest = timedelta(seconds=order.random.longest)
        site.index.lag = RandomLag(generator=generator, longest=longest, share=order.random.share)
    if order.behind is not None:
        site.index.behind = {node: timedelta(seconds=span) for node, span in order.behind.items()}
    if order.node is not None:
        site.node = order.node
    if order.nodes is not None:
        site.nodes = max(order.nodes, 1)


def _issue_id(site: Site, text: str) -> int:
    issue = site.world.find_issue(text)
    if issue is None:
        raise LookupError(f"there is no issue {text}")
    return issue.id


def set_index(site: Site, order: IndexOrder) -> object:
    """Make searches lag."""
    now = site.world.clock()
    _lag(site, order)
    for text in order.hold:
        site.index.hold(_issue_id(site, text), now)
    if order.hold_new is not None:
        site.index.hold_new(order.hold_new)
    for text in order.release:
        site.index.release(_issue_id(site, text))
    if order.release_all:
        site.index.release_all()
    if order.reindex is not None:
        site.index.start_reindex(now, timedelta(seconds=order.reindex))
    if order.catch_up:
        site.index.catch_up()
    return {"held": sorted(site.index.held), "node": site.node}


COMMANDS = (
    Command("GET", "calls", Nothing, show_calls),
    Command("DELETE", "calls", Nothing, reset_calls),
    Command("PUT", "latency", LatencyOrder, set_latency),
    Command("GET", "faults", Nothing, show_faults),
    Command("DELETE", "faults", Nothing, clear_faults),
    Command("GET", "limits", Nothing, show_limits),
    Command("PUT", "limits", LimitsOrder, set_limits),
    Command("PUT", "clock", ClockOrder, set_clock),
    Command("PUT", "index", IndexOrder, set_index),
)
