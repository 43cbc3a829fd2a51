"""Decisions: pure functions over values, with nothing but the standard library."""

from __future__ import annotations
