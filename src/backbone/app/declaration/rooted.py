"""Relative paths of a file, which begin beside it, written so that they lead to the same place from anywhere.

What begins in the user's home (``~``) stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path as FilePath

from backbone.app.declaration.channel import CHANNEL_SECRETS
from backbone.app.declaration.connection import SECRETS
from backbone.app.declaration.declared import Json


def rooted_connection(document: Mapping[str, Json], folder: FilePath) -> dict[str, Json]:
    """A connection's part of a file in that folder.

    >>> rooted_connection({"token": {"file": "token"}, "ca_file": "~/ca.pem"}, FilePath("/etc/backbone"))
    {'token': {'file': '/etc/backbone/token'}, 'ca_file': '~/ca.pem'}
    """
    return _rooted(document, folder, paths=("ca_file",), secrets=SECRETS)


def rooted_synchronization(document: Mapping[str, Json], folder: FilePath) -> dict[str, Json]:
    """A synchronization's part of it: only its channel to a partner names files."""
    channel = document.get("channel")
    if not isinstance(channel, dict):
        return dict(document)
    rooted = _rooted(channel, folder, paths=("handshake", "key_file"), secrets=("passphrase",))
    for way in ("send", "receive"):
        place = rooted.get(way)
        if isinstance(place, dict):
            rooted[way] = _rooted(place, folder, paths=("ca_file",), secrets=CHANNEL_SECRETS)
    return {**document, "channel": rooted}


def _rooted(
    document: Mapping[str, Json], folder: FilePath, *, paths: Collection[str], secrets: Collection[str]
) -> dict[str, Json]:
    rooted = dict(document)
    for key, value in document.items():
        if key in paths and isinstance(value, str):
            rooted[key] = _path(value, folder)
        elif key in secrets and isinstance(value, dict) and isinstance(value.get("file"), str):
            rooted[key] = {**value, "file": _path(str(value["file"]), folder)}
    return rooted


def _path(path: str, folder: FilePath) -> str:
    return path if path.startswith("~") else str(folder / path)
