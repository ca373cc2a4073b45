"""What holds for every test."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# no test may fail because the machine was busy
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass over what lives as long as the tests: code, tests and libraries."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
