"""The page of the results: each part replaces its own section and leaves the others as they are."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from timeit import repeat

import psutil

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "benchmarks.md"


def write_section(part: str, lines: Sequence[str]) -> None:
    """Put the lines between the marks of a part."""
    begin, end = f"<!-- {part}: written by the benchmark -->", f"<!-- end of {part} -->"
    text = PAGE.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    if not found:
        raise LookupError(f"{PAGE.name} has no place for '{part}'")
    after = rest.partition(end)[2]
    body = "\n".join(["", *lines, "", f"Measured {_when()} on {_machine()}.", ""])
    PAGE.write_text(f"{before}{begin}\n{body}\n{end}{after}", encoding="utf-8")


def _when() -> str:
    return datetime.now(UTC).strftime("on %d %B %Y")


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    python = platform.python_version()
    return (
        f"{os.cpu_count()} cores that count to a million in {_million():.0f} ms, {memory:.0f} GB, Python {python}, "
        f"with a load of {load:.1f} at the end"
    )


def _million() -> float:
    """Milliseconds for a fixed piece of work, the best of five: cores of the same number differ by half."""
    return min(repeat("for number in range(1_000_000): total = number + 1", number=1, repeat=5)) * 1000
