CREATE TABLE revision (
    article TEXT NOT NULL REFERENCES article (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('import', 'publish', 'recheck', 'withdraw', 'restore', 'adjust')),
    actor TEXT NOT NULL,
    approved_by TEXT,
    note TEXT,
    content TEXT NOT NULL,
    PRIMARY KEY (article, version)
);

CREATE TABLE draft (
    id TEXT PRIMARY KEY,
    article TEXT REFERENCES article (id) DEFERRABLE INITIALLY DEFERRED,
    code TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    home TEXT NOT NULL,
    section TEXT NOT NULL,
    question TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('publish', 'recheck', 'restore')),
    content TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('writing', 'submitted', 'returned', 'published', 'discarded')),
    author TEXT NOT NULL,
    submitted_by TEXT,
    edit BIGINT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    closed_at BIGINT
);

CREATE UNIQUE INDEX draft_of_article ON draft (article) WHERE state IN ('writing', 'submitted', 'returned');
CREATE INDEX draft_state ON draft (state, updated_at);

CREATE TABLE draft_editor (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    PRIMARY KEY (draft, account)
);

CREATE TABLE draft_event (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    remark TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (draft, n)
);

CREATE TABLE draft_source (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    question TEXT NOT NULL REFERENCES question (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (draft, question)
);

CREATE INDEX draft_source_question ON draft_source (question);

CREATE TABLE draft_rescue (
    id TEXT PRIMARY KEY,
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    edit BIGINT NOT NULL,
    content TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX draft_rescue_draft ON draft_rescue (draft, account);

CREATE TABLE draft_presence (
    draft TEXT NOT NULL REFERENCES draft (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    account TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (draft, account)
);

CREATE TABLE article_notice (
    article TEXT NOT NULL REFERENCES article (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('expired', 'review_due', 'review_soon')),
    due TEXT NOT NULL,
    section TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    told_at BIGINT,
    PRIMARY KEY (article, kind, due)
);

CREATE INDEX article_notice_told ON article_notice (told_at);
CREATE INDEX article_review_due ON article (review_due);
CREATE INDEX article_valid_to ON article (valid_to);
