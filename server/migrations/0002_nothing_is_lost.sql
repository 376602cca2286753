-- put_back: the highest number known of the phone when it was seen, or said, that it was put back from an
-- older copy of itself.
ALTER TABLE device ADD COLUMN put_back BIGINT;
-- doubled: the highest number known to name two entries of the phone, before and after it was put back.
ALTER TABLE device ADD COLUMN doubled BIGINT NOT NULL DEFAULT 0;
-- retell: those of seen whose entries were judged again, and of which the phone has not heard since.
ALTER TABLE device ADD COLUMN retell TEXT NOT NULL DEFAULT '[]';
-- A phone has one row, where its cadre is.
DELETE FROM device WHERE EXISTS (
    SELECT 1 FROM token t WHERE t.device = device.id AND t.village <> device.village);
CREATE INDEX device_id ON device (id);
CREATE INDEX device_cadre ON device (cadre);
CREATE INDEX cadre_id ON cadre (id);
CREATE INDEX plan_cadre ON plan (cadre);

-- merged: the revision's document, where the entry went into one together with what another phone
-- had sent; verdict 3. rt and village: where the entry's household is now.
-- follows and corrects: as they came.
ALTER TABLE entry ADD COLUMN merged TEXT;
ALTER TABLE entry ADD COLUMN follows BYTEA;
ALTER TABLE entry ADD COLUMN corrects BYTEA;
CREATE INDEX entry_seq ON entry (device, seq);
CREATE INDEX entry_of_household ON entry (household);

-- for_all: the newest change is one that the author's own phone must hear of too.
ALTER TABLE household DROP COLUMN gone;
ALTER TABLE household ADD COLUMN for_all BIGINT NOT NULL DEFAULT 0;
CREATE INDEX household_id ON household (id);
ALTER TABLE household DROP COLUMN own_since;

-- request: which one it is; the same revision may be looked at twice.
ALTER TABLE correction ADD COLUMN request BYTEA;
UPDATE correction SET request = household;

-- The server's incarnations. floor: what one numbers is above that.
CREATE TABLE incarnation (
    floor BIGINT NOT NULL PRIMARY KEY
);
INSERT INTO incarnation (floor) SELECT 0 FROM meta WHERE name = 'epoch';

-- A household that left an RT, or whose RT another cadre has now. village and change: where and when
-- it left. rt: where it was its cadre's; null if she found it where she has no RT. cadre: whom to tell,
-- if anybody. to_rt: where it is instead.
CREATE TABLE departure (
    village TEXT NOT NULL,
    household BYTEA NOT NULL,
    change BIGINT NOT NULL,
    rt TEXT,
    cadre BYTEA,
    to_rt TEXT NOT NULL,
    reason TEXT NOT NULL,
    left_at BIGINT NOT NULL,
    PRIMARY KEY (village, household, change)
);
CREATE INDEX departure_news ON departure (cadre, village, change);

-- RTs that have another code now, by the code that phones may still send.
CREATE TABLE rt_moved (
    village TEXT NOT NULL,
    rt TEXT NOT NULL,
    to_rt TEXT NOT NULL,
    PRIMARY KEY (village, rt)
);
