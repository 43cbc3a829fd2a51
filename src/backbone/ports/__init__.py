"""What the program needs from the world, as protocol classes without code."""

from __future__ import annotations
