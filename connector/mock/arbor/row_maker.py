"""What making Arbor's rows of a made-up school needs everywhere: references, new rows, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from connector.mock.arbor.lookups import NewRow, code_for
from connector.mock.arbor.rows import Ref, Rows
from connector.mock.school import MadeUpSchool
from rules.school import Address


def iso(day: date | None) -> str | None:
    """Return a date as the API prints it."""
    return day.isoformat() if day else None


class RowMaker:
    """Makes rows of one school; ids come from ``rows`` and stay the same."""

    def __init__(self, school: MadeUpSchool, rows: Rows) -> None:
        self._school = school
        self._rows = rows
        self._year = school.calendar.year_of(school.first_day)

    def _ref(self, type_name: str, natural: str) -> Ref:
        return Ref(type_name, self._rows.id_for(type_name, natural))

    def _new_row(self, type_name: str, natural: str, **values: Any) -> NewRow:
        return type_name, self._rows.id_for(type_name, natural), values

    def _address(
        self, type_name: str, natural: str, key: str, address: Address, kind: str
    ) -> Iterator[NewRow]:
        if address == Address():
            return
        lines = (*address.lines, "", "", "")
        country = Ref("Country", "GBR") if address.country == "United Kingdom" else None
        if address.country and country is None:
            country = Ref("Country", code_for(address.country))
            yield "Country", country.id, {"code": country.id, "longName": address.country}
        yield self._new_row(
            "PostalAddress",
            key,
            address1=lines[0] or None,
            address2=lines[1] or None,
            address3=lines[2] or None,
            postalTown=address.town or None,
            postalState=address.county or None,
            postalCode=address.postcode or None,
            country=country,
        )
        occupant = Ref(type_name, natural) if type_name == "Guardian" else self._ref(type_name, natural)
        yield self._new_row(
            "PostalAddressOccupancy",
            key,
            postalAddress=self._ref("PostalAddress", key),
            occupant=occupant,
            effectiveDate=iso(self._year.start),
            postalAddressType=kind,
            isCorrespondenceAddress=True,
        )
