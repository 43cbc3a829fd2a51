"""The documented API as a script of curl calls, page by page: what the tests run and the reference shows.

A line is what a person types, with ``$BASE``, ``$LOGIN`` (user and password with a colon between) and the keys of the
installation at hand. The test runs them in this order; ``keep`` names what later lines take from an answer.
"""

from __future__ import annotations

from scripts import documented_connectors, documented_integrations
from scripts.documented_call import Call, Page

__all__ = ["CALLS", "Call", "Page"]

CALLS: tuple[Call, ...] = (*documented_integrations.CALLS, *documented_connectors.CALLS)
