"""The contract, fourth part: what goes wrong comes to an end without help, is reported, harms nothing, and shows no secret."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import ClassVar

import pytest

from connector.adapters.base import Adapter, PullRequest
from connector.errors import AdapterError, ConnectorError, FatalError, RetryableError
from connector.mock.faults import WIRE
from connector.testing.case import HTTP, AdapterCase
from connector.testing.pulled import Pulled, mark_rows, pupil_differences
from connector.testing.schools import small_school, tiny_school
from connector.testing.writing import note_on


class Failing:
    """Faults at 20% of calls, refused log-ins, cut connections."""

    case: AdapterCase
    _read_whole: ClassVar[Pulled | None] = None
    """The school that :meth:`_same` compares with, read once for a suite."""

    def test_a_refused_log_in_is_fatal_and_says_what_to_do(self) -> None:
        school = small_school()
        spoilt = {self.case.wrong_secret: "not-the-secret-a8f3"}
        with self.case.mis(school) as mis, self.case.adapter(mis, secrets=spoilt) as adapter:
            with pytest.raises(FatalError) as refused:
                Pulled().pull(adapter, school.last_day)
            assert refused.value.fix
            assert "not-the-secret" not in str(refused.value)
            findings = [f for f in adapter.check() if f.severity == "error"]
            assert findings
            assert findings[0].fix

    @pytest.mark.parametrize("fault", ["busy", "busy-silent", "error-500", "drop-before", "html"])
    def test_a_mis_that_never_answers_well_is_given_up_after_some_tries(self, fault: str) -> None:
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            mis.world.faults.set(fault)
            with pytest.raises(RetryableError):
                Pulled().pull(adapter, school.last_day)
            assert 1 < adapter.requests_sent <= 3 * HTTP.tries

    @pytest.mark.parametrize("fault", [name for name in WIRE if name != "slow"])
    def test_a_fifth_of_all_calls_may_fail(self, fault: str) -> None:
        """The pull ends without help, and one without faults then reaches the same state as if there had been none."""
        self._survives(fault)

    @pytest.mark.parametrize("fault", ["list-for-object", "lists-within"])
    def test_an_empty_list_in_the_place_of_an_object_is_a_named_error_or_nothing(self, fault: str) -> None:
        """As PHP writes an empty object. Nothing but an error of the connector's own comes of it, in a pull and in `check`."""
        school = small_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            mis.world.faults.set(fault)
            said = [str(error) for error in _errors_of(adapter, school.last_day)]
            faults = [f.message for f in adapter.check() if f.severity == "error"]
        mis_name = self.case.kind.title.split()[0]
        assert all(mis_name in words for words in said)
        if fault == "list-for-object":
            assert said
            assert faults

    @pytest.mark.parametrize("fault", ["duplicate-rows", "shifted-rows", "hidden-fields", "expired"])
    def test_awkward_data_is_put_right_or_reported(self, fault: str) -> None:
        if fault not in self.case.faults:
            pytest.skip("this MIS has no such habit")
        self._survives(fault)

    def test_pages_without_end_are_given_up_with_the_address_that_has_them(self) -> None:
        if "endless-pages" not in self.case.faults:
            pytest.skip("this MIS names no next page")
        school = tiny_school()
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            mis.world.faults.set("endless-pages")
            with pytest.raises(AdapterError) as given_up:
                Pulled().pull(adapter, school.last_day)
            address = max((seen.path for seen in mis.world.requests), key=len)
            assert address in str(given_up.value)
            assert adapter.requests_sent <= 50

    def _survives(self, fault: str) -> None:
        school = tiny_school()
        last = school.last_day
        with (
            self.case.mis(school) as mis,
            self.case.adapter(mis, settings=self.case.page_size(20)) as adapter,
        ):
            pulled = Pulled()
            mis.world.faults.set(fault, 0.2)
            for _ in range(2):
                try:
                    pulled.pull(adapter, last)
                except AdapterError:
                    continue
                self._same(pulled)
            mis.world.faults.clear()
            pulled.pull(adapter, last)
            self._same(pulled)

    def _same(self, pulled: Pulled) -> None:
        wanted = self._whole()
        assert not pupil_differences(wanted.pupils.values(), pulled.pupils.values(), self.case.lacks)
        assert mark_rows(pulled.marks.values(), self.case.lacks) == mark_rows(
            wanted.marks.values(), self.case.lacks
        )

    def _whole(self) -> Pulled:
        """Return the same school without any fault."""
        suite = type(self)
        if suite._read_whole is None:
            school = tiny_school()
            with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
                suite._read_whole = Pulled().pull(adapter, school.last_day)
        return suite._read_whole

    def test_a_pull_that_is_cut_off_yields_no_bookmark(self) -> None:
        school = tiny_school()
        with (
            self.case.mis(school) as mis,
            self.case.adapter(mis, settings=self.case.page_size(20)) as adapter,
        ):
            pulled = Pulled()
            pages = adapter.pull(PullRequest(None, school.last_day, school.last_day))
            next(pages)
            mis.world.faults.set("drop-before")
            with pytest.raises(RetryableError):
                list(pages)
            mis.world.faults.clear()
            assert pulled.bookmark is None
            self._same(pulled.pull(adapter, school.last_day))

    def test_no_secret_and_no_name_is_shown(
        self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        """In output, logs and errors, also when everything goes wrong at the most talkative level."""
        caplog.set_level(logging.DEBUG)
        school = small_school()
        messages: list[str] = []
        with self.case.mis(school) as mis, self.case.adapter(mis) as adapter:
            Pulled().pull(adapter, school.last_day)
            for fault in ("invalid-json", "html", "error-500", "drop-before", "hidden-fields", "expired"):
                mis.world.faults.clear()
                mis.world.faults.set(fault)
                messages += _messages(adapter, school.last_day)
                if self.case.kind.capabilities.notes:
                    messages += _messages_of_writing(adapter, note_on(school.pupils[0]))
            messages += [repr(adapter), repr(adapter.capabilities)]
            secrets = [secret for secret in mis.secrets.values() if len(secret) > 3]
        out, err = capsys.readouterr()
        said = "\n".join([*messages, out, err, caplog.text])
        names = (word for p in school.pupils for word in (p.upn, p.legal_surname) if word)
        words = [*secrets, *names]
        assert [word for word in words if re.search(rf"\b{re.escape(word)}\b", said)] == []


def _messages(adapter: Adapter, last: date) -> list[str]:
    return [words for error in _errors_of(adapter, last) for words in (str(error), repr(error))]


def _errors_of(adapter: Adapter, last: date) -> list[ConnectorError]:
    """Return the error of the connector's own with which a pull ends; any other is raised."""
    try:
        Pulled().pull(adapter, last)
    except ConnectorError as error:
        return [error]
    return []


def _messages_of_writing(adapter: Adapter, note: object) -> list[str]:
    try:
        adapter.write_note(note)  # type: ignore[arg-type]
    except ConnectorError as error:
        return [str(error), repr(error)]
    return []
