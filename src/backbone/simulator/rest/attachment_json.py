"""Attachments as JSON."""

from __future__ import annotations

from urllib.parse import quote

from backbone.simulator.rest.call import Body
from backbone.simulator.rest.rendering import Renderer
from backbone.simulator.world.issues import Attachment


def content_link(renderer: Renderer, attachment: Attachment) -> str:
    """Where the bytes are: behind the REST interface on Cloud, beside it on Data Center."""
    if renderer.cloud:
        return f"{renderer.rest}/attachment/content/{attachment.id}"
    return f"{renderer.base}/secure/attachment/{attachment.id}/{quote(attachment.filename)}"


def attachment_json(renderer: Renderer, attachment: Attachment) -> Body:
    """One file as it stands in an issue; images have a thumbnail."""
    shown: Body = {
        "self": f"{renderer.rest}/attachment/{attachment.id}",
        "id": str(attachment.id),
        "filename": attachment.filename,
        "author": renderer.user(attachment.author),
        "created": renderer.time(attachment.created),
        "size": attachment.size,
        "mimeType": attachment.mime_type,
        "content": content_link(renderer, attachment),
    }
    if attachment.mime_type.startswith("image/"):
        name = f"/secure/thumbnail/{attachment.id}/{quote(attachment.filename)}"
        cloud = f"{renderer.rest}/attachment/thumbnail/{attachment.id}"
        shown["thumbnail"] = cloud if renderer.cloud else renderer.base + name
    return shown
