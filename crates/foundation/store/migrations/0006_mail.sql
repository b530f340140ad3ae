CREATE TABLE simulated_mail (
    id TEXT PRIMARY KEY,
    message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    bounced_at BIGINT
);

CREATE INDEX simulated_mail_message ON simulated_mail (message);
