-- Leaflets of a sealed desk, one for each school, and on which day how many came to the room by them. An arrival is
-- counted and forgotten: nothing here leads to a case or to whoever came.
CREATE TABLE leaflet (
    id TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    school TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE INDEX leaflet_desk ON leaflet (desk);

CREATE TABLE leaflet_arrival (
    leaflet TEXT NOT NULL REFERENCES leaflet (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    day TEXT NOT NULL,
    arrivals BIGINT NOT NULL,
    PRIMARY KEY (leaflet, day)
);
