"""Documented calls: logging in, asynchronous tasks, synchronizations."""

from __future__ import annotations

from scripts.documented_call import JSON, ME, Call, Page

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
)
