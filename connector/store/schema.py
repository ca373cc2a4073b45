"""The tables of one school's file, as numbered steps. A step that has been released is never edited: add another.

``PRAGMA user_version`` holds the number of the last step applied. Dates and times are ISO 8601 text; facts that
are only read whole (a pupil with contacts, an event's evidence) are JSON.
"""

from __future__ import annotations

from connector.store.facts.records_schema import (
    ANY_RECORDS,
    ENTERED_RECORDS,
    MORE_RECORDS,
    RECORDS_BY_SOURCE,
)

FIRST = """
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the MIS said, as it stands now.
CREATE TABLE school_facts (
    kind TEXT PRIMARY KEY CHECK (kind IN ('school', 'codes', 'calendar', 'attendance_plans', 'leave_requests',
                                          'exclusions', 'notices')),
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pupils (
    pupil_id TEXT PRIMARY KEY,
    facts    TEXT,              -- null: marks came before the pupil did
    gone_on  TEXT               -- the day on which the MIS was first seen without the pupil
) STRICT, WITHOUT ROWID;

CREATE TABLE codes (
    idx  INTEGER PRIMARY KEY CHECK (idx BETWEEN 1 AND 255),
    code TEXT NOT NULL UNIQUE
) STRICT;

-- One byte per session of the academic year: an index into codes, 0 where the MIS holds no mark.
CREATE TABLE marks (
    pupil_id TEXT NOT NULL REFERENCES pupils,
    year     INTEGER NOT NULL,  -- the calendar year of its first day, 1 August
    codes    BLOB NOT NULL CHECK (length(codes) = 732),
    PRIMARY KEY (pupil_id, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE mark_details (
    pupil_id     TEXT NOT NULL REFERENCES pupils,
    date         TEXT NOT NULL,
    half         TEXT NOT NULL CHECK (half IN ('AM', 'PM')),
    minutes_late INTEGER,
    comment      TEXT NOT NULL,
    PRIMARY KEY (pupil_id, date, half)
) STRICT, WITHOUT ROWID;

CREATE TABLE amendments (
    id         INTEGER PRIMARY KEY,
    source     TEXT NOT NULL CHECK (source IN ('seen', 'mis')),
    pupil_id   TEXT NOT NULL REFERENCES pupils,
    date       TEXT NOT NULL,
    half       TEXT NOT NULL CHECK (half IN ('AM', 'PM')),
    original   TEXT NOT NULL,
    amended    TEXT NOT NULL,
    amended_at TEXT NOT NULL,
    reason     TEXT NOT NULL DEFAULT '',
    amended_by TEXT NOT NULL DEFAULT '',
    role       TEXT NOT NULL DEFAULT '',
    seen_at    TEXT NOT NULL,
    told_by    INTEGER REFERENCES amendments ON DELETE CASCADE
        -- a change that a pull showed and that is in the MIS's own history too: that row is the one to show
) STRICT;
CREATE INDEX amendments_of_session ON amendments (pupil_id, date, half);
CREATE UNIQUE INDEX amendments_of_mis ON amendments (pupil_id, date, half, original, amended, amended_at)
    WHERE source = 'mis';

CREATE TABLE runs (
    id             INTEGER PRIMARY KEY,
    as_of          TEXT NOT NULL,
    started_at     TEXT NOT NULL,
    finished_at    TEXT,
    policy         TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    config_hash    TEXT NOT NULL,
    outcome        TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'held', 'failed')),
    summary        TEXT NOT NULL DEFAULT '{}'
) STRICT;

-- The ledger. An event's row keeps its key for good; its evidence and state as they are now stand here, every
-- earlier one in the two tables after it.
CREATE TABLE events (
    id             INTEGER PRIMARY KEY,
    key            TEXT NOT NULL UNIQUE,
    policy         TEXT NOT NULL,
    rule           TEXT NOT NULL,
    pupil_id       TEXT,
    grp            TEXT,
    anchor         TEXT NOT NULL,
    date           TEXT NOT NULL,
    evidence       TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    config_hash    TEXT NOT NULL,
    registers_read_at TEXT NOT NULL,
    added_in       INTEGER NOT NULL REFERENCES runs,
    state          TEXT NOT NULL CHECK (state IN ('due', 'held', 'approved', 'composed', 'written', 'verified',
                                                  'withdrawn', 'superseded', 'voided', 'failed', 'excluded')),
    reason         TEXT NOT NULL DEFAULT '',
    hold           TEXT NOT NULL DEFAULT '',  -- which guard holds it, while it is held
    state_at       TEXT NOT NULL,
    state_on       TEXT NOT NULL,             -- the day that the run was about
    approved       INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1)),
    released       INTEGER NOT NULL DEFAULT 0 CHECK (released IN (0, 1)),
    composed_on    TEXT,
    written_on     TEXT,                      -- set once anything of it is known to be in the MIS
    note_due       TEXT CHECK (note_due IN ('withdrawn', 'reinstated', 'voided')),
    CHECK ((pupil_id IS NULL) <> (grp IS NULL))
) STRICT;
CREATE INDEX events_by_state ON events (state);
CREATE INDEX events_of_pupil ON events (pupil_id, rule);

CREATE TABLE event_history (
    id       INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    run_id   INTEGER REFERENCES runs,        -- null: a person did it with a command
    at       TEXT NOT NULL,
    state    TEXT NOT NULL,
    reason   TEXT NOT NULL
) STRICT;
CREATE INDEX history_of_event ON event_history (event_id);
CREATE TRIGGER history_is_kept BEFORE UPDATE ON event_history
    BEGIN SELECT RAISE(ABORT, 'history is never rewritten'); END;

CREATE TABLE event_evidence (
    id       INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    run_id   INTEGER NOT NULL REFERENCES runs,
    at       TEXT NOT NULL,
    evidence TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_of_event ON event_evidence (event_id);
CREATE TRIGGER evidence_is_kept BEFORE UPDATE ON event_evidence
    BEGIN SELECT RAISE(ABORT, 'evidence is never rewritten'); END;

-- What will be written to the MIS, and what became of it. The same bytes are kept once.
CREATE TABLE contents (
    sha256 TEXT PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id        INTEGER PRIMARY KEY,
    event_id  INTEGER REFERENCES events ON DELETE CASCADE,   -- null: a document of the run, such as the digest
    run_id    INTEGER NOT NULL REFERENCES runs,
    kind      TEXT NOT NULL CHECK (kind IN ('document', 'note', 'correction')),
    pupil_id  TEXT,
    key       TEXT NOT NULL,
    file_name TEXT NOT NULL DEFAULT '',
    summary   TEXT NOT NULL,
    text      TEXT NOT NULL DEFAULT '',
    sha256    TEXT REFERENCES contents,
    date      TEXT NOT NULL,
    template  TEXT NOT NULL DEFAULT '',
    contacts  TEXT NOT NULL DEFAULT '[]',
    only_if_found INTEGER NOT NULL DEFAULT 0 CHECK (only_if_found IN (0, 1)),
        -- a correction of an event of which we cannot know whether anything reached the MIS
    state     TEXT NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'attempted', 'written', 'verified', 'failed', 'cancelled', 'replaced')),
    tries     INTEGER NOT NULL DEFAULT 0,
    reference TEXT NOT NULL DEFAULT '',
    error     TEXT NOT NULL DEFAULT '',
    state_at  TEXT NOT NULL,
    CHECK ((kind = 'document') = (sha256 IS NOT NULL))
) STRICT;
CREATE INDEX outbox_of_event ON outbox (event_id);
CREATE INDEX outbox_by_state ON outbox (state);

-- Events whose outcome is a line in a document of the run; the line points at the document that carries it.
CREATE TABLE list_lines (
    event_id  INTEGER NOT NULL REFERENCES events ON DELETE CASCADE,
    list      TEXT NOT NULL,
    outbox_id INTEGER REFERENCES outbox ON DELETE SET NULL,
    filed     INTEGER NOT NULL DEFAULT 0 CHECK (filed IN (0, 1)),
        -- 1: the document was made but the school keeps it elsewhere than in the MIS
    PRIMARY KEY (event_id, list)
) STRICT, WITHOUT ROWID;
"""

