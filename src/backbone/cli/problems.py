"""Problems for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from backbone.app.usecases.troubleshooting.about import EFFECTS
from backbone.app.usecases.troubleshooting.acting import actions_of
from backbone.app.usecases.troubleshooting.catalogue import CATALOGUE, help_page
from backbone.app.usecases.troubleshooting.contents import Content
from backbone.app.usecases.troubleshooting.losers import Overwritten
from backbone.cli.outcome import sentence
from backbone.core.model.keys import Millis
from backbone.ports.records import OpenProblem


def moment(at: Millis | None) -> str:
    """An instant for people."""
    return "" if at is None else f"{bare_moment(at)} UTC"


def bare_moment(at: Millis) -> str:
    """An instant in UTC, where something else says so."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def problem_lines(one: OpenProblem) -> Iterator[str]:
    """The problem in three lines: what and where, why, and how it is cured."""
    problem = one.problem
    places = [str(problem.connector or ""), problem.occurred_in.key if problem.occurred_in else ""]
    where = " ".join(place for place in places if place)
    partner = f" (partner {problem.triggered_by.key})" if problem.triggered_by else ""
    times = f", {one.count} times" if one.count > 1 else ""
    yield f"{one.id} [{problem.code}] {where}{partner}, since {moment(one.first_seen)}{times}"
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


def shown_lines(one: OpenProblem, content: Sequence[Content]) -> Iterator[str]:
    """All that there is to say: to whoever asks for one problem, its content as well."""
    about = CATALOGUE[one.problem.code]
    yield from problem_lines(one)
    yield f"    {about.meaning}"
    for reason in about.reasons:
        yield f"    - {reason}"
    yield f"    Held back: {about.holds}"
    for part in content:
        yield f"        {part.what} {part.name}: {part.value}"
    for action in actions_of(one.problem):
        yield f"    backbone problems {action} {one.id}: {EFFECTS[action]}"
    yield f"    See {help_page(one.problem.code)} in the documentation."


def plain_shown(one: OpenProblem, content: Sequence[Content]) -> dict[str, object]:
    return {
        **plain_problem(one),
        "help": help_page(one.problem.code),
        "actions": list(actions_of(one.problem)),
        "content": [asdict(part) for part in content],
    }


def plain_loser(one: Overwritten) -> dict[str, object]:
    loser = one.known.loser
    return {
        "id": one.known.id,
        "at": loser.at,
        "connector": loser.connector,
        "issue": one.issue,
        "field": one.field,
        "value": loser.value,
        "winner": loser.winner,
        "restored": one.known.restored,
    }
