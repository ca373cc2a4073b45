"""Random records.csv: leave with its answer, notices to improve and decisions, some of them in settings.toml as well."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.peer.reading import Calendar

Row = dict[str, str]
COLUMNS = [
    *["pupil_id", "kind", "date", "contact_id", "decision", "from", "to", "weeks", "allowed", "by", "note"],
    *["leave_kind", "decided"],
]


def make_records(random: Random, calendar: Calendar, pupils: list[Row]) -> list[Row]:
    """Return the rows of a records.csv; empty for a folder without one."""
    rows: list[Row] = []
    if random.random() < 0.4:
        return rows
    first, last = calendar.days[0], calendar.days[-1]
    for pupil in pupils:
        about = {"pupil_id": pupil["pupil_id"]}
        for number in range(random.choice([0, 1, 1, 2])):
            asked = first + timedelta(days=random.randint(0, (last - first).days))
            rows.append({**about, "kind": "leave", "date": asked.isoformat(), **leave(random, asked, number)})
        for _ in range(random.choice([0, 0, 1, 1, 2])):
            day = first + timedelta(days=random.randint(0, (last - first).days))
            weeks, allowed = str(random.randint(3, 6)), random.choice(["", "0", "1", "2", "5"])
            row = {"kind": "notice-to-improve", "date": day.isoformat(), "weeks": weeks, "allowed": allowed}
            rows.append({**about, **row})
            if random.random() < 0.2:  # to both parents on one day
                rows += [{**about, **row, "contact_id": contact} for contact in ("c1", "c2")]
        for _ in range(random.choice([0, 0, 1, 2])):
            day = first + timedelta(days=random.randint(0, (last - first).days))
            outcome = random.choice(["notice", "notice-to-improve", "none"])
            rows.append({**about, "kind": "decision", "date": day.isoformat(), "decision": outcome})
        if random.random() < 0.2:
            rows.append({**about, "kind": random.choice(["meeting", "visit"]), "date": first.isoformat()})
    if rows and random.random() < 0.3:
        rows.append(random.choice(rows))
    random.shuffle(rows)
    return rows


def leave(random: Random, asked: date, number: int) -> Row:
    """Return a request's own cells; ``number`` keeps two requests of one day apart."""
    start = asked + timedelta(days=random.choice([-3, 0, 1, 6, 7, 13, 14, 15, 30, 60]) + 100 * number)
    end = start + timedelta(days=random.choice([0, 1, 4, 11]))
    decision = random.choice(["", "granted", "refused", "refused"])
    decided = asked + timedelta(days=random.choice([0, 1, 2, 5, 20]))
    return {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "leave_kind": random.choice(["holiday", "holiday", "religious", "traveller", "service", "other", ""]),
        "decision": decision,
        "decided": random.choice([decided.isoformat(), ""]) if decision else "",
    }
