"""Asynchronous tasks: started by a use case in its own transaction, done by a turn, looked at and cancelled by people."""
