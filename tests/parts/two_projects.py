"""Two projects of two pretend companies that call everything by other names, and the declaration that joins them.

``PA`` belongs to Ann, ``PB`` to Ben. The projects may be in Jiras of any products, or both in one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from backbone.ports.login import ApiTokenLogin, JiraLogin, TokenLogin
from backbone.simulator.plan import (
    FieldPlan,
    IssuePlan,
    OptionPlan,
    ProjectPlan,
    StatusPlan,
    TransitionPlan,
    UserPlan,
    WorkflowPlan,
    WorldPlan,
)
from backbone.simulator.world.fields import FieldKind as Kind
from tests.parts.two_jiras import FIRST, SECOND

CLOUD = "cloud"
PLACES = (
    OptionPlan(value="Europe", children=("Bern", "Oslo")),
    OptionPlan(value="Asia", children=("Tokyo",)),
)
SAMPLES: dict[str, tuple[Kind, str, str, tuple[str | OptionPlan, ...], tuple[str | OptionPlan, ...]]] = {
    "text": (Kind.TEXT, "Customer", "Account", (), ()),
    "lines": (Kind.TEXTAREA, "Cause", "Analysis", (), ()),
    "number": (Kind.NUMBER, "Effort", "Points", (), ()),
    "date": (Kind.DATE, "Shipped", "Delivered", (), ()),
    "instant": (Kind.DATETIME, "Seen At", "Observed At", (), ()),
    "url": (Kind.URL, "Sheet", "Document", (), ()),
    "select": (
        Kind.SELECT,
        "Severity",
        "Impact",
        ("Stops", "Degraded", "Cosmetic", "Unheard of"),
        ("Line down", "Workaround", "Flaw", "Legal"),
    ),
    "radio": (Kind.RADIO, "Channel", "Source", ("Phone", "Mail", "Web"), ("Phone", "Mail", "Web")),
    "multiselect": (Kind.MULTISELECT, "Series", "Models", ("N1", "N2", "N3"), ("L1", "L2", "L3")),
    "checkboxes": (Kind.CHECKBOXES, "Regions", "Markets", ("North", "South", "East"), ("North", "South", "East")),
    "cascade": (Kind.CASCADE, "Place", "Location", PLACES, PLACES),
    "labels": (Kind.LABELS, "Keywords", "Topics", (), ()),
    "outbound": (Kind.TEXT, "Contract", "Agreement", (), ()),
    "graded": (Kind.SELECT, "Grade", "Tier", ("gold", "silver", "bronze"), ("high", "low", "none")),
    "limited": (Kind.TEXTAREA, "Steps", "Reproduction", (), ()),
    "later": (Kind.TEXT, "Budget", "Costs", (), ()),
    "private": (Kind.TEXT, "Margin", "Discount", (), ()),
    "partner": (Kind.TEXT, "Partner Key", "Mirror Key", (), ()),
}
"""Custom fields by what they are for: kind, name and options in PA and in PB."""

FLOW_A = WorkflowPlan(
    name="Flow of A",
    initial="Open",
    transitions=(
        TransitionPlan(name="Begin", start=("Open",), to="In Progress"),
        TransitionPlan(name="Hand in", start=("In Progress",), to="In Review"),
        TransitionPlan(name="Resolve", start=("In Review",), to="Resolved"),
        TransitionPlan(name="Close", start=("Resolved",), to="Closed"),
        TransitionPlan(name="Park", to="Parked"),
        TransitionPlan(name="Reopen", start=("In Progress", "In Review", "Resolved", "Closed", "Parked"), to="Open"),
    ),
)
FLOW_B = WorkflowPlan(
    name="Flow of B",
    initial="Backlog",
    transitions=(
        TransitionPlan(name="Pull", start=("Backlog",), to="Doing"),
        TransitionPlan(name="Pass on", start=("Doing",), to="Verifying"),
        TransitionPlan(name="Accept", start=("Verifying",), to="Finished"),
        TransitionPlan(name="Thaw", start=("Frozen",), to="Backlog"),
        TransitionPlan(name="Return", start=("Doing", "Verifying", "Finished"), to="Backlog"),
    ),
)


def _users(zone: str, *names: str) -> tuple[UserPlan, ...]:
    sync = UserPlan(name="sync", display_name="Backbone", email="sync@example.com", tokens=("secret",), time_zone=zone)
    people = (UserPlan(name=name, password=name, time_zone="Europe/Berlin") for name in names)
    return (sync, *people, UserPlan(name="root", password="root", admin=True))


def _project(key: str, flow: str, types: tuple[str, ...], priorities: tuple[str, ...], lead: str) -> ProjectPlan:
    return ProjectPlan(
        key=key,
        name=f"Project {key}",
        lead=lead,
        workflow=flow,
        types=types,
        priorities=priorities,
        default_priority=priorities[-2],
        grants={"DELETE_ISSUES": ("group:jira-users",), "ADMINISTER_PROJECTS": ("group:jira-users",)},
    )


TYPES_A, TYPES_B = ("Bug", "Task", "Story", "Secret"), ("Defect", "Task", "Need", "Idea", "Private")
PRIORITIES_A, PRIORITIES_B = ("Blocker", "Critical", "Major", "Minor"), ("P1", "P2", "P3")
STATUSES_A = (
    StatusPlan(name="Open", category="new"),
    StatusPlan(name="In Progress"),
    StatusPlan(name="In Review"),
    StatusPlan(name="Resolved", category="done"),
    StatusPlan(name="Closed", category="done", editable=False),
    StatusPlan(name="Parked"),
)
STATUSES_B = (
    StatusPlan(name="Backlog", category="new"),
    StatusPlan(name="Doing"),
    StatusPlan(name="Verifying"),
    StatusPlan(name="Finished", category="done"),
    StatusPlan(name="Frozen"),
)
PROJECTS_A = (
    _project("PA", "Flow of A", TYPES_A, PRIORITIES_A, "ann"),
    _project("ATTIC", "Flow of A", TYPES_A, PRIORITIES_A, "ann"),
)
PROJECTS_B = (
    _project("PB", "Flow of B", TYPES_B, PRIORITIES_B, "ben"),
    _project("CELLAR", "Flow of B", TYPES_B, PRIORITIES_B, "ben"),
)


def in_every_status(project: str, kind: str, flow: WorkflowPlan) -> tuple[IssuePlan, ...]:
    """An issue in each status that can be reached, of a type that stays at home: from them the workflow is learnt."""
    names = dict.fromkeys(one.to for one in flow.transitions)
    return tuple(IssuePlan(project=project, type=kind, summary=f"In {name}", status=name) for name in names)


SHOWING_A = in_every_status("PA", "Secret", FLOW_A)
SHOWING_B = in_every_status("PB", "Private", FLOW_B)


def plan_a(product: str = "10.3.17", issues: Sequence[IssuePlan] = ()) -> WorldPlan:
    """The Jira with PA; issues can be moved to ATTIC."""
    return WorldPlan(
        flavour="cloud" if product == CLOUD else "data-center",
        version=product,
        time_zone="Asia/Tokyo",
        users=_users("Asia/Tokyo", "ann", "amy"),
        roles={"Staff": ("ann", "amy", "sync")},
        statuses=STATUSES_A,
        types=TYPES_A,
        priorities=PRIORITIES_A,
        fields=tuple(FieldPlan(name=a, kind=kind, options=options) for kind, a, _, options, _ in SAMPLES.values()),
        workflows=(FLOW_A,),
        projects=PROJECTS_A,
        issues=tuple(issues),
        history_days=2,
    )


def plan_b(product: str = CLOUD, issues: Sequence[IssuePlan] = ()) -> WorldPlan:
    """The Jira with PB; issues can be moved to CELLAR."""
    return WorldPlan(
        flavour="cloud" if product == CLOUD else "data-center",
        version=product,
        time_zone="America/St_Johns",
        users=_users("America/St_Johns", "ben", "bea"),
        roles={"Staff": ("ben", "bea", "sync")},
        statuses=STATUSES_B,
        types=TYPES_B,
        priorities=PRIORITIES_B,
        fields=tuple(FieldPlan(name=b, kind=kind, options=options) for kind, _, b, _, options in SAMPLES.values()),
        workflows=(FLOW_B,),
        projects=PROJECTS_B,
        issues=tuple(issues),
        history_days=2,
    )


def plan_of_both(product: str, issues: Sequence[IssuePlan] = ()) -> WorldPlan:
    """One Jira with both projects and one account for both."""
    one, other = plan_a(product), plan_b(product)
    known = {user.name for user in one.users}
    return one.model_copy(
        update={
            "users": (*one.users, *(user for user in other.users if user.name not in known)),
            "statuses": (*one.statuses, *other.statuses),
            "types": tuple(dict.fromkeys((*TYPES_A, *TYPES_B))),
            "priorities": (*PRIORITIES_A, *PRIORITIES_B),
            "fields": (*one.fields, *other.fields),
            "workflows": (FLOW_A, FLOW_B),
            "projects": (*PROJECTS_A, *PROJECTS_B),
            "issues": tuple(issues),
        }
    )


def credentials_for(product: str) -> JiraLogin:
    """Those of the account ``sync``: a token, as password log-ins are switched off in places."""
    if product == CLOUD:
        return ApiTokenLogin(email="sync@example.com", api_token="secret")
    return TokenLogin(token="secret")


FIELDS: dict[str, dict[str, object]] = {
    **{name: {"first": name, "second": name} for name in ("summary", "description", "environment", "duedate")},
    "system labels": {"first": "labels", "second": "labels"},
    "priority": {
        "first": "priority",
        "second": "priority",
        "values": {
            "first_to_second": {"Blocker": "P1", "Critical": "P1", "Major": "P2", "Minor": "P3"},
            "second_to_first": {"P1": "Critical", "P2": "Major", "P3": "Minor"},
        },
    },
    **{
        what: {"first": a, "second": b}
        for what, (_, a, b, _, _) in SAMPLES.items()
        if what not in ("later", "partner", "private")
    },
}
FIELDS["select"]["values"] = [["Stops", "Line down"], ["Degraded", "Workaround"], ["Cosmetic", "Flaw"]]
FIELDS["multiselect"]["values"] = [["N1", "L1"], ["N2", "L2"], ["N3", "L3"]]
FIELDS["outbound"]["direction"] = "first_to_second"
FIELDS["graded"] |= {
    "direction": "first_to_second",
    "values": {"first_to_second": {"gold": "high", "silver": "high", "bronze": "low"}},
}
FIELDS["limited"]["issue_types"] = ["Bug"]

STATUS: dict[str, object] = {
    "first_to_second": {
        "Open": "Backlog",
        "In Progress": "Doing",
        "In Review": "Verifying",
        "Resolved": "Finished",
        "Closed": "Finished",
        "Parked": "Frozen",
    },
    "second_to_first": {"Backlog": "Open", "Doing": "In Progress", "Verifying": "In Review", "Finished": "Resolved"},
}
TEMPLATE = "{author} wrote on {created}:\n{body}"


def declaration(
    products: tuple[str, ...] = ("10.3.17", CLOUD), fields: Mapping[str, object] = FIELDS, **changed: object
) -> str:
    """A configuration file; a single product means both projects are there. ``changed`` replaces parts of it."""
    names = (FIRST, FIRST) if len(products) == 1 else (FIRST, SECOND)
    first: object = changed.pop("first", {})
    second: object = changed.pop("second", {})
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    synchronization: dict[str, object] = {
        "first": {"connection": names[0], "project": "PA", **first},
        "second": {"connection": names[1], "project": "PB", **second},
        "start_with": "all",
        "issue_types": [
            {"first": "Bug", "second": "Defect"},
            {"first": "Task", "second": "Task"},
            {"first": "Story", "second": "Need", "direction": "first_to_second"},
            {"first": "Task", "second": "Idea", "direction": "second_to_first"},
        ],
        "fields": list(fields.values()),
        "status": STATUS,
        "comments": {"direction": "both", "template": TEMPLATE},
        "attachments": {"direction": "both"},
        "correlation_field": {"first": "Partner Key", "second": "Mirror Key"},
        **changed,
    }
    connections = {
        name: {"url": f"http://127.0.0.1:{port}", **_login(product)}
        for name, port, product in zip((FIRST, SECOND), (8081, 8082), products, strict=False)
    }
    kept = {key: part for key, part in synchronization.items() if part is not None}
    return json.dumps({"connections": connections, "synchronizations": [kept]})


def _login(product: str) -> Mapping[str, object]:
    secret = {"env": "SECRET"}
    return {"email": "sync@example.com", "api_token": secret} if product == CLOUD else {"token": secret}
