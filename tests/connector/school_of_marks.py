"""A small register up to a day, for tests of what is made from it."""

from datetime import date
from functools import cache

from connector.mock.school import make_school
from rules.register import Register


@cache
def register_until(day: date) -> Register:
    """Return a made-up school of 20 pupils as its MIS holds it at the end of a day."""
    return make_school(pupils=20, weeks=16, seed=4).register(day)
