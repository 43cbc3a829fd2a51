"""Where Atlassian's documents and the pretend Jira disagree on purpose, each with its reason.

A pattern fits a finding as ``METHOD path status place: what``; ``*`` stands for anything. Every one must be needed.
"""

from __future__ import annotations

import re

Reasons = dict[str, str]

EVERYWHERE: Reasons = {
    "POST issue 415 $: undocumented status": "every endpoint refuses other media types; no document says so",
}

EMPTY_CHANGES = "an item of the history has null where there was or is nothing, in every recorded answer"

CLOUD: Reasons = EVERYWHERE | {
    '* *.items[].from: type should be "string"': EMPTY_CHANGES,
    '* *.items[].fromString: type should be "string"': EMPTY_CHANGES,
    '* *.items[].to: type should be "string"': EMPTY_CHANGES,
    '* *.items[].toString: type should be "string"': EMPTY_CHANGES,
    'POST changelog/bulkfetch 200 *.created: type should be "string"': "its own examples show numbers here",
    "GET project* 200 *.projectKeys: undeclared": "a documented value of expand, without a place in the schema",
    "GET serverInfo 200 $.defaultLocale: undeclared": "recorded at real sites",
    "* search 410 $: undocumented status": "removed in 2025 (CHANGE-2046); the document still describes it as it was",
    "POST issue/bulk 400 *": "a request refused as a whole says so like any other, not as a list of failed issues",
}

DATA_CENTER: Reasons = EVERYWHERE | {
    '* *.items[].from: type should be "string"': EMPTY_CHANGES,
    '* *.items[].fromString: type should be "string"': EMPTY_CHANGES,
    '* *.items[].to: type should be "string"': EMPTY_CHANGES,
    "* 200 $: an array is declared by its items": "a defect of the generator of the document",
    "* 200 $: a page is declared by its items": "the same for pages",
    '* 200 *.fields.*: type should be "object"': "every value of a field is declared an object, even texts and dates",
    '* 200 *.renderedFields.*: type should be "object"': "the same for rendered values",
    'GET */properties/{} 200 $.value: type should be "string"': "a value is any JSON, as its own example shows",
    "* 200 *.expand: undeclared": "declared by some beans only; recorded answers have it in all of these",
    "GET mypermissions 200 *.havePermission: undeclared": "declared like GET permissions; Server's example shows it",
    "GET myself 200 $.*.items: undeclared": "the wrapper of lists is declared without its list",
    "GET project* 200 *: undeclared": "the bean of projects has only a few of the keys that recorded answers have",
    "DELETE issue/{}/comment/{} 404 $: undocumented status": "the other methods of this resource document it",
    "PUT issue/{} 404 $: undocumented status": "the other methods of this resource document it",
    "GET issue/{} 401 $: undocumented status": "what Data Center answers to the anonymous",
    "GET user/assignable/search 400 $: undocumented status": "documented by Server 8.4",
}

SERVER: Reasons = EVERYWHERE | {
    '* *.items[].from: type should be "string"': EMPTY_CHANGES,
    '* *.items[].fromString: type should be "string"': EMPTY_CHANGES,
    '* *.items[].to: type should be "string"': EMPTY_CHANGES,
    "GET issue/{}/comment/{} 200 *": "declared as a page of comments; its example shows one",
    "POST issue/bulk 20* *": "declared as one created issue; its example shows the list",
    "POST issue/bulk 400 *": "the same for failures",
    "POST issue/{}/attachments 200 $[].id: undeclared": "clients have always read it; GET issue declares it",
    "GET mypermissions 200 *.havePermission: undeclared": "declared like GET permissions; its example shows it",
    "* 200 *.deleted: undeclared": "added with anonymous users in 8.7, declared by 10.0",
    "GET issue/createmeta/* $: undocumented status": "two resources of 8.4 that document no statuses",
    "GET issue/createmeta 404 $: undocumented status": "removed with 9.0: the word is taken for the key of an issue",
    "DELETE issue/{}/comment/{} 404 $: undocumented status": "the other methods of this resource document it",
    "PUT issue/{} 404 $: undocumented status": "the other methods of this resource document it",
    "GET issue/{} 401 $: undocumented status": "what Data Center answers to the anonymous",
    "GET user/search 400 $: undocumented status": "documented by Data Center 10",
}

UNKNOWN_OPERATIONS: Reasons = {
    "data-center GET issue/createmeta": "removed with 9.0; it still answers, like for an unknown issue",
    "server GET customFields/{}/options": "came after 8.4, documented by 10.0",
    "server GET priority/page": "came after 8.4, documented by 10.0",
    "server GET resolution/page": "came after 8.4, documented by 10.0",
}

EXPAND = "the framework of the interface understands it everywhere"
UNKNOWN_PARAMETERS: Reasons = {
    "data-center GET myself expand": EXPAND,
    "data-center GET issue/{}/transitions expand": "named in the description of the operation",
    "data-center GET serverInfo doHealthCheck": "documented by Server 8.4",
    "data-center GET user/assignable/search startAt": "documented by Server 8.4",
    "server GET myself expand": EXPAND,
    "server GET issue/{}/transitions expand": "named in the description of the operation",
    "server GET issue/createmeta expand": "named in the description of the operation",
    "server GET user includeDeleted": "came after 8.4, documented by 10.0",
}


def reason_for(finding: str, reasons: Reasons) -> str | None:
    """The pattern that explains a finding, if any."""
    return next((pattern for pattern in reasons if _fits(finding, pattern)), None)


def _fits(finding: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), finding) is not None
