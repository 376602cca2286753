-- placed: the change with which a family came to its RT, or with it to its cadre; 0 for one that was
-- there from the beginning. Later revisions leave it: every phone hears of it, the author's own too.
ALTER TABLE household ADD COLUMN placed BIGINT NOT NULL DEFAULT 0;
UPDATE household SET placed = change WHERE for_all = 1;
ALTER TABLE household DROP COLUMN for_all;

-- asked: the photo that a phone was asked for last, where not all fitted one answer.
ALTER TABLE device ADD COLUMN asked BYTEA;
