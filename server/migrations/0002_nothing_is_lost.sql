-- put_back: the highest number known of the phone when it came with a lower one, put back from an
-- older copy of itself.
ALTER TABLE device ADD COLUMN put_back BIGINT;
