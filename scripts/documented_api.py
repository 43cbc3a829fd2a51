"""The documented API as a script of curl calls, page by page: what the tests run and the reference shows.

A line is what a person types, with ``$BASE``, ``$LOGIN`` (user and password with a colon between) and the keys of the
installation at hand. The test runs them in this order; ``keep`` names what later lines take from an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Page(StrEnum):
    """A page of the documented API, in our words."""

    INTRODUCTION = "Introduction"
    SYNCHRONIZATIONS = "Synchronizations"
    TASKS = "Asynchronous tasks"
    CONNECTORS = "Connectors"
    RENAME = "Rename of a project key"
    USER = "Change of the synchronization user"
    LIFE = "Life of a synchronization"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call: what the page promises, the line to type, the status, and what later lines need of the answer."""

    name: str
    page: Page
    promise: str
    line: str
    status: int = 200
    keep: Mapping[str, str] = field(default_factory=dict)


JSON = "-H 'Content-Type: application/json'"
ME = 'curl -u "$LOGIN"'

CALLS: tuple[Call, ...] = (
    # Introduction
    Call(name="health", page=Page.INTRODUCTION, promise="Health is for everybody.", line='curl "$BASE/health"'),
    Call(
        name="health, signed in",
        page=Page.INTRODUCTION,
        promise="Who is signed in also learns what is not ready.",
        line=f'{ME} "$BASE/health"',
    ),
    Call(
        name="stranger",
        page=Page.INTRODUCTION,
        promise="Everything else is for those who may work here.",
        line='curl "$BASE/integrations"',
        status=401,
    ),
    Call(
        name="basic",
        page=Page.INTRODUCTION,
        promise="The log-in is a header, user and password in base64.",
        line='curl -H "Authorization: Basic $(printf %s "$LOGIN" | base64 -w0)" "$BASE/integrations"',
    ),
    Call(
        name="account of Jira",
        page=Page.INTRODUCTION,
        promise="Accounts of Jira that may configure log in with their password.",
        line='curl -u "$JIRA_LOGIN" "$BASE/integrations?projectKey=$PROJECT"',
    ),
    Call(
        name="project not named",
        page=Page.INTRODUCTION,
        promise="Who administers projects only has to name one.",
        line='curl -u "$JIRA_LOGIN" "$BASE/integrations"',
        status=400,
    ),
    Call(
        name="foreign project",
        page=Page.INTRODUCTION,
        promise="Other projects look as if they were not there.",
        line='curl -u "$JIRA_LOGIN" "$BASE/integrations?projectKey=NOPE"',
    ),
    Call(
        name="browser",
        page=Page.INTRODUCTION,
        promise="A browser is signed in by a session.",
        line=f'curl -c "$COOKIES" {JSON} -d "{{\\"user\\": \\"${{LOGIN%%:*}}\\", \\"password\\": \\"${{LOGIN#*:}}\\"}}" "$BASE/session"',
        keep={"CSRF": "csrfToken"},
    ),
    Call(
        name="XSRF",
        page=Page.INTRODUCTION,
        promise="A change with nothing but a session fails its XSRF check …",
        line='curl -b "$COOKIES" -X POST "$BASE/integrations/$SYNC/stop"',
        status=403,
    ),
    Call(
        name="no XSRF check",
        page=Page.INTRODUCTION,
        promise="… and passes with the header X-Atlassian-Token.",
        line='curl -b "$COOKIES" -H "X-Atlassian-Token: nocheck" -X POST "$BASE/integrations/$SYNC/stop"',
        keep={"TASK": "id"},
    ),
    # Asynchronous tasks
    Call(
        name="task",
        page=Page.TASKS,
        promise="A task tells how far it is, and when it ended its result.",
        line=f'{ME} "$BASE/async-tasks/$TASK"',
    ),
    Call(
        name="stopped already",
        page=Page.TASKS,
        promise="Stop is also a PUT.",
        line=f'{ME} -X PUT "$BASE/integrations/$SYNC/stop"',
        keep={"TASK": "id"},
    ),
    Call(
        name="task with a project",
        page=Page.TASKS,
        promise="Who administers a project only sends its key in the header prj.",
        line='curl -u "$JIRA_LOGIN" -H "prj: $PROJECT" -X POST "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    Call(
        name="own task with a project",
        page=Page.TASKS,
        promise="Tasks are for who started them …",
        line='curl -u "$JIRA_LOGIN" -H "prj: $PROJECT" "$BASE/async-tasks/$TASK"',
    ),
    Call(
        name="task without a project",
        page=Page.TASKS,
        promise="… and without the header it is not known whose they are.",
        line='curl -u "$JIRA_LOGIN" "$BASE/async-tasks/$TASK"',
        status=400,
    ),
    Call(
        name="cancel",
        page=Page.TASKS,
        promise="A task is cancelled; one that has ended stays as it is.",
        line=f'{ME} -X DELETE "$BASE/async-tasks/$TASK"',
    ),
    Call(
        name="unknown task",
        page=Page.TASKS,
        promise="A task that is nobody's is not there.",
        line=f'{ME} "$BASE/async-tasks/7F000001016A52EDC061ACC436508270"',
        status=404,
    ),
    # Synchronizations
    Call(
        name="list",
        page=Page.SYNCHRONIZATIONS,
        promise="All synchronizations, a bare array.",
        line=f'{ME} "$BASE/integrations"',
    ),
    Call(
        name="list of a project",
        page=Page.SYNCHRONIZATIONS,
        promise="Those of a project.",
        line=f'{ME} "$BASE/integrations?projectKey=$PROJECT"',
    ),
    Call(
        name="one",
        page=Page.SYNCHRONIZATIONS,
        promise="One with its configuration, in which each field mapping has an id.",
        line=f'{ME} -o "$FILES/integration.json" "$BASE/integrations/$SYNC"',
        keep={},
    ),
    Call(
        name="put back",
        page=Page.SYNCHRONIZATIONS,
        promise="PUT takes what GET returned.",
        line=f'{ME} -X PUT {JSON} -d @"$FILES/integration.json" "$BASE/integrations/$SYNC"',
    ),
    Call(
        name="edit",
        page=Page.SYNCHRONIZATIONS,
        promise="Name and description are edited alone.",
        line=f"""{ME} -X PUT {JSON} -d '{{"summary": "A <> B", "description": "Issues of A and B"}}' "$BASE/integrations/$SYNC\"""",
    ),
    Call(
        name="status",
        page=Page.SYNCHRONIZATIONS,
        promise="The status.",
        line=f'{ME} "$BASE/integrations/$SYNC/status"',
    ),
    Call(
        name="conflicts",
        page=Page.SYNCHRONIZATIONS,
        promise="What is wrong with the configuration.",
        line=f'{ME} "$BASE/integrations/$SYNC/conflicts"',
    ),
    Call(
        name="start",
        page=Page.SYNCHRONIZATIONS,
        promise="Start is a POST …",
        line=f'{ME} -X POST "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    Call(
        name="start by PUT",
        page=Page.SYNCHRONIZATIONS,
        promise="… or a PUT.",
        line=f'{ME} -X PUT "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    Call(
        name="base address and account",
        page=Page.SYNCHRONIZATIONS,
        promise="The base address and the log-in of the synchronization user are changed together …",
        line=(
            f"""{ME} -X PUT {JSON} -d '{{"connectorKey": "'"$FIRST"'", "baseUrl": "'"$JIRA"'","""
            """ "username": "sync", "password": "sync"}' "$BASE/integrations/$SYNC/applicationConnection\""""
        ),
    ),
    Call(
        name="proxy",
        page=Page.SYNCHRONIZATIONS,
        promise="… and the proxy at the same address; an empty one means none.",
        line=(
            f"""{ME} -X PUT {JSON} -d '{{"connectorKey": "'"$FIRST"'", "proxy": "","""
            """ "username": "sync", "password": "sync"}' "$BASE/integrations/$SYNC/applicationConnection\""""
        ),
    ),
    Call(
        name="base address without credentials",
        page=Page.SYNCHRONIZATIONS,
        promise="Another host does not get the credentials of this one.",
        line=(
            f"""{ME} -X PUT {JSON} -d '{{"connectorKey": "'"$FIRST"'", "baseUrl": "https://elsewhere.example"}}'"""
            """ "$BASE/integrations/$SYNC/applicationConnection\""""
        ),
        status=400,
    ),
    # Connectors
    Call(
        name="resync of some fields",
        page=Page.CONNECTORS,
        promise="Issues that the JQL selects are told again with the fields whose mappings are named.",
        line=(
            f"""{ME} {JSON} -d '{{"jql": "summary ~ one", "fieldMappings": ["'"$MAPPING"'"],"""
            """ "responsibility": false, "sendStatusField": false}' "$BASE/connectors/$FIRST/resync\""""
        ),
        keep={"TASK": "id"},
    ),
    Call(
        name="resync without a JQL",
        page=Page.CONNECTORS,
        promise="The JQL and the mappings are required.",
        line=f"""{ME} {JSON} -d '{{"fieldMappings": []}}' "$BASE/connectors/$FIRST/resync\"""",
        status=400,
    ),
    Call(
        name="resync of the status",
        page=Page.CONNECTORS,
        promise="The status is forced where that is asked for; an empty JQL means all configured issues.",
        line=f"""{ME} {JSON} -d '{{"jql": "", "fieldMappings": [], "sendStatusField": true}}' "$BASE/connectors/$FIRST/resync\"""",
        keep={"TASK": "id"},
    ),
    Call(
        name="resync of the other side",
        page=Page.CONNECTORS,
        promise="Either connector tells the other.",
        line=f"""{ME} {JSON} -d '{{"jql": "order by key", "fieldMappings": []}}' "$BASE/connectors/$SECOND/resync\"""",
        keep={"TASK": "id"},
    ),
    Call(
        name="pairs",
        page=Page.CONNECTORS,
        promise="Which local issue belongs to which remote issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation"',
        keep={"INFO": "0.id"},
    ),
    Call(
        name="pair of a local issue",
        page=Page.CONNECTORS,
        promise="That of a local issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?localIssueKey=$PROJECT-1"',
    ),
    Call(
        name="pair of a remote issue",
        page=Page.CONNECTORS,
        promise="That of a remote issue.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?remoteIssueKey=PB-2"',
    ),
    Call(
        name="pair that is none",
        page=Page.CONNECTORS,
        promise="Both filters together.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation?localIssueKey=$PROJECT-1&remoteIssueKey=PB-2"',
    ),
    Call(
        name="save pairs",
        page=Page.CONNECTORS,
        promise="What GET prints …",
        line=f'{ME} -o "$FILES/pairs.json" "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="import pairs",
        page=Page.CONNECTORS,
        promise="… POST imports; the same pair is updated.",
        line=f'{ME} {JSON} -d @"$FILES/pairs.json" "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="import the fewest",
        page=Page.CONNECTORS,
        promise="Both keys are enough.",
        line=(
            f"""{ME} {JSON} -d '[{{"localIssueKey": "'"$PROJECT"'-1", "remoteIssueKey": "PB-1"}}]'"""
            """ "$BASE/connectors/$FIRST/syncInformation\""""
        ),
    ),
    Call(
        name="import a contradiction",
        page=Page.CONNECTORS,
        promise="One issue in two pairs is a contradiction, told with its position.",
        line=(
            f"""{ME} {JSON} -d '[{{"localIssueKey": "'"$PROJECT"'-1", "remoteIssueKey": "PB-2"}}]'"""
            """ "$BASE/connectors/$FIRST/syncInformation\""""
        ),
        status=409,
    ),
    # Rename of a project key; the project has its new key in Jira when the third call is made
    Call(
        name="key before",
        page=Page.RENAME,
        promise="The key that the program knows.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey"',
    ),
    Call(
        name="wrong key",
        page=Page.RENAME,
        promise="A key that is not the project's is refused.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey?newProjectKey=NOPE"',
        status=409,
    ),
    Call(
        name="keys of connectors",
        page=Page.RENAME,
        promise="The connectors of the project, under its former key after a rename as well.",
        line=f'{ME} "$BASE/integrations?projectKey=$PROJECT"',
    ),
    Call(
        name="page in a browser",
        page=Page.RENAME,
        promise="Opened in a browser that is signed in, a change asks first.",
        line='curl -b "$COOKIES" "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="confirmed in a browser",
        page=Page.RENAME,
        promise="Its button makes the change and shows what is documented.",
        line='curl -b "$COOKIES" -d "csrf=$CSRF" "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="new key",
        page=Page.RENAME,
        promise="The answer confirms the new key, however often it is told.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="new key by PUT",
        page=Page.RENAME,
        promise="The same by PUT.",
        line=f'{ME} -X PUT "$BASE/connectors/$FIRST/projectKey?newProjectKey=$NEW"',
    ),
    Call(
        name="key after",
        page=Page.RENAME,
        promise="The key is another one, the connector's is not.",
        line=f'{ME} "$BASE/connectors/$FIRST/projectKey"',
    ),
    Call(
        name="pairs after",
        page=Page.RENAME,
        promise="The pairs show the new keys.",
        line=f'{ME} "$BASE/connectors/$FIRST/syncInformation"',
        keep={"INFO": "0.id"},
    ),
    # Change of the synchronization user
    Call(
        name="user",
        page=Page.USER,
        promise="The account that synchronizes.",
        line=f'{ME} "$BASE/connectors/$FIRST/user"',
    ),
    Call(
        name="same user",
        page=Page.USER,
        promise="The account is changed like the key.",
        line=f'{ME} "$BASE/connectors/$FIRST/user?newUser=sync"',
    ),
    # Deleting
    Call(
        name="delete with an empty id",
        page=Page.CONNECTORS,
        promise="An empty or misspelt parameter deletes nothing.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation?syncInfoId="',
        status=400,
    ),
    Call(
        name="delete one",
        page=Page.CONNECTORS,
        promise="One entry is deleted, on both connectors by two calls.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation?syncInfoId=$INFO"',
    ),
    Call(
        name="delete a foreign one",
        page=Page.CONNECTORS,
        promise="An entry of another connector is not there.",
        line=f'{ME} -X DELETE "$BASE/connectors/$SECOND/syncInformation?syncInfoId=$INFO"',
        status=404,
    ),
    Call(
        name="delete all",
        page=Page.CONNECTORS,
        promise="Without the parameter all entries of the connector are deleted; the synchronization is stopped first.",
        line=f'{ME} -X DELETE "$BASE/connectors/$FIRST/syncInformation"',
    ),
    Call(
        name="start after deleting",
        page=Page.LIFE,
        promise="It is started again.",
        line=f'{ME} -X POST "$BASE/integrations/$SYNC/start"',
        keep={"TASK": "id"},
    ),
    Call(
        name="delete",
        page=Page.LIFE,
        promise="A running synchronization is stopped, then deleted.",
        line=f'{ME} -X DELETE "$BASE/integrations/$SYNC"',
    ),
    Call(
        name="deleted",
        page=Page.LIFE,
        promise="Then it is not there any more.",
        line=f'{ME} "$BASE/integrations/$SYNC"',
        status=404,
    ),
    Call(
        name="create",
        page=Page.LIFE,
        promise="Another one is created, with the name and the sentence that are usual.",
        line=f'{ME} {JSON} -d @"$FILES/new.json" "$BASE/integrations"',
        keep={"SYNC": "integrationKey"},
    ),
    Call(
        name="created",
        page=Page.LIFE,
        promise="It is there, and stopped.",
        line=f'{ME} "$BASE/integrations/$SYNC"',
    ),
)
