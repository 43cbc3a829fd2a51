"""The state of a pretend Jira: pure values and rules, no HTTP."""

from __future__ import annotations
