"""A stateful pretend Jira, Data Center or Cloud, for the demo, for rehearsals and for tests."""

from __future__ import annotations

from backbone.simulator.running import Simulator

__all__ = ["Simulator"]
