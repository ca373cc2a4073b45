"""A school behind Xporter, with what Xporter lacks supplied, comes to the same events as its register folder."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.config.loaded_school import LoadedSchool
from connector.config.school import SchoolConfig
from connector.http import HttpConfig
from connector.mock.register_folder import write_register_folder
from connector.mock.school import make_school
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from rules.policy import load_policy
from rules.school import SCHOOL_TIME
from tests.connector.end_to_end.trial import SCHOOL_ID, Trial


def test_a_run_through_xporter_has_the_events_of_a_run_on_the_register_folder(tmp_path: Path) -> None:
    school, policy = make_school(pupils=30, weeks=6, seed=11, returners=1), load_policy("hcat")
    last = school.last_day
    settings = {"enrolment_history": True}
    with Trial("xporter", school, tmp_path / "xporter", policy, settings=settings).open() as trial:
        assert trial.run(last).outcome == "done"
        through_xporter = sorted(row.evidence for row in trial.rows())
    folder = write_register_folder(tmp_path / "folder", school, last)
    kind = adapter_kinds()["folder"]
    places = {"register_folder": str(folder), "letters_folder": str(tmp_path / "letters")}
    config = {
        "id": SCHOOL_ID,
        "name": "Hollin Bank Primary School",
        "nation": school.nation,
        "policy": policy.id,
        "mis": {"adapter": "folder", **places},
        "letters": {"telephone": "01632 960450"},
        "run": {
            "reports": [],
            "since": school.first_day,
            "hold_above_events": 1_000_000,
            "digest": tmp_path / "digests",
        },
    }
    adapter = kind.open(kind.settings.model_validate(places), {}, HttpConfig())
    request = RunRequest(
        LoadedSchool(SchoolConfig.model_validate(config), policy),
        adapter,
        as_of=last,
        now=datetime.combine(last, time(18), SCHOOL_TIME),
        sleep=lambda _seconds: None,
    )
    state = tmp_path / "folder.db"
    assert run_school(state, request).summary.outcome == "done"
    with Store.open(state, SCHOOL_ID) as store:
        from_folder = sorted(row.evidence for row in store.ledger.rows())
    assert len(from_folder) > 5
    assert through_xporter == from_folder
