CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE section (
    id TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    successor TEXT,
    department TEXT NOT NULL,
    name TEXT NOT NULL,
    name_easy TEXT NOT NULL,
    name_en TEXT NOT NULL,
    phone TEXT NOT NULL,
    extension TEXT,
    place TEXT NOT NULL,
    place_easy TEXT NOT NULL,
    place_en TEXT NOT NULL,
    duties TEXT NOT NULL,
    hours TEXT NOT NULL,
    open_in_closures BOOLEAN NOT NULL
);

CREATE UNIQUE INDEX section_code ON section (code, valid_from);

CREATE TABLE closure (
    id TEXT PRIMARY KEY,
    section TEXT,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    reason TEXT NOT NULL,
    reason_easy TEXT NOT NULL,
    reason_en TEXT NOT NULL
);
