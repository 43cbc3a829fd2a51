#!/usr/bin/env python3
"""Write down which keys and types recorded answers of real Jiras have, without what they say.

Usage: scripts/extract_sample_shapes.py FOLDER

FOLDER holds recorded answers below ``cloud`` and ``server``, all from openly licensed public repositories. Their
sources and licences are listed in the PROVENANCE.md beside the result.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.simulator.conformance.shapes import kinds_of, shape_of, to_json

TARGET = Path(__file__).parents[1] / "tests/simulator/conformance/samples/shapes.json"
SAMPLES = """
    cloud/agile-issue-with-changelog-and-comments cloud/changelog-entries cloud/createmeta-expanded-many-fields
    cloud/issue-v2 cloud/issuetypes cloud/project cloud/projects cloud/serverinfo cloud/statuses cloud/users
    server/agile-issue-with-links server/attachment server/createmeta-expanded
    server/createmeta-expanded-many-fields server/createmetav9 server/fields server/issue-all-expanded
    server/issue-with-changelog server/mypermissions server/project server/search server/transitions server/votes
""".split()


def main() -> None:
    folder = Path(sys.argv[1])
    shapes = {}
    for name in SAMPLES:
        body = json.loads((folder / f"{name}.json").read_text())
        shapes[name] = to_json(shape_of([body], kinds_of(body)))
    TARGET.write_text(json.dumps(shapes, indent=1) + "\n")
    print(f"{TARGET.name}: {len(shapes)} samples, {TARGET.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
