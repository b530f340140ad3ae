CREATE TABLE outreach_recipient (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('line', 'mail')),
    address_sealed BYTEA NOT NULL,
    address_hash TEXT NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    person TEXT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'gone')),
    is_staff_test BOOLEAN NOT NULL,
    blocked_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (channel, address_hash)
);

CREATE INDEX outreach_recipient_person ON outreach_recipient (person);
CREATE INDEX outreach_recipient_order ON outreach_recipient (channel, id);

CREATE TABLE outreach_subscription (
    recipient TEXT NOT NULL REFERENCES outreach_recipient (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    topic TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (recipient, topic)
);

CREATE TABLE outreach_preference (
    recipient TEXT PRIMARY KEY REFERENCES outreach_recipient (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    district TEXT,
    quiet_from BIGINT NOT NULL CHECK (quiet_from >= 0 AND quiet_from < 1440),
    quiet_until BIGINT NOT NULL CHECK (quiet_until >= 0 AND quiet_until < 1440),
    declines_urgent BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE outreach_send (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL CHECK (channel IN ('line', 'mail')),
    title TEXT NOT NULL,
    texts TEXT NOT NULL,
    topic TEXT NOT NULL,
    districts TEXT NOT NULL,
    section TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'planned', 'approved', 'running', 'paused', 'stopped', 'done')),
    version BIGINT NOT NULL,
    tested_version BIGINT,
    author TEXT NOT NULL,
    edited_by TEXT NOT NULL,
    approver TEXT,
    urgent BOOLEAN NOT NULL,
    urgent_reason TEXT,
    starts_at BIGINT,
    planned_recipients BIGINT,
    planned_batches BIGINT,
    planned_later BIGINT,
    planned_finish_at BIGINT,
    quota_limit BIGINT,
    quota_used BIGINT,
    quota_reserve BIGINT,
    quota_bound BIGINT,
    run BIGINT NOT NULL,
    reason TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    planned_at BIGINT,
    approved_at BIGINT,
    started_at BIGINT,
    finished_at BIGINT
);

CREATE INDEX outreach_send_state ON outreach_send (channel, state);

CREATE TABLE outreach_batch (
    send TEXT NOT NULL REFERENCES outreach_send (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    n BIGINT NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    quiet_from BIGINT NOT NULL,
    quiet_until BIGINT NOT NULL,
    size BIGINT NOT NULL,
    retry_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'unsure', 'accepted', 'refused', 'stopped')),
    attempts BIGINT NOT NULL,
    request_id TEXT,
    first_attempt_at BIGINT,
    ended_at BIGINT,
    reason TEXT,
    PRIMARY KEY (send, n)
);

CREATE INDEX outreach_batch_open ON outreach_batch (send) WHERE ended_at IS NULL;

CREATE TABLE outreach_delivery (
    send TEXT NOT NULL REFERENCES outreach_send (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    recipient TEXT NOT NULL,
    batch BIGINT NOT NULL,
    result TEXT CHECK (result IN ('withdrawn', 'blocked', 'failed', 'delivered')),
    PRIMARY KEY (send, recipient)
);

CREATE INDEX outreach_delivery_batch ON outreach_delivery (send, batch);

CREATE TABLE outreach_event (
    id TEXT PRIMARY KEY,
    send TEXT NOT NULL REFERENCES outreach_send (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    batch BIGINT,
    reason TEXT,
    value BIGINT,
    UNIQUE (send, seq)
);
