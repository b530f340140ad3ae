-- What a desk published of its effect. Nothing of it is sealed: it holds only figures that anybody may see, and where one
-- is hidden, that it is hidden. A release that was withdrawn stays, because people have seen it.
CREATE TABLE effect_publication (
    id TEXT PRIMARY KEY,
    desk TEXT NOT NULL,
    version BIGINT NOT NULL,
    period_from TEXT NOT NULL,
    period_to TEXT NOT NULL,
    body TEXT NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    withdrawn_at BIGINT,
    UNIQUE (desk, version)
);
