"""What the people of the two pretend companies do while somebody watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from backbone.simulator import Simulator

Side = Literal["northwind", "lumen"]


@dataclass(frozen=True, slots=True)
class Scene:
    """The two pretend Jiras, and the keys under which partners know each other (both ways)."""

    northwind: Simulator
    lumen: Simulator
    partners: dict[str, str]

    def site(self, side: Side) -> Simulator:
        return self.northwind if side == "northwind" else self.lumen


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that somebody does to one issue; ``do`` returns the issue's key."""

    side: Side
    who: str
    what: str
    do: Callable[[Scene], str]
    expect: str


def _edit(side: Side, who: str, key: str, what: str, **fields: object) -> Step:
    def do(scene: Scene) -> str:
        return scene.site(side).as_user(who).edit(key, **fields).key

    return Step(side=side, who=who, what=what, do=do, expect="field-written")


def _comment(side: Side, who: str, key: str, body: str) -> Step:
    def do(scene: Scene) -> str:
        scene.site(side).as_user(who).comment(key, body)
        return key

    return Step(side=side, who=who, what=f"comments: {body}", do=do, expect="comment-written")


def _move(side: Side, who: str, key: str, transition: str) -> Step:
    def do(scene: Scene) -> str:
        return scene.site(side).as_user(who).transition(key, transition).key

    return Step(side=side, who=who, what=f"moves it: {transition}", do=do, expect="field-written")


def _attach(side: Side, who: str, key: str, name: str, content: bytes) -> Step:
    def do(scene: Scene) -> str:
        scene.site(side).as_user(who).attach(key, name, content)
        return key

    return Step(side=side, who=who, what=f"attaches {name}", do=do, expect="file-written")


def _new(side: Side, who: str, project: str, kind: str, summary: str, **fields: object) -> Step:
    def do(scene: Scene) -> str:
        return scene.site(side).as_user(who).create(project, kind, summary, **fields).key

    return Step(side=side, who=who, what=f"writes a new {kind}: {summary}", do=do, expect="issue-created")


def story() -> tuple[Step, ...]:
    """A morning of two teams; every step concerns one issue."""
    return (
        _edit("northwind", "mara", "PUMP-2", "raises the priority to Critical", priority="Critical"),
        _comment("lumen", "owen", "LUM-1", "The new driver firmware is on the bench, first hour looks flat."),
        _move("northwind", "tomasz", "PUMP-2", "Start Progress"),
        _new(
            "lumen",
            "noor",
            "LUM",
            "Defect",
            "Readings freeze while the pump ramps up",
            priority="P1",
            labels=["field-report"],
            description="Seen twice with an NP-400.\n\nLog attached.",
        ),
        _edit("lumen", "priya", "LUM-4", "sets the labels", labels=["modbus", "release-2.0"]),
        _attach("northwind", "ines", "PUMP-1", "valve-timing.csv", b"ms;state\n0;open\n198;closing\n201;closed\n"),
        _edit("northwind", "gero", "PUMP-4", "names the customer", Customer="Hafenwerke Kiel"),
        _move("lumen", "owen", "LUM-1", "Hand over"),
        _new(
            "northwind",
            "ines",
            "PUMP",
            "Bug",
            "Alarm 23 has no text in Portuguese",
            priority="Minor",
            labels=["display"],
        ),
        _comment("northwind", "mara", "PUMP-1", "Fixed in 4.3-rc1, please try it with the original valve."),
        _edit("lumen", "noor", "LUM-8", "rewrites the summary", summary="Lens coating peels after 150 cycles in brine"),
    )
