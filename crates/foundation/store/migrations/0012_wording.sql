-- How people put what an article answers, as the section took it up or put it aside.
CREATE TABLE wording (
    id TEXT PRIMARY KEY,
    article TEXT NOT NULL,
    text TEXT NOT NULL,
    used BOOLEAN NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE UNIQUE INDEX wording_text ON wording (article, text);
