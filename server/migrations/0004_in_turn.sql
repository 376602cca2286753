-- news: the newest change that is news to the author's own phone too, as that it came to its RT, or
-- with it to its cadre; 0 if there is none. Later revisions leave it: a phone may send one before it
-- has heard.
ALTER TABLE household ADD COLUMN news BIGINT NOT NULL DEFAULT 0;
UPDATE household SET news = change WHERE for_all = 1;
ALTER TABLE household DROP COLUMN for_all;

-- asked: the photo that a phone was asked for last, where not all fitted one answer.
ALTER TABLE device ADD COLUMN asked BYTEA;

-- recovers: whether the code was spent to have the key of a phone's database opened.
ALTER TABLE invitation ADD COLUMN recovers BIGINT NOT NULL DEFAULT 0;
