"""The support bundle."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from backbone.app.usecases.troubleshooting.bundle import Told, support_bundle
from backbone.web.access import Rule, allowed
from backbone.web.bodies import patient
from backbone.web.installation import installation_of

router = APIRouter(tags=["Problems"])


@router.get(
    "/support-bundle",
    dependencies=[allowed(Rule.LOCAL_ADMINISTRATOR), patient(300.0)],
    response_class=Response,
    responses={200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def bundle(
    request: Request,
    *,
    hash_names: Annotated[
        bool, Query(alias="hashNames", description="Replace names of fields, options and people, and keys of issues.")
    ] = False,
) -> Response:
    """A zip file for whoever helps: versions, settings, configuration, problems and figures.

    It holds no secrets and nothing of what is written in issues.
    """
    here = installation_of(request)
    told = Told(settings=here.shown_settings(), log=here.last_log_lines())
    body = await support_bundle(here.store, told, here.system.now(), hash_names=hash_names)
    headers = {"Content-Disposition": 'attachment; filename="backbone-support.zip"'}
    return Response(body, media_type="application/zip", headers=headers)
