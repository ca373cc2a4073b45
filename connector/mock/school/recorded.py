"""What else is on record for pupils of the made-up school: attendance plans, leave requests, penalty notices."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from connector.mock.school.pupils import Enrolled
from rules.school import AttendancePlan, LeaveRequest, Notice, Session


@dataclass(frozen=True, slots=True)
class Records:
    """Each in order of its date."""

    attendance_plans: tuple[AttendancePlan, ...] = ()
    leave_requests: tuple[LeaveRequest, ...] = ()
    notices: tuple[Notice, ...] = ()


def make_records(
    pupils: Sequence[Enrolled], codes: NDArray[np.str_], sessions: Sequence[Session], rng: random.Random
) -> Records:
    """Given the marks as they end up, return records that go with them.

    A block of G was mostly asked for beforehand; heavy unauthorised absence brings a plan, and now and then a
    notice to each parent.
    """
    requests, plans, notices = [], [], []
    for row, enrolled in enumerate(pupils):
        pupil = enrolled.pupil
        away = [sessions[column].date for column in _where(codes[row] == "G")]
        if len(away) >= 4 and rng.random() < 0.7:
            asked = away[0] - timedelta(days=rng.randint(7, 40))
            requests.append(LeaveRequest(pupil.pupil_id, away[0], away[-1], "holiday", asked))
        licensed = [sessions[column].date for column in _where(codes[row] == "C1")]
        if licensed:
            asked = licensed[0] - timedelta(days=21)
            requests.append(LeaveRequest(pupil.pupil_id, licensed[0], licensed[-1], "performance", asked))
        truant = _where(np.isin(codes[row], ("O", "U", "G")))
        if len(truant) >= 16:
            plans.append(
                AttendancePlan(pupil.pupil_id, sessions[truant[12]].date + timedelta(days=rng.randint(1, 9)))
            )
            if rng.random() < 0.5:
                issued = sessions[truant[15]].date + timedelta(days=rng.randint(7, 20))
                notices += [
                    Notice(pupil.pupil_id, contact.contact_id, issued)
                    for contact in pupil.contacts
                    if contact.parental_responsibility
                ]
    return Records(
        tuple(sorted(plans, key=lambda plan: (plan.date, plan.pupil_id))),
        tuple(sorted(requests, key=lambda request: (request.requested, request.pupil_id))),
        tuple(sorted(notices, key=lambda notice: (notice.issued, notice.pupil_id))),
    )


def _where(held: NDArray[np.bool_]) -> list[int]:
    return [int(column) for column in np.flatnonzero(held)]
