"""The conversation with the partner: messages, their encoding, their order."""

from __future__ import annotations