HELD_DAYS = """
-- The days whose marks a held event waits for: ISO dates with blanks between them.
ALTER TABLE events ADD COLUMN held_days TEXT NOT NULL DEFAULT '';
"""

REPORTS_MADE = """
-- The reports of a period that were made; a period is known by its first day.
CREATE TABLE reports_made (
    kind    TEXT NOT NULL,
    period  TEXT NOT NULL,
    made_on TEXT NOT NULL,
    PRIMARY KEY (kind, period)
) STRICT, WITHOUT ROWID;

-- Reports of what ended up to the last run were made without being remembered.
INSERT INTO meta (name, value)
    SELECT 'reports_since', min(max(as_of), date('now')) FROM runs WHERE outcome IN ('done', 'held') HAVING max(as_of) IS NOT NULL;
"""

CAUSES = """
-- What an event rested on, so that it can be said which fact changed when it no longer follows.
ALTER TABLE events ADD COLUMN rested_on TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN held_on TEXT NOT NULL DEFAULT '';
    -- the same on the day on which it was held because it no longer follows
ALTER TABLE events ADD COLUMN held_from TEXT NOT NULL DEFAULT '';
    -- the state that it had before it was held because it no longer follows, or because a fact changed
ALTER TABLE events ADD COLUMN hold_before TEXT NOT NULL DEFAULT '';
    -- the hold that it had before it was put aside or held for another reason, and has again afterwards
ALTER TABLE events ADD COLUMN because TEXT NOT NULL DEFAULT '';
    -- the short id of the cause, which every event held for it shares
ALTER TABLE events ADD COLUMN kept_at INTEGER;
    -- a person keeps it although it no longer follows: the last amendment that was known then

-- Whole calendars and policies that events rested on, once each.
CREATE TABLE remembered (
    hash TEXT PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

FACT_HISTORY = """
-- Facts that letters rest on, a row for each value and the time in which it was seen without another between.
CREATE TABLE facts (
    id         INTEGER PRIMARY KEY,
    pupil_id   TEXT NOT NULL,  -- empty: a fact of the school
    fact       TEXT NOT NULL,
    value      TEXT NOT NULL,  -- empty: not recorded
    first_seen TEXT NOT NULL,
    last_seen  TEXT NOT NULL
) STRICT;
CREATE INDEX facts_by_pupil ON facts (pupil_id, fact, id);
-- Keys were made with the id of the configuration, so that stays the identity of a school that has a state.
INSERT INTO meta (name, value) SELECT 'identity', value FROM meta WHERE name = 'school_id';
"""

TRIES_AND_CUTS = """
-- A run that was cut off is closed as "cut" by the next one. A CHECK cannot be changed, so the column is made again.
ALTER TABLE runs ADD COLUMN ended TEXT NOT NULL DEFAULT 'running'
    CHECK (ended IN ('running', 'done', 'held', 'failed', 'cut'));
