"""What a person got wrong, told so that it can be put right: place, cause and cure, and nothing was changed."""

from __future__ import annotations


class Mistake(Exception):
    """Whoever gave the command must act. ``place``, ``cause`` and ``cure`` make one sentence."""

    def __init__(self, place: str, cause: str, cure: str) -> None:
        self.place, self.cause, self.cure = place, cause, cure
        super().__init__(f"{place}: {cause.rstrip('.')}. {cure[:1].upper()}{cure[1:].rstrip('.')}.")
