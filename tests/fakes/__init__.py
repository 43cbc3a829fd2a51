"""Stand-ins for tests of the engine: a Jira in memory, a clock, a world of two or three projects."""
