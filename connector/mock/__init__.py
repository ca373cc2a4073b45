"""A made-up school, and mock MIS servers over it. Everyone in it is invented.

Its libraries are the extra ``demo``, so that a school's server need not install a web server; only the commands
`demo` and `mock`, ``connector.testing`` and the tests import this package. Raises ConfigError without the extra.
"""

from importlib.util import find_spec

from connector.errors import ConfigError, Finding

_missing = [name for name in ("flask", "graphql", "trustme") if find_spec(name) is None]
if _missing:
    raise ConfigError(
        [
            Finding(
                "demo, mock",
                f"the packages of the extra `demo` are not installed: {', '.join(_missing)}",
                "pip install 'attendance-connector[demo]'",
            )
        ]
    )
