-- The newest schema, for an empty database. The migrations lead to the same one; a test compares them.
-- Instants are milliseconds since 1970-01-01 UTC where the core decides on them, else timestamps of the database.
-- Documents are written and read by codec.py; columns beside them repeat what is searched for.

create table installation (
    one boolean primary key default true check (one),
    id text not null,
    incarnation text not null,
    original boolean not null default true
);

create table fence (
    name text primary key,
    epoch bigint not null
);

create sequence synchronization_number;

create table connection (
    name text primary key,
    document json not null
);

create table synchronization (
    key text primary key,
    name text not null,
    description text not null,
    wanted_running boolean not null,
    revision bigint not null,
    first text not null,
    second text not null,
    document json not null,
    born bigint generated always as identity,
    projects jsonb not null,
    created jsonb not null,
    modified jsonb not null,
    published jsonb not null,
    here text
);
create index synchronization_name on synchronization (name);

-- Which synchronization and Jira a connector belongs to now.
create table connector (
    key text primary key,
    synchronization text not null references synchronization on delete cascade,
    connection text not null,
    revision bigint not null
);
create index connector_synchronization on connector (synchronization);

create table half (
    connector text not null,
    revision bigint not null,
    document jsonb not null,
    primary key (connector, revision)
);

create table pair (
    connector text not null,
    uid text not null,
    born bigint generated always as identity,
    state text not null,
    local_id text,
    local_key text,
    remote_id text,
    remote_key text,
    incoming_changes_ignored boolean not null,
    held_until bigint not null default 0,
    document json not null,
    primary key (connector, uid)
);
create index pair_birth on pair (connector, born);
create index pair_local_id on pair (connector, local_id, born) where local_id is not null;
create index pair_any_local_id on pair (local_id) where local_id is not null;
create index pair_any_local_key on pair (local_key) where local_key is not null;
create index pair_any_remote_id on pair (remote_id) where remote_id is not null;
create index pair_any_remote_key on pair (remote_key) where remote_key is not null;
create index pair_creating on pair (connector, born) where state = 'creating' and local_id is null;

create table issue_stamps (
    connection text not null,
    issue text not null,
    document json not null,
    primary key (connection, issue)
);

create table dirty (
    connector text not null,
    issue text not null,
    first bigint not null,
    last bigint not null,
    primary key (connector, issue)
);
create index dirty_age on dirty (connector, first, issue);

create table issue_attempt (
    connection text not null,
    issue text not null,
    primary key (connection, issue)
);

create table create_attempt (
    id text primary key,
    connector text not null,
    project text not null,
    started bigint not null,
    document jsonb not null
);
create index create_attempt_connector on create_attempt (connector);
create index create_attempt_project on create_attempt (project);

create table create_attempt_pair (
    connector text not null,
    pair text not null,
    attempt text not null references create_attempt on delete cascade,
    primary key (connector, pair, attempt)
);
create index create_attempt_pair_attempt on create_attempt_pair (attempt);

-- Messages stay for a while after they were applied, so that repeats are known.
create table inbox (
    id bigint generated always as identity primary key,
    connector text not null,
    pair text not null,
    sequence bigint not null,
    revision bigint not null,
    sent bigint not null,
    applied boolean not null default false,
    content json not null,
    unique (connector, pair, sequence)
);
create index inbox_pending on inbox (connector, pair, sequence) where not applied;
create index inbox_oldest on inbox (connector, sent) where not applied;
create index inbox_applied on inbox (sent) where applied;

create table cursor (
    name text primary key,
    document jsonb not null
);

create table problem (
    id bigint generated always as identity primary key,
    identity text not null unique,
    connector text,
    pair text,
    first_seen bigint not null,
    last_seen bigint not null,
    count bigint not null default 1,
    document jsonb not null
);
create index problem_pair on problem (connector, pair);

create table journal (
    id bigint generated always as identity primary key,
    at bigint not null,
    connector text not null,
    pair text,
    issue_id text,
    issue_key text,
    document jsonb not null
);
create index journal_pair on journal (pair) where pair is not null;
create index journal_issue_id on journal (issue_id) where issue_id is not null;
create index journal_issue_key on journal (issue_key) where issue_key is not null;
create index journal_age on journal using brin (at);

create table loser (
    id bigint generated always as identity primary key,
    at bigint not null,
    connector text not null,
    pair text not null,
    document jsonb not null,
    restored bigint
);
create index loser_pair on loser (connector, pair);

