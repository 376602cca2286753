-- request: which one it is; the same revision may be looked at twice.
ALTER TABLE correction ADD COLUMN request BLOB;
UPDATE correction SET request = (SELECT h.id FROM household h WHERE h.key = correction.household);

-- follows: the phone's own entry, by its operation, that the visit is, opened again. stands_on: the
-- server's revision that the visit started from, or what the entry that it follows became since: base is
-- that, too, until it is sent. corrects: the supervisor's request that the visit answers.
ALTER TABLE outbox ADD COLUMN follows BLOB;
ALTER TABLE outbox ADD COLUMN stands_on INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN corrects BLOB;
UPDATE outbox SET
    stands_on = base,
    corrects = (SELECT c.request FROM correction c WHERE c.answered = outbox.seq),
    follows = (SELECT e.op FROM outbox e WHERE e.household = outbox.household AND e.seq < outbox.seq
               ORDER BY e.seq DESC LIMIT 1);

ALTER TABLE draft ADD COLUMN follows BLOB;
UPDATE draft SET follows = (
    SELECT o.op FROM outbox o WHERE o.household = draft.household ORDER BY o.seq DESC LIMIT 1);

-- Packed, so that a visit fits into a page or two.
ALTER TABLE draft ADD COLUMN packed BLOB NOT NULL DEFAULT x'';
UPDATE draft SET packed = pack(body);
ALTER TABLE draft DROP COLUMN body;
ALTER TABLE draft RENAME COLUMN packed TO body;
ALTER TABLE outbox ADD COLUMN packed BLOB NOT NULL DEFAULT x'';
UPDATE outbox SET packed = pack(draft);
ALTER TABLE outbox DROP COLUMN draft;
ALTER TABLE outbox RENAME COLUMN packed TO draft;

-- The highest number given out follows from this and the entries.
ALTER TABLE device DROP COLUMN high_seq;

-- Numbers up to this one may name other entries at the server: of a life before the phone was put back.
ALTER TABLE device ADD COLUMN lived_to INTEGER NOT NULL DEFAULT 0;

-- app: that used the database last. skipped: news came that it could make nothing of.
ALTER TABLE device ADD COLUMN app TEXT;
ALTER TABLE device ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0;

-- asked: an answer names it. Once none does, it is not the visit's any more.
ALTER TABLE draft_photo ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entry_photo ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;

-- When she last kept a copy of everything.
ALTER TABLE device ADD COLUMN backed_up INTEGER;

-- A photo goes with the last visit that shows it.
CREATE TRIGGER off_draft AFTER DELETE ON draft_photo
WHEN NOT EXISTS (SELECT 1 FROM draft_photo WHERE photo = OLD.photo)
    AND NOT EXISTS (SELECT 1 FROM entry_photo WHERE photo = OLD.photo)
BEGIN
    DELETE FROM photo WHERE key = OLD.photo;
END;
CREATE TRIGGER off_entry AFTER DELETE ON entry_photo
WHEN NOT EXISTS (SELECT 1 FROM draft_photo WHERE photo = OLD.photo)
    AND NOT EXISTS (SELECT 1 FROM entry_photo WHERE photo = OLD.photo)
BEGIN
    DELETE FROM photo WHERE key = OLD.photo;
END;

-- What the last run came to, to be read again after a restart.
CREATE TABLE last_run (
    only     INTEGER PRIMARY KEY CHECK (only = 1),
    ended_at INTEGER NOT NULL,
    report   TEXT NOT NULL
) STRICT;

-- Every request for a correction that came, also when it was answered long ago: a family's history.
CREATE TABLE sent_back (
    request   BLOB NOT NULL,
    household INTEGER NOT NULL REFERENCES household ON DELETE CASCADE,
    revision  INTEGER NOT NULL,              -- the one that was looked at
    comments  TEXT NOT NULL,
    came_at   INTEGER,                       -- by the server's clock, as last heard
    PRIMARY KEY (household, request)
) STRICT, WITHOUT ROWID;
INSERT INTO sent_back (request, household, revision, comments)
    SELECT request, household, revision, comments FROM correction WHERE request IS NOT NULL;

-- How many households there are of each kind, so that her figures cost the same whatever the list's length.
-- outcome: -1 for none.
CREATE TABLE tally (
    area     TEXT NOT NULL,
    listed   INTEGER NOT NULL,
    outcome  INTEGER NOT NULL,
    state    INTEGER NOT NULL,
    gone     INTEGER NOT NULL,
    families INTEGER NOT NULL,
    PRIMARY KEY (area, listed, outcome, state, gone)
) STRICT, WITHOUT ROWID;
INSERT INTO tally
    SELECT area, listed, coalesce(outcome, -1), state, gone IS NOT NULL, count(*) FROM household
    GROUP BY 1, 2, 3, 4, 5;
CREATE TRIGGER one_more AFTER INSERT ON household
BEGIN
    INSERT INTO tally VALUES
        (NEW.area, NEW.listed, coalesce(NEW.outcome, -1), NEW.state, NEW.gone IS NOT NULL, 1)
        ON CONFLICT DO UPDATE SET families = families + 1;
END;
CREATE TRIGGER one_less AFTER DELETE ON household
BEGIN
    UPDATE tally SET families = families - 1
    WHERE area = OLD.area AND listed = OLD.listed AND outcome = coalesce(OLD.outcome, -1)
    AND state = OLD.state AND gone = (OLD.gone IS NOT NULL);
END;
CREATE TRIGGER one_otherwise AFTER UPDATE OF area, listed, outcome, state, gone ON household
WHEN (OLD.area, OLD.listed, OLD.outcome, OLD.state, OLD.gone IS NULL)
    IS NOT (NEW.area, NEW.listed, NEW.outcome, NEW.state, NEW.gone IS NULL)
BEGIN
    UPDATE tally SET families = families - 1
    WHERE area = OLD.area AND listed = OLD.listed AND outcome = coalesce(OLD.outcome, -1)
    AND state = OLD.state AND gone = (OLD.gone IS NOT NULL);
    INSERT INTO tally VALUES
        (NEW.area, NEW.listed, coalesce(NEW.outcome, -1), NEW.state, NEW.gone IS NOT NULL, 1)
        ON CONFLICT DO UPDATE SET families = families + 1;
END;
