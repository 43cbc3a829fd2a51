"""Log lines: an event name and fields, for people or for programs; never an issue's content, never a secret."""

from __future__ import annotations

import logging
import sys
from collections import deque

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

JSON = "json"


def configure(level: str, form: str) -> None:
    """Send the log of this process to standard error, from ``level`` on; ``form`` is ``json`` or ``console``.

    Libraries are heard from warnings on.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s", force=True)
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it logs what a turn raised; we log it ourselves
    structlog.configure(
        processors=_processors(form),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # as it is then: it may be another one by now
        cache_logger_on_first_use=False,
    )


KEPT: deque[str] = deque(maxlen=500)
"""The last lines that this process logged, for a support bundle."""


def kept(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Remember a line that is about to be written."""
    del logger, method
    KEPT.append(" ".join(f"{name}={value}" for name, value in event.items()))
    return event


def _processors(form: str) -> list[Processor]:
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_contents,
        kept,
    ]
    if form == JSON:
        return [*steps, structlog.processors.JSONRenderer()]
    return [*steps, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def without_contents(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """An exception is logged by its type: its text and its frames may hold what people wrote."""
    del logger, method
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()[1]
    if isinstance(found, tuple):
        found = found[1]
    if isinstance(found, BaseException):
        event["error"] = type(found).__name__
    return event
