"""records.csv says what people did; it and the tables of settings.toml are the same records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import PullEnd, PullRequest, RecordPage
from connector.adapters.folder.reads import FolderFacts, read_folder
from connector.adapters.folder.record_row import RECORD_COLUMNS, cells_of
from connector.adapters.folder.records_file import RECORD_TABLES
from connector.adapters.supplied import SupplyConfig, supplement
from connector.errors import DataError
from rules.pupil_record import PupilRecord
from rules.school import (
    AttendancePlan,
    FormDecision,
    LeaveRequest,
    Licence,
    Notice,
    NoticeToImprove,
)
from tests.connector.memory_mis import PERIODS, MemoryMis

CALENDAR = "kind,name,start,end\nhalf_term,Autumn 1,2025-09-03,2025-10-24\n"
PUPILS = "pupil_id\n17\n18\n"
MARKS = "pupil_id,date,session,code\n17,2025-09-03,AM,/\n"
INTERFACE = "pupil_id,kind,date,contact_id,decision,from,to,weeks,allowed,by,note"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("calendar", CALENDAR), ("pupils", PUPILS), ("marks", MARKS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def read(folder: Path, *rows: str, header: str = INTERFACE) -> FolderFacts:
    (folder / "records.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return read_folder(folder)


def faults(folder: Path, *rows: str, header: str = INTERFACE) -> list[str]:
    with pytest.raises(DataError) as caught:
        read(folder, *rows, header=header)
    assert all(finding.fix for finding in caught.value.findings)
    return [f"{finding.where}: {finding.message}" for finding in caught.value.findings]


def test_each_kind_that_rules_use_is_read(folder: Path) -> None:
    register = read(
        folder,
        "17,plan,2025-09-10,,,,,,,,",
        "17,leave,2025-09-05,,granted,2025-09-29,2025-10-01,,,Head,Her sister marries",
        "17,notice,2025-09-11,c1,,,,,,,",
        "17,notice-to-improve,2025-09-12,c1,,,,4,2,,",
        "17,decision,2025-09-13,,notice-to-improve,,,,,Head,Support first",
    ).register()

    assert register.attendance_plans == (AttendancePlan("17", date(2025, 9, 10)),)
    assert register.notices == (Notice("17", "c1", date(2025, 9, 11)),)
    assert register.notices_to_improve == (NoticeToImprove("17", date(2025, 9, 12), 4, 2, "c1"),)
    assert register.form_decisions == (
        FormDecision("17", date(2025, 9, 13), "notice-to-improve", "Support first", "Head"),
    )
    (leave,) = register.leave_requests
    assert (leave.kind, leave.requested, leave.decision) == ("other", date(2025, 9, 5), "granted")
    assert leave.decided == date(2025, 9, 5)  # no other day is given
    assert (leave.reason, leave.decided_by) == ("Her sister marries", "Head")
    assert leave.granted_days == (date(2025, 9, 29), date(2025, 10, 1))


def test_a_leave_row_may_say_its_kind_its_decision_and_its_licence(folder: Path) -> None:
    header = "Pupil ID,Kind,Date,From,To,Leave kind,Decision,Decided,Granted from,Granted to,Licence from,Licence to,Licence hours day,Licence hours week"
    row = "17,Leave,2025-09-05,2025-09-29,2025-10-03,performance,In part,2025-09-08,2025-09-29,2025-10-01,2025-09-29,2025-10-03,3.5,15"
    (leave,) = read(folder, row, header=header).register().leave_requests
    assert leave == LeaveRequest(
        "17",
        date(2025, 9, 29),
        date(2025, 10, 3),
        "performance",
        date(2025, 9, 5),
        decision="in part",
        decided=date(2025, 9, 8),
        granted_from=date(2025, 9, 29),
        granted_to=date(2025, 10, 1),
        licence=Licence(date(2025, 9, 29), date(2025, 10, 3), 3.5, 15.0),
    )
    assert leave.granted_days == (date(2025, 9, 29), date(2025, 10, 1))


def test_kinds_and_decisions_may_be_written_with_blanks_or_underscores(folder: Path) -> None:
    facts = read(
        folder,
        "17,Notice to improve,2025-09-12,,,,,3,,,",
        "17,notice_to_improve,2025-09-19,,,,,6,,,",
        "17,Decision,2025-09-13,,Notice to improve,,,,,,",
    )
    assert [notice.weeks for notice in facts.settings.notices_to_improve] == [3, 6]
    assert [notice.allowed for notice in facts.settings.notices_to_improve] == [0, 0]
    assert facts.settings.form_decisions[0].outcome == "notice-to-improve"


def test_the_tables_of_settings_are_the_same_records_and_stand_once(folder: Path) -> None:
    (folder / "settings.toml").write_text(
        """
