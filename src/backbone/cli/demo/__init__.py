"""The demo: two pretend companies, a synchronization between them, people at work, and a view of what goes where."""
