"""The made-up school itself in Arbor's terms: its details, groups, staff and calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from connector.mock.arbor.lookups import NewRow, code_for
from connector.mock.arbor.marks import CLOSES, OPENS
from connector.mock.arbor.row_maker import RowMaker, iso
from connector.mock.arbor.rows import Ref
from rules.calendar import Calendar, Period

SOCIAL_WORKER_GROUP = "Social worker"


class SchoolFacts(RowMaker):
    """The rows that are not about a pupil."""

    def school(self) -> Iterator[NewRow]:
        """Yield the school, its groups and the people who keep its registers."""
        details, school = self._school.details, self._school
        authority = Ref("LocalAuthority", code_for(details.authority))
        phase = code_for(details.phase)
        yield "LocalAuthority", authority.id, {"code": authority.id, "name": details.authority}
        yield "UkDfe_CensusSchoolPhase", phase, {"code": phase, "label": details.phase.title()}
        yield self._new_row(
            "EducationalInstitution",
            details.urn,
            educationalInstitutionName=details.name,
            shortName=details.name,
            urn=details.urn,
            website=details.website,
            localAuthority=authority,
            censusSchoolPhase=Ref("UkDfe_CensusSchoolPhase", phase),
        )
        yield from self._address("EducationalInstitution", details.urn, "school", details.address, "WORK")
        here = self._ref("EducationalInstitution", details.urn)
        yield self._new_row(
            "EmailAddress",
            "school",
            emailAddressOwner=here,
            emailAddressType="WORK",
            emailAddress=details.email,
        )
        yield self._new_row(
            "TelephoneNumber",
            "school",
            numberOwner=here,
            telephoneNumberType="WORK",
            number=details.telephone,
            telephoneNumberRanking=1,
        )
        for name, role in school.staff:
            yield from self._staff(name, role)
        for half in ("AM", "PM"):
            yield self._new_row(
                "AttendanceRollCallTime",
                half,
                attendanceRollCall=Ref("AttendanceRollCall", half),
                effectiveDate=iso(self._year.start),
                registerOpensTime=OPENS[half].isoformat(),
                registerClosesTime=CLOSES[half].isoformat(),
                rollCallPeriodEndTime=CLOSES[half].isoformat(),
            )
        year = self._ref("AcademicYear", self._year.name)
        for order, group in enumerate(school.year_groups):
            yield self._new_row(
                "AcademicLevel",
                group,
                academicLevelName=group,
                shortName=group,
                academicYear=year,
                displayOrder=order,
            )
        for order, group in enumerate(school.registration_groups):
            yield self._new_row(
                "RegistrationForm",
                group,
                code=group,
                registrationFormName=group,
                shortName=group,
                academicYear=year,
                displayOrder=order,
            )
            tutor = school.staff[order % len(school.staff)][0]
            yield self._new_row(
                "RegistrationFormTutor",
                group,
                registrationForm=self._ref("RegistrationForm", group),
                staff=self._ref("Staff", tutor),
                startDate=iso(self._year.start),
            )
        yield self._new_row(
            "CustomGroup", SOCIAL_WORKER_GROUP, customGroupName=SOCIAL_WORKER_GROUP, containsStudents=True
        )

    def _staff(self, name: str, role: str) -> Iterator[NewRow]:
        first, _, last = name.rpartition(" ")
        yield self._new_row("Person", f"staff {name}", legalFirstName=first, legalLastName=last)
        yield self._new_row("Staff", name, person=self._ref("Person", f"staff {name}"), legacySystemId=role)

    def calendar(self) -> Iterator[NewRow]:
        """Years, terms, holidays with half-term breaks among them, and every day with whether it is a school day."""
        calendar = self._school.calendar
        for year in calendar.years:
            yield self._new_row(
                "AcademicYear",
                year.name,
                academicYearName=year.name,
                code=year.name,
                startDate=iso(year.start),
                endDate=iso(year.end),
                timetableCycleLength=1,
            )
        for term in calendar.terms:
            yield self._new_row(
                "Term",
                term.name,
                academicYear=self._ref("AcademicYear", calendar.year_with(term).name),
                termName=term.name,
                shortTermName=term.name[:3],
                code=code_for(term.name),
                startDate=iso(term.start),
                endDate=iso(term.end),
            )
        for period in calendar.periods:
            if period.kind in ("holiday", "inset", "closure"):
                yield self._holiday(calendar, period)
        for year in calendar.years:
            for n in range((year.end - year.start).days + 1):
                yield self._day(calendar, year, year.start + timedelta(days=n))
        for weekday in range(1, 6):
            yield self._new_row(
                "AcademicWorkingDay", str(weekday), code=str(weekday), dayOfCalendarWeek=weekday
            )

    def _holiday(self, calendar: Calendar, period: Period) -> NewRow:
        start, end = str(iso(period.start)), str(iso(period.end))
        if period.half:  # part of a day is given by times (assumption)
            start += " 00:00:00" if period.half == "AM" else " 12:00:00"
            end += " 11:59:59" if period.half == "AM" else " 23:59:59"
        return self._new_row(
            "AcademicHoliday",
            f"{period.kind} {period.start}",
            academicHolidayType=_holiday_type(calendar, period),
            startDate=start,
            endDate=end,
            holidayLabel=period.name,
        )

    def _day(self, calendar: Calendar, year: Period, day: date) -> NewRow:
        term = calendar.term_of(day)
        names = [p.name for p in calendar.periods if p.kind == "holiday" and p.start == p.end == day]
        return self._new_row(
            "AcademicCalendarDate",
            day.isoformat(),
            startDate=iso(day),
            endDate=iso(day),
            calendarYear=day.year,
            calendarMonth=day.month,
            calendarWeek=day.isocalendar().week,
            calendarDay=day.day,
            calendarDayOfWeek=day.isoweekday(),
            isPublicHoliday=bool(names),
            publicHolidayName=names[0] if names else None,
            academicYear=self._ref("AcademicYear", year.name),
            term=self._ref("Term", term.name) if term else None,
            isGoodSchoolDay=calendar.is_school_day(day),
            code=day.strftime("%Y%m%d"),
            active=True,
        )


def _holiday_type(calendar: Calendar, period: Period) -> str:
    if period.kind == "inset":
        return "INSET_DAY"
    if period.kind == "closure":
        return "SCHOOL_CLOSURE"
    if period.start == period.end:
        return "PUBLIC_HOLIDAY"
    return "HALF_TERM" if calendar.term_of(period.start) else "TERM_HOLIDAY"
