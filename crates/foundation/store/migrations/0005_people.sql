CREATE TABLE person (
    id TEXT PRIMARY KEY,
    name_sealed TEXT,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    secrecy BOOLEAN NOT NULL,
    secrecy_since BIGINT,
    secrecy_reason TEXT,
    merged_into TEXT REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    erased_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE household (
    id TEXT PRIMARY KEY,
    label_sealed TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE household_member (
    id TEXT PRIMARY KEY,
    household TEXT NOT NULL REFERENCES household (id) DEFERRABLE INITIALLY DEFERRED,
    person TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    valid_from TEXT NOT NULL,
    valid_to TEXT
);

CREATE INDEX household_member_household ON household_member (household);
CREATE INDEX household_member_person ON household_member (person);

CREATE TABLE address (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'line', 'phone', 'post')),
    value_sealed TEXT NOT NULL,
    value_hash TEXT NOT NULL,
    verified_at BIGINT,
    safe BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'bounced', 'withdrawn')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (person, channel, value_hash)
);

CREATE INDEX address_value ON address (channel, value_hash);

CREATE TABLE place (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('postal', 'whereabouts')),
    text_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX place_person ON place (person);

CREATE TABLE consent (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    purpose TEXT NOT NULL,
    how TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    withdrawn_at BIGINT
);

CREATE INDEX consent_person ON consent (person, purpose);

CREATE TABLE person_merge (
    id TEXT PRIMARY KEY,
    kept TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    gone TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    secrecy_added BOOLEAN NOT NULL,
    merged_at BIGINT NOT NULL,
    undone_at BIGINT
);

CREATE TABLE person_merge_move (
    merge TEXT NOT NULL REFERENCES person_merge (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('address', 'place', 'consent', 'household_member', 'message')),
    object TEXT NOT NULL,
    PRIMARY KEY (merge, kind, object)
);

CREATE TABLE person_erasure (
    person TEXT PRIMARY KEY,
    erased_at BIGINT NOT NULL
);

CREATE TABLE message (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'line', 'phone', 'post')),
    address TEXT,
    pinned BOOLEAN NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('consent', 'duty')),
    template TEXT NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    fields_sealed TEXT,
    about_kind TEXT NOT NULL,
    about_id TEXT NOT NULL,
    dedupe_hash TEXT UNIQUE,
    message_id TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'in_doubt', 'refused', 'bounced', 'cancelled', 'withheld')),
    reason TEXT,
    attempts BIGINT NOT NULL,
    last_code TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    trying_since BIGINT,
    sent_at BIGINT,
    next_at BIGINT
);

CREATE INDEX message_person ON message (person);
CREATE INDEX message_about ON message (about_kind, about_id);
CREATE INDEX message_state ON message (state, id);

CREATE TABLE message_attempt (
    message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    n BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    stage TEXT,
    outcome TEXT CHECK (outcome IN ('accepted', 'refused', 'deferred', 'unknown')),
    code TEXT,
    detail TEXT,
    PRIMARY KEY (message, n)
);
