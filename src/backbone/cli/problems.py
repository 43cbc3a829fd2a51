"""Problems for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from backbone.cli.outcome import sentence
from backbone.core.model.keys import Millis
from backbone.ports.records import OpenProblem


def moment(at: Millis | None) -> str:
    """An instant for people, in UTC."""
    return "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def problem_lines(one: OpenProblem) -> Iterator[str]:
    """The problem in three lines: what and where, why, and how it is cured."""
    problem = one.problem
    places = [str(problem.connector or ""), problem.occurred_in.key if problem.occurred_in else ""]
    where = " ".join(place for place in places if place)
    partner = f" (partner {problem.triggered_by.key})" if problem.triggered_by else ""
    times = f", {one.count} times" if one.count > 1 else ""
    yield f"[{problem.code}] {where}{partner}, since {moment(one.first_seen)}{times}"
    yield f"    {sentence(problem.cause)}"
    yield f"    {sentence(problem.remedy)}"


def plain_problem(one: OpenProblem) -> dict[str, object]:
    problem = one.problem
    return {
        "id": one.id,
        "code": problem.code.value,
        "connector": problem.connector,
        "occurred_in": problem.occurred_in.key if problem.occurred_in else None,
        "triggered_by": problem.triggered_by.key if problem.triggered_by else None,
        "cause": problem.cause,
        "remedy": problem.remedy,
        "count": one.count,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
    }
