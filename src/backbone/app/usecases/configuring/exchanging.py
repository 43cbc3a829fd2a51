"""Configurations as files: the same that `backbone apply` reads, without any secret.

What is exported says where each secret is found, never what it is; one that is kept sealed here is named as an
environment variable to set. What is imported uses the connections that are stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO

from ruamel.yaml import YAML

from backbone.app.access.auditing import entry_of
from backbone.app.access.caller import Caller
from backbone.app.declaration.connection import SECRETS
from backbone.app.declaration.declared import Declared, Json
from backbone.app.declaration.difference import Changed, Created, Undeclared
from backbone.app.declaration.findings import DeclarationError
from backbone.app.declaration.reading import Declaration, declaration_from
from backbone.app.declaration.resolve import plain_json, resolve
from backbone.app.usecases.applying import Applied, compare_declared, recognized, rooted
from backbone.app.usecases.configuring.declaring import FOR_FILES_ONLY, Unfit, Wrong, require_projects, trackers_for
from backbone.app.usecases.configuring.editing import Editor
from backbone.app.usecases.integrations import connection_url
from backbone.app.usecases.own_connections import declared_part
from backbone.app.usecases.publishing import Act, act_of, change, create_stopped
from backbone.core.model.keys import ConnectionName, jira_of
from backbone.ports.administration import AdministrationUnit
from backbone.ports.records import Signed, StoredConnection, Synchronization
from backbone.ports.store import UnitOfWork
from backbone.ports.tracker import Tracker

FILE = "the file"


async def export_file(uow: UnitOfWork, synchronizations: Sequence[Synchronization]) -> str:
    """A file that declares them and their connections. Applying or importing it here changes nothing.

    It may be written anywhere: every path in it is a whole one.
    """
    halves = [await uow.synchronizations.half(key) for one in synchronizations for key in one.connectors]
    used = {jira_of(half.connection) for half in halves}
    connections = {one.name: _exported(one) for one in await uow.synchronizations.connections() if one.name in used}
    documents = [rooted(one, await uow.channels.get(one.key)) for one in synchronizations]
    return _yaml({"connections": connections, "synchronizations": documents})


async def preview_import(editor: Editor, content: bytes) -> list[Applied]:
    """What :func:`import_file` would do; nothing is changed. Raises Unfit, Mistake."""
    declared = await _declared(editor, content)
    async with editor.store.administration() as unit:
        compared = await compare_declared(unit, await recognized(unit, declared))
        return [one for one, _ in compared if not isinstance(one.outcome, Undeclared)]


async def import_file(editor: Editor, content: bytes) -> list[Applied]:
    """Create, stopped, and change what the file declares, all or nothing. Raises Unfit, Mistake.

    The caller administers every project that the file names. What it does not name stays as it is.
    """
    declared = await _declared(editor, content)
    act = act_of(declared, Signed(by=editor.caller.shown, at=editor.now, why="imported a file"))
    async with editor.store.administration() as unit:
        await unit.synchronizations.hold_new()
        declared = await recognized(unit, declared)
        compared = await compare_declared(unit, declared)
        done = [await _one(unit, editor.caller, each, declared, act) for each in compared]
        await unit.commit()
    return [one for one in done if not isinstance(one.outcome, Undeclared)]


async def _one(
    unit: AdministrationUnit,
    caller: Caller,
    compared: tuple[Applied, Synchronization | None],
    declared: Declared,
    act: Act,
) -> Applied:
    applied, known = compared
    resolved = {one.identity: one for one in declared.synchronizations}
    if isinstance(applied.outcome, Created):
        saved = await create_stopped(unit, resolved[applied.outcome.name], act)
    elif isinstance(applied.outcome, Changed) and known is not None:
        saved = await change(unit, known, resolved[applied.outcome.name], act)
    else:
        return applied
    what = "integration.publish" if known else "integration.create"
    after = {"revision": saved.revision, "why": act.signed.why}
    await unit.audit.write(entry_of(caller, what, saved.key, act.signed.at, after=after))
    return replace(applied, key=saved.key, revision=saved.revision)


async def _declared(editor: Editor, content: bytes) -> Declared:
    async with editor.store.administration() as unit:
        stored = {one.name: one for one in await unit.synchronizations.connections()}
    try:
        declaration = _with_stored(declaration_from(content, FILE), stored)
        trackers: dict[ConnectionName, Tracker] = {}
        for part in declaration.document.synchronizations:
            plain = plain_json(part)
            if part.channel is not None:
                raise Unfit([FOR_FILES_ONLY])
            reached = trackers_for(plain, editor.engine.trackers)
            await require_projects(editor.caller, plain, reached)
            trackers |= reached
        return await resolve(declaration, trackers)
    except DeclarationError as error:
        raise Unfit(
            [
                Wrong(place=f"line {one.line}, {one.path}".rstrip(", "), message=one.message, cure=one.cure)
                for one in error.findings
            ]
        ) from error


def _with_stored(declaration: Declaration, stored: Mapping[ConnectionName, StoredConnection]) -> Declaration:
    """The declaration with no connections but those that it uses. Raises Unfit for one that is not the stored one."""
    document = declaration.document
    used = {side.connection for one in document.synchronizations for _, side in one.sides}
    wrong = []
    for name in sorted(used):
        known = stored.get(ConnectionName(name))
        if known is None:
            cure = "Store it with 'backbone apply', or use one that is stored"
            wrong.append(Wrong(place=f"connections.{name}", message="there is no such connection here", cure=cure))
        elif connection_url(known) != document.connections[name].url:
            cure = "Write the address of the stored one; its address is changed apart"
            wrong.append(Wrong(place=f"connections.{name}.url", message="the stored one is another Jira", cure=cure))
    if wrong or not document.synchronizations:
        raise Unfit(wrong or [Wrong(place="synchronizations", message="nothing is declared", cure="Declare one")])
    kept = {name: part for name, part in document.connections.items() if name in used}
    return replace(declaration, document=document.model_copy(update={"connections": kept}))


def _exported(stored: StoredConnection) -> dict[str, Json]:
    exported: dict[str, Json] = dict(declared_part(stored))  # type: ignore[arg-type]  # it was plain JSON when it was saved
    for key in SECRETS:
        source = exported.get(key)
        if isinstance(source, Mapping) and not {"env", "file"} & source.keys():
            exported[key] = {"env": _variable(stored.name, key)}
    return exported


def _variable(name: ConnectionName, key: str) -> str:
    """The environment variable that a sealed secret is exported as.

    >>> _variable(ConnectionName("acme-1"), "api_token")
    'ACME_1_API_TOKEN'
    """
    return "".join(letter if letter.isalnum() else "_" for letter in f"{name}_{key}").upper()


def _yaml(document: object) -> str:
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 4096  # a line that is folded in the middle of a path or a template is hard to read
    writer.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    writer.dump(document, text)
    return text.getvalue()
