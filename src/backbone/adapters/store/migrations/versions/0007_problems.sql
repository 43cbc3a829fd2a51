-- When a person let a value that lost count again.
alter table loser add column restored bigint;
