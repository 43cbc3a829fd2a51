"""Which kinds of task there are, and who does them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backbone.app.usecases.resyncing import RESYNC, do_resync
from backbone.app.usecases.switching_tasks import START, STOP, do_start, do_stop
from backbone.app.usecases.tasks.host import DoTask

KINDS: Mapping[str, DoTask] = MappingProxyType({START: do_start, STOP: do_stop, RESYNC: do_resync})
"""A kind is stored with its tasks: a name that was released stays."""
