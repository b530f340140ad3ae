-- Vectors of texts of articles, by the digest of model and text: what is here is not embedded again. All of it can be
-- made anew from the articles.
CREATE TABLE vector (
    hash TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    numbers BYTEA NOT NULL
);

CREATE INDEX vector_model ON vector (model);
