"""What to send and what to apply: difference, merge, plan."""

from __future__ import annotations
