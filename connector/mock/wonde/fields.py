"""Every field that this mock sends, by object, each with the source that it is known from.

The mock's own statement of what Wonde sends: it knows nothing of any program that reads it. A test holds the answers
to this list. What stands under ``ASSUMED`` is in no public source; docs/mis-wonde.md says how to settle each.
"""

from __future__ import annotations

from collections.abc import Mapping

RECORDED = (
    "an answer of Wonde for a SIMS school: rmcsharry/ep-richard, spec/webmocks/getStudentsFromWonde.json"
)
VENDOR = "Wonde's own clients (wondeltd/php-client 3.1.4, dotnet-client, ruby-client) and docs.wonde.com"
LIVE = "a public client that says it was checked against a live answer (dataconversion-ie/WondePOC)"
CLIENTS = "public clients and imports that name it, without a word on a live check"
HELP = "a help page that prints Wonde's contacts (schoolzineplus.com, article 302)"
ASSUMED = "assumed"


def _block(*parts: tuple[str, str]) -> dict[str, str]:
    """Given (source, names separated by blanks), return name -> source."""
    return {name: source for source, names in parts for name in names.split()}


PERSON = "id upi mis_id initials surname forename middle_names date_of_birth gender created_at updated_at"
PLACE = "house_number house_name apartment street district town county country postcode"

BLOCKS: Mapping[str, Mapping[str, str]] = {
    "school": _block(
        (
            CLIENTS,
            "id name establishment_number urn phase_of_education la_code timezone mis address extended region",
        )
    ),
    "address": _block(
        (CLIENTS, "address_line_1 address_line_2 address_town address_postcode address_country")
    ),
    "address_country": _block((CLIENTS, "code name")),
    "extended": _block(
        (CLIENTS, "allows_writeback has_timetables has_lesson_attendance audit_approved_at"),
    ),
    "region": _block((VENDOR, "domain"), (CLIENTS, "code school_url identifiers")),
    "identifiers": _block((CLIENTS, "la_code establishment_number urn")),
    "date": _block((VENDOR, "date timezone_type timezone")),
    "student": _block(
        (RECORDED, f"{PERSON} legal_surname legal_forename contacts contact_details"),
        (LIVE, "title gender_identity restored_at"),
        (CLIENTS, "education_details extended_details year groups registration relationship"),
    ),
    "education_details": _block(
        (
            CLIENTS,
            "admission_number upn local_upn former_upn part_time admission_date leaving_date"
            " current_nc_year learner_number part_time_rate",
        ),
    ),
    "extended_details": _block(
        (
            LIVE,
            "ethnicity sen_status in_lea_care ever_in_care free_school_meals free_school_meals_6"
            " english_as_additional_language premium_pupil_indicator",
        ),
        (
            CLIENTS,
            "next_of_kin religion dietary_needs first_language premium_pupil_notes service_children_indicator"
            " enrolment_status gifted_and_talented_status english_as_additional_language_status",
        ),
    ),
    "year": _block((CLIENTS, "code name")),
    "registration": _block((ASSUMED, "id mis_id code name")),
    "group": _block((CLIENTS, "id mis_id name description type updated_at")),
    "contact": _block(
        (RECORDED, f"{PERSON} title relationship contact_details"),
        (VENDOR, "students"),
        (ASSUMED, "restored_at"),
    ),
    "relationship": _block(
        (
            RECORDED,
            "relationship parental_responsibility priority court_order correspondence pupil_report"
            " lives_with_pupil bill_payer email_bills copy_bills",
        ),
    ),
    "contact_details": _block((RECORDED, "phones emails addresses"), (HELP, "salutation")),
    "phones": _block((RECORDED, "phone primary home work mobile")),
    "emails": _block((RECORDED, "email primary home work")),
    "addresses": _block((RECORDED, "home work"), (HELP, "postal")),
    "place": _block((RECORDED, PLACE)),
    "attendance_code": _block((CLIENTS, "id code description type")),
    "session": _block(
        (VENDOR, "comment"),
        (ASSUMED, "id date session minutes_late attendance_code student employee created_at updated_at"),
    ),
    "deletion": _block((CLIENTS, "id mis_id deleted_at"), (ASSUMED, "type")),
}
"""Object -> field -> source."""

STUDENT_INCLUDES = (
    "classes", "classes.subject", "education_details", "contact_details", "attendance_summary", "extended_details",
    "contacts", "contacts.contact_details", "year", "year.employees", "house", "house.employees", "registration",
    "registration.employees", "groups", "groups.employees", "permissions", "behaviours", "behaviours.employees",
    "achievements", "achievements.employees", "photo", "sen_needs", "medical_conditions",
    "medical_conditions.notes", "medical_events", "medical_notes",
)  # fmt: skip
"""What ``meta.includes`` of a list of students named in the recorded answer."""
