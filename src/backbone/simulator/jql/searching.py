"""A search: read the query, check it against the world, test the issues, sort them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from backbone.simulator.jql.errors import JqlError
from backbone.simulator.jql.grammar import is_bounded, parse
from backbone.simulator.jql.ordering import check_order, sort_issues
from backbone.simulator.jql.predicates import Compiler
from backbone.simulator.jql.tree import Query
from backbone.simulator.jql.world import IssueView, JqlContext

UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."

_parse_remembered = lru_cache(maxsize=256)(parse)


def search(text: str, issues: Iterable[IssueView], context: JqlContext) -> list[IssueView]:
    """The issues that match, in order.

    ``issues`` are those the account may see, as the index knows them at this moment.
    Raises JqlError with everything that is wrong; with ``context.validate`` off only for what no
    parser could read, for wrong sorting and, on Cloud, for unbounded queries.
    """
    query = _parse_remembered(text)
    _refuse_unbounded(query, context)
    compiler = Compiler(context)
    test = None if query.where is None else compiler.compile(query.where)
    order_problems = check_order(query.order, context)
    problems = [*(compiler.problems if context.validate else ()), *order_problems]
    if problems:
        raise JqlError(*problems)
    found = issues if test is None else [issue for issue in issues if test(issue)]
    return sort_issues(found, query.order, context)


def check(text: str, context: JqlContext) -> tuple[str, ...]:
    """What is wrong with a query that can be read: ``warningMessages`` where validation is off."""
    query = _parse_remembered(text)
    compiler = Compiler(replace(context, validate=True))
    if query.where is not None:
        compiler.compile(query.where)
    return (*compiler.problems, *check_order(query.order, context))


def _refuse_unbounded(query: Query, context: JqlContext) -> None:
    if context.cloud and not is_bounded(query):
        raise JqlError(UNBOUNDED)
