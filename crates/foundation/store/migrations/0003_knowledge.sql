CREATE TABLE article (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    section TEXT NOT NULL,
    topics TEXT NOT NULL,
    related TEXT NOT NULL,
    checked_on TEXT NOT NULL,
    review_due TEXT,
    valid_from TEXT,
    valid_to TEXT,
    version BIGINT NOT NULL,
    content_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE article_text (
    article TEXT NOT NULL REFERENCES article (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    question TEXT NOT NULL,
    summary TEXT NOT NULL,
    answer TEXT NOT NULL,
    keywords TEXT NOT NULL,
    fact_who TEXT,
    fact_deadline TEXT,
    fact_bring TEXT,
    fact_fee TEXT,
    fact_place TEXT,
    fact_hours TEXT,
    fact_online_label TEXT,
    fact_online_url TEXT,
    PRIMARY KEY (article, lang)
);

CREATE TABLE feedback (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    article_version BIGINT NOT NULL,
    lang TEXT NOT NULL,
    query TEXT,
    rank BIGINT,
    helped BOOLEAN NOT NULL,
    comment TEXT,
    created_at BIGINT NOT NULL
);

CREATE INDEX feedback_article ON feedback (article, created_at);

CREATE TABLE question (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    key_hash TEXT NOT NULL,
    submission TEXT NOT NULL UNIQUE,
    lang TEXT NOT NULL,
    asked TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('received', 'assigned', 'answered', 'withdrawn')),
    section TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE question_event (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL REFERENCES question (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('received', 'assigned', 'answered', 'withdrawn')),
    section TEXT,
    at BIGINT NOT NULL
);

CREATE INDEX question_event_question ON question_event (question, at);
