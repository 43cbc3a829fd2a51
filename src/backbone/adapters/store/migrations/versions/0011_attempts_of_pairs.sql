-- What was cut short and not made up for before this version came is given to the pair of the issue that has something
-- to apply; where no pair has, to the oldest one.
with begun as (
    select connection, issue, document::jsonb as document from issue_stamps
    where coalesce(document ->> 'attempted', '{}') <> '{}'
       or coalesce(document ->> 'attempted_elements', '{}') <> '{}'
       or coalesce(document ->> 'adding', '{}') <> '{}'
), owner as (
    select distinct on (begun.connection, begun.issue) begun.connection, begun.issue, begun.document, pair.uid
    from begun
    join connector on split_part(connector.connection, '~', 1) = begun.connection
    join pair on pair.connector = connector.key and pair.local_id = begun.issue
    order by begun.connection, begun.issue, exists (
        select from inbox where inbox.connector = pair.connector and inbox.pair = pair.uid and not inbox.applied
    ) desc, pair.born
)
update issue_stamps set document = jsonb_set(
    owner.document - 'attempted' - 'attempted_elements' - 'since' - 'adding',
    '{attempts}',
    jsonb_build_object(owner.uid, jsonb_build_object(
        'fields', coalesce(owner.document -> 'attempted', '{}'),
        'elements', coalesce(owner.document -> 'attempted_elements', '{}'),
        'since', owner.document -> 'since',
        'adding', coalesce(owner.document -> 'adding', '{}')
    ))
)::json
from owner where issue_stamps.connection = owner.connection and issue_stamps.issue = owner.issue;
