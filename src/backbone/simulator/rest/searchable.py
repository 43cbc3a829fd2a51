"""The world as the query language sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from backbone.simulator.jql import FieldInfo, IssueReference, NamedValue, PropertyKind
from backbone.simulator.jql import FieldKind as Searchable
from backbone.simulator.jql import Value as Found
from backbone.simulator.rest.rendering import CATEGORIES
from backbone.simulator.rest.times import whole_second
from backbone.simulator.world.fields import CHOICES, MULTI_CHOICES, Field, FieldKind
from backbone.simulator.world.issues import Issue
from backbone.simulator.world.people import User
from backbone.simulator.world.permissions import may, sees_comment, sees_issue
from backbone.simulator.world.state import World

CUSTOM_KINDS: dict[FieldKind, Searchable] = {
    FieldKind.TEXT: Searchable.TEXT,
    FieldKind.TEXTAREA: Searchable.TEXT,
    FieldKind.URL: Searchable.EXACT_TEXT,
    FieldKind.NUMBER: Searchable.NUMBER,
    FieldKind.DATE: Searchable.DAY,
    FieldKind.DATETIME: Searchable.INSTANT,
    FieldKind.LABELS: Searchable.LABELS,
    FieldKind.USER: Searchable.USER,
    FieldKind.CASCADE: Searchable.OPTION,
    **dict.fromkeys(CHOICES | MULTI_CHOICES, Searchable.OPTION),
}
DAYS = frozenset({FieldKind.DATE})
BY_ISSUE: dict[str, Callable[[Issue], Found]] = {
    "key": lambda issue: issue.id,
    "project": lambda issue: issue.project_id,
    "issuetype": lambda issue: issue.type_id,
    "status": lambda issue: issue.status_id,
    "creator": lambda issue: issue.creator,
    "created": lambda issue: whole_second(issue.created),
    "updated": lambda issue: whole_second(issue.updated),
    "resolutiondate": lambda issue: issue.resolved,
    "attachment": lambda issue: tuple(str(a.id) for a in issue.attachments),
}


@dataclass(frozen=True, slots=True)
class SearchableIssue:
    """One indexed state of an issue, as one account may search it."""

    issue: Issue
    world: World
    account: User | None

    @property
    def id(self) -> int:
        return self.issue.id

    @property
    def key(self) -> str:
        return self.issue.key

    def value(self, field_id: str) -> Found:
        """The value of a field in the form the query language compares."""
        by_issue = BY_ISSUE.get(field_id)
        if by_issue is not None:
            return by_issue(self.issue)
        if field_id == "statusCategory":
            return str(CATEGORIES[self.world.statuses[self.issue.status_id].category][0])
        if field_id == "comment":
            seen = (c for c in self.issue.comments if sees_comment(self.world, self.account, c))
            return tuple(c.body for c in seen)
        return self._stored(field_id)

    def _stored(self, field_id: str) -> Found:
        value = self.issue.values.get(field_id)
        field = self.world.fields.get(field_id)
        if field is None or value is None:
            return None
        if field.kind in DAYS and isinstance(value, str):
            return date.fromisoformat(value)
        return int(value) if field.kind is FieldKind.PARENT and isinstance(value, str) else value

    def property_value(self, key: str) -> object:
        """The value of an entity property."""
        return self.issue.properties.get(key)


class SearchableNames:
    """The names that exist, for one account."""

    def __init__(self, world: World, account: User | None) -> None:
        self._world = world
        self._account = account

    def custom_fields(self) -> Sequence[FieldInfo]:
        """All custom fields of the instance."""
        return [self._info(f) for f in self._world.fields.values() if f.custom]

    def _info(self, field: Field) -> FieldInfo:
        kind = CUSTOM_KINDS[field.kind]
        return FieldInfo(
            id=field.id, name=field.name, kind=kind, catalogue=field.id if kind is Searchable.OPTION else ""
        )

    def _members(self, catalogue: str) -> Sequence[NamedValue]:
        world = self._world
        match catalogue:
            case "project":
                return [NamedValue(id=p.id, name=p.key) for p in world.projects.values() if self._sees(p.id)]
            case "issuetype":
                return [NamedValue(id=t.id, name=t.name) for t in world.issue_types.values()]
            case "status":
                return [NamedValue(id=s.id, name=s.name) for s in world.statuses.values()]
            case "statusCategory":
                return [NamedValue(id=str(number), name=name) for number, _, name in CATEGORIES.values()]
            case "priority":
                count = len(world.priorities)
                return [
                    NamedValue(id=p.id, name=p.name, rank=count - place)
                    for place, p in enumerate(world.priorities.values())
                ]
            case "resolution":
                return [
                    NamedValue(id=r.id, name=r.name, rank=place) for place, r in enumerate(world.resolutions.values())
                ]
            case _:
                return [NamedValue(id=o.id, name=o.value) for o in world.options_of(catalogue)]

    def _sees(self, project_id: str) -> bool:
        from_issue = self._world.projects[project_id]
        return may_browse(self._world, self._account, from_issue.id)

    def named(self, catalogue: str, text: str) -> Sequence[NamedValue]:
        """Members by name without case; a project by key, former key or name."""
        folded = text.casefold()
        if catalogue == "project":
            by_key = self._world.find_project(text)
            return [
                NamedValue(id=p.id, name=p.key)
                for p in self._world.projects.values()
                if (p is by_key or p.name.casefold() == folded) and self._sees(p.id)
            ]
        if catalogue == "statusCategory" and text in CATEGORIES:
            number, _, name = CATEGORIES[text]
            return [NamedValue(id=str(number), name=name)]
        return [member for member in self._members(catalogue) if member.name.casefold() == folded]

    def numbered(self, catalogue: str, value_id: str) -> NamedValue | None:
        """A member by id."""
        return next((member for member in self._members(catalogue) if member.id == value_id), None)

    def users(self, text: str) -> Sequence[str]:
        """User keys meant by any of a user's names."""
        folded = text.casefold()
        found = []
        for user in self._world.users.values():
            names = (user.name, user.key, user.account_id, user.display_name, user.email)
            if folded in {name.casefold() for name in names}:
                found.append(user.key)
        return found

    def user_name(self, account: str) -> str:
        """The display name."""
        return self._world.users[account].display_name

    def issue(self, id_or_key: str) -> IssueReference | None:
        """A visible issue by id, key or former key."""
        issue = self._world.find_issue(id_or_key)
        if issue is None or not sees_issue(self._world, self._account, issue):
            return None
        return IssueReference(id=issue.id, key=issue.key)

    def property_kind(self, key: str, path: str) -> PropertyKind | None:
        """As what an app indexes a path of a property, if one does."""
        kind = self._world.indexed_properties.get((key, path))
        return None if kind is None else PropertyKind(kind)


def may_browse(world: World, account: User | None, project_id: str) -> bool:
    """Whether an account sees a project."""
    return may(account, "BROWSE_PROJECTS", world.projects[project_id])
