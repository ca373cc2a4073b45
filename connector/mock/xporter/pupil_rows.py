"""Pupils of the made-up school as Xporter's rows: Students, their groups, spells, needs and entitlements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from connector.mock.school import MadeUpSchool
from connector.mock.xporter.habits import XporterOptions
from connector.mock.xporter.kinds import Row, address_fields, bare, external_id, stamped, xid
from rules.school import Pupil, SpellKind

_STATUS: dict[SpellKind, str] = {"main": "C", "subsidiary": "S", "guest": "G"}
"""DfE's enrolment status."""
_SEN = {"N": "No Special Educational Need", "K": "SEN Support", "E": "Education, Health and Care Plan"}
_GROUP_TYPES = (("1", "YearGrp", "Year Group", None), ("2", "RegGrp", "Registration Group", "1"))


@dataclass(frozen=True)
class PupilRows:
    """The cached copy of a day. ``today`` is the day whose evening it was filled on."""

    school: MadeUpSchool
    today: date
    options: XporterOptions

    def known(self, asked: Collection[str] = ()) -> Iterator[Pupil]:
        """Yield the pupils that these options ask for: those on roll, and by option others (D18)."""
        for pupil in self.school.pupils_known(self.today):
            kind = pupil.spells[-1].kind
            if pupil.pupil_id in self.options.hidden_pupils:
                continue
            if kind == "guest" and "includeguests" not in asked:
                continue
            if kind == "subsidiary" and "includesubsidiary" not in asked:
                continue
            status = self.status(pupil)
            if status == "Leaver" and "includeleavers" not in asked:
                continue
            if status == "PreAdmission" and "includepreadmissions" not in asked:
                continue
            yield pupil

    def status(self, pupil: Pupil) -> str:
        """Return OnRoll, Leaver or PreAdmission."""
        spell = pupil.spells[-1]
        if spell.end is not None and spell.end < self.today:
            return "Leaver"
        return "PreAdmission" if spell.start is not None and spell.start > self.today else "OnRoll"

    def students(self, asked: Collection[str]) -> Iterator[Row]:
        """Yield Students. Marks strings and totals are added by those who know the marks."""
        for pupil in self.known(asked):
            yield stamped(self._student(pupil), self.today)

    def _student(self, pupil: Pupil) -> Row:
        spell, status = pupil.spells[-1], self.status(pupil)
        home = next(iter(pupil.contacts), None)
        gone = status == "Leaver" and not self.options.leavers_keep_groups
        row: Row = {
            "Id": pupil.pupil_id,
            "XID": xid("Student", pupil.pupil_id),
            "ExternalId": external_id("Student", pupil.pupil_id),
            "IdaasId": f"PL-{pupil.pupil_id}",
            "Forename": pupil.forename,
            "Surname": pupil.surname,
            "DisplayName": f"{pupil.forename} {pupil.surname}".strip(),
            "AdmissionNo": pupil.admission_number,
            "Gender": pupil.gender,
            "RegGroupId": None if gone else self._group_id("RegGrp", pupil.registration_group),
            "RegGroup": None if gone else pupil.registration_group or None,
            "YearGroupId": None if gone else self._group_id("YearGrp", pupil.year_group),
            "YearGroup": None if gone else spaced(pupil.year_group),
            "HouseGroupId": None,
            "HouseGroup": None,
            "WorkEmail": None,
            "IdaasEmail": None,
            "UPN": pupil.upn,
            "UniqueLearnerNumber": None,
            "MiddleName": None,
            "EnrolmentStatus": _STATUS[spell.kind],
            "Boarder": 0,
            "LegalForename": pupil.legal_forename,
            "LegalSurname": pupil.legal_surname,
            "EntryDate": bare(spell.start),
            "LeavingDate": bare(spell.end),
            "Destination": None,
            "DestinationStartDate": None,
            "ReasonForLeaving": "Moved" if status == "Leaver" else None,
            "SENProvision": pupil.sen_status or None,
            "FsmEndDate": None,
            "UniformAllowance": 0,
            "PupilPremium": int(pupil.pupil_premium),
            "YSSA": None,
            "EAL": int(pupil.eal),
            "FSMEver6": int(pupil.fsm),
            "Gifted": 0,
            "ServiceChild": "0",
            "ServiceChildSource": None,
            "InLeaCare": int(pupil.looked_after),
            "LeaCareAuthority": "999" if pupil.looked_after else None,
            "EverInCare": int(pupil.looked_after),
            "IsYoungCarer": int(pupil.young_carer),
            "AsylumStatus": None,
            "ReligionCode": None,
            "Religion": None,
            "EthnicityCode": pupil.ethnicity or None,
            "Ethnicity": pupil.ethnicity or None,
            "EthnicitySource": "P",
            "HomeLanguage": None,
            "HomeLanguageCode": None,
            "FirstLanguage": pupil.first_language or None,
            "FirstLanguageCode": None,
            "FirstLanguageSource": None,
            "EnglishProficiencyLevel": None,
            "NationalIdentity": None,
            "Nationality": "United Kingdom",
            "ModeOfTravel": "Walk",
            "IsTraveller": 0,
            "TravellerSource": None,
            "ParentalSalutation": " and ".join(
                f"{c.title} {c.surname}" for c in pupil.contacts if c.parental_responsibility
            ),
            **address_fields(home.address if home else None),
            "StudentStatus": status,
            "QuickNote": None,
        }
        return row | self._by_spelling(pupil, gone=gone)

    def _by_spelling(self, pupil: Pupil, *, gone: bool) -> Row:
        """Return the fields that sources spell differently, and those that only later ones have."""
        names = self.options.names
        row: Row = {
            "FSMEligible" if names == "recorded" else "FsmEligible": int(pupil.fsm),
            "DateOfBirth" if names == "manual" else "DateofBirth": bare(pupil.date_of_birth),
            "formerUPN" if names == "2021" else "FormerUPN": None,
        }
        if names == "2021":
            row |= {
                "FsmStartDate": bare(pupil.spells[0].start) if pupil.fsm else None,
                "PartTime": int(pupil.part_time_from is not None),
                "YearTaughtIn": next((int(w) for w in pupil.year_group.split() if w.isdigit()), 0),
                "KeyStage": None,
                "OnReport": 0,
            }
        if gone:
            row["LeavingYearGroup"] = self._group_id("YearGrp", pupil.year_group)
            row["LeavingRegGroup"] = self._group_id("RegGrp", pupil.registration_group)
        return row

    def _group_id(self, kind: str, name: str) -> str | None:
        known = self.school.year_groups if kind == "YearGrp" else self.school.registration_groups
        first = 20 if kind == "YearGrp" else 180
        return str(first + known.index(name)) if name in known else None

    def groups(self, kinds: str, asked: Collection[str]) -> Iterator[Row]:
        """Yield Group: year and registration groups with at least one member."""
        for kind, name, members in self._memberships(kinds):
            number = self._group_id(kind, name)
            row: Row = {
                "Id": number,
                "XID": xid(kind, name),
                "ExternalId": external_id(kind, name),
                "IdaasId": f"{_prefix(kind)}-{number}",
                "Type": kind,
                "Code": name.removeprefix("Year "),
                "Name": spaced(name) if kind == "YearGrp" else name,
                "PrimaryStaffId": None if kind == "YearGrp" else "25",
                "Staff": None if kind == "YearGrp" else "QZ",
                "NumStudents": len(members),
            }
            if "includemembersids" in asked:
                row["StudentIds"] = ",".join(members)
            yield stamped(row, self.today)

    def student_members(self, kinds: str) -> Iterator[Row]:
        """Yield StudentMembers, the members of each group."""
        for kind, name, members in self._memberships(kinds):
            number, prefix = self._group_id(kind, name), _prefix(kind)
            bare_ids = not self.options.prefixed_members
            for pupil_id in members:
                row: Row = {
                    "Id": f"{prefix}-{number}.PL-{pupil_id}",
                    "GroupId": number if bare_ids else f"{prefix}-{number}",
                    "StudentId": pupil_id if bare_ids else f"PL-{pupil_id}",
                    "GroupExternalId": external_id(kind, name),
                    "StudentExternalId": external_id("Student", pupil_id),
                    "StudentIdaasId": f"PL-{pupil_id}",
                    "GroupIdaasId": f"{prefix}-{number}",
                }
                yield stamped(row, self.today)

    def staff_members(self, kinds: str) -> Iterator[Row]:
        """Yield StaffMembers: one tutor for each registration group."""
        for kind, name, _ in self._memberships(kinds):
            if kind == "RegGrp":
                number = self._group_id(kind, name)
                row: Row = {
                    "Id": f"GR-{number}.PWT-25",
                    "GroupId": number,
                    "StaffId": "25",
                    "StaffRole": "Registration Tutor",
                    "GroupExternalId": external_id(kind, name),
                    "StaffExternalId": external_id("Staff", "25"),
                    "StaffIdaasId": "PWT-25",
                    "GroupIdaasId": f"GR-{number}",
                }
                yield stamped(row, self.today)

    def group_types(self) -> Iterator[Row]:
        """Yield GroupTypes."""
        for number, code, words, parent in _GROUP_TYPES:
            row = {"Id": number, "TypeCode": code, "TypeDescription": words, "ParentGroupTypeId": parent}
            yield stamped(row, self.today)

    def _memberships(self, kinds: str) -> Iterator[tuple[str, str, list[str]]]:
        for kind in ("YearGrp", "RegGrp"):
            if kinds and kind.lower() != kinds.lower():
                continue
            members: dict[str, list[str]] = {}
            for pupil in self.known():
                name = pupil.year_group if kind == "YearGrp" else pupil.registration_group
                if name:
                    members.setdefault(name, []).append(pupil.pupil_id)
            yield from ((kind, name, members[name]) for name in sorted(members))

    def enrolment_history(self) -> Iterator[Row]:
        """Yield StudentEnrolmentHistory: a row for each spell on roll (C21)."""
        for pupil in self.known(("includeleavers", "includepreadmissions", "includeguests")):
            for number, spell in enumerate(pupil.spells, 1):
                row: Row = {
                    "Id": f"{pupil.pupil_id}{number}",
                    "Student_MisId": pupil.pupil_id,
                    "StudentIdaasId": f"PL-{pupil.pupil_id}",
                    "StudentXid": xid("Student", pupil.pupil_id),
                    "StartDate": bare(spell.start),
                    "EndDate": bare(spell.end),
                    "EnrolmentStatusCode": _STATUS[spell.kind],
                }
                yield stamped(row, self.today)

    def provisions(self) -> Iterator[Row]:
        """Yield StudentSENProvisionHistory: what each pupil has now."""
        for pupil in self.known():
            if pupil.sen_status in _SEN:
                yield self._of_pupil(
                    pupil,
                    {
                        "Id": f"8{pupil.pupil_id}",
                        "SENProvisionCode": pupil.sen_status,
                        "SENProvisionDescription": _SEN[pupil.sen_status],
                        "SENProvisionStartDate": bare(pupil.spells[0].start),
                        "SENProvisionEndDate": None,
                        "Active": 1,
                    },
                )

    def needs(self) -> Iterator[Row]:
        """Yield StudentSENTypeHistory: one made-up need for each pupil with a provision."""
        for pupil in self.known():
            if pupil.sen_status in ("K", "E"):
                yield self._of_pupil(
                    pupil,
                    {
                        "Id": f"9{pupil.pupil_id}",
                        "NeedTypeDescription": "Made-up need",
                        "NeedTypeCode": "SLCN",
                        "Rank": 1,
                        "NeedNotes": None,
                        "NeedStartDate": bare(pupil.spells[0].start),
                        "NeedEndDate": None,
                        "Active": 1,
                    },
                )

    def _of_pupil(self, pupil: Pupil, row: Row) -> Row:
        """Return a row of the SEN endpoint: the manual and the program of 2021 call the pupil differently."""
        if self.options.names == "manual":
            return {**row, "StudentMis_Id": pupil.pupil_id}
        return stamped({**row, "StudentId": pupil.pupil_id}, self.today)

    def entitled(self) -> Iterator[Row]:
        """Yield EntitlementGroupStudents."""
        for pupil in self.known():
            for group, holds in (("100", pupil.fsm), ("101", pupil.pupil_premium)):
                if holds:
                    yield {
                        "Id": f"{group}{pupil.pupil_id}",
                        "EntitlementGroupId": group,
                        "StudentId": pupil.pupil_id,
                        "StartDate": f"{bare(pupil.spells[0].start or self.today)}T00:00:00",
                        "EndDate": None,
                    }

    def own_fields(self, names: Iterable[str]) -> Iterator[Row]:
        """Yield StudentUDFs: here an example of a flag for which Xporter has no field of its own."""
        if "Social Worker" in names:
            for pupil in self.known():
                if pupil.social_worker:
                    yield {
                        "Id": f"7{pupil.pupil_id}",
                        "StudentId": pupil.pupil_id,
                        "UDFName": "Social Worker",
                        "UDFValue": "Yes",
                    }


def spaced(name: str) -> str | None:
    """Return a year group's name with the two spaces that it has in SIMS (R18)."""
    return name.replace("Year ", "Year  ") or None


def _prefix(kind: str) -> str:
    """Return the prefix of a group's id: GY is recorded (R18), GR an assumption."""
    return "GY" if kind == "YearGrp" else "GR"
