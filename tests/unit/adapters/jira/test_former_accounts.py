"""What an account did that was ours before counts as ours."""

from __future__ import annotations

import pytest

from backbone.adapters.jira.codec.people import Identity, UserJson


@pytest.mark.parametrize(
    ("user", "ours"),
    [
        (UserJson(name="backbone", key="JIRAUSER1"), True),
        (UserJson(name="sync", key="JIRAUSER2"), True),
        (UserJson(name="mara", key="JIRAUSER3"), False),
        (UserJson(), False),
        (None, False),
    ],
)
def test_former_accounts_are_known_by_name_on_data_center(user: UserJson | None, ours: bool) -> None:
    me = Identity(name="backbone", key="JIRAUSER1", former=frozenset({"sync"}))
    assert me.owns(user) is ours


@pytest.mark.parametrize(("account", "ours"), [("a1", True), ("a0", True), ("b", False)])
def test_former_accounts_are_known_by_id_on_cloud(account: str, ours: bool) -> None:
    assert Identity(account_id="a1", former=frozenset({"a0"})).owns(UserJson(account_id=account)) is ours
