"""The contract, first part: how an adapter presents itself."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from connector.adapters import adapter_kinds
from connector.testing.case import AdapterCase
from connector.testing.schools import small_school


class Shape:
    """Name, settings, secrets, capabilities."""

    case: AdapterCase

    def test_it_is_found_by_its_name(self) -> None:
        assert self.case.kind.name in adapter_kinds()

    def test_every_setting_and_secret_is_described(self) -> None:
        fields = self.case.kind.settings.model_fields
        assert not [name for name, field in fields.items() if not field.description]
        assert not [secret.name for secret in self.case.kind.secrets if not secret.meaning]

    def test_no_secret_is_a_setting(self) -> None:
        fields = set(self.case.kind.settings.model_fields)
        assert not fields & {secret.name for secret in self.case.kind.secrets}

    def test_the_settings_schema_can_be_printed(self) -> None:
        assert json.dumps(self.case.kind.settings.model_json_schema())

    def test_an_unknown_setting_is_refused(self) -> None:
        with self.case.mis(small_school()) as mis, pytest.raises(ValidationError, match="no_such_setting"):
            self.case.kind.settings.model_validate({**mis.settings, "no_such_setting": 1})

    def test_opening_sends_nothing(self) -> None:
        with self.case.mis(small_school()) as mis, self.case.adapter(mis) as adapter:
            assert adapter.requests_sent == 0
            assert not mis.world.requests

    def test_requests_are_counted(self) -> None:
        with self.case.mis(small_school()) as mis, self.case.adapter(mis) as adapter:
            adapter.check()
            assert adapter.requests_sent == len(mis.world.requests) > 0

    def test_the_kind_says_what_an_open_adapter_can_do(self) -> None:
        with self.case.mis(small_school()) as mis, self.case.adapter(mis) as adapter:
            assert adapter.capabilities == self.case.kind.capabilities
