"""Backbone keeps the issues of two Jiras equal, in both directions."""

from __future__ import annotations

__version__ = "0.1.0"
