CREATE TABLE line_event (
    id TEXT PRIMARY KEY,
    user_id TEXT,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    reply_token TEXT,
    body TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'passed', 'dead')),
    times BIGINT NOT NULL,
    reason TEXT,
    done_at BIGINT
);

CREATE INDEX line_event_user ON line_event (user_id, state, at);
CREATE INDEX line_event_received ON line_event (received_at);

CREATE TABLE line_talk (
    contact TEXT PRIMARY KEY REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    recipient TEXT,
    is_current BOOLEAN NOT NULL,
    sent_seq BIGINT NOT NULL,
    reply_token TEXT,
    reply_until BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX line_talk_recipient ON line_talk (recipient, is_current);

CREATE TABLE line_call (
    id TEXT PRIMARY KEY,
    contact TEXT REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    recipient TEXT,
    way TEXT NOT NULL CHECK (way IN ('reply', 'push')),
    reply_token TEXT,
    up_to_seq BIGINT,
    state TEXT NOT NULL CHECK (state IN ('unsure', 'accepted', 'refused', 'in_doubt')),
    attempts BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    ended_at BIGINT,
    cost BIGINT NOT NULL,
    request_id TEXT,
    reason TEXT
);

CREATE INDEX line_call_contact ON line_call (contact, state);
CREATE INDEX line_call_first ON line_call (first_at);

CREATE TABLE contact_link (
    token_hash TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX contact_link_contact ON contact_link (contact, expires_at);

CREATE TABLE line_invitation (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    code_hash TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'used', 'withdrawn')),
    recipient TEXT,
    ended_at BIGINT
);

CREATE INDEX line_invitation_person ON line_invitation (person, made_at);

CREATE TABLE line_link_try (
    nonce_hash TEXT PRIMARY KEY,
    invitation TEXT NOT NULL REFERENCES line_invitation (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    recipient TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE TABLE line_pass (
    token_hash TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX line_pass_expires ON line_pass (expires_at);
