"""Every rule is there: without it, one of its tests fails.

Each mutant takes a rule out of a copy of the sources by replacing a piece of text, and runs the tests of that rule.
A mutant that survives is a rule that no test holds. Run by ``make mutants``; ``python -m tests.rules.mutants 3 gaps``
tries those of two rules.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.rules.removals import MUTANTS, Mutant
from tests.rules.removals_of_channels import MUTANTS_OF_CHANNELS, RULES_OF_CHANNELS

ROOT = Path(__file__).resolve().parents[2]
RULES = (*(str(number) for number in range(1, 25)), *RULES_OF_CHANNELS)
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant; ``survived`` if all tests of its rule passed."""

    mutant: Mutant
    survived: bool
    words: str


@contextmanager
def copy_of_tree() -> Iterator[Path]:
    """A tree of its own with what the tests of the rules need."""
    with TemporaryDirectory(prefix="backbone-mutants-") as name:
        tree = Path(name)
        skip = shutil.ignore_patterns("__pycache__", ".hypothesis")
        shutil.copytree(ROOT / "src" / "backbone", tree / "src" / "backbone", ignore=skip)
        for folder in ("fakes", "parts", "rules", "unit"):
            shutil.copytree(ROOT / "tests" / folder, tree / "tests" / folder, ignore=skip)
        for file in ("tests/__init__.py", "tests/conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / file, tree / file)
        yield tree


def judge(mutant: Mutant, tree: Path) -> Verdict:
    """Take the rule out, run its tests, put the rule back."""
    path = tree / "src" / "backbone" / mutant.file
    original = path.read_text(encoding="utf-8")
    if original.count(mutant.old) != 1:
        return Verdict(mutant, survived=True, words=f"the text is there {original.count(mutant.old)} times, not once")
    path.write_text(original.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        code, words = run_tests(tree, tests_of(mutant))
    finally:
        path.write_text(original, encoding="utf-8")
    return Verdict(mutant, survived=code != 1, words=words)


def tests_of(mutant: Mutant) -> Sequence[str]:
    """What pytest has to be told to run the tests that hold the rule."""
    return (mutant.held_by,) if mutant.held_by else ("-k", f"rule_{mutant.rule:02}", "tests/rules")


def run_tests(tree: Path, chosen: Sequence[str]) -> tuple[int, str]:
    """The exit code of pytest (0 passed, 1 failed, others: could not run) and its last words."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen]
    environment = {**os.environ, "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout.strip().splitlines() or [done.stderr.strip()])[-1]


def judge_all(mutants: Sequence[Mutant]) -> list[Verdict]:
    """Judge the mutants, some at a time, each worker in a tree of its own."""
    with copy_of_tree() as one, copy_of_tree() as two:
        code, words = run_tests(one, sorted({mutant.held_by or "tests/rules" for mutant in mutants}))
        if code != 0:
            raise SystemExit(f"the tests of the rules must pass before rules are taken out: {words}")
        trees: SimpleQueue[Path] = SimpleQueue()
        for tree in (one, two):
            trees.put(tree)

        def with_tree(mutant: Mutant) -> Verdict:
            tree = trees.get()
            try:
                return judge(mutant, tree)
            finally:
                trees.put(tree)

        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(with_tree, mutants))


def main() -> int:
    """Print survivors, and how many mutants each rule was tried with."""
    chosen = set(sys.argv[1:] or RULES)
    verdicts = judge_all([one for one in (*MUTANTS, *MUTANTS_OF_CHANNELS) if str(one.rule) in chosen])
    survivors = [one for one in verdicts if one.survived]
    for one in survivors:
        print(f"SURVIVED rule {one.mutant.rule}: {one.mutant.file}: {one.mutant.old.strip()!r} ({one.words})")  # noqa: T201 - a command speaks to its user
    rules = {str(one.mutant.rule) for one in verdicts}
    print(f"{len(verdicts)} mutants of {len(rules)} rules, {len(survivors)} survived")  # noqa: T201 - the same
    return 1 if survivors or rules != chosen else 0


if __name__ == "__main__":
    raise SystemExit(main())
