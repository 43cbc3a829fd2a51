"""What a master offers, derived from its own half: aliases, kinds and ways, and none of its names."""

from __future__ import annotations

from backbone.core.model.configuration import FieldMapping, HalfConfiguration
from backbone.core.model.exchange import Exchange, SharedField, SharedType, Ways


def exchange_of(half: HalfConfiguration) -> Exchange:
    """What may travel as far as this half, the master's, is concerned."""
    return Exchange(
        types=_types(half),
        fields=tuple(_field(one, half) for one in half.fields),
        comments=_ways(sends=half.comments.sends, receives=half.comments.receives),
        files=_ways(sends=half.files.sends, receives=half.files.receives),
        largest=half.files.largest,
    )


def _ways(*, sends: bool, receives: bool) -> Ways:
    return Ways(to_slave=sends, to_master=receives)


def _types(half: HalfConfiguration) -> tuple[SharedType, ...]:
    """Several types of ours may have one alias."""
    aliases = dict.fromkeys(one.alias for one in half.types)
    return tuple(
        SharedType(
            alias=alias,
            ways=_ways(
                sends=any(one.sends for one in half.types if one.alias == alias),
                receives=any(one.receives for one in half.types if one.alias == alias),
            ),
        )
        for alias in aliases
    )


def _field(mapping: FieldMapping, half: HalfConfiguration) -> SharedField:
    limit = mapping.types
    return SharedField(
        alias=mapping.alias,
        kind=mapping.kind,
        ways=_ways(sends=mapping.sends, receives=mapping.receives),
        values=_values(mapping),
        types=None if limit is None else tuple(dict.fromkeys(one.alias for one in half.types if one.local.id in limit)),
    )


def _values(mapping: FieldMapping) -> tuple[str, ...] | None:
    if mapping.table is None:
        return None
    return tuple(dict.fromkeys([*mapping.table.to_alias.values(), *mapping.table.from_alias]))
