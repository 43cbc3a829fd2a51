"""Small objects that appear everywhere: users, statuses, priorities, types, projects, options."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from backbone.simulator.rest.times import instant_text, whole_second
from backbone.simulator.rest.viewpoint import Viewpoint
from backbone.simulator.world.fields import Option
from backbone.simulator.world.people import User
from backbone.simulator.world.projects import IssueType, Project
from backbone.simulator.world.workflows import Status

CATEGORIES = {
    "new": (2, "blue-gray", "To Do"),
    "indeterminate": (4, "yellow", "In Progress"),
    "done": (3, "green", "Done"),
}
AVATAR_SIZES = {"48x48": "xlarge", "24x24": "small", "16x16": "xsmall", "32x32": "medium"}


class Renderer:
    """Shapes values for one caller; what repeats in a page is shaped once."""

    def __init__(self, call: Viewpoint) -> None:
        self.call = call
        self.world = call.world
        self.traits = call.traits
        self.rest = call.rest if call.api != "latest" else f"{call.base}/rest/api/2"
        self.base = call.base
        self.zone = call.zone
        self.cloud = call.traits.is_cloud
        self.adf = call.api == "3"
        self._made: dict[tuple[str, str], dict[str, object]] = {}

    def _once(self, kind: str, key: str, make: Callable[[], dict[str, object]]) -> dict[str, object]:
        made = self._made.get((kind, key))
        if made is None:
            made = self._made[kind, key] = make()
        return made

    def time(self, instant: datetime) -> str:
        """An instant with its milliseconds."""
        return instant_text(instant, self.zone)

    def issue_time(self, instant: datetime) -> str:
        """A time of an issue, which Data Center keeps to the second."""
        return self.time(whole_second(instant) if self.traits.whole_second_issues else instant)

    def avatars(self, path: str, **parameters: str) -> dict[str, str]:
        """The four sizes of a picture."""
        extra = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
        return {size: f"{self.base}{path}?size={word}{extra}" for size, word in AVATAR_SIZES.items()}

    def user(self, key: str | None) -> dict[str, object] | None:
        """A user as it stands in issues and comments."""
        if key is None:
            return None
        return self._once("user", key, lambda: self.user_object(self.world.users[key]))

    def lead(self, key: str) -> dict[str, object]:
        """The lead of a project: recorded answers of both products show neither mail address nor time zone."""
        shown = self.user_object(self.world.users[key])
        return {name: value for name, value in shown.items() if name not in {"emailAddress", "timeZone"}}

    def user_object(self, user: User) -> dict[str, object]:
        """A user, by account id on Cloud and by name on Data Center; of a deleted one little is left."""
        if user.deleted and not self.cloud:
            return {"name": user.name, "active": False}
        shown = {
            "avatarUrls": self.avatars("/secure/useravatar", avatarId="10122"),
            "displayName": "Former user" if user.deleted else user.display_name,
            "active": user.active,
            "timeZone": user.time_zone,
        }
        if self.cloud:
            own = self.call.account is not None and self.call.account.key == user.key
            mail = {"emailAddress": user.email} if user.email_visible or own else {}
            link = f"{self.rest}/user?accountId={quote(user.account_id)}"
            return {"self": link, "accountId": user.account_id, **mail, **shown, "accountType": user.account_type}
        link = f"{self.rest}/user?username={quote(user.name)}"
        return {"self": link, "name": user.name, "key": user.key, "emailAddress": user.email, **shown}

    def status(self, status_id: str) -> dict[str, object]:
        """A status with its category."""
        return self._once("status", status_id, lambda: self.status_object(self.world.statuses[status_id]))

    def status_object(self, status: Status) -> dict[str, object]:
        """A status with its category."""
        return {
            "self": f"{self.rest}/status/{status.id}",
            "description": status.description,
            "iconUrl": f"{self.base}/images/icons/statuses/generic.png",
            "name": status.name,
            "id": status.id,
            "statusCategory": self.category(status.category),
        }

    def category(self, key: str) -> dict[str, object]:
        """A category of statuses."""
        number, color, name = CATEGORIES[key]
        return {
            "self": f"{self.rest}/statuscategory/{number}",
            "id": number,
            "key": key,
            "colorName": color,
            "name": name,
        }

    def priority(self, priority_id: str) -> dict[str, object]:
        """A priority as it stands in issues."""
        return self._once("priority", priority_id, lambda: self._priority(priority_id))

    def _priority(self, priority_id: str) -> dict[str, object]:
        return {
            "self": f"{self.rest}/priority/{priority_id}",
            "iconUrl": f"{self.base}/images/icons/priorities/{priority_id}.svg",
            "name": self.world.priorities[priority_id].name,
            "id": priority_id,
        }

    def resolution(self, resolution_id: str) -> dict[str, object]:
        """A resolution."""
        resolution = self.world.resolutions[resolution_id]
        return {
            "self": f"{self.rest}/resolution/{resolution.id}",
            "id": resolution.id,
            "description": resolution.description,
            "name": resolution.name,
        }

    def issue_type(self, type_id: str) -> dict[str, object]:
        """An issue type."""
        return self._once("type", type_id, lambda: self.type_object(self.world.issue_types[type_id]))

    def type_object(self, issue_type: IssueType) -> dict[str, object]:
        """An issue type; only Cloud shows its level."""
        shown: dict[str, object] = {
            "self": f"{self.rest}/issuetype/{issue_type.id}",
            "id": issue_type.id,
            "description": issue_type.description,
            "iconUrl": f"{self.base}/secure/viewavatar?size=xsmall&avatarId=10318&avatarType=issuetype",
            "name": issue_type.name,
            "subtask": issue_type.subtask,
            "avatarId": 10318,
        }
        if self.cloud:
            shown["hierarchyLevel"] = issue_type.hierarchy_level
        return shown

    def project(self, project_id: str) -> dict[str, object]:
        """A project as it stands in issues."""
        return self._once("project", project_id, lambda: self.project_object(self.world.projects[project_id]))

    def project_object(self, project: Project) -> dict[str, object]:
        """A project in short."""
        shown: dict[str, object] = {
            "self": f"{self.rest}/project/{project.id}",
            "id": project.id,
            "key": project.key,
            "name": project.name,
            "projectTypeKey": project.kind,
            "avatarUrls": self.avatars("/secure/projectavatar", pid=project.id),
        }
        if self.cloud:
            shown["simplified"] = False
        return shown

    def option(self, option: Option) -> dict[str, object]:
        """A choice of a select field."""
        shown: dict[str, object] = {
            "self": f"{self.rest}/customFieldOption/{option.id}",
            "value": option.value,
            "id": option.id,
        }
        if not self.cloud:
            shown["disabled"] = option.disabled
        return shown

    def history_user(self, key: str) -> dict[str, object] | None:
        """The author of a changelog entry, ``None`` if he is no longer known."""
        return self.user(key) if key in self.world.users else None
