"""Xporter obeys the contract, with what it lacks."""

from connector.adapters.xporter import KIND
from connector.testing.contract import AdapterCase, contract_suite

LACKS = frozenset(
    {
        *("pupil.social_worker", "pupil.child_protection", "pupil.part_time_from", "pupil.part_time_to"),
        *("contact.court_order", "contact.correspondence", "contact.salutation", "contact.language"),
        *("mark.minutes_late", "mark.comment"),  # of the last days only: test_xporter_marks.py
    }
)
FAULTS = frozenset({"expired", "endless-pages", "duplicate-rows", "shifted-rows", "hidden-fields"})


def sizes(size: int) -> dict[str, int]:
    return {"page_size": size, "marks_page_size": size}


TestXporter = contract_suite(
    AdapterCase(KIND, options={"leavers_keep_groups": True}, page_size=sizes, lacks=LACKS, faults=FAULTS)
)
TestXporterOfTheManual = contract_suite(
    AdapterCase(
        KIND,
        settings={"http_status_codes": False, "token_as_form": True},
        options={"names": "manual", "marks_table": "AttendMarks", "leavers_keep_groups": True},
        page_size=sizes,
        lacks=LACKS,
        faults=FAULTS,
    )
)
