-- One signature of the server stands over all entries of a batch, so an entry keeps its own way up to
-- it. What was signed before can't be checked that way: these entries go again, with the same bytes,
-- and get their receipts anew.
ALTER TABLE outbox ADD COLUMN proof BLOB;                        -- with revision and received_at, the receipt
ALTER TABLE outbox DROP COLUMN signature;
UPDATE outbox SET state = 0 WHERE state = 1;

ALTER TABLE device DROP COLUMN epoch;                            -- the cursor carries it
ALTER TABLE device ADD COLUMN recipient TEXT;                    -- what is handed over is sealed to it
ALTER TABLE device ADD COLUMN standing INTEGER NOT NULL DEFAULT 0; -- 0 fine, 1 signed out, 2 revoked

-- As settle() would: 2 waits, 6 went away and nothing of it waits here.
UPDATE household SET state = 2
    WHERE state <> 1 AND key IN (SELECT household FROM outbox WHERE state = 0);
UPDATE household SET state = 6 WHERE gone IS NOT NULL AND state NOT IN (1, 2, 5);
