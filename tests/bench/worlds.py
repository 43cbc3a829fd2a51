"""The two Jiras of the benchmarks: the demo's companies without their issues, with more fields, and with many issues."""

from __future__ import annotations

from collections.abc import Iterator

from backbone.simulator.demo import lumen, northwind
from backbone.simulator.plan import CommentPlan, FieldPlan, IssuePlan, WorldPlan
from backbone.simulator.world.fields import FieldKind

EXTRA = 4
"""Text fields on top of the demo's sixteen mapped ones."""

DECLARATION = """
connections:
  northwind: {url: "http://127.0.0.1:8081", token: {env: NORTHWIND_TOKEN}}
  lumen: {url: "http://127.0.0.1:8082", email: sync@lumen.example, api_token: {env: LUMEN_TOKEN}}
synchronizations:
  - name: Pump Controller <> Flow Sensor
    type: cloud
    first: {connection: northwind, project: PUMP}
    second: {connection: lumen, project: LUM}
    start_with: all
    issue_types:
      - {first: Bug, second: Defect}
      - {first: Task, second: Task}
    fields:
      - {first: summary, second: summary}
      - {first: description, second: description}
      - {first: environment, second: environment}
      - {first: labels, second: labels}
      - {first: duedate, second: duedate}
      - first: priority
        second: priority
        values:
          first_to_second: {Blocker: P1, Critical: P1, Major: P2, Minor: P3, Trivial: P4}
          second_to_first: {P1: Critical, P2: Major, P3: Minor, P4: Trivial}
      - {first: Customer, second: Account}
      - {first: Root Cause, second: Analysis}
      - first: Severity
        second: Impact
        values: [[S1 Stops production, Line down], [S2 Degraded, Workaround], [S3 Cosmetic, Cosmetic]]
      - first: Pump Series
        second: Models
        values: [[NP-100, LX-1], [NP-200, LX-2], [NP-400, LX-3]]
      - {first: Component Path, second: Area}
      - {first: Effort, second: Story Points}
      - {first: Shipped On, second: Target Date}
      - {first: Reproduced At, second: Observed At}
      - {first: Data Sheet, second: Document}
      - {first: Keywords, second: Topics}
{extra}
    status:
      first_to_second: {Open: Backlog, In Progress: Doing, In Review: Verifying, Resolved: Done, Closed: Done}
      second_to_first: {Backlog: Open, Selected: Open, Doing: In Progress, Verifying: In Review, Done: Resolved}
    comments: {direction: both, template: "{author} wrote on {created}:\\n{body}"}
    attachments: {direction: both}
"""


def declaration(*, jql: bool = False) -> str:
    """The configuration file; ``{northwind}`` and ``{lumen}`` stand for the addresses."""
    extra = "\n".join(f"      - {{first: Extra {n}, second: Extra {n}}}" for n in range(1, EXTRA + 1))
    text = DECLARATION.replace("{extra}", extra)
    if jql:
        text = text.replace("project: PUMP}", 'project: PUMP, jql: "labels is EMPTY OR labels != internal"}')
    return text


def plans(*issues: IssuePlan, cloud_issues: tuple[IssuePlan, ...] = ()) -> tuple[WorldPlan, WorldPlan]:
    """Data Center and Cloud."""
    extra = tuple(FieldPlan(name=f"Extra {number}", kind=FieldKind.TEXT) for number in range(1, EXTRA + 1))
    first, second = northwind(), lumen()
    return (
        first.model_copy(update={"fields": (*first.fields, *extra), "issues": issues}),
        second.model_copy(update={"fields": (*second.fields, *extra), "issues": cloud_issues}),
    )


def many(count: int) -> Iterator[IssuePlan]:
    """Issues of Data Center with two comments each."""
    for number in range(count):
        yield IssuePlan(
            project="PUMP",
            type="Bug" if number % 3 else "Task",
            summary=f"Finding {number} of the acceptance test",
            reporter="mara",
            fields={
                "description": f"Seen {number % 17} times on the bench.\n\n" + "The log is attached. " * (number % 9),
                "priority": ("Critical", "Major", "Minor")[number % 3],
                "labels": [f"lot-{number % 20}"],
                "Customer": f"Customer {number % 40}",
                "Effort": number % 13,
            },
            comments=(
                CommentPlan(author="tomasz", body=f"Reproduced with board {number}."),
                CommentPlan(author="ines", body=f"The customer confirms case {number}."),
            ),
        )


def many_of_cloud(count: int) -> Iterator[IssuePlan]:
    """The same on Cloud."""
    for number in range(count):
        yield IssuePlan(
            project="LUM",
            type="Defect" if number % 3 else "Task",
            summary=f"Deviation {number} of the climate chamber",
            reporter="noor",
            fields={
                "description": f"Measured {number % 17} times.\n\n" + "The curve is attached. " * (number % 9),
                "priority": ("P1", "P2", "P3")[number % 3],
                "labels": [f"lot-{number % 20}"],
                "Account": f"Customer {number % 40}",
                "Story Points": number % 13,
            },
            comments=(
                CommentPlan(author="owen", body=f"Same slope with sensor {number}."),
                CommentPlan(author="priya", body=f"Filed with the supplier as {number}."),
            ),
        )
