
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