UPDATE runs SET ended = outcome;
ALTER TABLE runs DROP COLUMN outcome;
ALTER TABLE runs RENAME COLUMN ended TO outcome;

ALTER TABLE outbox ADD COLUMN tried_in INTEGER;
    -- the last run that could not write it; null: none has tried in vain
ALTER TABLE outbox ADD COLUMN tried_on TEXT;
    -- the day of that run
ALTER TABLE outbox ADD COLUMN in_vain INTEGER NOT NULL DEFAULT 0;
    -- how often it could not be written: refusals, and days without an answer
ALTER TABLE outbox ADD COLUMN verified_in INTEGER;
    -- the run that read it back from the MIS
-- Whatever a run did had the moment of its start.
UPDATE outbox SET verified_in = (SELECT max(id) FROM runs WHERE started_at = outbox.state_at)
    WHERE state = 'verified';
-- Notes and documents of the school that were refused once are tried again.
UPDATE outbox SET state = 'waiting', in_vain = 1, tried_in = run_id
    WHERE state = 'failed' AND (event_id IS NULL OR kind = 'correction');
"""

CHANGES_BY_TIME = """
-- One moment in one spelling (UTC), codes in one form, each change of the MIS's history once, as it came last.
-- Which of them a pull showed too is settled on reading. Ids are never used again, because runs count on them.
CREATE TABLE changes_by_time (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    source     TEXT NOT NULL CHECK (source IN ('seen', 'mis')),
    pupil_id   TEXT NOT NULL REFERENCES pupils,
    date       TEXT NOT NULL,
    half       TEXT NOT NULL CHECK (half IN ('AM', 'PM')),
    original   TEXT NOT NULL,
    amended    TEXT NOT NULL,
    amended_at TEXT NOT NULL,  -- to the second
    reason     TEXT NOT NULL DEFAULT '',
    amended_by TEXT NOT NULL DEFAULT '',
    role       TEXT NOT NULL DEFAULT '',
    seen_at    TEXT NOT NULL
) STRICT;
INSERT INTO changes_by_time
    SELECT max(id), source, pupil_id, date, half, before, after, moment, reason, amended_by, role, seen
    FROM (
        SELECT *,
            CASE trim(original) WHEN '-' THEN '' ELSE trim(original) END AS before,
            CASE trim(amended) WHEN '-' THEN '' ELSE trim(amended) END AS after,
            coalesce(strftime('%Y-%m-%dT%H:%M:%S', substr(amended_at, 1, 19) || substr(amended_at,
                CASE substr(amended_at, 20, 1) WHEN '.' THEN 27 ELSE 20 END)) || '+00:00', amended_at) AS moment,
            coalesce(strftime('%Y-%m-%dT%H:%M:%S', substr(seen_at, 1, 19) || substr(seen_at,
                CASE substr(seen_at, 20, 1) WHEN '.' THEN 27 ELSE 20 END))
                || CASE substr(seen_at, 20, 1) WHEN '.' THEN substr(seen_at, 20, 7) ELSE '' END || '+00:00', seen_at) AS seen
        FROM amendments
    )
    WHERE before <> after
    GROUP BY pupil_id, date, half, before, after, moment, source, CASE source WHEN 'seen' THEN id END;
