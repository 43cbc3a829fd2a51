"""What is stored as a document, each with its codec."""

from __future__ import annotations

from collections.abc import Mapping

from backbone.adapters.store.codec import Codec
from backbone.core.model.changes import Content
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.pair import Pair
from backbone.core.model.problems import Problem
from backbone.core.model.stamps import IssueStamps
from backbone.core.protocol.channel import Channel
from backbone.ports.records import CreateAttempt, Cursor, JournalEntry, KnownProject, Loser, Signed, Synchronization

PAIR = Codec[Pair](Pair)
STAMPS = Codec[IssueStamps](IssueStamps)
HALF = Codec[HalfConfiguration](HalfConfiguration)
CONTENT = Codec[Content](Content)
PROBLEM = Codec[Problem](Problem)
CURSOR = Codec[Cursor](Cursor)
ATTEMPT = Codec[CreateAttempt](CreateAttempt)
JOURNAL_ENTRY = Codec[JournalEntry](JournalEntry)
LOSER = Codec[Loser](Loser)
PROJECTS = Codec[tuple[KnownProject, ...]](tuple[KnownProject, ...])
SIGNED = Codec[Signed](Signed)
SYNCHRONIZATION = Codec[Synchronization](Synchronization)
CHANNEL = Codec[Channel](Channel)
SECRET_KEYS = Codec[Mapping[str, str]](Mapping[str, str])
DECLARED = Codec[Mapping[str, object]](Mapping[str, object])
