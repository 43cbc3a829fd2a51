"""A file is checked as a whole before any Jira is asked: every error has its line and its cure."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.app.declaration.document import Document
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import Declaration, declaration_from, read_declaration
from backbone.app.declaration.resolve import plain_json

Tree = dict[str, "Tree"] | list["Tree"] | str | None

CONNECTIONS = """\
connections:
  acme: {url: https://jira.acme.example, user: sync, password: {env: ACME_PASSWORD}}
  beta: {url: https://beta.atlassian.net, email: sync@beta.example, api_token: {file: beta.token}}
synchronizations:
"""
SYNCHRONIZATION = """\
  - first: {connection: acme, project: PA}
    second: {connection: beta, project: PB}
    start_with: new
    issue_types: [{first: Bug, second: Bug}]
"""


def read(text: str) -> Declaration:
    return declaration_from(text.encode(), "f.yaml")


def refused(text: str) -> list[str]:
    with pytest.raises(DeclarationError) as caught:
        read(text)
    return str(caught.value).splitlines()


def connection(text: str) -> str:
    return f"connections:\n  acme: {text}\n"


def test_the_least_file_is_accepted() -> None:
    document = read(CONNECTIONS + SYNCHRONIZATION).document

    assert document.synchronizations[0].title == "PA <> PB"
    assert document.synchronizations[0].comments is None


def test_all_errors_are_told_at_once_in_the_order_of_the_file() -> None:
    told = refused(CONNECTIONS.replace("user:", "usr:") + SYNCHRONIZATION.replace("new", "soon"))

    assert [line.split(":")[1] for line in told] == ["2", "7"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("connections: {}\n", "f.yaml:1:14: connections: is empty."),
        ("conections: {}\n", "'conections' is not known here. Did you mean 'connections'?"),
        (connection(""), "f.yaml:2:3: connections.acme: is no table. Write lines of key: value below it."),
        (connection("{url: https://j.example}"), "does not say how to log in. Write user and password, or token,"),
        (connection("{url: https://j.example, user: x}"), "half of the log-in is missing. Write user and password."),
        (
            connection("{url: https://j.example, token: {env: T}, email: x}"),
            "logs in twice: by token, and by email and api_token.",
        ),
        (
            connection("{url: https://j.example, token: hunter2}"),
            "f.yaml:2:41: connections.acme.token: a secret does not belong in this file. Write {env: NAME}",
        ),
        (
            connection("{url: https://j.example, token: {env: A, file: b}}"),
            "a secret has one source. Write either {env: NAME} or {file: PATH}.",
        ),
        (connection("{url: jira.acme.example, token: {env: T}}"), "connections.acme.url: the url is no address."),
        (connection("{url: 'https://j:99999', token: {env: T}}"), "the url is no address: Port out of range"),
        (connection("{url: 'https://u:p@j.example', token: {env: T}}"), "the url holds a log-in. Take what stands"),
        (
            connection("{url: https://j.example, token: {env: T}, proxy: 'proxy:3128'}"),
            "connections.acme.proxy: the proxy is no address.",
        ),
        (
            connection("{url: https://j.example, token: {env: T}, proxy: 'http://u:p@proxy:3128'}"),
            "Take what stands before @ out of the address, and write proxy_user and proxy_password.",
        ),
        (
            connection("{url: https://j.example, token: {env: T}, proxy_user: me}"),
            "half of the log-in at the proxy is missing. Write proxy_user and proxy_password.",
        ),
        (
            connection("{url: https://j.example, token: {env: T}, proxy_user: me, proxy_password: {env: P}}"),
            "connections.acme.proxy_user: there is a log-in at a proxy, but no proxy.",
        ),
        (connection("{url: 'ftp://j.example', token: {env: T}}"), "the url is no address."),
        (
            connection("{url: https://j.example/jira2/browse/PA-1, token: {env: T}}"),
            "the address leads inside Jira. Write https://j.example/jira2.",
        ),
        (connection("{url: 'https://j.example?a=b', token: {env: T}}"), "a part after ? or #."),
        (connection("{url: https://j.example, token: {env: T}, rate: 0}"), "rate: input should be greater than 0."),
        (connection("{url: https://j.example, token: {env: T}, rate: fast}"), "rate: is no number."),
        (
            "connections:\n  a b: {url: https://j.example, token: {env: T}}\n",
            "f.yaml:2:3: connections.a b: is no usable",
        ),
    ],
)
def test_a_connection_that_can_not_work_is_refused(text: str, told: str) -> None:
    assert any(told in line for line in refused(text))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    start_with: new\n", "", "f.yaml:5:5: synchronizations[1]: 'start_with' is missing. Write all, new,"),
        ("new", "{since: 2026-13-01}", "f.yaml:7:25: synchronizations[1].start_with.since: "),
        ("new", "{since: 5}", "'5' is no date. Write such as 2026-01-31"),
        ("new", "{since: 2026-01-01T10}", "start_with.since: is no date. Write such as 2026-01-31 or"),
        ("new", "{since: }", "f.yaml:7:17: synchronizations[1].start_with: does not say which issues are sent."),
        ("new", "{jql: {first: }}", "start_with: does not say which issues are sent. Write all, new, {since:"),
        ("new", "{mode: all}", "f.yaml:7:17: synchronizations[1].start_with: start_with says one thing."),
        ("new", "sometimes", "'sometimes' is no way to start. Write all, new,"),
        ("Bug}]", "Bug, direction: bot}]", "direction: is not one of the choices. Write both, first_to_second or"),
        ("[{first: Bug, second: Bug}]", "[]", "issue_types: is empty."),
        ("[{first: Bug, second: Bug}]", "Bug", "issue_types: is no list. Begin each line below it with a dash."),
        (
            "connection: beta",
            "connection: bta",
            "there is no connection 'bta'. Did you mean 'beta'? There is: acme, beta.",
        ),
        ("project: PB", "projekt: PB", "f.yaml:6:32: synchronizations[1].second.projekt: 'projekt' is not known here."),
        ("project: PB", "project: PB/../x", "'PB/../x' is no key of a project."),
        ("    start_with", "    type: local\n    start_with", "type: local means that both projects are in one Jira"),
        ("    start_with", "    interval: fast\n    start_with", "'fast' is no interval. Write such as 5s, 2m or 1h."),
        ("    start_with", "    interval: 0s\n    start_with", "'0s' is no interval."),
        ("project: PB", "project: PB, jql: a = b)", "the JQL closes a bracket that it did not open. Remove it."),
        ("project: PB", "project: PB, jql: a = b ORDER BY c", "the JQL sorts, which has no meaning here."),
        ("connection: beta, project: PB", "connection: acme, project: pa", "can't be synchronized with itself."),
        (
            "    start_with",
            "    fields: [{first: a, second: b, values: [[x]]}]\n    start_with",
            "f.yaml:7:45: synchronizations[1].fields[1].values[1]: has too few values.",
        ),
        (
            "    start_with",
            "    fields: [{first: a, second: b, values: [[x, y, z]]}]\n    start_with",
            "values[1]: has too many values.",
        ),
        (
            "    start_with",
            "    fields: [{first: a, second: b, values: {first_to_second: {x: }}}]\n    start_with",
            "values.first_to_second.x: is no text.",
        ),
        (
            "    start_with",
            "    comments: {template: '{autor}: {body}'}\n    start_with",
            "the template names {autor}. It knows {author}, {created} and {body}.",
        ),
        ("    start_with", "    comments: {template: hello}\n    start_with", "the template has no {body}."),
        ("    start_with", "    status: {rows: [[a, b]]}\n    start_with", "status: 'rows' is not known here."),
        ("    start_with", "    status: {}\n    start_with", "status: no value is named."),
        (
            "    start_with",
            "    fields: [{first: a, second: b, issue_types: []}]\n    start_with",
            "fields[1].issue_types: is empty. Name at least one, or leave the key out.",
        ),
        (
            "    start_with",
            f"    description: x\n    name: {'x' * 256}\n    start_with",
            "f.yaml:8:11: synchronizations[1].name: is too long. Write at most 255 letters.",
        ),
        (
            "    start_with",
            "    comments: {hide_authors: maybe}\n    start_with",
            "comments.hide_authors: is neither true nor false. Write true or false.",
        ),
        (
            "    start_with",
            "    attachments: {largest_mb: inf}\n    start_with",
            "attachments.largest_mb: is no number. Write such as 10 or 2.5.",
        ),
    ],
)
def test_a_synchronization_that_can_not_work_is_refused(old: str, new: str, told: str) -> None:
    assert any(told in line for line in refused(CONNECTIONS + SYNCHRONIZATION.replace(old, new)))


def test_a_secret_that_was_written_is_never_repeated() -> None:
    told = refused(connection("{url: https://j.example, user: x, password: hunter2, token: [hunter2], api_token: 2}"))

    assert "hunter2" not in "".join(told)


def test_a_file_can_not_break_lines_nor_steer_the_terminal() -> None:
    told = refused('"a\\nb\\e[31m": x\n')

    assert any(line.startswith("f.yaml:1:1: a b\ufffd[31m: ") for line in told)


def test_two_synchronizations_of_one_name_are_refused() -> None:
    told = refused(CONNECTIONS + SYNCHRONIZATION * 2)

    assert told == [
        "f.yaml:9:5: synchronizations[2]: 'PA <> PB' is already the name of synchronizations[1]. Give it another name."
    ]


def test_one_jira_makes_it_local() -> None:
    both = SYNCHRONIZATION.replace("beta", "acme")

    assert read(CONNECTIONS + both).document.synchronizations[0].type is None
    assert any("Write type: local" in line for line in refused(CONNECTIONS + both + "    type: server\n"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            CONNECTIONS.replace("https://jira", "http://jira") + SYNCHRONIZATION,
            "f.yaml:2:15: connections.acme.url: passwords and issues travel unencrypted. Use https:// wherever",
        ),
        (
            CONNECTIONS.replace("synchronizations", "  c: {url: https://c.example, token: {env: C}}\nsynchronizations")
            + SYNCHRONIZATION,
            "f.yaml:4:3: connections.c: no synchronization uses this connection.",
        ),
        (
            CONNECTIONS + SYNCHRONIZATION.replace("PA}", "PA, jql: labels != internal}"),
            "first.jql: the JQL silently drops issues whose labels is empty, since != never matches them.",
        ),
        (
            CONNECTIONS + SYNCHRONIZATION + SYNCHRONIZATION.replace("- first", "- name: other\n    first"),
            "synchronizations[2]: 'PA <> PB' joins the same two projects.",
        ),
    ],
)
def test_what_is_doubtful_is_a_warning(text: str, told: str) -> None:
    assert any(told in one.show("f.yaml") for one in read(text).warnings)


def test_times_without_a_zone_are_utc() -> None:
    naive = read(CONNECTIONS + SYNCHRONIZATION.replace("new", "{since: 2026-01-01}")).document.synchronizations[0]
    zoned = read(CONNECTIONS + SYNCHRONIZATION.replace("new", "{since: '2026-01-01T01:00:00+01:00'}")).document

    assert naive.start_with.since == zoned.synchronizations[0].start_with.since


@pytest.mark.parametrize(("written", "seconds"), [("5s", 5), ("90", 90), ("2m", 120), ("1h", 3600)])
def test_an_interval_is_counted_in_seconds(written: str, seconds: int) -> None:
    text = CONNECTIONS + SYNCHRONIZATION + f"    interval: {written}\n"

    assert read(text).document.synchronizations[0].interval == seconds


def test_a_document_as_stored_reads_as_the_same_document() -> None:
    written = (
        CONNECTIONS + SYNCHRONIZATION + "    fields: [{first: a, second: b, values: [[x, y]]}]\n    interval: 2m\n"
    )
    ways = SYNCHRONIZATION.replace("new", "{since: 2026-01-01}").replace("- first", "- name: T\n    first")
    document = read(written + ways + "    status: {first_to_second: {Open: To Do}, start: hold}\n").document

    assert Document.model_validate(plain_json(document)) == document


def test_a_file_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        read_declaration(tmp_path / "none.yaml")

    assert str(caught.value).endswith("none.yaml:1:1: can't be read: no such file or directory. Check the path.")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="can't be read: is a directory"):
        read_declaration(tmp_path)


WHOLE: Tree = {
    "connections": {
        "acme": {"url": "https://jira.acme.example", "user": "sync", "password": {"env": "ACME_PASSWORD"}},
        "beta": {"url": "https://beta.atlassian.net", "email": "sync@beta.example", "api_token": {"file": "beta"}},
    },
    "synchronizations": [
        {
            "first": {"connection": "acme", "project": "PA", "jql": "a = b"},
            "second": {"connection": "beta", "project": "PB"},
            "start_with": {"jql": {"first": "a = b"}},
            "issue_types": [{"first": "Bug", "second": "Bug"}],
            "fields": [{"first": "a", "second": "b", "values": [["x", "y"]], "issue_types": ["Bug"]}],
            "status": {"first_to_second": {"Open": "To Do"}},
            "comments": {"template": "{body}"},
            "attachments": {"largest_mb": "5"},
            "correlation_field": {"first": "c"},
        }
    ],
}
JUNK: st.SearchStrategy[Tree] = st.sampled_from(
    [None, "", "x", "1", "{", [], {}, ["x"], {"x": "y"}, [["x", "y"]], [None]]
)


@given(data=st.data())
def test_a_spoilt_file_is_accepted_or_refused_in_sentences(data: st.DataObject) -> None:
    spoilt = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        spoil(spoilt, data)

    assert "Traceback" not in outcome(json.dumps(spoilt))


def outcome(text: str) -> str:
    try:
        return read(text).file
    except DeclarationError as error:
        return str(error)


def spoil(tree: Tree, data: st.DataObject) -> None:
    """Replace, remove or rename something somewhere in the tree."""
    while True:
        match tree:
            case dict() if tree:
                key = data.draw(st.sampled_from(sorted(tree)))
                if data.draw(st.booleans()) and isinstance(tree[key], dict | list):
                    tree = tree[key]
                    continue
                value = tree.pop(key)
                tree[data.draw(st.sampled_from([key, "first", "rows", "mode", "x"]))] = data.draw(
                    st.just(value) | JUNK.map(copy.deepcopy)
                )
            case list() if tree:
                index = data.draw(st.integers(0, len(tree) - 1))
                if data.draw(st.booleans()) and isinstance(tree[index], dict | list):
                    tree = tree[index]
                    continue
                tree[index] = data.draw(JUNK.map(copy.deepcopy))
            case _:
                pass
        return
