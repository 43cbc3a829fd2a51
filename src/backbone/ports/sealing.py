"""The port to sealing: secrets are kept in the database only in a form that a key from outside of it opens."""

from __future__ import annotations

from typing import Protocol


class SealBroken(Exception):
    """An administrator must act: the key is lost, is another one, or the sealed text was changed."""

    def __init__(self, cause: str, cure: str) -> None:
        self.cause, self.cure = cause, cure
        super().__init__(f"{cause}. {cure}.")


class Sealer(Protocol):
    """Seals with the newest key, opens with every key that is still known.

    ``about`` names the place (table and row) that the secret belongs to: a sealed text that was moved to another row
    does not open.
    """

    def seal(self, text: str, about: str) -> str:
        """The sealed text. Raises SealBroken when there is no usable key; the first key is made on first need."""

    def unseal(self, sealed: str, about: str) -> str:
        """The secret. Raises SealBroken."""

    def opens(self, sealed: str) -> bool:
        """Whether the key that sealed it is known here."""

    def newest(self, sealed: str) -> bool:
        """Whether it is sealed with the key that new secrets are sealed with."""


class KeyRing(Protocol):
    """The keys themselves, where one takes the place of another."""

    def renew(self) -> None:
        """Put a new key first and keep the others, unless there are two already. Raises SealBroken."""

    def settle(self) -> None:
        """Let go of all keys but the first, as far as they are ours. Raises SealBroken."""
