"""What a person can ask for; each use case opens one unit of work."""

from __future__ import annotations
