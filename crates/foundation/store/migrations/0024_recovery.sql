-- Recovery of members' keys and the glass of cases. Of a set of shares only its public half is kept; what is escrowed,
-- split or handed over is sealed to a key that is not here.
CREATE TABLE recovery_set (
    id TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    shares TEXT NOT NULL,
    needed BIGINT NOT NULL,
    public_half BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    made_by TEXT NOT NULL
);

CREATE INDEX recovery_set_shares ON recovery_set (desk, shares);

CREATE TABLE recovery_current (
    desk TEXT PRIMARY KEY,
    recovery_set TEXT NOT NULL REFERENCES recovery_set (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE recovery_officer (
    recovery_set TEXT NOT NULL REFERENCES recovery_set (id) DEFERRABLE INITIALLY DEFERRED,
    number BIGINT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (recovery_set, number)
);

CREATE TABLE recovery_escrow (
    recovery_set TEXT NOT NULL REFERENCES recovery_set (id) DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (recovery_set, account)
);

CREATE INDEX recovery_escrow_account ON recovery_escrow (account);

-- The shares worked: in a rehearsal (no account), or to give a member their key back.
CREATE TABLE recovery_use (
    id TEXT PRIMARY KEY,
    recovery_set TEXT NOT NULL REFERENCES recovery_set (id) DEFERRABLE INITIALLY DEFERRED,
    account TEXT,
    used_at BIGINT NOT NULL,
    used_by TEXT NOT NULL,
    officers TEXT NOT NULL
);

CREATE INDEX recovery_use_set ON recovery_use (recovery_set, used_at);
CREATE INDEX recovery_use_account ON recovery_use (account, used_at);

CREATE TABLE case_glass (
    ring TEXT NOT NULL REFERENCES case_ring (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    epoch BIGINT NOT NULL,
    officer TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    commitment BYTEA NOT NULL,
    PRIMARY KEY (ring, epoch, officer)
);

CREATE TABLE glass_request (
    id TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    asked_by TEXT NOT NULL,
    second TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    sealed_key BYTEA NOT NULL,
    reason BYTEA NOT NULL,
    opened_at BIGINT
);

CREATE INDEX glass_request_case ON glass_request (sealed_case);
CREATE INDEX glass_request_second ON glass_request (second, asked_at);

CREATE TABLE glass_hand (
    request TEXT NOT NULL REFERENCES glass_request (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    ring TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (request, ring, epoch)
);
