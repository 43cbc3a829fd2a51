"""What two companies agreed to exchange, in names that both may see: the aliases.

The master publishes it, the slave maps it within that. Neither side's own names are in it.
"""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.values import FieldKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Which way something travels."""

    to_slave: bool
    to_master: bool


NEITHER = Ways(to_slave=False, to_master=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedType:
    """An issue type under its alias."""

    alias: str
    ways: Ways


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedField:
    """A field under its alias. ``values`` are the aliases of its options, absent where any value may travel.

    ``types`` are the aliases of the issue types that it applies to; ``None`` means all.
    """

    alias: str
    kind: FieldKind
    ways: Ways
    values: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """All that may travel; ``largest`` is that of attachments in bytes."""

    types: tuple[SharedType, ...] = ()
    fields: tuple[SharedField, ...] = ()
    comments: Ways = NEITHER
    files: Ways = NEITHER
    largest: int | None = None
