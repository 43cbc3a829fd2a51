"""Attachments: limits, upload, metadata, deletion."""

from __future__ import annotations

import re

from aiohttp import BodyPartReader, web

from backbone.simulator.rest.access import demand, demand_room, demand_unarchived, fresh, get_issue, no_issue
from backbone.simulator.rest.attachment_json import attachment_json
from backbone.simulator.rest.call import Body, Call, answer, no_content
from backbone.simulator.rest.endpoints import both, only_cloud
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.files import cloud_content
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.discussion import Upload, add_attachment, delete_attachment
from backbone.simulator.world.issues import Attachment, Issue
from backbone.simulator.world.permissions import may, sees_issue

FILES_LIMIT = 60
PLAIN_NAME = re.compile(r'filename="((?:[^"\\]|\\.)*)"')


async def limits(call: Call) -> web.StreamResponse:
    """``GET attachment/meta``."""
    settings = call.world.settings
    return answer({"enabled": settings.attachments_enabled, "uploadLimit": settings.upload_limit})


def _filename(call: Call, part: BodyPartReader) -> str:
    """The name of a file; Data Center cannot read names in the form of RFC 2231."""
    header = part.headers.get("Content-Disposition", "")
    found = PLAIN_NAME.search(header)
    if "filename*=" in header and not call.traits.is_cloud:
        raise Refused(500, "Internal server error")
    name = found.group(1) if found else part.filename
    if not name:
        raise Refused(400, "The file has no name.")
    return name.replace('\\"', '"').replace("\\", "/").rpartition("/")[2]


async def _content(call: Call, part: BodyPartReader) -> bytes:
    limit = call.world.settings.upload_limit
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > limit:
            text = f"The field file exceeds its maximum permitted size of {limit} bytes."
            raise Refused(413, text)
    return bytes(content)


async def _uploads(call: Call) -> list[Upload]:
    if not call.request.content_type.startswith("multipart/"):
        raise Refused(415, body="<html><head><title>Unsupported Media Type</title></head></html>")
    found = []
    reader = await call.request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or part.name != "file":
            raise Refused(400, f"Unknown part {getattr(part, 'name', None)!r}: files are sent in parts named 'file'.")
        name = _filename(call, part)
        kind = part.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
        found.append(Upload(filename=name, mime_type=kind, content=await _content(call, part)))
    if call.traits.is_cloud and len(found) > FILES_LIMIT:
        raise Refused(413, f"A maximum of {FILES_LIMIT} files can be uploaded at once.")
    return found


async def upload(call: Call) -> web.StreamResponse:
    """``POST issue/{id}/attachments``: refused without the word against cross-site requests."""
    if call.request.headers.get("X-Atlassian-Token", "") not in {"no-check", "nocheck"}:
        raise Refused(403, body="XSRF check failed")
    issue = get_issue(call)
    demand_unarchived(issue)
    if not call.world.settings.attachments_enabled:
        raise Refused(404 if call.traits.is_cloud else 403, "Attachments are disabled.")
    text = f"You do not have permission to create attachments for this issue ({issue.key})."
    demand(call, "CREATE_ATTACHMENTS", issue, text)
    uploads = await _uploads(call)
    demand_room(len(issue.attachments), len(uploads), call.traits.attachments_an_issue, "attachments")
    await call.site.faults.before_write(call.request, "attachment.create")
    added = [add_attachment(call.world, fresh(call, issue), call.user, one) for one in uploads]
    await call.site.faults.after_write(call.request, "attachment.create")
    renderer = Renderer(call)
    return answer([attachment_json(renderer, attachment) for attachment in added])


def find_attachment(call: Call, text: str) -> tuple[Issue, Attachment]:
    """A visible attachment, or 404."""
    issue_id = call.world.attachment_issues.get(int(text)) if text.isdecimal() else None
    issue = call.world.issues.get(issue_id) if issue_id is not None else None
    if issue is None:
        raise Refused(404, f"The attachment with id '{text}' does not exist")
    if not sees_issue(call.world, call.account, issue):
        raise no_issue(call)
    return issue, next(a for a in issue.attachments if a.id == int(text))


async def read(call: Call) -> web.StreamResponse:
    """``GET attachment/{id}``: Cloud shows the id as a number here."""
    _, attachment = find_attachment(call, call.path("attachment"))
    shown: Body = attachment_json(Renderer(call), attachment)
    if call.traits.is_cloud:
        shown["id"] = attachment.id
    else:
        del shown["id"]
    return answer(shown)


async def delete(call: Call) -> web.StreamResponse:
    """``DELETE attachment/{id}``."""
    issue, attachment = find_attachment(call, call.path("attachment"))
    demand_unarchived(issue)
    project = call.world.projects[issue.project_id]
    own = attachment.author == call.user.key and may(call.account, "DELETE_OWN_ATTACHMENTS", project, issue)
    if not own and not may(call.account, "DELETE_ALL_ATTACHMENTS", project, issue):
        raise Refused(403, f"You do not have permission to delete attachment with id: {attachment.id}")
    await call.site.faults.before_write(call.request, "attachment.delete")
    delete_attachment(call.world, fresh(call, issue), call.user, attachment)
    await call.site.faults.after_write(call.request, "attachment.delete")
    return no_content()


async def content(call: Call) -> web.StreamResponse:
    """``GET attachment/content/{id}`` of Cloud."""
    _, attachment = find_attachment(call, call.path("attachment"))
    return cloud_content(call, attachment)


ENDPOINTS = (
    both("GET", "attachment/meta", limits),
    both("POST", "issue/{issue}/attachments", upload),
    both("GET", "attachment/{attachment}", read),
    both("DELETE", "attachment/{attachment}", delete),
    only_cloud("GET", "attachment/content/{attachment}", content, "redirect"),
)
