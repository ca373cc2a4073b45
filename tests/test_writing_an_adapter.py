"""docs/writing-an-adapter.md takes a newcomer from an empty folder to a passing suite: it is done as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "writing-an-adapter.md"
_FILE = re.compile(r"^```\w+ file=(?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def build(folder: Path) -> None:
    """Every file of the page, and what installing it leaves for others to find its entry point by."""
    found = {m["name"]: m["text"] for m in _FILE.finditer(PAGE.read_text(encoding="utf-8"))}
    assert len(found) == 5
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads(found["pyproject.toml"])["project"]
    installed = folder / f"slate_adapter-{project['version']}.dist-info"
    installed.mkdir()
    head = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (installed / "METADATA").write_text(head, encoding="utf-8")
    lines = []
    for group, entries in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items())]
    (installed / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_adapter_of_the_page_passes_the_contract(tmp_path: Path) -> None:
    build(tmp_path)
    places = os.pathsep.join([str(tmp_path), str(ROOT)])
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "tests"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed, ran.stdout[-500:]
    assert int(passed[1]) > 50, "the suite is run whole"


def test_every_file_that_the_page_shows_in_its_tree_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = {Path(m["name"]).name for m in _FILE.finditer(text)}
    tree = text.split("## 1.")[1].split("```")[1]
    assert names == set(re.findall(r"[\w.]+\.(?:py|toml)", tree))
