"""Where the bytes of attachments are: beside the REST interface on Data Center, on another host on Cloud."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from aiohttp import web

from backbone.simulator.rest.call import Call, Site
from backbone.simulator.rest.endpoints import only_data_center
from backbone.simulator.rest.errors import Refused
from backbone.simulator.rest.serving import Dispatcher
from backbone.simulator.world.issues import Attachment
from backbone.simulator.world.permissions import sees_issue


def _bytes(site: Site, attachment: Attachment) -> web.Response:
    disposition = f"attachment; filename*=UTF-8''{quote(attachment.filename)}"
    headers = {"Content-Disposition": disposition, "Content-Type": attachment.mime_type}
    return web.Response(body=site.world.blobs[attachment.id], headers=headers)


def cloud_content(call: Call, attachment: Attachment) -> web.Response:
    """303 to a signed address on the media host, or the bytes themselves with ``redirect=false``."""
    if call.says_no("redirect") or not call.site.media_port:
        return _bytes(call.site, attachment)
    ticket = secrets.token_urlsafe(24)
    call.site.media_tickets[ticket] = attachment.id
    host = f"{call.request.scheme}://{call.request.url.host}:{call.site.media_port}"
    target = f"{host}/file/{attachment.id}/binary?token={ticket}&name={quote(attachment.filename)}"
    return web.Response(status=303, headers={"Location": target})


async def data_center_content(call: Call) -> web.StreamResponse:
    """``/secure/attachment/{id}/{name}``: strangers are sent to the log-in page."""
    text = call.path("attachment")
    issue_id = call.world.attachment_issues.get(int(text)) if text.isdecimal() else None
    issue = call.world.issues.get(issue_id) if issue_id is not None else None
    if issue is None:
        raise Refused(404, body="<html><head><title>Not Found</title></head></html>")
    if not sees_issue(call.world, call.account, issue):
        if call.account is None:
            return web.Response(status=302, headers={"Location": f"{call.base}/login.jsp?permissionViolation=true"})
        raise Refused(403, body="<html><head><title>Permission Violation</title></head></html>")
    return _bytes(call.site, next(a for a in issue.attachments if a.id == int(text)))


def add_routes(app: web.Application, site: Site, dispatcher: Dispatcher) -> None:
    """The addresses beside the REST interface."""
    if site.traits.is_cloud:
        return
    endpoint = only_data_center("GET", "secure/attachment", data_center_content)
    path = f"{site.context}/secure/attachment/{{attachment}}/{{name}}"
    app.router.add_route("*", path, dispatcher.handler("2", {"GET": endpoint}))


def media_app(site: Site) -> web.Application:
    """The media host of Cloud: it knows tickets, and no credentials may ever reach it."""

    async def binary(request: web.Request) -> web.StreamResponse:
        if "Authorization" in request.headers:
            site.calls.note("GET media with credentials", 400)
            return web.json_response({"code": "INVALID_AUTH", "message": "Only one auth mechanism allowed"}, status=400)
        attachment_id = site.media_tickets.get(request.query.get("token", ""))
        issue_id = site.world.attachment_issues.get(attachment_id) if attachment_id is not None else None
        if issue_id is None or str(attachment_id) != request.match_info["attachment"]:
            site.calls.note("GET media", 403)
            return web.json_response({"code": "FORBIDDEN", "message": "The token is not valid"}, status=403)
        site.calls.note("GET media", 200)
        files = site.world.issues[issue_id].attachments
        return _bytes(site, next(a for a in files if a.id == attachment_id))

    app = web.Application()
    app.router.add_get("/file/{attachment}/binary", binary)
    return app
