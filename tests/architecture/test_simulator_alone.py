"""The pretend Jira proves nothing if it shares code with the program it tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import Source, sources_under

# The package itself names the version; nothing else of it is needed.
OWN = ("backbone.simulator", "backbone.__version__")
MAY_START_IT = ("src/backbone/simulator/", "src/backbone/cli/", "src/backbone/bootstrap", "src/backbone/__main__")


def test_the_simulator_imports_nothing_of_backbone_but_itself() -> None:
    shared = [
        f"{source.name}: {name}"
        for source in sources_under("src/backbone/simulator")
        for name in own_imports(source)
        if not name.startswith(OWN)
    ]

    assert shared == []


def test_only_the_command_line_and_bootstrap_import_the_simulator() -> None:
    users = [
        source.name
        for source in sources_under("src/backbone")
        if not source.name.startswith(MAY_START_IT)
        and any(name.startswith("backbone.simulator") for name in own_imports(source))
    ]

    assert users == []


def own_imports(source: Source) -> Iterator[str]:
    """Full names of what a module imports from Backbone: `backbone.core.model.Issue`, say."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.partition(".")[0] == "backbone")
            case ast.ImportFrom(module=str(module), names=names) if module.partition(".")[0] == "backbone":
                yield from (f"{module}.{alias.name}" for alias in names)
            case _:
                pass
