"""What is wrong or doubtful in a configuration, as both Jiras are now: the doctor's findings by place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backbone.app.engine.context import Engine
from backbone.app.usecases.configuring.declaring import Part, Unfit, Wrong, place_of, read, trackers_for
from backbone.app.usecases.examining import Examined, examine
from backbone.core.model.configuration import HalfConfiguration
from backbone.ports.records import StoredConnection

_LINE = re.compile(r"^the configuration:\d+:\d+: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What was found; something ``serious`` keeps the configuration from working."""

    serious: bool
    wrong: Wrong


async def find_conflicts(
    engine: Engine, part: Part, stored: Sequence[StoredConnection], halves: Sequence[HalfConfiguration]
) -> list[Conflict]:
    """Everything that validating the configuration against both Jiras finds, the serious first. Changes nothing."""
    try:
        declaration = read(part, stored)
        found = await examine(declaration, trackers_for(part, engine.trackers, halves))
    except Unfit as unfit:
        return [Conflict(serious=True, wrong=one) for one in unfit.wrong]
    return [_conflict(one) for one in found if not _of_connection_alone(one)]


def _of_connection_alone(found: Examined) -> bool:
    """What the doctor says of the address that the configuration only borrows."""
    return ".url" in found.place and found.place.startswith("the configuration:")


def _conflict(found: Examined) -> Conflict:
    place, in_the_configuration = _LINE.subn("", found.place)
    place = place_of(place) if in_the_configuration else found.place
    return Conflict(serious=found.serious, wrong=Wrong(place=place, message=found.finding, cure=found.cure))
