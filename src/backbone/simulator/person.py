"""Working in a pretend Jira as a person: the edits of tests, demos and rehearsals.

A person is not bound to screens: values are given as plain Python (texts, names of options
and priorities, lists of labels) and are resolved by the project's configuration.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime

from backbone.simulator.flavour import Traits
from backbone.simulator.rest.field_meta import Place
from backbone.simulator.rest.inputs import Reader
from backbone.simulator.seed import key_of, named
from backbone.simulator.world.discussion import (
    Upload,
    Words,
    add_attachment,
    add_comment,
    delete_attachment,
    delete_comment,
    edit_comment,
)
from backbone.simulator.world.editing import Draft, create_issue, edit_issue, transition_issue
from backbone.simulator.world.fields import CHOICES, MULTI_CHOICES, Field, FieldKind, Value
from backbone.simulator.world.issues import Attachment, Comment, Issue, Visibility
from backbone.simulator.world.moving import delete_issue, move_issue
from backbone.simulator.world.people import User
from backbone.simulator.world.state import World
from backbone.simulator.world.workflows import Transition


class Person:
    """Somebody who works in the pretend Jira's own pages rather than over REST."""

    def __init__(self, world: World, traits: Traits, user: User) -> None:
        self._world = world
        self._traits = traits
        self._key = user.key

    @property
    def user(self) -> User:
        """The account as it is now."""
        return self._world.users[self._key]

    def issue(self, key: str | int) -> Issue:
        """An issue by key or id; ``LookupError`` if it is gone."""
        found = self._world.find_issue(str(key))
        if found is None:
            raise LookupError(f"there is no issue {key}")
        return found

    def create(self, project: str, type_name: str, summary: str, **fields: object) -> Issue:
        """Create an issue; fields by id or by display name with ``_`` for blanks."""
        target = self._world.find_project(project)
        if target is None:
            raise LookupError(f"there is no project {project}")
        types = [self._world.issue_types[t] for t in target.type_ids]
        place = Place(project=target, type_id=named(types, type_name))
        values = self._values(place, {"summary": summary, **fields})
        draft = Draft(project=target, type_id=place.type_id, values=values, properties={})
        return create_issue(self._world, self.user, draft)

    def edit(self, key: str | int, **fields: object) -> Issue:
        """Set fields; ``None`` or an empty list clears one."""
        issue = self.issue(key)
        place = Place(project=self._world.projects[issue.project_id], type_id=issue.type_id)
        return edit_issue(self._world, issue, self.user, self._values(place, fields))

    def transition(self, key: str | int, name: str, **fields: object) -> Issue:
        """Walk the transition with this name (or to this status) that starts where the issue is."""
        issue = self.issue(key)
        place = Place(project=self._world.projects[issue.project_id], type_id=issue.type_id)
        step = self._step(issue, name)
        return transition_issue(self._world, issue, self.user, step, self._values(place, fields))

    def _step(self, issue: Issue, name: str) -> Transition:
        for step in self._world.workflow_of(issue).transitions:
            if step.starts_at(issue.status_id) and name in {step.name, self._world.statuses[step.target].name}:
                return step
        status = self._world.statuses[issue.status_id].name
        raise LookupError(f"no transition {name!r} starts at {status!r} for {issue.key}")

    def comment(self, key: str | int, body: str, *, role: str | None = None, group: str | None = None) -> Comment:
        """Write a comment, restricted to a role or group if one is named."""
        visibility = None
        if role is not None:
            visibility = Visibility(type="role", value=role)
        elif group is not None:
            visibility = Visibility(type="group", value=group)
        return add_comment(
            self._world, self.issue(key), self.user, Words(body=body, visibility=visibility, properties={})
        )

    def comment_internally(self, key: str | int, body: str) -> Comment:
        """Write an internal comment as in Jira Service Management."""
        words = Words(body=body, properties={"sd.public.comment": {"internal": True}})
        return add_comment(self._world, self.issue(key), self.user, words)

    def edit_comment(self, key: str | int, comment_id: int, body: str) -> Comment:
        """Change a comment's text; its restriction stays."""
        issue, comment = self._comment(key, comment_id)
        words = Words(body=body, visibility=comment.visibility, properties={})
        return edit_comment(self._world, issue, self.user, comment, words)

    def delete_comment(self, key: str | int, comment_id: int) -> None:
        """Delete a comment."""
        issue, comment = self._comment(key, comment_id)
        delete_comment(self._world, issue, self.user, comment)

    def _comment(self, key: str | int, comment_id: int) -> tuple[Issue, Comment]:
        issue = self.issue(key)
        comment = issue.comment(int(comment_id))
        if comment is None:
            raise LookupError(f"{issue.key} has no comment {comment_id}")
        return issue, comment

    def attach(self, key: str | int, filename: str, content: bytes) -> Attachment:
        """Add a file."""
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        upload = Upload(filename=filename, mime_type=kind, content=content)
        return add_attachment(self._world, self.issue(key), self.user, upload)

    def delete_attachment(self, key: str | int, attachment_id: int) -> None:
        """Delete a file."""
        issue = self.issue(key)
        attachment = next(a for a in issue.attachments if a.id == attachment_id)
        delete_attachment(self._world, issue, self.user, attachment)

    def move(self, key: str | int, project: str) -> Issue:
        """Move an issue to another project."""
        target = self._world.find_project(project)
        if target is None:
            raise LookupError(f"there is no project {project}")
        return move_issue(self._world, self.issue(key), self.user, target)

    def delete(self, key: str | int) -> None:
        """Delete an issue."""
        delete_issue(self._world, self.issue(key), self.user)

    def _values(self, place: Place, fields: Mapping[str, object]) -> dict[str, Value]:
        reader = Reader(world=self._world, traits=self._traits, place=place, adf=False)
        values: dict[str, Value] = {}
        for name, plain in fields.items():
            field = self._field(name)
            raw = self._as_json(field, plain)
            values[field.id] = plain if isinstance(plain, datetime) else reader.read(field, raw)
        return values

    def _field(self, name: str) -> Field:
        fields = self._world.fields
        known = fields.get(name) or next((f for f in fields.values() if f.name.replace(" ", "_") == name), None)
        return known if known is not None else fields[named(fields.values(), name)]

    def _as_json(self, field: Field, plain: object) -> object:
        if isinstance(plain, list | tuple) and field.kind is FieldKind.CASCADE:
            child = {"child": {"value": plain[1]}} if len(plain) > 1 else {}
            return {"value": plain[0], **child}
        if isinstance(plain, list | tuple) and field.kind in MULTI_CHOICES:
            return [{"value": item} for item in plain]
        if not isinstance(plain, str):
            return list(plain) if isinstance(plain, tuple) else plain
        if field.kind in CHOICES:
            return {"value": plain}
        if field.kind in {FieldKind.PRIORITY, FieldKind.RESOLUTION, FieldKind.ISSUETYPE}:
            return {"name": plain}
        if field.kind is FieldKind.PARENT:
            return {"key": plain}
        if field.kind is FieldKind.USER:
            user = self._world.users[key_of(self._world, plain)]
            return {"accountId": user.account_id} if self._traits.is_cloud else {"name": user.name}
        return plain


def person_named(world: World, traits: Traits, name: str) -> Person:
    """A person by any of his names; ``LookupError`` if nobody is called so."""
    return Person(world, traits, world.users[key_of(world, name)])
