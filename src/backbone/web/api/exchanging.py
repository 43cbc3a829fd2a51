"""Configurations as files: exported and imported."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from backbone.app.access.caller import Scope
from backbone.app.usecases.applying import Applied
from backbone.app.usecases.configuring.exchanging import export_file, import_file, preview_import
from backbone.web.access import OfPath, Rule, SignedIn, allowed
from backbone.web.api.comparisons import ChangeDocument, change_documents
from backbone.web.api.documents import Shown
from backbone.web.api.refusals import LONG, told
from backbone.web.api.revisions import editor_of
from backbone.web.bodies import patient
from backbone.web.installation import installation_of

router = APIRouter(tags=["Configurations"])

YAML = "application/yaml"
_A_FILE: dict[str, Any] = {YAML: {"schema": {"type": "string", "description": "A configuration file."}}}


class ImportedDocument(Shown):
    """What became of a synchronization that the file declares."""

    summary: str
    outcome: str
    """`created`, `changed` or `unchanged`."""
    integration_key: str | None = None
    revision: int | None = None
    changes: tuple[ChangeDocument, ...] = ()


@router.get(
    "/integrations/{integration_key}/export",
    dependencies=[allowed(Rule.OF_INTEGRATION)],
    response_class=Response,
    responses={200: {"content": _A_FILE}},
)
async def export(request: Request, synchronization: OfPath) -> Response:
    """The configuration as a file, which `backbone apply` and the import read. It never holds a secret.

    Secrets stand in it as where they are found; those that are kept here are named as environment variables to set.
    """
    async with installation_of(request).store.unit() as uow:
        text = await export_file(uow, [synchronization])
    name = f'attachment; filename="{synchronization.key}.yaml"'
    return Response(text, media_type=YAML, headers={"Content-Disposition": name})


@router.post(
    "/integrations/import",
    dependencies=[allowed(Rule.SIGNED_IN, Scope.CONFIGURE), patient(LONG)],
    response_model_exclude_none=True,
    openapi_extra={"requestBody": {"required": True, "content": _A_FILE}},
)
async def import_(
    request: Request,
    caller: SignedIn,
    *,
    dry_run: Annotated[
        bool, Query(alias="dryRun", description="Only tell what would become of it; change nothing.")
    ] = False,
) -> list[ImportedDocument]:
    """Create and change what a configuration file declares, all or nothing; what is new is stopped.

    Connections have to be stored already, at the same address. The caller administers every project of the file.
    """
    here = installation_of(request)
    await here.open_connections()
    content = await request.body()
    with told("file"):
        work = preview_import if dry_run else import_file
        return [_imported(one) for one in await work(editor_of(here, caller), content)]


def _imported(one: Applied) -> ImportedDocument:
    return ImportedDocument(
        summary=one.name,
        outcome=type(one.outcome).__name__.lower(),
        integration_key=one.key,
        revision=one.revision,
        changes=tuple(change_documents(getattr(one.outcome, "changes", ()))),
    )
