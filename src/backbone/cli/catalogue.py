"""What each problem means, what it holds back, and what to do: the reference page is made from this table."""

from __future__ import annotations

from dataclasses import dataclass

from backbone.core.model.problems import Code


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """A problem in words, a sentence each: ``meaning``, what it ``holds`` back, the ``cure``, and what ``follows``."""

    meaning: str
    holds: str
    cure: str
    follows: str


_RETRIED = "It is tried again every hour while `backbone serve` runs, and after `backbone retry`."
_BY_ITSELF = "It goes on by itself within minutes, and nothing is lost meanwhile."
_ONE_FIELD = "The value of this field of this issue; its other fields go on."
_ONE_ISSUE = "This issue and its partner."
_ALL = "Everything that has to do with this connection."

CATALOGUE: dict[Code, About] = {
    Code.FIELD_REFUSED: About(
        meaning="Jira refused to write a field, or a transition that the status needs.",
        holds=_ONE_FIELD,
        cure="Put the field on the edit screen of the issue type, or mend what Jira complains about.",
        follows=_RETRIED,
    ),
    Code.ISSUE_REFUSED: About(
        meaning="Jira refused to create an issue, or to create it with a field that it names.",
        holds="The new issue, or only the named field where Jira takes the issue without it.",
        cure="Map a field to what is required, give it a default in Jira, or put the named field on the create screen.",
        follows="It is tried again when the issue is edited, every hour while `backbone serve` runs, and after `backbone retry`.",
    ),
    Code.COMMENT_REFUSED: About(
        meaning="Jira refused to create, change or remove the copy of a comment.",
        holds="This comment.",
        cure="Grant the permissions to add, edit and delete own comments, or mend what Jira complains about.",
        follows=_RETRIED,
    ),
    Code.FILE_REFUSED: About(
        meaning="Jira refused to store or remove the copy of an attachment.",
        holds="This attachment.",
        cure="Raise Jira's limit for the size of attachments, or set `largest_mb` to it.",
        follows=_RETRIED,
    ),
    Code.VALUE_UNKNOWN: About(
        meaning="The partner sent a value that has no counterpart here.",
        holds=_ONE_FIELD,
        cure="Add the option in Jira, or a row to the value table of the field.",
        follows=_RETRIED,
    ),
    Code.NO_PATH_TO_STATUS: About(
        meaning="No transitions that our account may perform lead from the present status to the wanted one.",
        holds="The status of this issue; its fields go on.",
        cure="Add a transition, let the account perform it, or map the status to another one.",
        follows=_RETRIED,
    ),
    Code.TYPE_NOT_MAPPED: About(
        meaning="The partner's issue has a type that is not mapped for this direction.",
        holds="The new issue.",
        cure="Add the type to `issue_types` and apply the file.",
        follows=_RETRIED,
    ),
    Code.ISSUE_DELETED: About(
        meaning="An issue was deleted; its partner is left as it is.",
        holds=_ONE_ISSUE,
        cure="Decide about the partner by hand.",
        follows="Nothing is ever removed because its counterpart vanished.",
    ),
    Code.ISSUE_MOVED: About(
        meaning="An issue was moved to another project.",
        holds=_ONE_ISSUE,
        cure="Move it back, or decide about the partner by hand.",
        follows="When it is back in its project, it goes on where it stopped.",
    ),
    Code.ISSUE_INVISIBLE: About(
        meaning="Our account can't see an issue any more: a permission, a security level or the archive hides it.",
        holds=_ONE_ISSUE,
        cure="Give the account access again.",
        follows="When it is seen again, it goes on where it stopped.",
    ),
    Code.STAMP_IN_FUTURE: About(
        meaning="An edit of the partner lies more than ten minutes ahead of our clock.",
        holds=_ONE_FIELD,
        cure="Set the clocks of both Jiras and of this machine by NTP.",
        follows=_RETRIED,
    ),
    Code.OSCILLATION: About(
        meaning="A field was changed to and fro: two rules, or a rule and an automation in Jira, fight over it.",
        holds=_ONE_FIELD,
        cure="Look for what resets the field on either side, or map it one way only.",
        follows=_RETRIED,
    ),
    Code.MASS_CHANGE: About(
        meaning="More removals and emptied fields than usual would have been sent within an hour.",
        holds="The removals; edits go on.",
        cure="If they are meant, allow them with `backbone retry`; otherwise find out who emptied the issues.",
        follows="After `backbone retry` removals pass for an hour.",
    ),
    Code.START_CONFLICT: About(
        meaning="Two issues were paired whose values differ, and the configuration does not say which one counts.",
        holds=_ONE_FIELD,
        cure="Set `start: first` or `start: second` for the field, or make both values equal by hand.",
        follows="The next edit of the field on either side decides.",
    ),
    Code.UNKNOWN_MARKER: About(
        meaning="An issue bears our mark, but its pair is not known here, as after a restored backup.",
        holds="This issue.",
        cure="Restore a newer backup, or remove one of the two issues by hand.",
        follows="It is never taken for a new issue.",
    ),
    Code.CREATE_UNKNOWN: About(
        meaning="Nobody knows yet whether something was created, since Jira's answer was lost.",
        holds="What waits to be created in this project.",
        cure="Wait three minutes.",
        follows="It is looked for by key and mark first, so that nothing is created twice.",
    ),
    Code.LOGIN_REFUSED: About(
        meaning="Jira refused the log-in of our account.",
        holds=_ALL,
        cure="Mend the password or token where the connection points to, then run `backbone apply` or `backbone retry`.",
        follows="No call is made meanwhile, so that Jira does not lock the account.",
    ),
    Code.CAPTCHA: About(
        meaning="Jira demands a CAPTCHA of our account after failed log-ins.",
        holds=_ALL,
        cure="Log in once with a browser as that account, then run `backbone retry`.",
        follows="No call is made meanwhile.",
    ),
    Code.PERMISSION_MISSING: About(
        meaning="Our account lacks a permission, a scope, or access through a proxy.",
        holds="What needs the permission.",
        cure="Grant what the cause names; `backbone doctor FILE` lists all that is needed.",
        follows=_BY_ITSELF,
    ),
    Code.JQL_REFUSED: About(
        meaning="Jira refuses the JQL of one side, for instance since a field in it was renamed.",
        holds="What this side of this synchronization sends; others on the same connection go on.",
        cure="Correct the `jql` in the configuration file and apply it.",
        follows="Nothing is lost meanwhile.",
    ),
    Code.HOST_UNREACHABLE: About(
        meaning="Calls to a Jira have failed for more than five minutes.",
        holds=_ALL,
        cure="Check that this Jira runs, the network, the proxy and the certificate.",
        follows=_BY_ITSELF,
    ),
    Code.DEFECT: About(
        meaning="The program failed at something that it should have been able to do.",
        holds="What it was doing; everything else goes on.",
        cure="Report the line that names the place; it holds nothing of your issues.",
        follows="It is tried again by itself, with growing pauses.",
    ),
}
