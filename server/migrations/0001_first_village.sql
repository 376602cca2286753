-- Times are milliseconds since 1970 UTC, days are days since 1970-01-01 where the village is,
-- identifiers are 16 bytes, digests 32. Booleans are 0 and 1.
--
-- Tables on the way of an entry carry the village first in their key and are only ever written for
-- one village in a transaction, so that they spread over a distributed PostgreSQL by village.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Areas from the nation down to the village, with the name that people use.
CREATE TABLE area (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
);

-- Questionnaires by the digest of their bytes; a version once given out never changes.
CREATE TABLE form (
    sha256 BYTEA NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    bytes BYTEA NOT NULL,
    added_at BIGINT NOT NULL
);

-- change: the last change number given out in the village. version: grows with whatever changes a
-- figure of the village, also what still waits on its phones.
CREATE TABLE village (
    village TEXT NOT NULL PRIMARY KEY,
    change BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- What an RT is to bring, and whose it is.
CREATE TABLE plan (
    village TEXT NOT NULL,
    rt TEXT NOT NULL,
    cadre BYTEA,
    target BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    PRIMARY KEY (village, rt)
);

CREATE TABLE cadre (
    village TEXT NOT NULL,
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (village, id)
);

-- Enrolment codes, by their keyed hash. device: the phone that used it.
CREATE TABLE invitation (
    hash BYTEA NOT NULL PRIMARY KEY,
    village TEXT NOT NULL,
    cadre BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    device BYTEA
);

-- Bearer tokens of phones, by their hash.
CREATE TABLE token (
    hash BYTEA NOT NULL PRIMARY KEY,
    village TEXT NOT NULL,
    device BYTEA NOT NULL
);
CREATE INDEX token_device ON token (device);

-- seen: the entries' numbers that are durable here, as ranges in JSON.
CREATE TABLE device (
    village TEXT NOT NULL,
    id BYTEA NOT NULL,
    cadre BYTEA NOT NULL,
    model TEXT NOT NULL,
    app TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_seen BIGINT,
    clock_ahead BIGINT NOT NULL,
    high_seq BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    held BIGINT NOT NULL,
    seen TEXT NOT NULL,
    PRIMARY KEY (village, id)
);

-- The families. op: the entry whose answers stand; author and own_since: the device that wrote the
-- newest revision, and the first revision of its unbroken run. counted…: where the roll-up counts
-- the family.
CREATE TABLE household (
    village TEXT NOT NULL,
    id BYTEA NOT NULL,
    rt TEXT NOT NULL,
    listed BIGINT NOT NULL,
    number TEXT NOT NULL,
    head TEXT NOT NULL,
    address TEXT NOT NULL,
    revision BIGINT NOT NULL,
    op BYTEA,
    digest BYTEA,
    author BYTEA,
    own_since BIGINT NOT NULL,
    outcome BIGINT,
    counted_as BIGINT,
    counted_day BIGINT,
    counted_cadre BYTEA,
    gone TEXT,
    change BIGINT NOT NULL,
    PRIMARY KEY (village, id)
);
CREATE INDEX household_change ON household (village, change);

-- What the family answered last year.
CREATE TABLE last_year (
    village TEXT NOT NULL,
    household BYTEA NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (village, household)
);

-- Every entry that ever came, byte for byte; never changed, never deleted. digest: over what was
-- found and when, so that the same operation with other bytes stands beside the first.
-- verdict: 0 became a revision, 1 conflict, 2 quarantined. trouble: why, or what a supervisor
-- should know of an accepted one.
CREATE TABLE entry (
    village TEXT NOT NULL,
    op BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    household BYTEA NOT NULL,
    rt TEXT NOT NULL,
    device BYTEA NOT NULL,
    cadre BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    base BIGINT NOT NULL,
    form TEXT NOT NULL,
    form_version TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    sha256 BYTEA NOT NULL,
    document TEXT NOT NULL,
    verdict BIGINT NOT NULL,
    trouble TEXT,
    revision BIGINT,
    outcome BIGINT,
    day BIGINT NOT NULL,
    PRIMARY KEY (village, op, digest)
);
CREATE INDEX entry_household ON entry (village, household, revision);
CREATE INDEX entry_trouble ON entry (village, verdict, trouble) WHERE trouble IS NOT NULL;

-- What a supervisor asked to be looked at again.
CREATE TABLE correction (
    village TEXT NOT NULL,
    household BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    comments TEXT NOT NULL,
    PRIMARY KEY (village, household)
);

-- Families by what came of them, written with the entry.
CREATE TABLE rollup (
    village TEXT NOT NULL,
    rt TEXT NOT NULL,
    cadre BYTEA NOT NULL,
    day BIGINT NOT NULL,
    outcome BIGINT NOT NULL,
    families BIGINT NOT NULL,
    PRIMARY KEY (village, rt, cadre, day, outcome)
);

-- From here on: sums of villages, brought up to date apart from the way of an entry.
-- version: for a village, the one that its figures show.
CREATE TABLE standing (
    area TEXT NOT NULL PRIMARY KEY,
    parent TEXT NOT NULL,
    version BIGINT NOT NULL,
    target BIGINT NOT NULL,
    listed BIGINT NOT NULL,
    met BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    died BIGINT NOT NULL,
    merged BIGINT NOT NULL,
    not_found BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    new BIGINT NOT NULL,
    on_phones BIGINT NOT NULL,
    troubles BIGINT NOT NULL
);
CREATE INDEX standing_parent ON standing (parent);

-- Families that count towards the target, by the day on which they did.
CREATE TABLE arrival (
    area TEXT NOT NULL,
    day BIGINT NOT NULL,
    families BIGINT NOT NULL,
    PRIMARY KEY (area, day)
);

-- The office.
CREATE TABLE person (
    name TEXT NOT NULL PRIMARY KEY,
    password TEXT NOT NULL,
    area TEXT NOT NULL,
    added_at BIGINT NOT NULL
);

CREATE TABLE session (
    hash BYTEA NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    csrf TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
