"""Random records.csv: leave with its answer, notices to improve and decisions, some of them in settings.toml as well."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.peer.reading import Calendar

Row = dict[str, str]
COLUMNS = [
    *["pupil_id", "kind", "date", "contact_id", "decision", "from", "to", "weeks", "allowed", "by", "note"],
    *["leave_kind", "decided", "granted_from", "granted_to"],
    *["licence", "licence_from", "licence_to", "licence_hours_day", "licence_hours_week"],
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
    decision = random.choice(["", "granted", "refused", "refused", "in part"])
    decided = asked + timedelta(days=random.choice([0, 1, 2, 5, 20]))
    kinds = ["holiday", "holiday", "religious", "religious", "traveller", "service", "funeral", "other", ""]
    kind = random.choice([*kinds, "performance", "performance", "performance"])
    row = {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "leave_kind": kind,
        "decision": decision,
        "decided": random.choice([decided.isoformat(), ""]) if decision else "",
        "granted_from": start.isoformat() if decision == "in part" else "",
        "granted_to": start.isoformat() if decision == "in part" else "",
    }
    return {**row, **licence(random, start, end)} if kind == "performance" and random.random() < 0.8 else row


def licence(random: Random, start: date, end: date) -> Row:
    """Return a licence on both sides of what a text asks for; some name the days, all or too few."""
    row = {
        "licence": "1",
        "licence_hours_day": random.choice(["", "2.5", "3", "4", "5", "5.5"]),
        "licence_hours_week": random.choice(["", "5.5", "6", "15"]),
    }
    if random.random() < 0.5:
        last = end - timedelta(days=random.choice([0, 0, 1]))
        row |= {"licence_from": min(start, last).isoformat(), "licence_to": last.isoformat()}
    return row
