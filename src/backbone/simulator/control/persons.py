"""What people do in the pages of the pretend Jira."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from backbone.simulator.control.commands import Command, Order
from backbone.simulator.person import Person, person_named
from backbone.simulator.rest.call import Site
from backbone.simulator.world.issues import Issue


class EditOrder(Order, frozen=True):
    """One action of a person; which of the words are needed depends on the action."""

    user: str
    action: str
    issue: str = ""
    project: str = ""
    type: str = ""
    summary: str = ""
    transition: str = ""
    body: str = ""
    role: str | None = None
    group: str | None = None
    comment: int = 0
    attachment: int = 0
    filename: str = ""
    fields: dict[str, object] = msgspec.field(default_factory=dict)


def _shown(issue: Issue) -> object:
    return {"id": str(issue.id), "key": issue.key}


def _comment(person: Person, order: EditOrder) -> object:
    comment = person.comment(order.issue, order.body, role=order.role, group=order.group)
    return {"comment": comment.id}


def _delete(person: Person, order: EditOrder) -> object:
    person.delete(order.issue)
    return {}


def _delete_comment(person: Person, order: EditOrder) -> object:
    person.delete_comment(order.issue, order.comment)
    return {}


def _delete_attachment(person: Person, order: EditOrder) -> object:
    person.delete_attachment(order.issue, order.attachment)
    return {}


ACTIONS: dict[str, Callable[[Person, EditOrder], object]] = {
    "create": lambda p, o: _shown(p.create(o.project, o.type, o.summary, **o.fields)),
    "edit": lambda p, o: _shown(p.edit(o.issue, **o.fields)),
    "transition": lambda p, o: _shown(p.transition(o.issue, o.transition, **o.fields)),
    "comment": _comment,
    "comment internally": lambda p, o: {"comment": p.comment_internally(o.issue, o.body).id},
    "edit comment": lambda p, o: {"comment": p.edit_comment(o.issue, o.comment, o.body).id},
    "delete comment": _delete_comment,
    "attach": lambda p, o: {"attachment": p.attach(o.issue, o.filename, o.body.encode()).id},
    "delete attachment": _delete_attachment,
    "move": lambda p, o: _shown(p.move(o.issue, o.project)),
    "delete": _delete,
}


def act(site: Site, order: EditOrder) -> object:
    """Let a person act; ``LookupError`` names what does not exist."""
    action = ACTIONS.get(order.action)
    if action is None:
        raise LookupError(f"unknown action {order.action!r}; known: {', '.join(ACTIONS)}")
    return action(person_named(site.world, site.traits, order.user), order)


COMMANDS = (Command("POST", "edit", EditOrder, act),)
