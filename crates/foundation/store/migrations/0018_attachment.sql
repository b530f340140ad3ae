CREATE TABLE contact_attachment (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contact (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    message TEXT NOT NULL REFERENCES contact_message (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    place BIGINT NOT NULL,
    name TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('jpeg', 'png', 'gif', 'webp', 'pdf', 'text')),
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    width BIGINT,
    height BIGINT,
    content BYTEA,
    created_at BIGINT NOT NULL,
    UNIQUE (message, place)
);

CREATE INDEX contact_attachment_contact ON contact_attachment (contact, created_at);
