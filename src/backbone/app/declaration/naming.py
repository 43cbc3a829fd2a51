"""Which thing of a Jira a written name means, pure: by name, by name in other letters, or by id."""

from __future__ import annotations

from collections.abc import Iterable

from backbone.app.declaration.findings import Path, choose_from
from backbone.app.declaration.report import Report
from backbone.core.model.values import Option
from backbone.ports.tracker import FieldInfo


def find_options(name: str, options: Iterable[Option], what: str, path: Path, report: Report) -> tuple[Option, ...]:
    """The options that a name means; several if they are called the same, none (and an error) if there is none."""
    known = tuple(options)
    exact = tuple(one for one in known if one.name == name)
    if exact:
        return exact
    folded = tuple(one for one in known if one.name.casefold() == name.casefold())
    if folded:
        report.warn(path, f"{name!r} is called {folded[0].name!r} in Jira", f"Write {folded[0].name}")
        return folded
    by_id = tuple(one for one in known if one.id == name)
    if not by_id:
        report.error(path, f"there is no {what} {name!r}", choose_from(name, (one.name for one in known)))
    return by_id


def find_field(name: str, fields: Iterable[FieldInfo], path: Path, report: Report) -> FieldInfo | None:
    """The field with an id or name; ids go first, since names are neither unique nor the same in all languages."""
    known = tuple(fields)
    for wanted in (
        [one for one in known if one.id == name],
        [one for one in known if one.name == name],
        [one for one in known if name.casefold() in (one.name.casefold(), one.id.casefold())],
    ):
        if len(wanted) > 1:
            ids = ", ".join(sorted(f"{one.id}" for one in wanted))
            report.error(path, f"several fields are called {name!r}", f"Write the id of the right one: {ids}")
            return None
        if wanted:
            if name not in (wanted[0].id, wanted[0].name):
                report.warn(path, f"{name!r} is called {wanted[0].name!r} in Jira", f"Write {wanted[0].name}")
            return wanted[0]
    report.error(path, f"there is no field {name!r}", choose_from(name, (one.name for one in known)))
    return None
