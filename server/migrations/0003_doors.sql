-- Photos that an entry names; written with it.
CREATE TABLE attachment (
    village TEXT NOT NULL,
    op BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    sha256 BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    device BYTEA NOT NULL,
    PRIMARY KEY (village, op, digest, sha256)
);
CREATE INDEX attachment_device ON attachment (device);
CREATE INDEX attachment_sha256 ON attachment (sha256);

-- Photos by their content, as far as they have come. bytes: how many there will be. whole: all of
-- them are here, and have the digest.
CREATE TABLE photo (
    sha256 BYTEA NOT NULL PRIMARY KEY,
    bytes BIGINT NOT NULL,
    received BIGINT NOT NULL,
    whole BIGINT NOT NULL
);

-- first: where in the photo the part begins.
CREATE TABLE photo_part (
    sha256 BYTEA NOT NULL,
    first BIGINT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (sha256, first)
);
