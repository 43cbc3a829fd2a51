"""Pairs of keys as people keep them: a text of two columns."""

from __future__ import annotations

import csv

from backbone.app.usecases.information.listing import ISSUE_KEY
from backbone.app.usecases.information.refusals import EntryWrong


def rows_of(text: str) -> list[tuple[str, str]]:
    """Pairs of keys of a text with two columns; a heading is passed over. Raises EntryWrong."""
    found: list[tuple[str, str]] = []
    dialect = csv.excel() if ";" not in text.partition("\n")[0] else _Semicolons()
    for number, row in enumerate(csv.reader(text.splitlines(), dialect)):
        keys = [cell.strip() for cell in row]
        if not any(keys):
            continue
        if len(keys) == 2 and all(ISSUE_KEY.fullmatch(key) for key in keys):
            found.append((keys[0], keys[1]))
        elif number or any(ISSUE_KEY.fullmatch(key) for key in keys):
            raise EntryWrong(len(found), "", f"line {number + 1} is not a key of this project and one of the partner's")
    return found


class _Semicolons(csv.excel):
    delimiter = ";"
