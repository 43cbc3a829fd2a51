"""The problem of an attempt to create issues whose outcome nobody knows yet."""

from __future__ import annotations

from backbone.core.model.problems import Code, Holds, Problem
from backbone.ports.records import CreateAttempt


def outcome_unknown(attempt: CreateAttempt) -> Problem:
    """Told when Jira could not be asked for long; over once it is known what was created."""
    count = len(attempt.pairs)
    return Problem(
        code=Code.CREATE_UNKNOWN,
        connector=attempt.connector,
        occurred_in=None,
        cause=f"Jira's answer to the creation of {count} issue{'s' * (count != 1)} was lost;"
        " they are looked for before anything is created again",
        remedy="See why that Jira can't be asked; then it goes on by itself, and nothing is created twice.",
        holds=Holds(thing=f"attempt {attempt.id}"),
    )
