CREATE TABLE line_menu (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    bar TEXT NOT NULL,
    layout TEXT NOT NULL,
    height BIGINT NOT NULL,
    tiles TEXT NOT NULL,
    is_emergency BOOLEAN NOT NULL,
    is_drawn BOOLEAN NOT NULL,
    image BYTEA,
    image_type TEXT,
    image_sha TEXT,
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'ready', 'removed')),
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE line_menu_plan (
    id TEXT PRIMARY KEY,
    menu TEXT NOT NULL REFERENCES line_menu (id) DEFERRABLE INITIALLY DEFERRED,
    kind TEXT NOT NULL CHECK (kind IN ('default', 'scheduled', 'emergency')),
    begins_at BIGINT NOT NULL,
    ends_at BIGINT,
    is_drill BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX line_menu_plan_open ON line_menu_plan (ended_at, begins_at);

CREATE TABLE line_menu_made (
    line_id TEXT PRIMARY KEY,
    menu TEXT NOT NULL REFERENCES line_menu (id) DEFERRABLE INITIALLY DEFERRED,
    version BIGINT NOT NULL,
    is_drill BOOLEAN NOT NULL,
    alias TEXT,
    made_at BIGINT NOT NULL,
    image_at BIGINT,
    unused_since BIGINT,
    removed_at BIGINT
);

CREATE INDEX line_menu_made_there ON line_menu_made (removed_at, menu);

CREATE TABLE line_menu_shown (
    name TEXT PRIMARY KEY,
    menu TEXT,
    version BIGINT,
    is_drill BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed', 'not_set_up')),
    reason TEXT NOT NULL,
    tries BIGINT NOT NULL,
    at BIGINT NOT NULL,
    busy_by TEXT,
    busy_until BIGINT
);

CREATE TABLE line_menu_event (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    menu TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE INDEX line_menu_event_at ON line_menu_event (at);
