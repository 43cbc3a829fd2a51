"""The conversation with the partner as state machines without I/O."""
