"""The control interface under ``/__simulator__``: what administrators, users and bad luck do to a Jira."""

from __future__ import annotations
