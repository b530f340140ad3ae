CREATE TABLE golden_question (
    id TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    lang TEXT NOT NULL,
    words TEXT NOT NULL,
    articles TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (words, lang)
);

CREATE INDEX golden_question_topic ON golden_question (topic);

CREATE TABLE golden_run (
    id TEXT PRIMARY KEY,
    topic TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    index_version BIGINT NOT NULL,
    ranking_model TEXT NOT NULL,
    language_model TEXT NOT NULL,
    passed BIGINT NOT NULL,
    total BIGINT NOT NULL,
    UNIQUE (topic, seq)
);

CREATE TABLE golden_failure (
    run TEXT NOT NULL REFERENCES golden_run (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    question TEXT NOT NULL,
    words TEXT NOT NULL,
    expected TEXT NOT NULL,
    came TEXT NOT NULL,
    came_articles TEXT NOT NULL,
    PRIMARY KEY (run, question)
);

CREATE TABLE answer_control (
    topic TEXT PRIMARY KEY,
    is_off BOOLEAN NOT NULL,
    untested BOOLEAN NOT NULL,
    pass_mark BIGINT,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE answer_control_history (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    value BIGINT
);

CREATE TABLE disaster_mode (
    name TEXT PRIMARY KEY,
    is_on BOOLEAN NOT NULL,
    ja TEXT NOT NULL,
    easy TEXT NOT NULL,
    en TEXT NOT NULL,
    since BIGINT,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE recall (
    id TEXT PRIMARY KEY,
    article TEXT,
    version_from BIGINT,
    version_to BIGINT,
    message TEXT,
    reason TEXT NOT NULL,
    ja TEXT NOT NULL,
    easy TEXT NOT NULL,
    en TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('prepared', 'telling', 'done', 'given_up')),
    job TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    confirmed_by TEXT,
    confirmed_at BIGINT,
    finished_at BIGINT
);

CREATE INDEX recall_made ON recall (made_at);

CREATE TABLE recall_contact (
    recall TEXT NOT NULL REFERENCES recall (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    reach TEXT NOT NULL CHECK (reach IN ('thread', 'staff', 'erased')),
    noted_at BIGINT,
    told_at BIGINT,
    told_seq BIGINT,
    told_by TEXT,
    PRIMARY KEY (recall, contact)
);

CREATE INDEX recall_contact_contact ON recall_contact (contact);
