-- Which half is ours where the other one is the partner's.
alter table synchronization add column here text;

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
