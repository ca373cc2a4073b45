"""Letters in Arbor: with and without its type Document, and after an upload that was cut before it was tied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from connector.adapters.arbor import KIND
from connector.adapters.base import Adapter, DocumentToWrite
from connector.errors import AdapterError, FatalError, RetryableError, SkippableError
from connector.mock.server import MockServer
from connector.testing.case import AdapterCase
from connector.testing.schools import small_school
from connector.testing.writing import KEY, OTHER_KEY, document_on
from rules.school import Pupil
from tests.connector.adapters.arbor_school import arbor

NO_DOCUMENT = {"document_type": False}
WITHOUT = pytest.mark.parametrize(
    "options", [NO_DOCUMENT, {"withheld": ("Document",)}], ids=["no such type", "no permission"]
)


def files(server: MockServer) -> list[str]:
    """Return the addresses of every file in Arbor."""
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.get(f"{server.url}/rest-v2/files", auth=auth, timeout=5)
    return [row["href"] for row in answer.json()["files"]]


def asked(server: MockServer, place: str) -> int:
    """Return how many reads went to this part of Arbor's addresses."""
    paths = [seen.path for seen in server.world.requests if seen.method == "GET"]
    return sum(path.startswith(f"/rest-v2/{place}") for path in paths)


def write_once(adapter: Adapter, pupil: Pupil, document: DocumentToWrite) -> None:
    """Write as a run does: look for the key first."""
    if not adapter.find_documents(pupil.pupil_id, document.key):
        adapter.write_document(document)


# without the type Document ---------------------------------------------------------------------------------


def test_without_documents_a_letter_is_uploaded_and_tied_to_its_pupil_by_a_content_tag() -> None:
    school = small_school()
    one, other = school.pupils[:2]
    with arbor(school, options=NO_DOCUMENT) as (server, adapter):
        reference = adapter.write_document(document_on(one))
        adapter.write_document(document_on(other, OTHER_KEY))
        (found,) = adapter.find_documents(one.pupil_id, KEY)
        assert (found.reference, found.title) == (reference, document_on(one).file_name)
        assert adapter.read_document(reference) == document_on(one).content
        assert adapter.find_documents(other.pupil_id, KEY) == []
        (written,) = server.world.written.documents(one.pupil_id)
        assert KEY in written.file_name


def test_check_says_where_letters_go() -> None:
    with arbor(small_school()) as (_, adapter):
        assert not [f for f in adapter.check() if "letters" in f.where]
    with arbor(small_school(), options=NO_DOCUMENT) as (_, adapter):
        (tagged,) = [f for f in adapter.check() if "letters" in f.where]
        assert tagged.severity == "warning"
        assert "content tag" in tagged.message


@pytest.mark.parametrize("hidden", ["File", "ContentTag"])
def test_where_nothing_takes_a_letter_check_names_the_folder_and_a_run_stops_there(hidden: str) -> None:
    school = small_school()
    options = {**NO_DOCUMENT, "withheld": (hidden,)}
    with arbor(school, options=options) as (server, adapter):
        (finding,) = [f for f in adapter.check() if "letters" in f.where]
        assert finding.severity == "error"
        assert "documents = false" in finding.fix
        assert adapter.find_documents(school.pupils[0].pupil_id, KEY) == []
        with pytest.raises(FatalError, match="neither Document nor"):
            adapter.write_document(document_on(school.pupils[0]))
        assert server.world.written.documents() == []
    with arbor(school, options=options, documents=False) as (_, adapter):
        assert not [f for f in adapter.check() if "letters" in f.where]


def test_a_letter_filed_by_tag_is_found_after_documents_were_granted() -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=NO_DOCUMENT) as (server, adapter):
        adapter.write_document(document_on(pupil))
        server.options.document_type = True  # type: ignore[attr-defined]
        with arbor_again(server) as fresh:
            write_once(fresh, pupil, document_on(pupil))
            assert len(fresh.find_documents(pupil.pupil_id, KEY)) == 1
        assert len(server.world.written.documents(pupil.pupil_id)) == 1


def test_before_a_letter_tags_are_looked_for_one_by_one_only_where_there_are_any() -> None:
    school = small_school()
    with arbor(school) as (server, adapter):
        for pupil in school.pupils[:3]:
            write_once(adapter, pupil, document_on(pupil))
        assert asked(server, "content-tags") == 2, "whether they are shown, and whether one is ours"


def test_a_letter_of_an_event_that_is_on_its_pupil_is_not_read_again_before_the_next() -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school) as (server, adapter):
        for name in ("one.docx", "two.docx", "three.docx"):
            adapter.write_document(replace(document_on(pupil), file_name=name))
        assert asked(server, "files") == 4, "whether they are shown, and a search before each"


