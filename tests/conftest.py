"""What all tests share: property tests take the same examples each time; others with ``ORDERCTL_RANDOM=1``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow]  # a busy machine is no failure, and no test asserts a time
settings.register_profile("same", derandomize=True, deadline=None, suppress_health_check=SLOW)
settings.register_profile("random", deadline=None, suppress_health_check=SLOW)
settings.load_profile("random" if os.environ.get("ORDERCTL_RANDOM") else "same")
