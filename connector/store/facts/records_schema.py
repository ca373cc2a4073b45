"""The steps of the schema that make the tables of records (store/schema.py has the order of all steps)."""

from __future__ import annotations

RECORDS_BY_SOURCE = """
-- What is on record for pupils, by where it comes from: a source that is gone takes its records along.
CREATE TABLE records (
    source TEXT NOT NULL,   -- empty: kept by an earlier version, which did not say
    kind   TEXT NOT NULL CHECK (kind IN ('attendance_plans', 'leave_requests', 'exclusions', 'notices')),
    body   TEXT NOT NULL,
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO records SELECT '', kind, body FROM school_facts WHERE kind NOT IN ('school', 'codes', 'calendar');
DELETE FROM school_facts WHERE kind NOT IN ('school', 'codes', 'calendar');
"""

MORE_RECORDS = """
-- Two more kinds of record: notices to improve, and decisions on consideration forms.
CREATE TABLE more_records (
    source TEXT NOT NULL,
    kind   TEXT NOT NULL CHECK (kind IN ('attendance_plans', 'leave_requests', 'exclusions', 'notices',
                                         'notices_to_improve', 'form_decisions')),
    body   TEXT NOT NULL,
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO more_records SELECT source, kind, body FROM records;
DROP TABLE records;
ALTER TABLE more_records RENAME TO records;
"""

ANY_RECORDS = """
-- Which tables of records there are is the program's own matter: a new one needs no new table of the file.
CREATE TABLE any_records (
    source TEXT NOT NULL,
    kind   TEXT NOT NULL,
    body   TEXT NOT NULL,
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;
INSERT INTO any_records SELECT source, kind, body FROM records;
DROP TABLE records;
ALTER TABLE any_records RENAME TO records;
"""

ENTERED_RECORDS = """
-- The book of what people entered here with `records`, or took in from a file. Nothing in it is changed or deleted but by
-- its keeping time; an entry can be withdrawn. What stands is in records too, under a source of its own.
CREATE TABLE entered_records (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    pupil_id     TEXT NOT NULL,
    kind         TEXT NOT NULL,  -- as in records.csv
    date         TEXT NOT NULL,
    cells        TEXT NOT NULL,  -- the row of records.csv that says it: its filled cells by column, in a fixed order
    held_in      TEXT NOT NULL,  -- the kind of records that it is among
    body         TEXT NOT NULL,
    origin       TEXT NOT NULL,  -- the file that it came from; empty: a command
    entered_at   TEXT NOT NULL,
    entered_by   TEXT NOT NULL,
    withdrawn_at TEXT,
    withdrawn_by TEXT,
    withdrawn_why TEXT,
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_why IS NULL))
) STRICT;
CREATE INDEX entered_records_of_pupil ON entered_records (pupil_id, kind);
CREATE TRIGGER entered_records_are_kept BEFORE UPDATE ON entered_records
    WHEN OLD.withdrawn_at IS NOT NULL OR NEW.cells <> OLD.cells OR NEW.body <> OLD.body OR NEW.id <> OLD.id
        OR NEW.entered_at <> OLD.entered_at OR NEW.entered_by <> OLD.entered_by OR NEW.origin <> OLD.origin
    BEGIN SELECT RAISE(ABORT, 'what was entered is never rewritten'); END;
"""
