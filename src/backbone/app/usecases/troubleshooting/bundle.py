"""A support bundle: all that helps to understand an installation, without secrets and without what is written in issues.

What goes in is chosen part by part; nothing is copied whole and cleaned afterwards.
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from pydantic import BaseModel

from backbone import __version__
from backbone.app.declaration import document
from backbone.app.usecases.troubleshooting.figures import figures
from backbone.core.model.keys import Millis
from backbone.core.model.problems import Code
from backbone.ports.administration import AdministrationStore, AdministrationUnit
from backbone.ports.records import OpenProblem, StoredConnection, Synchronization

_PLAIN_CAUSES = frozenset(
    {
        Code.DEFECT,
        Code.HOST_UNREACHABLE,
        Code.LOGIN_REFUSED,
        Code.CAPTCHA,
        Code.PERMISSION_NEEDED,
        Code.CLOCK_SKEWED,
        Code.MESSAGES_WAITING,
        Code.TURNS_STALLED,
        Code.MASS_CHANGE,
        Code.CREATE_UNKNOWN,
    }
)
"""Problems whose cause is in our words alone; others may quote a value or what a Jira said of one."""

_LOGINS = ("user", "email", "password", "token", "api_token")
_CHOICES = frozenset({"direction", "start", "start_with", "type", "interval", "largest_mb"})
"""Keys of the configuration whose values are choices of ours, no names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the process knows of itself: its settings without secrets, and the last lines that it logged."""

    settings: Mapping[str, object]
    log: Sequence[str]


async def support_bundle(store: AdministrationStore, told: Told, now: Millis, *, hash_names: bool = False) -> bytes:
    """The bundle as a zip file. ``hash_names`` replaces names of fields, options and people, and keys of issues."""
    name = _hashed(store.installation) if hash_names else _as_it_is
    async with store.administration() as unit:
        parts: dict[str, object] = {
            "versions.json": _versions(store),
            "settings.json": dict(told.settings),
            "connections.json": [_connection(one) for one in await unit.synchronizations.connections()],
            "synchronizations.json": [_synchronization(one, name) for one in await unit.synchronizations.all()],
            "problems.json": [_problem(one, name) for one in await unit.troubles.listed(None, None, 0, None)],
            "journal.json": dict(await unit.troubles.journal_counts()),
            "queues.json": await _queues(unit),
        }
    samples = await figures(store, now)
    parts["figures.json"] = [[one.metric.name, *one.labels, one.value] for one in samples]
    return _zipped(parts, told.log)


Name = Callable[[str], str]


def _as_it_is(text: str) -> str:
    return text


def _hashed(salt: str) -> Name:
    """Equal for equal names of one installation, and no more."""

    def name(text: str) -> str:
        return "name-" + sha256(f"{salt}\n{text}".encode()).hexdigest()[:12]

    return name


def _versions(store: AdministrationStore) -> dict[str, object]:
    return {
        "backbone": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "restored": not store.original,
    }


def _connection(one: StoredConnection) -> dict[str, object]:
    """The address without log-in and without what follows its path; of the rest only what is there."""
    declared = one.document.get("declared")
    known = declared if isinstance(declared, Mapping) else {}
    address = urlsplit(str(known.get("url", "")))
    host = address.hostname or ""
    port = f":{address.port}" if address.port else ""
    return {
        "name": one.name,
        "url": f"{address.scheme}://{host}{port}{address.path}",
        "log-in by": [key for key in _LOGINS if key in known],
        "proxy": "proxy" in known,
        "certificates": "ca_file" in known,
        "rate": known.get("rate"),
    }


def _synchronization(one: Synchronization, name: Name) -> dict[str, object]:
    return {
        "key": one.key,
        "connectors": list(one.connectors),
        "wanted running": one.wanted_running,
        "revision": one.revision,
        "configuration": _configuration(dict(one.document), name),
    }


def _configuration(part: object, name: Name, key: str = "") -> object:
    """The configuration with its names as asked for; JQL is left out, since it may quote what is written in issues."""
    match part:
        case dict():
            return {
                (word if _is_ours(word) else name(word)): _configuration(inner, name, word)
                for word, inner in part.items()
                if "jql" not in word
            }
        case list() | tuple():
            return [_configuration(inner, name, key) for inner in part]
        case str():
            return part if key in _CHOICES else name(part)
        case _:
            return part


def _is_ours(word: str) -> bool:
    """Whether a key is one of the configuration file, and not a name of Jira's."""
    return word in _KEYS


_KEYS = frozenset(
    name
    for model in vars(document).values()
    if isinstance(model, type) and issubclass(model, BaseModel)
    for name in model.model_fields
)


def _problem(one: OpenProblem, name: Name) -> dict[str, object]:
    found = one.problem
    return {
        "id": one.id,
        "code": found.code,
        "connector": found.connector,
        "occurred in": name(found.occurred_in.key) if found.occurred_in else None,
        "triggered by": name(found.triggered_by.key) if found.triggered_by else None,
        "count": one.count,
        "first seen": one.first_seen,
        "last seen": one.last_seen,
        "cause": found.cause if found.code in _PLAIN_CAUSES else None,
    }


async def _queues(unit: AdministrationUnit) -> list[dict[str, object]]:
    return [asdict(one) for one in await unit.troubles.figures()]


def _zipped(parts: Mapping[str, object], log: Sequence[str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, json.dumps(part, indent=2, ensure_ascii=False, default=str))
        if log:
            archive.writestr("log.txt", "\n".join(log) + "\n")
    return file.getvalue()
