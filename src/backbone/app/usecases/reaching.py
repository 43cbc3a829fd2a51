"""Asking every Jira that is needed who we are there, before anything is begun."""

from __future__ import annotations

from collections.abc import Sequence

from backbone.app.engine.context import Engine
from backbone.app.usecases.mistakes import Mistake
from backbone.core.model.keys import ConnectionName
from backbone.ports.tracker import AccessError, AccountInfo, TrackerError


async def reach(engine: Engine, connections: Sequence[ConnectionName]) -> dict[ConnectionName, AccountInfo]:
    """Our account in each of these Jiras. Raises Mistake for the first that can't be reached or refuses us."""
    found: dict[ConnectionName, AccountInfo] = {}
    for name in connections:
        try:
            found[name] = await engine.trackers[name].account()
        except AccessError as error:
            raise Mistake(f"connection {name}", error.cause, error.remedy) from error
        except TrackerError as error:
            cure = "Check the address and the network, then try again"
            raise Mistake(f"connection {name}", str(error), cure) from error
    return found
