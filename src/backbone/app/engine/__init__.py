"""What happens by itself: poll, deliver, collect, apply, keep house."""

from __future__ import annotations
