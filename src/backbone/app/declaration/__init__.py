"""The configuration file: from YAML to two compiled configurations a synchronization, with errors that name their line.

``reading.read_declaration`` → ``credentials.open_credentials`` → ``resolve.resolve`` → ``compiling.compile_halves``.
"""

from __future__ import annotations
