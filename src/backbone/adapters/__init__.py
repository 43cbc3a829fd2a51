"""The world behind the ports, one package for each neighbour."""

from __future__ import annotations
