"""Jira's query language: read, checked and answered over issues that are given."""

from __future__ import annotations

from backbone.simulator.jql.errors import JqlError
from backbone.simulator.jql.grammar import is_bounded, parse
from backbone.simulator.jql.printing import print_query
from backbone.simulator.jql.searching import check, search
from backbone.simulator.jql.tree import Query
from backbone.simulator.jql.world import (
    FieldInfo,
    FieldKind,
    IssueReference,
    IssueView,
    JqlContext,
    JqlWorld,
    MissingIssues,
    NamedValue,
    PropertyKind,
    Value,
)

__all__ = [
    "FieldInfo",
    "FieldKind",
    "IssueReference",
    "IssueView",
    "JqlContext",
    "JqlError",
    "JqlWorld",
    "MissingIssues",
    "NamedValue",
    "PropertyKind",
    "Query",
    "Value",
    "check",
    "is_bounded",
    "parse",
    "print_query",
    "search",
]
