CREATE TABLE account (
    id TEXT PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    person TEXT,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    password TEXT,
    totp BYTEA,
    totp_step BIGINT NOT NULL,
    invitation TEXT,
    invitation_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE assignment (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED,
    section TEXT NOT NULL,
    concurrent BOOLEAN NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT
);

CREATE INDEX assignment_account ON assignment (account);
CREATE INDEX assignment_section ON assignment (section);

CREATE TABLE role_grant (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT NOT NULL,
    section TEXT,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    given_by TEXT NOT NULL,
    given_at BIGINT NOT NULL
);

CREATE INDEX role_grant_account ON role_grant (account);

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED,
    state TEXT NOT NULL CHECK (state IN ('password', 'full')),
    client TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX session_account ON session (account);

CREATE TABLE sign_in_failure (
    bucket TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE TABLE two_person_change (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object TEXT NOT NULL,
    payload TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'expired')),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    remark TEXT NOT NULL
);

CREATE INDEX two_person_change_state ON two_person_change (state, asked_at);

CREATE TABLE saved_view (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id) DEFERRABLE INITIALLY DEFERRED,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX saved_view_account ON saved_view (account, page);
