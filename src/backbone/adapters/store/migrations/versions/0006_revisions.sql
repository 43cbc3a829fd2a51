-- Who created and changed synchronizations, which projects they join; drafts and revisions; what was deleted.
alter table synchronization
    add projects jsonb not null default '[]',
    add created jsonb not null default '{}',
    add modified jsonb not null default '{}',
    add published jsonb not null default '{}';

-- What was there before was made when it is first known of.
update synchronization set
    created = jsonb_build_object('by', 'backbone', 'at', (extract(epoch from now()) * 1000)::bigint, 'why', ''),
    modified = jsonb_build_object('by', 'backbone', 'at', (extract(epoch from now()) * 1000)::bigint, 'why', ''),
    published = jsonb_build_object('by', 'backbone', 'at', (extract(epoch from now()) * 1000)::bigint, 'why', '');
alter table synchronization
    alter projects drop default, alter created drop default, alter modified drop default, alter published drop default;

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

insert into revision (synchronization, revision, name, description, document, published)
select key, revision, name, description, document, published from synchronization;
