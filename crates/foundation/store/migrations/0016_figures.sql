CREATE TABLE contact_fact (
    contact TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    day TEXT NOT NULL,
    half_hour BIGINT NOT NULL,
    channel TEXT NOT NULL,
    lang TEXT NOT NULL,
    first_section TEXT NOT NULL,
    section TEXT NOT NULL,
    topic TEXT,
    merged BIGINT NOT NULL,
    bot_spoke BIGINT NOT NULL,
    bot_answered BIGINT NOT NULL,
    bot_alone BIGINT NOT NULL,
    asked_back BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    handed_over BIGINT NOT NULL,
    queued BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    queued_at BIGINT,
    picked_up_at BIGINT,
    wait_ms BIGINT,
    wait_open_ms BIGINT,
    first_reply_ms BIGINT,
    handled BIGINT NOT NULL,
    finished BIGINT NOT NULL,
    talk_ms BIGINT NOT NULL,
    hold_ms BIGINT NOT NULL,
    wrap_up_ms BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    resolved_at BIGINT,
    resolved_day TEXT,
    resolution_ms BIGINT,
    wrap_up TEXT,
    returned_ms BIGINT,
    transfers_offered BIGINT NOT NULL,
    transfers BIGINT NOT NULL,
    transfers_declined BIGINT NOT NULL,
    side_questions BIGINT NOT NULL,
    explained_again BIGINT NOT NULL,
    call_backs_asked BIGINT NOT NULL,
    call_backs_kept BIGINT NOT NULL,
    call_backs_in_time BIGINT NOT NULL,
    call_backs_given_up BIGINT NOT NULL,
    rating BIGINT,
    incidents BIGINT NOT NULL,
    incident_ms BIGINT NOT NULL,
    wrong_answers BIGINT NOT NULL
);

CREATE INDEX contact_fact_day ON contact_fact (day, section);
CREATE INDEX contact_fact_resolved ON contact_fact (resolved_day, section);

CREATE TABLE figure_state (
    name TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX operator_event_account ON operator_event (account, at);

CREATE TABLE reconciliation (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('topic', 'section')),
    system TEXT NOT NULL,
    day_from TEXT NOT NULL,
    day_to TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL
);

CREATE INDEX reconciliation_uploaded ON reconciliation (uploaded_at);

CREATE TABLE reconciliation_line (
    reconciliation TEXT NOT NULL REFERENCES reconciliation (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    day TEXT NOT NULL,
    code TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (reconciliation, day, code)
);
