"""Attachments as Jira shows them, and the form in which they are sent."""

from __future__ import annotations

import msgspec

from backbone.adapters.jira.codec.instants import millis_from_json
from backbone.adapters.jira.codec.people import Identity, UserJson, person_from_json
from backbone.core.model.keys import FileId
from backbone.core.model.snapshot import FileSnapshot

UNKNOWN_TYPE = "application/octet-stream"


class FileJson(msgspec.Struct):
    """One attachment; its id is a number in some answers, a text in others, and missing where it was asked for."""

    filename: str
    size: int
    created: str | int | float
    id: str | int = ""
    mime_type: str | None = msgspec.field(default=None, name="mimeType")
    author: UserJson | None = None


def file_from_json(found: FileJson, me: Identity, digest: str | None = None) -> FileSnapshot:
    """Raises ValueError for an odd instant."""
    return FileSnapshot(
        id=FileId(str(found.id)),
        name=found.filename,
        size=found.size,
        mime=found.mime_type or UNKNOWN_TYPE,
        author=person_from_json(found.author),
        created=millis_from_json(found.created),
        own=me.owns(found.author),
        digest=digest,
    )


def safe_name(name: str) -> str:
    """A name that survives the header of a form: no path, no quotes, no control characters, never empty.

    >>> safe_name('a/b/c "d".txt')
    "c 'd'.txt"
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(each for each in last.replace('"', "'") if each.isprintable())
    return plain.strip() or "attachment"


def form_of(name: str, mime: str, boundary: str) -> tuple[bytes, bytes]:
    """What stands before and after the bytes of a file in ``multipart/form-data``.

    The name is raw UTF-8: Data Center fails at names encoded by RFC 2231 (observed by several clients).
    """
    kind = mime if _is_type(mime) else UNKNOWN_TYPE
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{safe_name(name)}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode("utf-8", "replace"), f"\r\n--{boundary}--\r\n".encode("ascii")


def _is_type(mime: str) -> bool:
    return mime.isascii() and mime.isprintable() and "/" in mime
