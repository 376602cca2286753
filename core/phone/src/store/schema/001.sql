-- One phone, one cadre, one campaign. Times are milliseconds since 1970 by the phone's clock.

CREATE TABLE device (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    id          BLOB NOT NULL,
    high_seq    INTEGER NOT NULL DEFAULT 0,  -- the highest number given out; never goes back
    server      TEXT,                        -- null until enrolled, as are all down to epoch
    token       TEXT,
    cadre       TEXT,
    campaign    TEXT,
    server_key  TEXT,
    epoch       BLOB,
    cursor      TEXT,                        -- null: the pull side starts over
    generation  INTEGER NOT NULL DEFAULT 1,  -- grows whenever it does
    swept       INTEGER NOT NULL DEFAULT 0,  -- the last generation that came to its end
    not_before  INTEGER,                     -- the server asked for peace until then
    server_time INTEGER                      -- the latest that the server said, by its own clock
) STRICT;

CREATE TABLE household (
    key        INTEGER PRIMARY KEY,
    id         BLOB NOT NULL UNIQUE,
    area       TEXT NOT NULL,
    number     TEXT NOT NULL,
    place      TEXT NOT NULL,                -- of the number in the order of its RT; see place()
    head       TEXT NOT NULL,
    address    TEXT NOT NULL,
    listed     INTEGER NOT NULL,             -- on the campaign's list; else found on the way
    revision   INTEGER NOT NULL,             -- of the server
    outcome    INTEGER,                      -- of the phone's last entry, else of the server
    state      INTEGER NOT NULL DEFAULT 0,   -- follows from all below; see settle()
    gone       TEXT,                         -- why it is no longer this phone's
    generation INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX household_in_order ON household (area, place, id);
CREATE UNIQUE INDEX household_by_state ON household (state, area, place, id);

-- Apart from the list, so that a page of the list is a few pages of the file.
CREATE TABLE known (
    household INTEGER PRIMARY KEY REFERENCES household ON DELETE CASCADE,
    revision  INTEGER NOT NULL,              -- 0: these are last year's answers
    document  TEXT NOT NULL
) STRICT;

-- Contentless: the words stand in household already. An index for each length of a beginning that
-- people type, since without one every word with that beginning is read. No positions are kept:
-- whole phrases are never sought.
CREATE VIRTUAL TABLE household_words USING fts5 (
    head, number, address, area,
    content = '', contentless_delete = 1, detail = column, prefix = '1 2 3 4',
    tokenize = "unicode61 remove_diacritics 2"
);

CREATE TABLE draft (
    household  INTEGER PRIMARY KEY REFERENCES household,
    base       INTEGER NOT NULL,             -- the server's revision it started from
    form       BLOB NOT NULL REFERENCES form,
    started_at INTEGER NOT NULL,
    saved_at   INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT;

-- What was finished. No row is ever deleted: an entry stays readable until the campaign closes.
CREATE TABLE outbox (
    seq          INTEGER PRIMARY KEY,
    op           BLOB NOT NULL UNIQUE,
    household    INTEGER NOT NULL REFERENCES household,
    area         TEXT NOT NULL,
    base         INTEGER NOT NULL,
    form         BLOB NOT NULL REFERENCES form,
    started_at   INTEGER NOT NULL,
    finished_at  INTEGER NOT NULL,
    sha256       BLOB NOT NULL,
    document     TEXT NOT NULL,
    draft        TEXT NOT NULL,              -- the visit as she left it, to be opened again
    outcome      INTEGER NOT NULL,
    attempted    INTEGER NOT NULL DEFAULT 0, -- once sent, its bytes never change
    stumbles     INTEGER NOT NULL DEFAULT 0, -- times that the server failed with it in the batch
    state        INTEGER NOT NULL DEFAULT 0, -- 0 ready, 1 acknowledged, 2 held
    revision     INTEGER,                    -- the receipt
    received_at  INTEGER,
    signature    TEXT,
    verdict      TEXT,                       -- the trouble
    code         TEXT,
    message      TEXT
) STRICT;
CREATE INDEX outbox_by_household ON outbox (household, seq);
CREATE INDEX outbox_by_state ON outbox (state, stumbles, seq);

CREATE TABLE correction (
    household  INTEGER PRIMARY KEY REFERENCES household ON DELETE CASCADE,
    revision   INTEGER NOT NULL,             -- the one that was looked at
    comments   TEXT NOT NULL,
    answered   INTEGER,                      -- by the entry of this number
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE form (
    sha256  BLOB PRIMARY KEY,
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    rank    INTEGER NOT NULL UNIQUE,         -- the highest whole one is in use
    state   INTEGER NOT NULL DEFAULT 0,      -- 0 wanted, 1 whole, 2 unusable
    bytes   BLOB NOT NULL DEFAULT x''        -- as many as have come
) STRICT;

CREATE TABLE target (
    area       TEXT PRIMARY KEY,
    families   INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;

CREATE TABLE area (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
