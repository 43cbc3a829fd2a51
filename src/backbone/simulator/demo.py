"""The two worlds of the demo: a maker of pumps on Data Center and its supplier of sensors on Cloud."""

from __future__ import annotations

from importlib.resources import as_file, files

from backbone.simulator.plan import WorldPlan
from backbone.simulator.seed import read_plan_file

NORTHWIND = "northwind.yaml"
LUMEN = "lumen.yaml"


def demo_plan(name: str) -> WorldPlan:
    """A plan that comes with the simulator, by the name of its file."""
    with as_file(files("backbone.simulator.worlds").joinpath(name)) as path:
        return read_plan_file(path)


def northwind() -> WorldPlan:
    """Data Center: projects PUMP and SERV."""
    return demo_plan(NORTHWIND)


def lumen() -> WorldPlan:
    """Cloud: projects LUM and LAB."""
    return demo_plan(LUMEN)
