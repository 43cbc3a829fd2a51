"""OpenPGP, done in child processes with limits. Imports nothing, since the children start from here too."""

from __future__ import annotations
