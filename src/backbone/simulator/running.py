"""A pretend Jira running in the present event loop, for tests and the demo."""

from __future__ import annotations

from types import TracebackType

from aiohttp import web

from backbone.simulator.app import Traffic, make_app
from backbone.simulator.flavour import Flavour, Traits, data_center
from backbone.simulator.person import Person
from backbone.simulator.plan import IssuePlan, WorldPlan
from backbone.simulator.rest.calls import CallCounts
from backbone.simulator.seed import build_world, traits_of
from backbone.simulator.world.clock import Clock
from backbone.simulator.world.state import World

LOOPBACK = "127.0.0.1"


def populate(world: World, traits: Traits, plan: WorldPlan) -> None:
    """Add the issues of a plan, each as its people would have written it."""
    for issue in plan.issues:
        _add_issue(world, traits, issue)


def _person(world: World, traits: Traits, name: str) -> Person:
    user = world.find_user(name)
    if user is None:
        raise LookupError(f"there is no user {name}")
    return Person(world, traits, user)


def _add_issue(world: World, traits: Traits, plan: IssuePlan) -> None:
    project = world.find_project(plan.project)
    lead = world.users[project.lead].name if project is not None else ""
    author = _person(world, traits, plan.reporter or lead)
    issue = author.create(plan.project, plan.type, plan.summary, **plan.fields)
    for comment in plan.comments:
        writer = _person(world, traits, comment.author)
        if comment.internal:
            writer.comment_internally(issue.key, comment.body)
        else:
            writer.comment(issue.key, comment.body, role=comment.role, group=comment.group)
    for name, content in plan.attachments.items():
        author.attach(issue.key, name, content.encode())
    if plan.status:
        _walk_to(world, author, issue.id, plan.status)


def _walk_to(world: World, author: Person, issue_id: int, status: str) -> None:
    """Take the shortest path of transitions, whatever their conditions."""
    issue = world.issues[issue_id]
    steps = world.workflow_of(issue).transitions
    paths: dict[str, tuple[str, ...]] = {issue.status_id: ()}
    frontier = [issue.status_id]
    while frontier:
        present = frontier.pop(0)
        for step in steps:
            if step.starts_at(present) and step.target not in paths:
                paths[step.target] = (*paths[present], step.name)
                frontier.append(step.target)
    target = next(s.id for s in world.statuses.values() if s.name == status)
    for name in paths[target]:
        author.transition(issue_id, name)


class Simulator:
    """One pretend Jira on 127.0.0.1, on a port that the system chooses.

    Use it as an asynchronous context manager, or call ``start`` and ``stop``.
    """

    def __init__(self, world: World, traits: Traits | None = None, context: str = "") -> None:
        self.world = world
        self.traits = traits or data_center()
        self.traffic = Traffic()
        self._context = context
        self._runner: web.AppRunner | None = None
        self._port = 0

    @classmethod
    def of_plan(cls, plan: WorldPlan, clock: Clock | None = None, context: str = "") -> Simulator:
        """A pretend Jira with the world of a plan, issues included."""
        traits = traits_of(plan)
        world = build_world(plan, clock)
        world.flavour = Flavour(plan.flavour)
        populate(world, traits, plan)
        return cls(world, traits, context)

    async def start(self, host: str = LOOPBACK, port: int = 0) -> None:
        """Listen."""
        app = make_app(self.world, self.traits, self.traffic, self._context)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Simulator:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The base address, with the context path."""
        return f"http://{LOOPBACK}:{self._port}{self._context}"

    @property
    def calls(self) -> CallCounts:
        """What was called."""
        return self.traffic.calls

    def as_user(self, name: str) -> Person:
        """Work as a person, past the REST interface."""
        return _person(self.world, self.traits, name)
