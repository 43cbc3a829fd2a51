"""What a person of a Jira may do here: pure."""

from __future__ import annotations

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.refusal import NOT_ENTITLED, NOT_IN_GROUP, Refusal
from backbone.core.model.keys import ConnectionName
from backbone.ports.access import AccessRule, KnownPerson, PersonProject, PersonRights
from backbone.ports.people import JiraPerson


def person_name(connection: ConnectionName, account: str) -> str:
    """How an account of a Jira is named in the audit log, and as owner of tokens and tasks."""
    return f"jira:{connection}:{account}"


def rights_of(person: JiraPerson, same_jira: frozenset[ConnectionName]) -> PersonRights:
    """The rights of somebody whom Jira knows, on every connection that leads to the same Jira."""
    projects: list[PersonProject] = [(one, project) for one in same_jira for project in person.projects]
    return PersonRights(
        instances=tuple(sorted(same_jira)) if person.administers else (),
        projects=tuple(sorted(projects)),
        groups=tuple(sorted(folded(group) for group in person.groups)),
    )


def caller_of(person: KnownPerson, rule: AccessRule) -> Caller | Refusal:
    """The caller that a person is. Administrators of Jira are always let in, those of projects as the rule says."""
    rights = person.rights
    if not rights.instances and not rights.projects:
        return NOT_ENTITLED
    if not rights.instances and not admits(rule, rights):
        return NOT_IN_GROUP
    return Caller(
        name=person.name,
        shown=person.shown,
        scope=Scope.ADMINISTER,
        instances=frozenset(rights.instances),
        projects=frozenset(rights.projects),
    )


def admits(rule: AccessRule, rights: PersonRights) -> bool:
    """Whether a project administrator with these groups may work here."""
    return rule.everyone or bool({folded(group) for group in rule.groups} & set(rights.groups))


def folded(group: str) -> str:
    """Jira does not tell groups apart by capitals."""
    return group.strip().casefold()
