"""The catalogue: values, comments and attachments that could not be written, or that nobody decided on."""

from __future__ import annotations

from backbone.app.usecases.troubleshooting.about import ONE_FIELD, RETRIED, About, Action
from backbone.core.model.problems import Code

OF_VALUES: dict[Code, About] = {
    Code.FIELD_REFUSED: About(
        title="Jira refused a field",
        meaning="Jira refused to write a field, or a transition that the status needs.",
        looks="Jira refused 'Severity': Field 'customfield_10104' cannot be set. It is not on the appropriate screen, or unknown.",
        reasons=(
            "The field is not on the edit screen of this issue type, or its context leaves the project out.",
            "The present status does not allow editing, or a validator or an app objects to the value.",
            "The value is longer than this Jira takes, or a component, version or option of that name is not there.",
            "The account may not edit this project, for instance a component is to be created without being its administrator.",
        ),
        holds=ONE_FIELD,
        cure=(
            "Give the account the permission if Jira names one; else put the field on the edit screen of the issue type,"
            " or mend what Jira complains about."
        ),
        follows=RETRIED,
        actions=(Action.RETRY, Action.RESYNC, Action.TAKE_MINE, Action.IGNORE),
    ),
    Code.COMMENT_REFUSED: About(
        title="Jira refused a comment",
        meaning="Jira refused to create, change or remove the copy of a comment.",
        looks="Jira refused the partner's comment 10207: You do not have the permission to comment on this issue.",
        reasons=(
            "The account lacks the permission to add, edit or delete its own comments.",
            "The comment is longer than this Jira takes once its author is named above it.",
        ),
        holds="This comment.",
        cure="Grant the permissions to add, edit and delete own comments, or mend what Jira complains about.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.IGNORE),
    ),
    Code.FILE_REFUSED: About(
        title="Jira refused an attachment",
        meaning="Jira refused to store or remove the copy of an attachment, or to hand out its bytes.",
        looks="Jira refused the partner's attachment 10311: exceeds its maximum permitted size of 10 MB.",
        reasons=(
            "The file is bigger than this Jira allows, or attachments are switched off.",
            "The account lacks the permission to create or delete its own attachments.",
            "The other Jira does not let our account read the file, or its download fails again and again.",
            "It travels in pieces, and they did not come as a whole, are of other bytes, or are more than agreed.",
        ),
        holds="This attachment.",
        cure="Raise Jira's limit for the size of attachments, or set `largest_mb` to it.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.IGNORE),
    ),
    Code.VALUE_UNKNOWN: About(
        title="A value without counterpart",
        meaning="The partner sent a value that has no counterpart here.",
        looks="'Severity' has no value here for the partner's 'Line down'",
        reasons=(
            "The option was added in the other Jira after the field was mapped.",
            "The option was renamed, disabled or deleted here.",
            "The value table of the field names no row that leads here from this value.",
        ),
        holds=ONE_FIELD,
        cure="Add the option in Jira, or a row to the value table of the field.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.RESYNC, Action.TAKE_MINE, Action.IGNORE),
    ),
    Code.NO_PATH_TO_STATUS: About(
        title="No path to a status",
        meaning="No transitions that our account may perform lead from the present status to the wanted one.",
        looks="no transitions lead from 'Open' to 'In Review'",
        reasons=(
            "The workflow has no such transition, or a condition hides it from our account.",
            "A transition on the way demands a field that has no default.",
            "The wanted status is not part of the workflow of this issue type.",
        ),
        holds="The status of this issue; its fields go on.",
        cure="Add a transition, let the account perform it, or map the status to another one.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.TAKE_MINE, Action.IGNORE),
    ),
    Code.STAMP_IN_FUTURE: About(
        title="An edit from the future",
        meaning="An edit of the partner lies more than ten minutes ahead of our clock.",
        looks="an edit of the partner lies more than ten minutes ahead of our clock",
        reasons=("The clock of one of the Jiras, or of this machine, is or was wrong.",),
        holds=ONE_FIELD,
        cure="Set the clocks of both Jiras and of this machine by NTP.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.TAKE_THEIRS, Action.IGNORE),
    ),
    Code.OSCILLATION: About(
        title="A field goes to and fro",
        meaning="A field was changed to and fro: two rules, or a rule and an automation in Jira, fight over it.",
        looks="'Priority' was changed to and fro between 'High' and 'Low' by mapping priority here and its counterpart",
        reasons=(
            "An automation, a post function or an app sets the field back whenever it is written.",
            "Two synchronizations write the same field of the same issue.",
        ),
        holds=ONE_FIELD,
        cure="Look for what resets the field on either side, or map it one way only.",
        follows=RETRIED,
        actions=(Action.RETRY, Action.TAKE_MINE, Action.TAKE_THEIRS, Action.IGNORE),
    ),
    Code.MASS_CHANGE: About(
        title="Many removals at once",
        meaning="More removals and emptied fields than usual would have been sent within an hour.",
        looks="more than 100 removals or emptied fields within an hour would have been sent",
        reasons=(
            "Somebody emptied a field of many issues, for instance by a bulk change or an import.",
            "An app or a context was taken away, so that fields look empty that are not.",
            "A partner behind firewalls told that many; then they wait before they are applied here.",
        ),
        holds="The removals; edits go on.",
        cure="If they are meant, allow them with a retry; otherwise find out who emptied the issues.",
        follows="After a retry removals pass for an hour.",
        actions=(Action.RETRY,),
    ),
    Code.START_CONFLICT: About(
        title="Nobody said whose value counts",
        meaning="Two paired issues differ in fields on which nothing was agreed, and the configuration does not say which side counts.",
        looks="nothing was agreed on these fields and their values differ: 'Severity', 'Keywords'",
        reasons=(
            "Existing issues were paired, and the start policy of the field is `hold`.",
            "A field was added to the mappings of issues that had been synchronized before.",
        ),
        holds="These fields of this issue, in both directions.",
        cure="Take one side, set `start: first` or `start: second` for the field, or make both values equal by hand.",
        follows="The next edit of the field on either side decides as well.",
        actions=(Action.TAKE_MINE, Action.TAKE_THEIRS),
    ),
}
