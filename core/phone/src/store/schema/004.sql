-- The highest number that may have been given out before the phone was put back from an older copy of
-- itself; 0 if it never was.
ALTER TABLE device ADD COLUMN put_back INTEGER NOT NULL DEFAULT 0;
-- The revision with which a supervisor was not content, if the visit answers her.
ALTER TABLE outbox ADD COLUMN corrects INTEGER;
UPDATE outbox SET corrects = (SELECT c.revision FROM correction c WHERE c.answered = outbox.seq);
