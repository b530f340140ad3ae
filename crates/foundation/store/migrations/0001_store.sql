CREATE TABLE change (
    topic TEXT PRIMARY KEY,
    version BIGINT NOT NULL
);

CREATE TABLE number (
    kind TEXT NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (kind, year)
);

CREATE TABLE job (
    id TEXT PRIMARY KEY,
    lane TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    priority BIGINT NOT NULL,
    dedupe_key TEXT,
    parent TEXT REFERENCES job (id) DEFERRABLE INITIALLY DEFERRED,
    state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'waiting', 'done', 'dead', 'cancelled')),
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    lease_until BIGINT,
    cancel_requested BOOLEAN NOT NULL,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE INDEX job_claim ON job (lane, state, run_at);
CREATE INDEX job_parent ON job (parent);
CREATE UNIQUE INDEX job_dedupe ON job (kind, dedupe_key) WHERE state IN ('ready', 'running', 'waiting');
