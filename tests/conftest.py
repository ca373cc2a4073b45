"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# no test may fail because the machine was busy
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
