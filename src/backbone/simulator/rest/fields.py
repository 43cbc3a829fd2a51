"""Fields, their contexts and options."""

from __future__ import annotations

from aiohttp import web

from backbone.simulator.rest.call import Body, Call, answer
from backbone.simulator.rest.endpoints import both, only_cloud, only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.paging import page_json, window
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.fields import Field, FieldContext, Option

SEARCH_CAP = 50
CONTEXT_CAP = 100


def field_json(call: Call, field: Field) -> Body:
    """One field of the list."""
    shown: Body = {"id": field.id}
    if call.traits.is_cloud:
        shown["key"] = field.id
    shown |= {
        "name": field.name,
        "custom": field.custom,
        "orderable": field.orderable,
        "navigable": field.navigable,
        "searchable": field.searchable,
        "clauseNames": list(field.clause_names),
        "schema": field.schema(),
    }
    return shown


async def listed(call: Call) -> web.StreamResponse:
    """``GET field``: all of them."""
    return answer([field_json(call, field) for field in call.world.fields.values()])


def _searched_json(call: Call, field: Field) -> Body:
    contexts = call.world.contexts.get(field.id, ())
    return {
        "id": field.id,
        "name": field.name,
        "schema": field.schema(),
        "description": "",
        "key": field.id,
        "isLocked": False,
        "screensCount": 1,
        "contextsCount": len(contexts),
        "projectsCount": len(call.world.projects),
    }


async def searched(call: Call) -> web.StreamResponse:
    """``GET field/search`` of Cloud: at most 50 a page."""
    ids, kinds, query = call.names("id"), call.names("type"), call.query("query").casefold()
    found = [
        field
        for field in call.world.fields.values()
        if (not ids or field.id in ids)
        and (not kinds or ("custom" if field.custom else "system") in kinds)
        and query in field.name.casefold()
    ]
    return answer(page_json(call, found, SEARCH_CAP, lambda field: _searched_json(call, field)))


def _custom(call: Call) -> Field:
    field = call.world.fields.get(call.path("field"))
    if field is None or not field.custom:
        raise Refused(404, "The custom field was not found.")
    if not call.user.admin:
        raise Refused(403, "Only Jira administrators can access custom fields.")
    return field


def _context_json(context: FieldContext) -> Body:
    return {
        "id": context.id,
        "name": f"Context {context.id}",
        "description": "",
        "isGlobalContext": not context.project_ids,
        "isAnyIssueType": not context.type_ids,
    }


async def contexts(call: Call) -> web.StreamResponse:
    """``GET field/{id}/context`` of Cloud, for administrators."""
    found = call.world.contexts.get(_custom(call).id, ())
    return answer(page_json(call, found, CONTEXT_CAP, _context_json))


def _flat(options: tuple[Option, ...]) -> list[tuple[Option, str | None]]:
    found: list[tuple[Option, str | None]] = []
    for option in options:
        found.append((option, None))
        found.extend((child, option.id) for child in option.children)
    return found


def _option_json(pair: tuple[Option, str | None]) -> Body:
    option, parent = pair
    shown: Body = {"id": option.id, "value": option.value, "disabled": option.disabled}
    return shown if parent is None else {**shown, "optionId": parent}


async def context_options(call: Call) -> web.StreamResponse:
    """``GET field/{id}/context/{id}/option`` of Cloud, for administrators."""
    found = call.world.contexts.get(_custom(call).id, ())
    context = next((c for c in found if c.id == call.path("context")), None)
    if context is None:
        raise Refused(404, "The context was not found.")
    return answer(page_json(call, _flat(context.options), CONTEXT_CAP, _option_json))


async def one_option(call: Call) -> web.StreamResponse:
    """``GET customFieldOption/{id}``."""
    wanted = call.path("option")
    for field in call.world.fields.values():
        option = call.world.find_option(field.id, wanted)
        if option is not None:
            rest = Renderer(call).rest
            return answer({"self": f"{rest}/customFieldOption/{option.id}", "value": option.value})
    raise Refused(404, f"A custom field option with id '{wanted}' does not exist")


async def options(call: Call) -> web.StreamResponse:
    """``GET customFields/{id}/options`` of Data Center; pages are counted from one."""
    wanted = call.path("field")
    field = call.world.fields.get(wanted if wanted.startswith("customfield_") else f"customfield_{wanted}")
    if field is None:
        raise Refused(404, f"A custom field with id '{wanted}' does not exist")
    query = call.query("query").casefold()
    found = [
        option
        for context in call.world.contexts.get(field.id, ())
        for option in context.options
        if query in option.value.casefold()
    ]
    _, size = window(call, 10_000, 100)
    first = (max(call.number("page", 1), 1) - 1) * size
    shown = [
        {
            "id": int(option.id),
            "value": option.value,
            "disabled": option.disabled,
            "childrenIds": [int(child.id) for child in option.children],
        }
        for option in found[first : first + size]
    ]
    return answer({"total": len(found), "options": shown})


ENDPOINTS = (
    both("GET", "field", listed),
    only_cloud("GET", "field/search", searched, "startAt maxResults type id query orderBy expand projectIds"),
    only_cloud("GET", "field/{field}/context", contexts, "isAnyIssueType isGlobalContext contextId startAt maxResults"),
    only_cloud(
        "GET", "field/{field}/context/{context}/option", context_options, "optionId onlyOptions startAt maxResults"
    ),
    both("GET", "customFieldOption/{option}", one_option),
    only_data_center("GET", "customFields/{field}/options", options, "maxResults issueTypeIds query page projectIds"),
)