DROP TABLE amendments;
ALTER TABLE changes_by_time RENAME TO amendments;
CREATE INDEX amendments_of_session ON amendments (pupil_id, date, half);
CREATE UNIQUE INDEX amendments_of_mis ON amendments (pupil_id, date, half, original, amended, amended_at)
    WHERE source = 'mis';
"""

LOOKED_AT_AGAIN = """
-- What has been made is looked at again before it is written.
ALTER TABLE outbox ADD COLUMN rests_on TEXT NOT NULL DEFAULT '';
    -- a digest of all that a document rests on besides the day: event, pupil, addressee, school, policy, template
ALTER TABLE events ADD COLUMN overtaken_by INTEGER REFERENCES events ON DELETE SET NULL;
    -- the step of the ladder that took its place; when that one is taken back, this one waits again
ALTER TABLE events ADD COLUMN released_from TEXT NOT NULL DEFAULT '';
    -- the holds from which a person released it, with blanks between them
-- The first day on which the school was judged under each policy.
INSERT INTO meta (name, value)
    SELECT 'judged_first:' || policy, min(as_of) FROM runs
    WHERE outcome IN ('done', 'held') AND coalesce(json_extract(summary, '$.error'), '') = '' GROUP BY policy;
"""

MORNINGS = """
-- Runs of a morning, which judge nothing; and the lines of their lists, so that a later list brings only what is new.
CREATE TABLE morning_runs (
    id         INTEGER PRIMARY KEY,
    day        TEXT NOT NULL,
    started_at TEXT NOT NULL,
    outcome    TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'held', 'failed')),
    summary    TEXT NOT NULL DEFAULT '{}'  -- counts only
) STRICT;
CREATE TABLE morning_lists (
    day    TEXT NOT NULL,
    number INTEGER NOT NULL,
    files  TEXT NOT NULL,                  -- each file's key and name
    filed  INTEGER NOT NULL DEFAULT 0 CHECK (filed IN (0, 1)),
    PRIMARY KEY (day, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE morning_lines (
    day    TEXT NOT NULL,
    number INTEGER NOT NULL,
    list   TEXT NOT NULL,
    who    TEXT NOT NULL,                  -- a pupil's id, or a class
    PRIMARY KEY (day, list, who),
    FOREIGN KEY (day, number) REFERENCES morning_lists ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: tuple[str, ...] = (
    FIRST,
    HELD_DAYS,
    REPORTS_MADE,
    CAUSES,
    FACT_HISTORY,
    TRIES_AND_CUTS,
    CHANGES_BY_TIME,
    LOOKED_AT_AGAIN,
    RECORDS_BY_SOURCE,
    MORE_RECORDS,
    ANY_RECORDS,
    ENTERED_RECORDS,
    MORNINGS,
)
"""Step n takes a file from version n to n + 1."""
