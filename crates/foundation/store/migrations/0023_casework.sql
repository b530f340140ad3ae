-- Sealed cases. Clear are only opaque ids, readers, due instants and sizes after padding; everything else is in `body`,
-- `summary` and `wrapped`. Ids are random, so that they do not tell when something was written.
CREATE TABLE desk_member (
    desk TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('consultant', 'supervisor', 'officer')),
    since BIGINT NOT NULL,
    until BIGINT,
    PRIMARY KEY (desk, account, role)
);

CREATE TABLE desk_key (
    account TEXT PRIMARY KEY,
    public_half BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    version BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);

CREATE TABLE desk_session (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE INDEX desk_session_account ON desk_session (account);

CREATE TABLE sealed_case (
    id TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    accountable TEXT,
    version BIGINT NOT NULL,
    records BIGINT NOT NULL,
    has_news BOOLEAN NOT NULL,
    is_open BOOLEAN NOT NULL,
    retain_until BIGINT,
    has_hold BOOLEAN NOT NULL,
    shredded_at BIGINT
);

CREATE INDEX sealed_case_desk ON sealed_case (desk, is_open);

CREATE TABLE case_ring (
    id TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('case', 'talk', 'welfare', 'partner')),
    epoch BIGINT NOT NULL
);

CREATE INDEX case_ring_case ON case_ring (sealed_case);

CREATE TABLE case_grant (
    ring TEXT NOT NULL REFERENCES case_ring (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    epoch BIGINT NOT NULL,
    reader TEXT NOT NULL,
    public_half BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (ring, epoch, reader)
);

CREATE INDEX case_grant_reader ON case_grant (reader);

CREATE TABLE case_record (
    id TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ring TEXT NOT NULL,
    seq BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL,
    UNIQUE (sealed_case, seq)
);

CREATE TABLE case_summary (
    sealed_case TEXT PRIMARY KEY REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ring TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body BYTEA NOT NULL
);

CREATE TABLE case_clock (
    id TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    due_at BIGINT NOT NULL,
    remind_at BIGINT,
    told TEXT NOT NULL CHECK (told IN ('nothing', 'reminded', 'overdue'))
);

CREATE INDEX case_clock_case ON case_clock (sealed_case);
CREATE INDEX case_clock_due ON case_clock (due_at);

CREATE TABLE case_wall (
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    digest TEXT NOT NULL,
    PRIMARY KEY (sealed_case, digest)
);

CREATE TABLE case_receipt (
    locator TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    locked BYTEA NOT NULL
);
