DROP TABLE simulated_mail;

CREATE TABLE simulated_mail (
    id TEXT PRIMARY KEY,
    message TEXT NOT NULL REFERENCES message (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    sender TEXT NOT NULL,
    recipient_sealed TEXT NOT NULL,
    subject_sealed TEXT NOT NULL,
    body_sealed TEXT NOT NULL,
    at BIGINT NOT NULL,
    bounced_at BIGINT
);

CREATE INDEX simulated_mail_message ON simulated_mail (message);
CREATE INDEX simulated_mail_at ON simulated_mail (at);
