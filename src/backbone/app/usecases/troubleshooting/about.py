"""The words in which a code of the catalogue is described, and the actions that a person may take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a person may do about a problem; the word is the command's and the route's."""

    RETRY = "retry"
    RESYNC = "resync"
    IGNORE = "ignore"
    RECREATE = "recreate"
    TAKE_MINE = "take-mine"
    TAKE_THEIRS = "take-theirs"


EFFECTS = {
    Action.RETRY: "Tries again what is held back, now that its cause may be gone.",
    Action.RESYNC: "Lets the partner tell its values of this issue again: right when something changed on the sending side.",
    Action.IGNORE: "Ignores future changes of the partner's issue: they are received and not applied any more.",
    Action.RECREATE: "Synchronizes the partner's issue with a new issue, and leaves the old one alone for good.",
    Action.TAKE_MINE: "Takes the value of the issue in which the problem occurred, on both sides.",
    Action.TAKE_THEIRS: "Takes the partner's value, on both sides.",
}
"""What each action does, a sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A problem in words, and what may be done about it.

    ``looks`` is a cause as it is printed, ``reasons`` are why it happens, each a sentence. ``holds`` tells what is held
    back, ``cure`` what to do first, ``follows`` what happens then.
    """

    title: str
    meaning: str
    looks: str
    reasons: tuple[str, ...]
    holds: str
    cure: str
    follows: str
    actions: tuple[Action, ...]


RETRIED = "It is tried again every hour while `backbone serve` runs, and after a retry."
BY_ITSELF = "It goes on by itself within minutes, and nothing is lost meanwhile."
ANALYSED = "It is looked at again every hour while `backbone serve` runs, and ends by itself."
ONE_FIELD = "The value of this field of this issue; its other fields go on."
ONE_ISSUE = "This issue and its partner."
EVERYTHING = "Everything that has to do with this connection."
