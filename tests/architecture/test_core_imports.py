"""The core decides from what it is given: it imports the quiet part of the standard library, and itself."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.architecture.sources import Source, sources_under

# What reaches for the world, for the clock or for chance.
LOUD = {
    "asyncio",
    "concurrent",
    "ctypes",
    "http",
    "io",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}
ALLOWED = sys.stdlib_module_names - LOUD


def test_the_core_imports_only_the_quiet_part_of_the_standard_library() -> None:
    foreign = [
        f"{source.name}: {module}"
        for source in sources_under("src/backbone/core")
        for module in imported(source)
        if not module.startswith("backbone.core") and module.partition(".")[0] not in ALLOWED
    ]

    assert foreign == []


def test_the_core_never_asks_what_time_it_is() -> None:
    clocks = {"now", "utcnow", "today"}
    asked = [
        f"{source.name}:{node.lineno}: {node.func.attr}()"
        for source in sources_under("src/backbone/core")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "dt"}
    ]

    assert asked == []


def test_ids_are_given_to_the_core_not_made_there() -> None:
    made = {"uuid1", "uuid4", "urandom", "token_hex", "token_bytes"}
    found = [
        f"{source.name}:{node.lineno}"
        for source in sources_under("src/backbone/core")
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and node.attr in made) or (isinstance(node, ast.Name) and node.id in made)
    ]

    assert found == []


def imported(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module)):
                yield module
            case _:
                pass
