"""Two companies in whose every name, value and secret is a word that occurs nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from ruamel.yaml import YAML

from backbone.simulator.plan import WorldPlan

_OF_FIRST = (
    *("Bug", "Task", "Customer", "Severity", "Root Cause", "S1 Stops production", "S2 Degraded", "Critical", "Major"),
    *("Open", "In Progress", "Resolved", "Mara Lindqvist", "mara", "Tomasz Zielinski", "Pump Controller", "PUMP"),
    *("Northwind Pumps", "Backbone Sync", "Developers"),
)
_OF_SECOND = (
    *("Defect", "Account", "Impact", "Analysis", "Line down", "Workaround", "P1", "P2", "Backlog", "Doing", "Done"),
    *("Priya Raman", "priya", "Owen Gallagher", "Flow Sensor", "LUM", "Lumen Sensors", "Backbone Sync", "engineers"),
)
ALIASES = ("fault", "title", "text", "buyer", "weight", "grave", "mild", "urgency", "high", "usual", "new", "closed")
CONTENTS = ("summary", "description", "comment", "edit", "label", "customer", "file", "inside")


def word(*about: str) -> str:
    """A word that occurs nowhere else, of letters only: it is the same in every encoding."""
    digest = sha256("/".join(about).encode()).digest()
    return "Zq" + "".join(chr(97 + byte % 26) for byte in digest[:14])


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """The words of one side. ``names`` are by what they stand for."""

    side: str
    names: Mapping[str, str]
    secret: str
    contents: Mapping[str, str]

    @property
    def synchronization(self) -> str:
        return word(self.side, "synchronization")

    @property
    def project(self) -> str:
        """The key of its project."""
        return self.names["PUMP" if self.side == "first" else "LUM"]

    def own(self) -> set[str]:
        """What is nobody's business but its own, besides the key of the project, which is part of issue keys."""
        return ({*self.names.values()} - {self.project}) | {self.synchronization}

    def plan(self) -> WorldPlan:
        """Its Jira, without issues."""
        name = "northwind" if self.side == "first" else "lumen"
        text = files("backbone.simulator.worlds").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
        text = text.partition("\nissues:")[0].replace(f"{name}-token", self.secret)
        return WorldPlan.model_validate(YAML(typ="safe").load(self.worded(text)))

    def worded(self, text: str) -> str:
        """The text with every name replaced by its word."""
        ordered = sorted(self.names, key=len, reverse=True)
        pattern = re.compile("|".join(rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in ordered))
        return pattern.sub(lambda match: self.names[match.group()], text)


def canaries(side: str) -> Canaries:
    """The words of the side called ``first`` or ``second``."""
    names = {one: word(side, one) for one in (_OF_FIRST if side == "first" else _OF_SECOND)}
    key = "PUMP" if side == "first" else "LUM"
    names[key] = names[key].upper()[:10]
    return Canaries(
        side=side,
        names=names,
        secret=word(side, "token"),
        contents={one: word(side, "content", one) for one in CONTENTS},
    )


def alias(name: str) -> str:
    return word("alias", name)


def aliased(text: str) -> str:
    """The text with every ``@alias`` replaced by its word."""
    return re.sub(r"@(\w+)", lambda match: alias(match.group(1)), text)