create table removal (
    id bigint generated always as identity primary key,
    connector text not null,
    at bigint not null,
    count bigint not null
);
create index removal_age on removal (connector, at);

-- Whose turn it is: while queued, a job exists and no other is made. hurried: the last wake found a job that was queued.
create table turn (
    kind text not null,
    connector text not null,
    pair text not null default '',
    queued boolean not null,
    hurried boolean not null default false,
    due timestamptz not null,
    primary key (kind, connector, pair)
);
create index turn_queued on turn (due) where queued;

create table tick (
    name text primary key,
    due timestamptz not null,
    owner text,
    leased_until timestamptz,
    hurried boolean not null default false
);

create table host (
    name text primary key,
    per_second double precision,
    burst double precision,
    paused_until timestamptz,
    blocked jsonb
);

-- Theoretical arrival time of the next call; worth nothing after a crash, hence not logged.
create unlogged table host_pace (
    name text primary key,
    next timestamptz not null,
    live_until timestamptz not null default '-infinity'
);

create table administrator (
    name text primary key,
    password text not null,
    created bigint not null,
    changed bigint not null
);

-- Accounts of a Jira that have signed in, with their rights as of then.
create table person (
    name text primary key,
    shown text not null,
    seen bigint not null,
    document json not null
);

create table access_rule (
    one boolean primary key default true check (one),
    document json not null
);

create table access_token (
    prefix text primary key,
    digest bytea not null,
    owner text not null,
    label text not null,
    scope text not null,
    created bigint not null,
    expires bigint not null,
    last_used bigint,
    revoked bigint
);
create index access_token_owner on access_token (owner, created);

create table session (
    digest bytea primary key,
    owner text not null,
    opened bigint not null,
    last_used bigint not null,
    address text not null
);
create index session_owner on session (owner);

-- Attempts to sign in that have not succeeded.
create table sign_in_attempt (
    id bigint generated always as identity primary key,
    identity text not null,
    at bigint not null,
    pending boolean not null default true
);
create index sign_in_attempt_identity on sign_in_attempt (identity, at);

create table secret (
    id text primary key,
    about text not null,
    sealed text not null,
    created bigint not null
);

create table audit (
    id bigint generated always as identity primary key,
    at bigint not null,
    who text not null,
    what text not null,
    about text not null,
    address text not null,
    before json not null,
    after json not null
);
create index audit_age on audit using brin (at);

-- What was done stays recorded: entries are never changed, and go only when they are older than a year.
create function keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if old.at < (extract(epoch from clock_timestamp()) - 31536000) * 1000 then
            return old;
        end if;
    end if;
    raise exception 'the audit log can not be changed' using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_is_kept before update or delete on audit for each row execute function keep_audit();
create trigger audit_is_not_emptied before truncate on audit for each statement execute function keep_audit();

-- Asynchronous tasks. The wish to cancel stands beside the document, which whoever does the task writes.
create table task (
    id text primary key,
    owner text not null,
    synchronization text,
    started bigint not null,
    completed bigint,
    cancel_wanted boolean not null default false,
    document json not null
);
create index task_open on task (synchronization, started) where completed is null;
create index task_completed on task (completed) where completed is not null;

-- What a task has yet to do, item by item; fate tells what became of one.
create table task_item (
    task text not null references task on delete cascade,
    item text not null,
    number bigint generated always as identity,
    fate text,
    primary key (task, item)
);
create index task_item_open on task_item (task, number) where fate is null;

-- Answers to requests that carried a key, so that a repeated one gets the same answer and does nothing.
create table request_key (
    caller text not null,
    key text not null,
    digest text not null,
    at bigint not null,
    answer json not null,
    primary key (caller, key)
);
create index request_key_age on request_key (at);

-- What was published and when, why and by whom. Stays when its synchronization goes, as the journal does.
create table revision (
    synchronization text not null,
    revision bigint not null,
    name text not null,
    description text not null,
    document json not null,
    published jsonb not null,
    primary key (synchronization, revision)
);

-- A configuration that is being written: one a synchronization.
create table draft (
    synchronization text primary key references synchronization on delete cascade,
    based_on bigint not null,
    document json not null,
    written jsonb not null
);

-- What a deleted synchronization knew.
create table archived_synchronization (
    key text primary key,
    document json not null,
    deleted jsonb not null,
    deleted_at bigint not null
);
create table archived_pair (
    synchronization text not null references archived_synchronization on delete cascade,
    connector text not null,
    uid text not null,
    document jsonb not null,
    primary key (connector, uid)
);
create index archived_pair_synchronization on archived_pair (synchronization);

