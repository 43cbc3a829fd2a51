"""What may be wrong with sync information that a person gives; nothing was changed then."""

from __future__ import annotations


class EntryWrong(Exception):
    """Whoever made the array must act: the entry at ``position`` (from 0) is broken in ``field``.

    ``others`` are further ones that were found.
    """

    others: tuple[EntryWrong, ...] = ()

    def __init__(self, position: int, field: str, cause: str) -> None:
        self.position, self.field, self.cause = position, field, cause
        super().__init__(f"Entry {position}: {field}: {cause}" if field else f"Entry {position}: {cause}")


class EntryClashes(EntryWrong):
    """One of its issues is in another pair."""


class NoSuchEntry(Exception):
    """The connector has no entry of this number."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"There is no sync information {number} of this connector.")
