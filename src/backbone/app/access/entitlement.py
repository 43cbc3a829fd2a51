"""What a person of a Jira may do here: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backbone.app.access.caller import Caller, Scope
from backbone.app.access.refusal import NOT_ENTITLED, NOT_IN_GROUP, Refusal
from backbone.core.model.keys import ConnectionName
from backbone.ports.access import AccessRule, KnownPerson, PersonRights
from backbone.ports.people import JiraPerson
from backbone.ports.records import StoredConnection


def person_name(connection: ConnectionName, account: str) -> str:
    """How an account of a Jira is named in the audit log, and as owner of tokens and tasks."""
    return f"jira:{connection}:{account}"


def address_of(connection: StoredConnection) -> str:
    """Where a connection leads, for comparison."""
    declared = connection.document.get("declared")
    url = declared.get("url") if isinstance(declared, Mapping) else None
    return str(url).rstrip("/").casefold()


def connections_to(jira: str, connections: Sequence[StoredConnection]) -> frozenset[ConnectionName]:
    """All connections that lead to the same Jira."""
    return frozenset(one.name for one in connections if address_of(one) == jira)


def rights_of(person: JiraPerson, jira: str) -> PersonRights:
    """What is kept of somebody whom the Jira at that address knows."""
    return PersonRights(
        jira=jira,
        administers=person.administers,
        projects=tuple(sorted(person.projects)),
        groups=tuple(sorted(folded(group) for group in person.groups)),
    )


def caller_of(person: KnownPerson, rule: AccessRule, connections: Sequence[StoredConnection]) -> Caller | Refusal:
    """The caller that a person is. Administrators of Jira are always let in, those of projects as the rule says.

    The connections are those of now: another one to the same Jira counts, one that leads elsewhere now does not.
    """
    rights, same_jira = person.rights, connections_to(person.rights.jira, connections)
    if not same_jira or not (rights.administers or rights.projects):
        return NOT_ENTITLED
    if not rights.administers and not admits(rule, rights):
        return NOT_IN_GROUP
    return Caller(
        name=person.name,
        shown=person.shown,
        scope=Scope.ADMINISTER,
        instances=same_jira if rights.administers else frozenset(),
        projects=frozenset((one, project) for one in same_jira for project in rights.projects),
    )


def admits(rule: AccessRule, rights: PersonRights) -> bool:
    """Whether a project administrator with these groups may work here."""
    return rule.everyone or bool({folded(group) for group in rule.groups} & set(rights.groups))


def folded(group: str) -> str:
    """Jira does not tell groups apart by capitals."""
    return group.strip().casefold()