-- What Jiras told of their own accord.
create table hint (
    connection text not null,
    issue text not null,
    at bigint not null,
    primary key (connection, issue)
);

-- By which address and secret a Jira may hint. registration: where it is registered, if we did that.
create table webhook (
    connection text primary key,
    address text not null unique,
    secret text not null,
    registration text,
    made bigint not null,
    received bigint,
    refused bigint
);

-- Sync information that a person deleted: for a while it may come back, with the messages that waited for it.
create table archived_half (
    connector text not null,
    uid text not null,
    born bigint not null,
    at bigint not null,
    by text not null,
    local_id text,
    local_key text,
    remote_id text,
    remote_key text,
    partner_state text,
    messages jsonb not null,
    document jsonb not null,
    primary key (connector, uid)
);
create index archived_half_age on archived_half (connector, at);

-- Arrays of sync information on their way in, read and resolved before anything changes; worth nothing after a crash.
create unlogged table imported_entry (
    import text not null,
    position bigint not null,
    at bigint not null,
    local_key text not null,
    remote_key text not null,
    local_id text,
    local_now text,
    remote_id text,
    remote_now text,
    document jsonb not null,
    primary key (import, position)
);
create index imported_entry_local on imported_entry (import, local_key);
create index imported_entry_remote on imported_entry (import, remote_key);

create index pair_half on pair (connector, born) where state = 'half';

-- What is told to a partner elsewhere and not sealed yet.
create table outbox (
    id bigint generated always as identity primary key,
    synchronization text not null,
    pair text not null,
    revision bigint not null,
    sent bigint not null,
    content jsonb not null
);
create index outbox_pair on outbox (synchronization, pair, id);

-- What is known of the exchange with a partner elsewhere. epoch and acknowledged repeat how far our parcels came.
create table channel (
    synchronization text primary key,
    epoch text not null,
    acknowledged bigint not null,
    document jsonb not null,
    transports jsonb not null,
    secret_keys jsonb not null
);

-- Numbered parcels of ours. Their contents go after a while, what proves them stays.
create table sent_parcel (
    synchronization text not null,
    epoch text not null,
    number bigint not null,
    digest text not null,
    head text not null,
    sealed bigint not null,
    sent bigint,
    attempts bigint not null,
    octets bigint not null,
    plaintext bytea,
    primary key (synchronization, epoch, number)
);
create index sent_parcel_contents on sent_parcel (sealed) where plaintext is not null;

-- In which of our parcels a pair occurred last.
create table sent_parcel_pair (
    synchronization text not null,
    epoch text not null,
    pair text not null,
    number bigint not null,
    primary key (synchronization, epoch, pair)
);

-- Numbered parcels of the partner's. Their contents go after a while, what proves them stays.
create table received_parcel (
    synchronization text not null,
    epoch text not null,
    number bigint not null,
    digest text not null,
    received bigint not null,
    held boolean not null,
    plaintext bytea,
    primary key (synchronization, epoch, number)
);
create index received_parcel_held on received_parcel (synchronization, number) where held;
create index received_parcel_contents on received_parcel (received) where plaintext is not null and not held;

create table refused_parcel (
    synchronization text not null,
    digest text not null,
    came bigint generated always as identity,
    received bigint not null,
    cause text not null,
    retry boolean not null,
    raw bytea not null,
    primary key (synchronization, digest)
);

-- Attachments on their way, and such bytes of them as are here.
create table travelling_file (
    synchronization text not null,
    ours boolean not null,
    file text not null,
    digest text not null,
    total bigint not null,
    begun bigint not null,
    pair text,
    there bigint not null,
    primary key (synchronization, ours, file)
);
create index travelling_file_age on travelling_file (begun);

create table travelling_octets (
    synchronization text not null,
    ours boolean not null,
    file text not null,
    place bigint not null,
    length bigint not null,
    octets bytea not null,
    primary key (synchronization, ours, file, place),
    foreign key (synchronization, ours, file) references travelling_file on delete cascade
);

-- Compressed or unknown bytes: to compress them again gains nothing, and parts of them are read.
alter table sent_parcel alter column plaintext set storage external;
alter table received_parcel alter column plaintext set storage external;
alter table refused_parcel alter column raw set storage external;
alter table travelling_octets alter column octets set storage external;
