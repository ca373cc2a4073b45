"""The made-up school that the demo, the mock servers and the tests share."""

from connector.mock.school.made_up import MadeUpSchool, make_school

__all__ = ["MadeUpSchool", "make_school"]
