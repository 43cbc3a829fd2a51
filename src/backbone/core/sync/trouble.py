"""Problems of one pair, found while deciding what to do here about what the partner told."""

from __future__ import annotations

from backbone.core.model.configuration import FieldMapping
from backbone.core.model.keys import MappingId
from backbone.core.model.problems import Code, Holds, Problem
from backbone.core.model.values import show
from backbone.core.sync.members import ElementWrite
from backbone.core.sync.merge import Write
from backbone.core.sync.notes import shorten
from backbone.core.sync.outgoing import Look


def trouble(
    look: Look, code: Code, cause: str, remedy: str, *, mapping: MappingId | None = None, thing: str = ""
) -> Problem:
    """A problem of this pair."""
    return Problem(
        code=code,
        connector=look.half.connector,
        occurred_in=look.snapshot.ref,
        triggered_by=look.pair.remote,
        cause=cause,
        remedy=remedy,
        holds=Holds(pair=look.pair.uid, mapping=mapping, thing=thing),
    )


def unknown_value(look: Look, mapping: FieldMapping, name: str) -> Problem:
    return trouble(
        look,
        Code.VALUE_UNKNOWN,
        f"'{mapping.name}' has no value here for the partner's '{name}'",
        f"Add the option to '{mapping.name}' in Jira or a row to its value table, then apply the configuration or retry.",
        mapping=mapping.id,
    )


def oscillation(look: Look, mapping: FieldMapping, write: Write) -> Problem:
    before = show(write.before) if write.before is not None else "?"
    return _to_and_fro(look, mapping, shorten(before), shorten(show(write.value)))


def fight(look: Look, mapping: FieldMapping, write: ElementWrite) -> Problem:
    element = write.change.element
    names = [f"without {element}", f"with {element}"]
    return _to_and_fro(look, mapping, *(names if write.change.present else names[::-1]))


def _to_and_fro(look: Look, mapping: FieldMapping, ours: str, theirs: str) -> Problem:
    return trouble(
        look,
        Code.OSCILLATION,
        f"'{mapping.name}' was changed to and fro between '{ours}' and '{theirs}'"
        f" by mapping {mapping.id} here and its counterpart at the partner",
        "Look for a rule or automation that resets the field on either side, or map the field one way; then retry.",
        mapping=mapping.id,
    )
