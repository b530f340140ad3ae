-- The city's own thesaurus: an office's word, people's word, and how they belong together.
CREATE TABLE thesaurus_relation (
    id TEXT PRIMARY KEY,
    term TEXT NOT NULL,
    kind TEXT NOT NULL,
    other TEXT NOT NULL,
    pair TEXT NOT NULL,
    note TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE UNIQUE INDEX thesaurus_relation_pair ON thesaurus_relation (pair);
