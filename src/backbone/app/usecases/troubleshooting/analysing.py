"""Continuous analysis: whether connections, configurations and queues are as they have to be."""

from __future__ import annotations

from backbone.core.model.keys import ConnectorKey


def analysed_name(connector: ConnectorKey) -> str:
    """The cursor that remembers when a connector was analysed last; without it the analysis is due."""
    return f"analysed:{connector}"
