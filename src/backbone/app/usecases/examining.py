"""The doctor: whether the Jiras of a file let us do what it declares, and what to do where they do not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence

from backbone.app.declaration.declared import Declared
from backbone.app.declaration.findings import DeclarationError, Finding
from backbone.app.declaration.reading import Declaration
from backbone.app.declaration.resolve import NOTHING_PUBLISHED, resolve
from backbone.app.usecases.examining_screens import screen_findings
from backbone.app.usecases.examining_workflows import workflow_findings
from backbone.app.usecases.finding import Examined
from backbone.core.model.configuration import HalfConfiguration
from backbone.core.model.exchange import Exchange
from backbone.core.model.keys import STATUS, ConnectionName
from backbone.ports.tracker import AccessError, AccountInfo, ProjectInfo, Tracker, TrackerError

__all__ = ["Examined", "examine"]

SKEW = 60_000
"""Milliseconds by which clocks may differ without a remark; ten minutes are too many (rule 1)."""

TOO_MUCH_SKEW = 600_000


async def examine(
    declaration: Declaration,
    trackers: Mapping[ConnectionName, Tracker],
    published: Mapping[str, Exchange] = NOTHING_PUBLISHED,
) -> tuple[Examined, ...]:
    """Everything that is wrong or worth knowing, the serious first.

    ``published`` has what masters behind firewalls published for slaves of the file, by their identities.
    """
    found: list[Examined] = []
    accounts: dict[ConnectionName, AccountInfo] = {}
    for name, tracker in trackers.items():
        account = await _account(name, tracker)
        if isinstance(account, Examined):
            found.append(account)
        else:
            accounts[name] = account
            found += clock_findings(name, account)
    if len(accounts) == len(trackers):
        found += await _of_file(declaration, trackers, published, accounts)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: not one.serious))


async def _account(name: ConnectionName, tracker: Tracker) -> AccountInfo | Examined:
    place = f"connection {name}"
    try:
        return await tracker.account()
    except AccessError as error:
        return Examined(serious=True, place=place, finding=error.cause, cure=error.remedy)
    except TrackerError as error:
        cure = "Check the address and the network, then try again"
        return Examined(serious=True, place=place, finding=str(error), cure=cure)


def clock_findings(name: ConnectionName, account: AccountInfo) -> Iterator[Examined]:
    ahead = account.clock - account.local
    if abs(ahead) > SKEW:
        finding = f"its clock is {abs(ahead) // 1000} seconds {'ahead of' if ahead > 0 else 'behind'} ours"
        cure = "Set the clocks of this machine and of that Jira by NTP"
        yield Examined(serious=abs(ahead) > TOO_MUCH_SKEW, place=f"connection {name}", finding=finding, cure=cure)


async def _of_file(
    declaration: Declaration,
    trackers: Mapping[ConnectionName, Tracker],
    published: Mapping[str, Exchange],
    accounts: Mapping[ConnectionName, AccountInfo],
) -> list[Examined]:
    try:
        declared = await resolve(declaration, trackers, published)
    except DeclarationError as error:
        return [_written(error.file, wrong, serious=True) for wrong in error.findings]
    doubts = [_written(declaration.file, doubt, serious=False) for doubt in declared.warnings]
    return [*doubts, *[one async for one in _of_halves(declared, trackers, accounts)]]


def _written(file: str, one: Finding, *, serious: bool) -> Examined:
    place = f"{file}:{one.line}:{one.column}: {one.path}"
    return Examined(serious=serious, place=place, finding=one.message, cure=one.cure)


async def _of_halves(
    declared: Declared, trackers: Mapping[ConnectionName, Tracker], accounts: Mapping[ConnectionName, AccountInfo]
) -> AsyncIterator[Examined]:
    for half, project in _halves(declared):
        place = f"project {project.key} in {half.connection}"
        try:
            for one in await _half(place, half, trackers[half.connection], accounts[half.connection]):
                yield one
        except AccessError as error:
            yield Examined(serious=True, place=place, finding=error.cause, cure=error.remedy)
        except TrackerError as error:
            yield Examined(serious=True, place=place, finding=str(error), cure="Try again in a while")


def _halves(declared: Declared) -> Iterator[tuple[HalfConfiguration, ProjectInfo]]:
    for one in declared.synchronizations:
        yield from zip(one.halves, one.projects, strict=True)


async def _half(place: str, half: HalfConfiguration, tracker: Tracker, account: AccountInfo) -> list[Examined]:
    granted = await tracker.permissions(half.project)
    found = list(permission_findings(place, half, granted, account))
    if account.time_zone not in ("UTC", "") and any(letter.isdigit() for letter in half.jql):
        finding = f"dates in the JQL are read in the time zone of the account {account.name}: {account.time_zone}"
        cure = "Write them in that zone, or set the account's time zone in its profile"
        found.append(Examined(serious=False, place=place, finding=finding, cure=cure))
    found += await screen_findings(place, half, tracker, granted)
    found += await workflow_findings(place, half, tracker)
    return found


def permission_findings(
    place: str, half: HalfConfiguration, granted: Mapping[str, bool], account: AccountInfo
) -> Iterator[Examined]:
    for permission, feature in _needed(half):
        if not granted.get(permission, False):
            finding = f"the account {account.name} lacks the permission {permission}, needed to {feature}"
            cure = "Grant it to the account in the project's permission scheme"
            yield Examined(serious=True, place=place, finding=finding, cure=cure)


def _needed(half: HalfConfiguration) -> Sequence[tuple[str, str]]:
    """Jira's permission keys, each with what it is needed for."""
    receives = any(one.receives and one.field != STATUS for one in half.fields)
    wanted = (
        (True, "BROWSE_PROJECTS", "see the issues"),
        (any(one.receives for one in half.types), "CREATE_ISSUES", "create issues"),
        (receives or half.correlation_field is not None, "EDIT_ISSUES", "write fields"),
        (any(one.field == "duedate" and one.receives for one in half.fields), "SCHEDULE_ISSUES", "write due dates"),
        (half.transitions, "TRANSITION_ISSUES", "change the status"),
        (half.comments.receives, "ADD_COMMENTS", "copy comments"),
        (half.comments.receives, "EDIT_OWN_COMMENTS", "follow edits of comments"),
        (half.comments.receives, "DELETE_OWN_COMMENTS", "follow the removal of comments"),
        (half.files.receives, "CREATE_ATTACHMENTS", "copy attachments"),
        (half.files.receives, "DELETE_OWN_ATTACHMENTS", "follow the removal of attachments"),
    )
    return [(permission, feature) for needed, permission, feature in wanted if needed]
