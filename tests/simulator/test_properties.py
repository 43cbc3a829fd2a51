"""Entity properties over REST."""

from __future__ import annotations

from tests.simulator.asking import Asker


async def test_a_property_is_written_replaced_listed_and_removed_without_a_trace(either: Asker) -> None:
    key = await either.create()
    comment = either.simulator.as_user("sync").comment(key, "x")
    before = await either.fields(key)
    for path in (f"issue/{key}/properties", f"comment/{comment.id}/properties"):
        assert (await either.put(f"{path}/sync.mark", {"a": [1, None]})).status == 201
        assert (await either.put(f"{path}/sync.mark", {"a": 2})).status == 200
        assert (await either.get(f"{path}/sync.mark")).body == {"key": "sync.mark", "value": {"a": 2}}
        assert [entry["key"] for entry in (await either.get(path)).body["keys"]] == ["sync.mark"]
        assert (await either.delete(f"{path}/sync.mark")).status == 204
        assert (await either.get(f"{path}/sync.mark")).status == 404
    after = await either.get(f"issue/{key}?expand=changelog")
    assert (after.body["fields"]["updated"], after.body["changelog"]["total"]) == (before["updated"], 0)


async def test_properties_come_with_an_edit_and_with_a_read(either: Asker) -> None:
    key = await either.create()
    body = {"properties": [{"key": "a", "value": 1}, {"key": "b", "value": "two"}]}
    assert (await either.put(f"issue/{key}", body)).status == 204
    assert (await either.get(f"issue/{key}?properties=b")).body["properties"] == {"b": "two"}
    assert (await either.get(f"issue/{key}?properties=*all")).body["properties"] == {"a": 1, "b": "two"}


async def test_limits_of_properties_are_kept(either: Asker) -> None:
    key = await either.create()
    assert (await either.put(f"issue/{key}/properties/big", "x" * 40_000)).status == 400
    assert (await either.put(f"issue/{key}/properties/{'k' * 256}", 1)).status == 400
    order = {"project": "PA", "permission": "EDIT_ISSUES", "user": "sync", "held": False}
    await either.ask("POST", "/__simulator__/permissions", order)
    assert (await either.put(f"issue/{key}/properties/a", 1)).status == 403
