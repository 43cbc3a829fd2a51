"""Paths of a file lead to the same place from anywhere once they are rooted."""

from __future__ import annotations

from pathlib import Path

from backbone.app.declaration.declared import Json
from backbone.app.declaration.rooted import rooted_connection, rooted_synchronization

FOLDER = Path("/etc/backbone")


def test_every_path_of_a_channel_is_rooted_and_nothing_else() -> None:
    receive: dict[str, Json] = {"server": "imap", "ca_file": "ca.pem", "password": {"file": "../mail"}}
    send: dict[str, Json] = {"directory": "/srv/out", "oauth_token": {"env": "MAIL"}}
    channel: dict[str, Json] = {
        "send": send,
        "receive": receive,
        "handshake": "handshake.asc",
        "key_file": "~/key.asc",
        "passphrase": {"file": "/run/words"},
    }

    rooted = rooted_synchronization({"name": "handshake", "channel": channel}, FOLDER)

    assert rooted == {
        "name": "handshake",
        "channel": {
            "send": send,
            "receive": {**receive, "ca_file": "/etc/backbone/ca.pem", "password": {"file": "/etc/backbone/../mail"}},
            "handshake": "/etc/backbone/handshake.asc",
            "key_file": "~/key.asc",
            "passphrase": {"file": "/run/words"},
        },
    }
    assert rooted_synchronization(rooted, Path("/elsewhere")) == rooted


def test_a_connection_without_paths_stays_as_it_is() -> None:
    document: dict[str, Json] = {"url": "https://jira.test", "user": "token", "password": {"env": "file"}}

    assert rooted_connection(document, FOLDER) == document
