"""Translation of values between one Jira and the shared aliases."""

from __future__ import annotations
