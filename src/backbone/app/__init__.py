"""What people can ask for and what happens by itself."""

from __future__ import annotations
