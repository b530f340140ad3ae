CREATE TABLE inquiry (
    id TEXT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    period TEXT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    section TEXT NOT NULL,
    due_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'cancelled')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX inquiry_due ON inquiry (state, due_on);
CREATE UNIQUE INDEX inquiry_period ON inquiry (kind, period) WHERE state = 'open';

CREATE TABLE inquiry_target (
    inquiry TEXT NOT NULL REFERENCES inquiry (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    section TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'draft', 'answered', 'returned', 'accepted', 'not_applicable')),
    counter BIGINT NOT NULL,
    answer TEXT NOT NULL,
    answered_by TEXT,
    answered_at BIGINT,
    returned_reason TEXT,
    returned_by TEXT,
    returned_at BIGINT,
    accepted_by TEXT,
    accepted_at BIGINT,
    extended_due TEXT,
    extended_reason TEXT,
    reminders BIGINT NOT NULL,
    reminded_at BIGINT,
    touched_at BIGINT,
    PRIMARY KEY (inquiry, section)
);

CREATE INDEX inquiry_target_section ON inquiry_target (section, state);

CREATE TABLE inquiry_item (
    inquiry TEXT NOT NULL REFERENCES inquiry (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    object_kind TEXT NOT NULL,
    object TEXT NOT NULL,
    section TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done')),
    result TEXT,
    reference TEXT,
    note TEXT,
    done_by TEXT,
    done_at BIGINT,
    PRIMARY KEY (inquiry, object_kind, object)
);

CREATE INDEX inquiry_item_section ON inquiry_item (inquiry, section, state);
CREATE INDEX inquiry_item_object ON inquiry_item (object_kind, object);

CREATE TABLE inquiry_event (
    inquiry TEXT NOT NULL REFERENCES inquiry (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    seq BIGINT NOT NULL,
    section TEXT,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    note TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (inquiry, seq)
);

CREATE TABLE inquiry_reminder (
    inquiry TEXT NOT NULL REFERENCES inquiry (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    section TEXT NOT NULL,
    on_day TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('week_before', 'day_before', 'due', 'overdue', 'by_hand')),
    sent_at BIGINT,
    PRIMARY KEY (inquiry, section, on_day, kind)
);

CREATE INDEX inquiry_reminder_due ON inquiry_reminder (on_day) WHERE sent_at IS NULL;

CREATE TABLE reorganisation (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    takes_effect_on TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('preparing', 'scheduled', 'cancelled')),
    made_by TEXT NOT NULL,
    note TEXT NOT NULL,
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE reorganisation_step (
    id TEXT PRIMARY KEY,
    reorganisation TEXT NOT NULL REFERENCES reorganisation (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    position BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('create', 'rename', 'change', 'merge', 'split', 'end')),
    section TEXT NOT NULL,
    data TEXT NOT NULL,
    previous TEXT
);

CREATE UNIQUE INDEX reorganisation_step_position ON reorganisation_step (reorganisation, position);

CREATE TABLE section_split (
    code TEXT NOT NULL,
    ended_on TEXT NOT NULL,
    position BIGINT NOT NULL,
    successor TEXT NOT NULL,
    PRIMARY KEY (code, ended_on, position)
);
