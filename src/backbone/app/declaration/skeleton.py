"""What a master published, as the slave's administrator fills it in: rows of the file with the aliases written."""

from __future__ import annotations

import json
from collections.abc import Iterator

from backbone.app.declaration.kinds import CHOSEN
from backbone.core.model.exchange import NEITHER, Exchange, SharedField, Ways
from backbone.core.model.keys import STATUS

BLANK = "FILL IN"
"""Where the slave's own name belongs."""


def skeleton(exchange: Exchange) -> str:
    """YAML below a synchronization, indented as it stands there. Rows that are not wanted are removed."""
    return "\n".join(_lines(exchange)) + "\n"


def _lines(exchange: Exchange) -> Iterator[str]:
    yield "    issue_types:"
    for one in exchange.types:
        yield f"      - {{first: {_word(one.alias)}, second: {BLANK}}}{_note(one.ways)}"
    fields = [one for one in exchange.fields if one.alias != STATUS]
    if fields:
        yield "    fields:"
    for field in fields:
        yield from _field(field)
    for field in exchange.fields:
        if field.alias == STATUS:
            yield from _status(field)
    if exchange.comments != NEITHER:
        yield f"    comments: {{direction: {_direction(exchange.comments)}}}"
    if exchange.files != NEITHER:
        limit = f" # up to {exchange.largest / 1_000_000:g} MB" if exchange.largest is not None else ""
        yield f"    attachments: {{direction: {_direction(exchange.files)}}}{limit}"


def _field(field: SharedField) -> Iterator[str]:
    start = f"      - {{first: {_word(field.alias)}, second: {BLANK}"
    types = f", for {', '.join(map(_word, field.types))} only" if field.types is not None else ""
    note = f" # a field of kind {field.kind}{types}{_way(field.ways)}"
    if field.values is not None:
        rows = ", ".join(f"[{_word(value)}, {BLANK}]" for value in field.values)
        yield f"{start}, values: [{rows}]}}{note}"
    elif field.kind in CHOSEN:
        yield f"{start}, values: by_name}}{note}"
    else:
        yield f"{start}}}{note}"


def _status(field: SharedField) -> Iterator[str]:
    yield "    status:"
    values = field.values or ()
    if field.ways.to_slave:
        yield f"      first_to_second: {{{', '.join(f'{_word(value)}: {BLANK}' for value in values)}}}"
    if field.ways.to_master:
        yield f"      second_to_first: {{{', '.join(f'{BLANK} {number}: {_word(value)}' for number, value in enumerate(values, 1))}}}"


def _direction(ways: Ways) -> str:
    if ways.to_slave and ways.to_master:
        return "both"
    return "first_to_second" if ways.to_slave else "second_to_first"


def _way(ways: Ways) -> str:
    return "" if ways.to_slave and ways.to_master else f", {_direction(ways)} only"


def _note(ways: Ways) -> str:
    return f" # {_direction(ways)} only" if _way(ways) else ""


def _word(alias: str) -> str:
    """As a value of YAML: in quotes, as JSON has them, where it would mean something else or end the line."""
    plain = alias.replace(" ", "").replace("-", "").replace("_", "").isalnum() and alias == alias.strip()
    if plain and not alias.startswith("-") and alias.casefold() != "null":
        return alias
    return json.dumps(alias, ensure_ascii=not alias.isprintable())
