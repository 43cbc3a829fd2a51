"""The tests: unit, properties, contracts, integration, e2e, docs, architecture."""

from __future__ import annotations
