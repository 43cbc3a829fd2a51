"""Nothing grows beyond what a reader takes in at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source, all_sources

MODULE_LINES = 400
FUNCTION_LINES = 50

# A module that is nothing but a table may be longer: its path and the reason.
LONG_TABLES: dict[str, str] = {}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Literal = ast.Dict | ast.List | ast.Tuple | ast.Set


def test_no_module_is_longer_than_400_lines() -> None:
    too_long = [
        f"{source.name}: {lines} lines; split it by noun"
        for source in all_sources()
        if (lines := len(source.text.splitlines())) > MODULE_LINES and source.name not in LONG_TABLES
    ]

    assert too_long == []


def test_no_function_is_longer_than_50_lines() -> None:
    too_long = [
        f"{source.name}:{function.lineno} {function.name}: {lines} lines"
        for source in all_sources()
        for function in functions(source)
        if (lines := code_lines(function)) > FUNCTION_LINES and not is_table(function)
    ]

    assert too_long == []


def test_every_exception_for_a_table_is_still_needed() -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in all_sources()}

    assert [name for name in LONG_TABLES if lengths.get(name, 0) <= MODULE_LINES] == []


def functions(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def code_lines(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)


def is_table(function: Function) -> bool:
    """A function that does nothing but return one literal."""
    body = function.body if ast.get_docstring(function) is None else function.body[1:]
    match body:
        case [ast.Return(value=value)]:
            return isinstance(value, Literal)
        case _:
            return False
