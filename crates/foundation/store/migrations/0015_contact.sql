CREATE TABLE contact (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    key_hash TEXT NOT NULL,
    submission TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'line', 'phone', 'mail', 'counter', 'fax', 'letter')),
    lang TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('bot', 'waiting', 'held', 'resolved', 'merged')),
    section TEXT NOT NULL,
    holder TEXT,
    topic TEXT,
    article TEXT,
    person TEXT,
    merged_into TEXT,
    wrap_up TEXT,
    follow_up_on TEXT,
    last_seq BIGINT NOT NULL,
    waiting_since BIGINT,
    reply_due_at BIGINT,
    citizen_seen_at BIGINT,
    citizen_seen_seq BIGINT NOT NULL,
    staff_seen_seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    erased_at BIGINT
);

CREATE INDEX contact_queue ON contact (state, section, waiting_since);
CREATE INDEX contact_holder ON contact (holder, state);
CREATE INDEX contact_created ON contact (created_at);
CREATE INDEX contact_updated ON contact (updated_at);
CREATE INDEX contact_person ON contact (person);

CREATE TABLE contact_conversation (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    channel TEXT NOT NULL CHECK (channel IN ('web', 'line', 'phone', 'mail', 'counter', 'fax', 'letter')),
    started_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX contact_conversation_contact ON contact_conversation (contact, started_at);

CREATE TABLE contact_message (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    conversation TEXT NOT NULL REFERENCES contact_conversation (id) DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    author TEXT NOT NULL CHECK (author IN ('citizen', 'bot', 'staff')),
    account TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'answer', 'choices', 'offer', 'told', 'note')),
    body TEXT,
    content TEXT NOT NULL,
    client_id TEXT,
    at BIGINT NOT NULL,
    UNIQUE (contact, seq),
    UNIQUE (contact, client_id)
);

CREATE TABLE contact_event (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    channel TEXT NOT NULL,
    section TEXT NOT NULL,
    other_section TEXT,
    account TEXT,
    topic TEXT,
    article TEXT,
    article_version BIGINT,
    reason TEXT,
    value BIGINT,
    UNIQUE (contact, seq)
);

CREATE INDEX contact_event_at ON contact_event (at);
CREATE INDEX contact_event_article ON contact_event (article, article_version);

CREATE TABLE contact_transfer (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    from_section TEXT NOT NULL,
    to_section TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('offered', 'accepted', 'declined', 'withdrawn')),
    summary TEXT NOT NULL,
    reason TEXT NOT NULL,
    better_section TEXT,
    offered_by TEXT NOT NULL,
    offered_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    due_at BIGINT
);

CREATE INDEX contact_transfer_contact ON contact_transfer (contact, offered_at);
CREATE INDEX contact_transfer_to ON contact_transfer (to_section, state);

CREATE TABLE contact_side_question (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    section TEXT NOT NULL,
    body TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    answer TEXT,
    answered_by TEXT,
    answered_at BIGINT
);

CREATE INDEX contact_side_question_contact ON contact_side_question (contact, asked_at);
CREATE INDEX contact_side_question_section ON contact_side_question (section, answered_at);

CREATE TABLE contact_draft (
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reply', 'note')),
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (contact, account, kind)
);

CREATE TABLE contact_typing (
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    who TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (contact, who)
);

CREATE TABLE contact_call_back (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    person TEXT NOT NULL,
    address TEXT NOT NULL,
    window_from BIGINT NOT NULL,
    window_to BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'kept', 'given_up', 'withdrawn')),
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_at BIGINT
);

CREATE INDEX contact_call_back_state ON contact_call_back (state, window_from);
CREATE INDEX contact_call_back_contact ON contact_call_back (contact, asked_at);

CREATE TABLE operator_state (
    account TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('available', 'wrap_up', 'break', 'training', 'away')),
    since BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    most BIGINT NOT NULL
);

CREATE TABLE operator_event (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX operator_event_at ON operator_event (at);

CREATE TABLE operator_skill (
    account TEXT NOT NULL,
    skill TEXT NOT NULL,
    PRIMARY KEY (account, skill)
);

CREATE TABLE contact_macro (
    id TEXT PRIMARY KEY,
    section TEXT,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    lang TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    removed_at BIGINT
);

CREATE TABLE clarification (
    code TEXT NOT NULL,
    lang TEXT NOT NULL,
    words TEXT NOT NULL,
    question TEXT NOT NULL,
    choices TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (code, lang)
);

CREATE TABLE contact_incident (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    words TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('flagged', 'warned', 'ended', 'no_incident')),
    flagged_at BIGINT NOT NULL,
    warned_at BIGINT,
    decided_by TEXT,
    decided_at BIGINT,
    remark TEXT NOT NULL,
    rest_until BIGINT
);

CREATE INDEX contact_incident_state ON contact_incident (state, flagged_at);

CREATE TABLE answer_record (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    message TEXT NOT NULL,
    by_model BOOLEAN NOT NULL,
    model TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    index_version BIGINT NOT NULL,
    ranking_model TEXT NOT NULL,
    question TEXT NOT NULL,
    articles TEXT NOT NULL,
    raw TEXT NOT NULL,
    checked TEXT NOT NULL,
    fell_back TEXT,
    at BIGINT NOT NULL
);

CREATE INDEX answer_record_contact ON answer_record (contact, at);
CREATE INDEX answer_record_message ON answer_record (message);

CREATE TABLE answer_article (
    answer TEXT NOT NULL REFERENCES answer_record (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    article TEXT NOT NULL,
    article_version BIGINT NOT NULL,
    PRIMARY KEY (answer, article)
);

CREATE INDEX answer_article_article ON answer_article (article, article_version);
