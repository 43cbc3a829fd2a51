-- Who may call.

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
