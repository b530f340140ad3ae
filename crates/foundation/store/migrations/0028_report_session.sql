-- The room (相談のへや): a talk that its reporter has open, and forms that were sent. `wrapped` opens only with what the
-- page's form holds; nothing here says of which case it is. `draw` is how often a locator was drawn for the form.
CREATE TABLE report_session (
    id TEXT PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE report_form (
    digest TEXT PRIMARY KEY,
    draw BIGINT NOT NULL,
    sent_at BIGINT NOT NULL
);
