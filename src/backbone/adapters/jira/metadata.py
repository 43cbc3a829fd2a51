"""Projects, types, screens, options and permissions: asked once, kept for a while."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from backbone.adapters.jira.answers import required
from backbone.adapters.jira.cache import Cache
from backbone.adapters.jira.codec.metadata import (
    CreateMetaJson,
    EditMetaJson,
    PermissionsJson,
    ProjectJson,
    ScreenFieldJson,
    TypeJson,
    project_from_json,
    screen_field_from_json,
    type_from_json,
)
from backbone.adapters.jira.codec.values import OptionJson, option_from_json
from backbone.adapters.jira.flavour import API
from backbone.adapters.jira.knowledge import Knowledge
from backbone.adapters.jira.session import JiraSession
from backbone.core.model.keys import STATUS, FieldId, IssueId, ProjectId, TypeId
from backbone.ports.tracker import CreateField, Lane, ProjectInfo, TypeInfo

_PRIORITY = FieldId("priority")
_PAGE = 200

PERMISSIONS = (
    "BROWSE_PROJECTS CREATE_ISSUES EDIT_ISSUES TRANSITION_ISSUES ASSIGN_ISSUES MODIFY_REPORTER RESOLVE_ISSUES "
    "LINK_ISSUES DELETE_ISSUES MOVE_ISSUES SET_ISSUE_SECURITY SCHEDULE_ISSUES ADD_COMMENTS EDIT_ALL_COMMENTS "
    "EDIT_OWN_COMMENTS DELETE_OWN_COMMENTS CREATE_ATTACHMENTS DELETE_OWN_ATTACHMENTS WORK_ON_ISSUES "
    "EDIT_OWN_WORKLOGS MANAGE_WATCHERS VIEW_VOTERS_AND_WATCHERS"
).split()


class Metadata:
    """What does not belong to one issue."""

    def __init__(
        self,
        session: JiraSession,
        knowledge: Knowledge,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._knowledge = knowledge
        self._types: Cache[tuple[TypeInfo, ...]] = Cache(now=now)
        self._screens: Cache[tuple[CreateField, ...]] = Cache(now=now)
        for cache in (self._types, self._screens):
            knowledge.on_forget(cache.forget)

    async def project(self, key_or_id: str) -> ProjectInfo | None:
        answer = await self._session.get(f"{API}/project/{key_or_id}", Lane.LIVE, params={"expand": "projectKeys"})
        if answer.status == 404:
            return None
        return project_from_json(required(answer).decode(ProjectJson))

    async def types(self, project: ProjectId) -> tuple[TypeInfo, ...]:
        async def load() -> tuple[TypeInfo, ...]:
            answer = required(await self._session.get(f"{API}/project/{project}/statuses", Lane.LIVE))
            return tuple(type_from_json(each) for each in answer.decode(list[TypeJson]))

        return await self._types.get((project,), load)

    async def create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]:
        async def load() -> tuple[CreateField, ...]:
            return await self._load_create_fields(project, issue_type)

        return await self._screens.get((project, issue_type), load)

    async def edit_fields(self, issue: IssueId) -> tuple[CreateField, ...]:
        answer = required(await self._session.get(f"{API}/issue/{issue}/editmeta", Lane.LIVE))
        fields = answer.decode(EditMetaJson).fields
        return tuple(screen_field_from_json(ident, each) for ident, each in fields.items())

    async def options(self, field: FieldId, project: ProjectId, types: Sequence[TypeId]) -> tuple[CreateField, ...]:
        if field == STATUS:
            return tuple(_statuses(info) for info in await self.types(project) if info.type.id in types)
        screens = [await self.create_fields(project, each) for each in types]
        found = tuple(each for screen in screens for each in screen if each.id == field and each.options is not None)
        return found or (await self._priorities() if field == _PRIORITY else ())

    async def permissions(self, project: ProjectId) -> Mapping[str, bool]:
        params = {"projectId": str(project)}
        if (await self._knowledge.here()).flavour.named_permissions:
            params["permissions"] = ",".join(PERMISSIONS)
        answer = required(await self._session.get(f"{API}/mypermissions", Lane.LIVE, params=params))
        return {key: each.have for key, each in answer.decode(PermissionsJson).permissions.items()}

    # parts -------------------------------------------------------------------------------------------------------
    async def _load_create_fields(self, project: ProjectId, issue_type: TypeId) -> tuple[CreateField, ...]:
        path = f"{API}/issue/createmeta/{project}/issuetypes/{issue_type}"
        fields: dict[str, ScreenFieldJson] = {}
        start = 0
        while True:
            params = {"startAt": str(start), "maxResults": str(_PAGE)}
            page = required(await self._session.get(path, Lane.LIVE, params=params)).decode(CreateMetaJson)
            fields |= {each.field_id or each.key or "": each for each in page.found}
            start += len(page.found)
            if not page.found or page.is_last or page.total is None or start >= page.total:
                return tuple(screen_field_from_json(ident, each) for ident, each in fields.items() if ident)

    async def _priorities(self) -> tuple[CreateField, ...]:
        answer = required(await self._session.get(f"{API}/priority", Lane.LIVE))
        options = tuple(option_from_json(each) for each in answer.decode(list[OptionJson]))
        return (CreateField(id=_PRIORITY, name="Priority", required=False, options=options),)


def _statuses(info: TypeInfo) -> CreateField:
    return CreateField(id=STATUS, name="Status", required=True, options=info.statuses)
