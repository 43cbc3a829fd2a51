"""What holds for every test: how much Hypothesis tries."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# A deadline would make a test depend on how busy the machine is.
settings.register_profile("dev", max_examples=25, deadline=None)
settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "long",
    max_examples=int(os.environ.get("BACKBONE_EXAMPLES", "10000")),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
