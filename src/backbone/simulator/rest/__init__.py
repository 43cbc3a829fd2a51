"""The REST interface of the pretend Jira: one module a noun."""

from __future__ import annotations
