"""A school's server has no mock servers, and does not miss them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
WITHOUT = """
import sys
for name in ("flask", "werkzeug", "graphql", "trustme", "pytest", "hypothesis"):
    sys.modules[name] = None
import connector.service.loop
import connector.service.check
from connector.__main__ import exit_code_of
assert not [name for name in sys.modules if name.startswith(("connector.mock", "connector.testing"))]
sys.exit(exit_code_of(sys.argv[1:]))
"""


def without_the_extra(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_service_and_every_other_command_need_no_mock() -> None:
    ended = without_the_extra("policies", "list")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_demo_and_the_mocks_say_which_extra_they_need(tmp_path: Path) -> None:
    for command in (("demo", "--out", str(tmp_path / "out")), ("mock", "arbor")):
        ended = without_the_extra(*command)
        assert ended.returncode == 2
        assert "need the extra 'demo'" in ended.stderr
        assert "pip install 'attendance-connector[demo]'" in ended.stderr
