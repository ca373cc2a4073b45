"""Every type and field of the mock Arbor is one of Arbor's own client, less the one type that no source has."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
import requests

from connector.mock.arbor.types import ANY, KINDS, kind_at
from connector.mock.server import MockServer
from connector.testing.schools import small_school, tiny_school

ASSUMED = {"Document"}
"""Types that neither of Arbor's clients has; docs/mis-arbor.md says so."""


def get(server: MockServer, path: str) -> dict[str, Any]:
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.get(f"{server.url}/rest-v2/{path}", auth=auth, timeout=5)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return dict(answer.json())


def test_only_the_assumed_types_are_in_no_list_of_arbor_s_client() -> None:
    text = files("connector.mock.arbor").joinpath("sdk_types.txt").read_text(encoding="utf-8")
    listed = {line.partition(":")[0].rstrip("!") for line in text.splitlines() if not line.startswith("#")}
    assert set(KINDS) - listed == ASSUMED
    assert "arbor-education/sis-sdk-php" in text, "the source is named"


def test_every_related_object_is_of_a_type_that_is_there() -> None:
    targets = {field.target for kind in KINDS.values() for field in kind.fields.values() if field.target}
    assert targets <= {ANY, *KINDS}


@pytest.mark.parametrize(
    ("name", "field", "kind", "target"),
    [
        ("StudentGuardianRelationship", "emergencyContactPriority", "text", ""),
        ("EducationalInstitutionEnrolment", "unenrolmentReason", "", "UnenrolmentReason"),
        ("EligibilityRecord", "person", "", ANY),
        ("TelephoneNumber", "numberOwner", "", ANY),
        ("TelephoneNumber", "telephoneNumberRanking", "int", ""),
        ("Person", "dateOfDeath", "date", ""),
        ("PersonFormerName", "person", "", "Person"),
    ],
)
def test_fields_are_of_the_kind_that_the_client_returns(
    name: str, field: str, kind: str, target: str
) -> None:
    held = KINDS[name].fields[field]
    assert (held.kind, held.target) == (kind, target)


def test_every_type_has_a_list_at_the_address_that_the_client_makes_of_its_name() -> None:
    with MockServer("arbor", tiny_school()) as server:
        for kind in KINDS.values():
            for path in (kind.path, kind.plural):  # the client's query() uses the name as it is
                assert isinstance(get(server, f"{path}?page-size=1&page-number=1")[kind.list_root], list)
            assert kind_at(kind.path) is kind


def test_without_the_type_document_an_upload_is_a_file_with_its_content() -> None:
    school = small_school()
    with MockServer("arbor", school, options={"document_type": False}) as server:
        auth = (server.secrets["username"], server.secrets["password"])
        assert requests.get(f"{server.url}/rest-v2/documents", auth=auth, timeout=5).status_code == 404
        answer = requests.post(
            f"{server.url}/rest-v2/documents/upload", files={"file": ("a.docx", b"abc")}, auth=auth, timeout=5
        )
        file = answer.json()["file"]
        assert (file["fileName"], file["content"]["entityType"]) == ("a.docx", "Content")
        student = {"entityType": "Student", "href": f"/rest-v2/students/{school.pupils[0].pupil_id}"}
        tag = {"content": file["content"], "tagged": student, "tagName": "x", "tagValue": "1"}
        requests.post(
            f"{server.url}/rest-v2/content-tags", json={"request": {"contentTag": tag}}, auth=auth, timeout=5
        )
        (written,) = server.world.written.documents(school.pupils[0].pupil_id)
        assert (written.content, written.tags) == (b"abc", {"x": "1"})
