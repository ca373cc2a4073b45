"""Every policy case in tests/cases comes out as written."""

from pathlib import Path

import pytest

from rules.cases import CaseError, run_cases
from tests.rules.own_policy import OWN_POLICY

FILES = sorted((Path(__file__).parent.parent / "cases").rglob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_case_comes_out_as_written(path: Path) -> None:
    policy = OWN_POLICY if path.parent.name == "own-policy" else None
    wrong = [f"{result.says}: {fault}" for result in run_cases(path, policy) for fault in result.faults]
    assert not wrong, "\n".join(wrong)


def test_a_case_with_a_wrong_expectation_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        'policy="hcat"\nrule="late-letter"\n[[cases]]\nsays="x"\nmarks="2025-09-01 LL LL"\nevents=[]\n'
    )
    assert run_cases(path)[0].faults == ("events: wanted none, came ['2025-09-02']",)


def test_a_case_with_a_lone_code_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "lone.toml"
    path.write_text('policy="hcat"\n[[cases]]\nsays="one code"\nmarks="2025-09-01 L"\n')
    with pytest.raises(CaseError, match=r"one code.*'L' is not an AM and a PM code"):
        run_cases(path)
