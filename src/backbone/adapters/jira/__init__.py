"""Jira Server, Data Center and Cloud as a tracker: every difference between them ends here."""

from __future__ import annotations