[[attendance_plans]]
pupil_id = "17"
date = 2025-09-10
review = 2025-10-01
kind = "health"
[[leave_requests]]
pupil_id = "17"
from = 2025-09-29
to = 2025-10-03
kind = "performance"
requested = 2025-09-05
decision = "in part"
decided = 2025-09-08
granted_from = 2025-09-29
granted_to = 2025-10-01
licence_hours_day = 3
[[notices_to_improve]]
pupil_id = "17"
issued = 2025-09-12
weeks = 4
[[decisions]]
pupil_id = "17"
date = 2025-09-13
decision = "none"
note = "The family moved"
by = "Head"
""",
        "utf-8",
    )
    header = INTERFACE + ",leave_kind,decided,granted_from,granted_to,licence_hours_day,review,plan_kind"
    register = read(
        folder,
        "17,plan,2025-09-10,,,,,,,,,,,,,,2025-10-01,health",
        "17,leave,2025-09-05,,in part,2025-09-29,2025-10-03,,,,,performance,2025-09-08,2025-09-29,2025-10-01,3",
        "17,notice-to-improve,2025-09-12,,,,,4",
        "17,decision,2025-09-13,,none,,,,,Head,The family moved",
        header=header,
    ).register()
    assert len(register.attendance_plans) == len(register.leave_requests) == 1
    assert len(register.notices_to_improve) == len(register.form_decisions) == 1
    assert register.leave_requests[0].licence == Licence(hours_a_day=3)


def test_a_request_that_one_file_has_decided_is_decided(folder: Path) -> None:
    (folder / "settings.toml").write_text(
        '[[leave_requests]]\npupil_id = "17"\nfrom = 2025-09-29\nto = 2025-10-01\nrequested = 2025-09-05\n',
        "utf-8",
    )
    row = "17,leave,2025-09-05,,{},2025-09-29,2025-10-01,,,,,{}"
    header = INTERFACE + ",decided"
    for rows in (
        [row.format("refused", "2025-09-08")],
        [row.format("refused", "2025-09-08"), row.format("granted", "2025-09-07")],
        [row.format("granted", "2025-09-07"), row.format("refused", "2025-09-08")],
    ):
        (leave,) = read(folder, *rows, header=header).register().leave_requests
        assert leave.decision == "refused"


def test_a_notice_that_was_withdrawn_is_none(folder: Path) -> None:
    rows = [
        "17,notice,2025-09-11,c1,issued",
        "17,notice,2025-09-11,c2,paid",
        "17,notice,2025-09-11,c1,withdrawn",
    ]
    (notice,) = read(folder, *rows).register().notices
    assert (notice.contact_id, notice.state) == ("c2", "paid")


def test_what_people_did_is_read_with_its_outcome_and_review(folder: Path) -> None:
    header = "pupil_id,kind,date,contact_id,decision,from,to,review,by,note,plan_kind"
    register = read(
        folder,
        "17,Meeting,2025-09-10,c1,Held,,,2025-10-01,Head,Walks with a friend now,",
        "17,visit,2025-09-11,,Nobody in,,,,EWO,,",
        "17,Part time,2025-09-12,,agreed,2025-09-15,2025-10-10,2025-10-03,,,",
        "17,return_sent,2025-09-13,,,,,,,ten-day return,",
        "17,plan,2025-09-14,,,,2025-10-20,2025-10-06,Head,95 by half term,Health",
        header=header,
    ).register()
    assert register.pupil_records == (
        PupilRecord("17", "meeting", date(2025, 9, 10), "c1", "held", None, None, date(2025, 10, 1), "Head", "Walks with a friend now"),
        PupilRecord("17", "visit", date(2025, 9, 11), decision="nobody in", by="EWO"),
        PupilRecord("17", "part-time", date(2025, 9, 12), "", "agreed", date(2025, 9, 15), date(2025, 10, 10), date(2025, 10, 3)),
        PupilRecord("17", "return-sent", date(2025, 9, 13), note="ten-day return"),
    )  # fmt: skip
    assert register.attendance_plans == (
        AttendancePlan("17", date(2025, 9, 14), date(2025, 10, 6), date(2025, 10, 20), "health", "", "Head", "95 by half term"),
    )  # fmt: skip


def test_records_of_other_pupils_are_passed_over_with_their_count(folder: Path) -> None:
    facts = read(folder, "99,meeting,2025-09-10", "18,plan,2025-09-10")
    assert [plan.pupil_id for plan in facts.settings.attendance_plans] == ["18"]
    assert {f"{warning.where}: {warning.message}" for warning in facts.warnings} == {
        "records.csv: 1 record of 1 pupil who is not in pupils.csv passed over",
    }


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("17,plans,2025-09-10", "records.csv row 2, column kind: is no kind of record"),
        ("17,plan,", "records.csv row 2, column date: is empty"),
        (",plan,2025-09-10", "records.csv row 2, column pupil_id: is empty"),
        ("17,plan,10.9.25", "records.csv row 2, column date: '10.9.25' is not a date"),
        ("17,notice,2025-09-10", "records.csv row 2, column contact_id: is empty"),
        ("17,notice,2025-09-10,c1,lost", "records.csv row 2, column decision: is none of issued, paid"),
        ("17,leave,2025-09-10,,,2025-09-29", "records.csv row 2, column to: is empty"),
        ("17,leave,2025-09-10,,,2025-09-29,2025-09-28", "records.csv row 2, column to: lies before from"),
        ("17,leave,2025-09-10,,maybe,2025-09-29,2025-09-30", "records.csv row 2, column decision: is none of granted"),
        ("17,leave,2025-09-10,,in part,2025-09-29,2025-09-30", "records.csv row 2, column granted_from: in part"),
        ("17,notice-to-improve,2025-09-10,,,,,2", "records.csv row 2, column weeks: is not 3 to 6 school weeks"),
        ("17,notice-to-improve,2025-09-10,,,,,7", "records.csv row 2, column weeks: is not 3 to 6 school weeks"),
        ("17,notice-to-improve,2025-09-10", "records.csv row 2, column weeks: is empty"),
        ("17,notice-to-improve,2025-09-10,,,,,4,-1", "records.csv row 2, column allowed: is not a whole number"),
        ("17,plan,2025-09-10,,,,2025-09-09", "records.csv row 2, column to: lies before the day on which it begins"),
        ("17,meeting,2025-09-10,,answered", "records.csv row 2, column decision: is none of invited, held, missed, cancelled"),
        ("17,return-sent,2025-09-10,,sent,,,,,,x", "records.csv row 2, column decision: is filled, and a return-sent has none"),
        ("17,return-sent,2025-09-10", "records.csv row 2, column note: does not say which return was sent"),
        ("17,part-time,2025-09-10,,,2025-09-12,2025-09-11", "records.csv row 2, column to: lies before the day"),
        ("17,decision,2025-09-10", "records.csv row 2, column decision: is empty"),
        ("17,decision,2025-09-10,,fine", "records.csv row 2, column decision: is none of notice, notice-to-improve, none"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_what_to_do(folder: Path, row: str, fault: str) -> None:
    lines = faults(folder, row)
    assert [line for line in lines if line.startswith(fault)] == lines


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (",2025-09-08,,,,", "column decision: is empty and the day of a decision is given"),
        ("granted,2025-09-04,,,,", "column decided: lies before the day on which the leave was asked for"),
        ("refused,,2025-09-29,2025-09-30,,", "column decision: grants nothing and days are given as granted"),
        (
            "in part,,2025-09-28,2025-09-30,,",
            "column granted_from: the days granted are not among the days asked",
        ),
        (
            "in part,,2025-09-29,2025-10-04,,",
            "column granted_from: the days granted are not among the days asked",
        ),
        (
            "granted,,2025-09-29,2025-10-02,,",
            "column decision: is granted, and the days granted are not all that were asked for",
        ),
        (
            "granted,,2025-09-30,,,",
            "column decision: is granted, and the days granted are not all that were asked for",
        ),
        ("granted,,,,1,many", "column licence_hours_week: is not a number of hours"),
        ("granted,,,,yes,", "column licence: is neither 0 nor 1"),
    ],
)
def test_each_fault_of_a_request_is_named(folder: Path, more: str, fault: str) -> None:
    header = "pupil_id,kind,date,from,to,leave_kind,decision,decided,granted_from,granted_to,licence,licence_hours_week"
    row = f"17,leave,2025-09-05,2025-09-29,2025-10-03,performance,{more}"
    assert faults(folder, row, header=header) == [f"records.csv row 2, {fault}"]


def test_a_wrong_word_names_the_nearest_and_a_review_comes_after_its_day(folder: Path) -> None:
    header = "pupil_id,kind,date,decision,review"
    with pytest.raises(DataError) as caught:
        read(folder, "17,contact,2025-09-10,answerd,", "17,visit,2025-09-10,seen,2025-09-09", header=header)
    wrong, early = caught.value.findings
    assert (wrong.where, wrong.fix) == ("records.csv row 2, column decision", "did you mean answered?")
    assert (early.where, early.message) == ("records.csv row 3, column review", "lies before date")
    assert read(folder, "17,visit,2025-09-10,seen,2025-09-10", header=header).settings.pupil_records


def test_a_record_and_its_row_are_the_same(folder: Path) -> None:
    header = ",".join(RECORD_COLUMNS)
    rows = [
        {"pupil_id": "17", "kind": "leave", "date": "2025-09-05", "from": "2025-09-29", "to": "2025-10-03",
         "leave_kind": "performance", "decision": "in part", "decided": "2025-09-08", "granted_from": "2025-09-29",
         "granted_to": "2025-10-01", "licence": "1", "licence_hours_day": "3.5", "by": "Head", "note": "x"},
        {"pupil_id": "17", "kind": "plan", "date": "2025-09-05", "to": "2025-10-03", "review": "2025-09-19", "plan_kind": "health"},
        {"pupil_id": "17", "kind": "notice", "date": "2025-09-05", "contact_id": "c1", "decision": "paid"},
        {"pupil_id": "17", "kind": "notice-to-improve", "date": "2025-09-05", "weeks": "4", "allowed": "2"},
        {"pupil_id": "17", "kind": "decision", "date": "2025-09-05", "decision": "none", "note": "x"},
        {"pupil_id": "17", "kind": "contact", "date": "2025-09-05", "contact_id": "c1", "decision": "no answer"},
    ]  # fmt: skip
    lines = [",".join(row.get(column, "") for column in RECORD_COLUMNS) for row in rows]
    kept = read(folder, *lines, header=header).settings
    records = [getattr(kept, table) for table in RECORD_TABLES.values()]
    found = [cells_of(record) for of_kind in records for record in of_kind]
    assert sorted(found, key=lambda row: row["kind"]) == sorted(rows, key=lambda row: row["kind"])


def test_no_fault_repeats_what_stands_in_a_note(folder: Path) -> None:
    lines = faults(
        folder, "17,plans,2025-09-10,,,,,,,Mr Secret,Ann was ill", "17,leave,2025-09-10,,Ann,,,,,,Ann"
    )
    assert not any("Ann" in line or "Secret" in line for line in lines)


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("[[notices_to_improve]]\nissued = 2025-09-12", "notices_to_improve[1].weeks: is not 3 to 6 school weeks"),
        ("[[notices_to_improve]]\nissued = 2025-09-12\nweeks = 7", "notices_to_improve[1].weeks: is not 3 to 6 school weeks"),
        ("[[notices_to_improve]]\nissued = 2025-09-12\nweeks = 3\nallowed = -1", "notices_to_improve[1].allowed: is not a whole number"),
        ("[[attendance_plans]]\ndate = 2025-09-12\nreview = 2025-09-11", "attendance_plans[1].review: lies before date"),
        ("[[attendance_plans]]\ndate = 2025-09-12\nkind = 'x'", "attendance_plans[1].kind: is none of attendance, health, reintegration"),
        ("[[notices]]\ncontact_id='c1'\nissued = 2025-09-12\ndecision = 'lost'", "notices[1].decision: is none of issued, paid, prosecuted, withdrawn"),
        ("[[decisions]]\ndate = 2025-09-12", "decisions[1].decision: is none of notice, notice-to-improve, none"),
        ("[[leave_requests]]\nfrom=2025-09-29\nto=2025-09-30\nrequested=2025-09-05\ndecision='no'", "leave_requests[1].decision: is none of granted, refused, in part"),
        ("[[leave_requests]]\nfrom=2025-09-29\nto=2025-09-30\nrequested=2025-09-05\ndecision='in part'", "leave_requests[1].granted_from: in part, and the days that were granted are not given"),
        ("[[leave_requests]]\nfrom=2025-09-29\nto=2025-09-30\nrequested=2025-09-05\nlicence=true", "leave_requests[1].licence: goes with a performance alone"),
        ("[[leave_requests]]\nfrom=2025-09-29\nto=2025-09-30\nrequested=2025-09-05\nkind='performance'\nlicence_hours_day='x'", "leave_requests[1].licence_hours_day: is not a number of hours"),
    ],
)  # fmt: skip
def test_faults_in_the_tables_are_named_too(folder: Path, table: str, fault: str) -> None:
    head, _, rest = table.partition("\n")
    (folder / "settings.toml").write_text(f'{head}\npupil_id = "17"\n{rest}\n', "utf-8")
    with pytest.raises(DataError) as caught:
        read_folder(folder)
    assert f"settings.toml {fault}" in [
        f"{finding.where}: {finding.message}" for finding in caught.value.findings
    ]


def test_own_headers_and_dates_hold_for_records_too(folder: Path) -> None:
    (folder / "settings.toml").write_text(
        '[columns]\npupil_id = "Adno"\ndate_format = "%d/%m/%Y"\ndecided = "Answered"\n', "utf-8"
    )
    (folder / "pupils.csv").write_text("Adno\n17\n", "utf-8")
    (folder / "marks.csv").write_text("Adno,date,session,code\n17,2025-09-03,AM,/\n", "utf-8")
    header, row = (
        "Adno,kind,date,from,to,decision,Answered",
        "17,leave,05/09/2025,29/09/2025,30/09/2025,granted,08/09/2025",
    )
    (leave,) = read(folder, row, header=header).settings.leave_requests
    assert (leave.requested, leave.decided) == (date(2025, 9, 5), date(2025, 9, 8))


def test_a_supplied_records_csv_is_added_to_what_the_mis_says(tmp_path: Path) -> None:
    path = tmp_path / "office.csv"
    path.write_text(f"{INTERFACE}\n1,notice-to-improve,2025-09-12,,,,,5\n1,visit,2025-09-12\n", "utf-8")
    mis = MemoryMis(PERIODS)
    pull = PullRequest(None, recent_from=date(2025, 9, 1), until=date(2025, 9, 30))
    pages = list(supplement(mis, SupplyConfig(records=path)).pull(pull))
    supplied = [page for page in pages if isinstance(page, RecordPage) and page.supplied]
    assert [page.notices_to_improve for page in supplied] == [(NoticeToImprove("1", date(2025, 9, 12), 5),)]
    assert isinstance(pages[-1], PullEnd)
    assert [page.pupil_records for page in supplied] == [(PupilRecord("1", "visit", date(2025, 9, 12)),)]
    assert pages[-1].warnings == ()
