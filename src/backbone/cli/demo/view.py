"""What the watcher sees: who did what where, what became of it on the other side, and how long that took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from backbone.cli.demo.story import Step

SHOWN = 14


@dataclass(slots=True)
class Happening:
    """A step and what came of it; ``seconds`` is how long the other side waited."""

    step: Step
    issue: str
    partner: str = "…"
    seconds: float | None = None
    became: str = ""

    def line(self) -> str:
        """The happening in one line, for output that is no terminal."""
        took = f"{self.seconds:.1f} s" if self.seconds is not None else "not yet"
        return f"{self.issue} {self.step.who} {self.step.what} -> {self.partner} {self.became} ({took})"


@dataclass(slots=True)
class View:
    """A live table on a terminal, plain lines elsewhere."""

    console: Console
    heading: tuple[str, ...]
    happenings: list[Happening] = field(default_factory=list)
    footer: str = ""
    _live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it until the block ends."""
        for line in self.heading:
            self.console.print(line)
        if not self.console.is_terminal:
            yield
            return
        with Live(self._table(), console=self.console, refresh_per_second=4) as live:
            self._live = live
            try:
                yield
            finally:
                live.update(self._table())
                self._live = None

    def say(self, footer: str) -> None:
        """What is going on as a whole."""
        self.footer = footer
        self._redraw(footer)

    def tell(self, lines: list[str]) -> None:
        """What is to be read and copied when all is shown: in lines that are left as they are."""
        for line in lines:
            self.console.print(line, soft_wrap=True, markup=False, highlight=False)

    def begin(self, happening: Happening) -> None:
        """Somebody did something."""
        self.happenings.append(happening)
        self._redraw(None)

    def end(self, happening: Happening) -> None:
        """It arrived at the other side."""
        self._redraw(happening.line())

    def _redraw(self, line: str | None) -> None:
        if self._live is not None:
            self._live.update(self._table())
        elif line is not None:
            self.console.print(line)

    def _table(self) -> Group:
        table = Table(expand=True, box=None, pad_edge=False)
        for name, ratio in (("Issue", 2), ("Who", 2), ("Did what", 9), ("Partner", 2), ("What came of it", 7)):
            table.add_column(name, ratio=ratio, overflow="ellipsis", no_wrap=True)
        table.add_column("Took", justify="right", no_wrap=True)
        for one in self.happenings[-SHOWN:]:
            took = "…" if one.seconds is None else f"{one.seconds:.1f} s"
            colour = "cyan" if one.step.side == "northwind" else "magenta"
            table.add_row(
                Text(one.issue, colour), one.step.who, one.step.what, one.partner, one.became, Text(took, "green")
            )
        return Group(table, Text(), Text(self.footer, "dim"))
