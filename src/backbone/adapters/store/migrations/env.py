"""What Alembic runs: the steps, on the connection that :mod:`backbone.adapters.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from backbone.adapters.store.schema import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
