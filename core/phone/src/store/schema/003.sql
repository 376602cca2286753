-- Photos, each once, however many visits show it. Its bytes stand last in the row, so that all else
-- is read without them.
CREATE TABLE photo (
    key        INTEGER PRIMARY KEY,
    sha256     BLOB NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL,             -- in bytes
    state      INTEGER NOT NULL DEFAULT 0,   -- 0 waits, 1 on the server, 2 refused
    begun      INTEGER NOT NULL DEFAULT 0,   -- the server may have a part of it
    message    TEXT,                         -- why it was refused
    bytes      BLOB NOT NULL
) STRICT;
CREATE INDEX photo_by_state ON photo (state, size);

CREATE TABLE draft_photo (
    draft INTEGER NOT NULL REFERENCES draft ON DELETE CASCADE,
    photo INTEGER NOT NULL REFERENCES photo,
    PRIMARY KEY (draft, photo)
) STRICT, WITHOUT ROWID;
CREATE INDEX draft_photo_by_photo ON draft_photo (photo);

CREATE TABLE entry_photo (
    entry INTEGER NOT NULL REFERENCES outbox ON UPDATE CASCADE,
    photo INTEGER NOT NULL REFERENCES photo,
    PRIMARY KEY (entry, photo)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_photo_by_photo ON entry_photo (photo);

-- When it last left the phone in a parcel.
ALTER TABLE outbox ADD COLUMN handed_over INTEGER;

-- What a photo may have, in bytes, as the server last said: 5 MiB before it said anything.
ALTER TABLE device ADD COLUMN largest_photo INTEGER NOT NULL DEFAULT 5242880;
