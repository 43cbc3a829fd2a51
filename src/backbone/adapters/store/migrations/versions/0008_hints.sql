-- What Jiras told of their own accord.
create table hint (
    connection text not null,
    issue text not null,
    at bigint not null,
    primary key (connection, issue)
);

-- Somebody asked for the tick before it is due.
alter table tick add column hurried boolean not null default false;

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
