"""Jira's JSON into our words and back: pure functions, tested with recorded answers."""

from __future__ import annotations
