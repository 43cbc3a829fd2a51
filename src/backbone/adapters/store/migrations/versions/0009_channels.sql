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
