"""A file that names a project by its former key, or by its new one, declares the synchronization that there is."""

from __future__ import annotations

from backbone.app.declaration.difference import Outcome, Unchanged
from backbone.app.declaration.reading import declaration_from
from backbone.app.declaration.resolve import resolve
from backbone.app.usecases.applying import apply
from backbone.simulator.world.moving import rename_project_key
from tests.parts.two_jiras import TwoJiras

NAME = "  - name: Pump Controller <> Flow Sensor\n    type: cloud\n"
UNNAMED = "  - type: cloud\n"


async def _apply(jiras: TwoJiras) -> tuple[list[Outcome], list[str]]:
    """Apply the declaration as it is now: what becomes of each synchronization, and the warnings."""
    text = jiras.declaration.replace("http://127.0.0.1:8081", jiras.first.url)
    text = text.replace("http://127.0.0.1:8082", jiras.second.url)
    declared = await resolve(declaration_from(text.encode(), "test.yaml"), jiras.trackers)
    applied = await apply(jiras.store, declared, "test.yaml", jiras.system.now())
    return [one.outcome for one in applied], [one.message for one in declared.warnings]


async def _mappings(jiras: TwoJiras) -> list[tuple[str, str]]:
    """What all that is remembered of issues hangs on."""
    async with jiras.store.unit() as uow:
        [one] = await uow.synchronizations.all()
        return [(field.id, field.field) for field in (await uow.synchronizations.half(one.first)).fields]


def _rename(jiras: TwoJiras) -> None:
    project = jiras.first.world.find_project("PUMP")
    assert project is not None
    rename_project_key(jiras.first.world, project, "PUMPS")


def _with_new_key(jiras: TwoJiras) -> None:
    jiras.declaration = jiras.declaration.replace("project: PUMP,", "project: PUMPS,")


async def test_an_unchanged_file_changes_nothing_after_a_rename() -> None:
    async with TwoJiras() as jiras:
        await _apply(jiras)
        _rename(jiras)
        [outcome], warnings = await _apply(jiras)
    assert isinstance(outcome, Unchanged)
    assert "the project's key is PUMPS now" in warnings


async def test_a_file_with_the_new_key_changes_nothing_either() -> None:
    async with TwoJiras() as jiras:
        await _apply(jiras)
        _rename(jiras)
        _with_new_key(jiras)
        [outcome], _ = await _apply(jiras)
    assert isinstance(outcome, Unchanged)


async def test_a_synchronization_known_by_the_keys_is_recognized_under_both() -> None:
    async with TwoJiras() as jiras:
        assert NAME in jiras.declaration
        jiras.declaration = jiras.declaration.replace(NAME, UNNAMED)
        await _apply(jiras)
        before = await _mappings(jiras)
        _rename(jiras)
        old, _ = await _apply(jiras)
        _with_new_key(jiras)
        new, _ = await _apply(jiras)
        jiras.declaration = jiras.declaration.replace("interval: 1s", "interval: 2s")
        changed, _ = await _apply(jiras)
        async with jiras.store.unit() as uow:
            [one] = await uow.synchronizations.all()
        after = await _mappings(jiras)
    assert after == before
    assert [type(outcome).__name__ for [outcome] in (old, new, changed)] == ["Unchanged", "Unchanged", "Changed"]
    assert (one.name, [project.key for project in one.projects]) == ("PUMPS <> LUM", ["PUMPS", "LUM"])


async def test_what_is_remembered_survives_a_change_under_the_new_key() -> None:
    async with TwoJiras() as jiras:
        jiras.declaration = jiras.declaration.replace(NAME, UNNAMED)
        await _apply(jiras)
        before = await _mappings(jiras)
        _rename(jiras)
        _with_new_key(jiras)
        jiras.declaration = jiras.declaration.replace("interval: 1s", "interval: 2s")
        [changed], _ = await _apply(jiras)
        [again], _ = await _apply(jiras)
        jiras.declaration = jiras.declaration.replace("project: PUMPS,", "project: PUMP,")
        [former], _ = await _apply(jiras)
        after = await _mappings(jiras)
    assert [type(outcome).__name__ for outcome in (changed, again, former)] == ["Changed", "Unchanged", "Unchanged"]
    assert after == before


async def test_the_keys_as_a_stored_name_are_no_name_of_its_own() -> None:
    """Whoever edits it on a page, or rolls it back, stores them so."""
    async with TwoJiras() as jiras:
        jiras.declaration = jiras.declaration.replace(NAME, "  - name: PUMP <> LUM\n    type: cloud\n")
        await _apply(jiras)
        before = await _mappings(jiras)
        jiras.declaration = jiras.declaration.replace("  - name: PUMP <> LUM\n", "  -\n")
        _rename(jiras)
        _with_new_key(jiras)
        outcomes, _ = await _apply(jiras)
        after = await _mappings(jiras)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Changed"]
    assert after == before
