ALTER TABLE question ADD COLUMN
    contact TEXT;

ALTER TABLE question ADD COLUMN
    contact_address TEXT;

CREATE TABLE question_answer (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL REFERENCES question (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    body TEXT,
    article TEXT,
    section TEXT NOT NULL,
    actor TEXT NOT NULL,
    helped BOOLEAN,
    at BIGINT NOT NULL
);

CREATE INDEX question_answer_question ON question_answer (question, at);

CREATE TABLE question_handover (
    id TEXT PRIMARY KEY,
    question TEXT NOT NULL REFERENCES question (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    from_section TEXT NOT NULL,
    to_section TEXT NOT NULL,
    remark TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX question_handover_question ON question_handover (question, at);

CREATE TABLE question_reopening (
    question TEXT PRIMARY KEY REFERENCES question (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    words TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE INDEX question_state ON question (state, created_at);

CREATE TABLE miss (
    day TEXT NOT NULL,
    lang TEXT NOT NULL CHECK (lang IN ('ja', 'easy', 'en')),
    words TEXT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (day, lang, words)
);

CREATE TABLE board_dismissal (
    matter TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    people BIGINT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL
);
