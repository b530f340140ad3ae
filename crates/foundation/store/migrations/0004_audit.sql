CREATE TABLE audit_stream (
    stream TEXT PRIMARY KEY,
    events BIGINT NOT NULL,
    head TEXT NOT NULL
);

CREATE TABLE audit_event (
    stream TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object TEXT NOT NULL,
    fields TEXT NOT NULL,
    mac TEXT NOT NULL,
    PRIMARY KEY (stream, seq)
);

CREATE INDEX audit_event_object ON audit_event (object_kind, object, at);
CREATE INDEX audit_event_at ON audit_event (at);
