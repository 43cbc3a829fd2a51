"""Plans of worlds that come with the simulator, as YAML."""

from __future__ import annotations
