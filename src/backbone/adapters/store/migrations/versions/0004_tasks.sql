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