# uploads that were cut -------------------------------------------------------------------------------------


def arbor_again(server: MockServer, **settings: Any) -> Any:
    """Return a context with another adapter on the same Arbor, as the next run has it."""
    return AdapterCase(KIND, settings=settings).adapter(server)


WAYS = pytest.mark.parametrize(
    "options", [{}, {"link_documents": False}, NO_DOCUMENT], ids=["update", "create", "tag"]
)


def cut(server: MockServer, document: DocumentToWrite) -> None:
    """Leave an upload in Arbor as a run does that is cut off before the upload is tied to its pupil."""
    stem, suffix = document.file_name.rsplit(".", 1)
    parts = {"file": (f"{stem} [{document.key}].{suffix}", document.content)}
    auth = (server.secrets["username"], server.secrets["password"])
    answer = requests.post(f"{server.url}/rest-v2/documents/upload", files=parts, auth=auth, timeout=5)
    assert answer.status_code == 201


def test_a_run_that_is_cut_leaves_an_upload_under_the_key_of_its_event() -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school) as (server, adapter):
        server.world.faults.set("drop-before", method="PUT")
        with pytest.raises(RetryableError):
            adapter.write_document(document_on(pupil))
        server.world.faults.clear()
        (left,) = server.world.written.documents()
        assert (left.pupil_id, left.content) == (None, document_on(pupil).content)
        assert KEY in left.file_name
        with arbor_again(server) as fresh:
            write_once(fresh, pupil, document_on(pupil))
        (written,) = server.world.written.documents()
        assert (written.document_id, written.pupil_id) == (left.document_id, pupil.pupil_id)
        assert written.file_name == document_on(pupil).file_name, "without the key"


@WAYS
def test_an_upload_that_was_cut_is_tied_by_the_next_run_and_not_filed_twice(options: dict[str, Any]) -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=options) as (server, adapter):
        cut(server, document_on(pupil))
        assert not server.world.written.documents(pupil.pupil_id)
        write_once(adapter, pupil, document_on(pupil))
        (found,) = adapter.find_documents(pupil.pupil_id, KEY)
        assert adapter.read_document(found.reference) == document_on(pupil).content
        assert len(files(server)) == 1, "the same upload, not a second one"
        assert len(server.world.written.documents(pupil.pupil_id)) == 1


@WAYS
def test_an_upload_that_was_cut_is_removed_where_the_letter_says_something_else_by_now(
    options: dict[str, Any],
) -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=options) as (server, adapter):
        cut(server, document_on(pupil))
        write_once(adapter, pupil, replace(document_on(pupil), content=b"another letter"))
        (found,) = adapter.find_documents(pupil.pupil_id, KEY)
        assert adapter.read_document(found.reference) == b"another letter"
        assert len(files(server)) == 1
        assert [d.pupil_id for d in server.world.written.documents()] == [pupil.pupil_id]


@WAYS
def test_an_upload_of_another_event_is_left_alone(options: dict[str, Any]) -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=options) as (server, adapter):
        cut(server, document_on(pupil, OTHER_KEY))
        adapter.write_document(document_on(pupil))
        assert len(files(server)) == 2


@pytest.mark.parametrize("options", [{}, NO_DOCUMENT], ids=["document", "tag"])
def test_another_letter_of_the_event_that_is_on_its_pupil_is_left_alone(options: dict[str, Any]) -> None:
    school = small_school()
    pupil = school.pupils[0]
    with arbor(school, options=options) as (_, adapter):
        for part in (" (1 of 2)", " (2 of 2)"):
            adapter.write_document(document_on(pupil, part=part))
        titles = {found.title for found in adapter.find_documents(pupil.pupil_id, KEY)}
    assert titles == {document_on(pupil, part=part).file_name for part in (" (1 of 2)", " (2 of 2)")}


def test_an_upload_that_cannot_be_tied_is_removed_and_the_property_is_named() -> None:
    school = small_school()
    options = {"keep_unknown_properties": False}
    with arbor(school, options=options, document_pupil="owner") as (server, adapter):
        with pytest.raises(SkippableError, match="owner"):
            adapter.write_document(document_on(school.pupils[0]))
        assert server.world.written.documents() == []
        assert files(server) == []


@WITHOUT
def test_a_named_way_that_arbor_refuses_is_an_error_of_check(options: dict[str, Any]) -> None:
    school = small_school()
    with arbor(school, options=options, document_link="update") as (_, adapter):
        (finding,) = [f for f in adapter.check() if "Document" in f.where]
        assert finding.severity == "error"
        assert 'document_link = "auto"' in finding.fix
        with pytest.raises(AdapterError):
            adapter.write_document(document_on(school.pupils[0]))
