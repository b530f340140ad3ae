-- The danger signs that a desk looks for, each change a version of the whole list; and the files of sealed cases, of
-- which an id without meaning is all that stands here. `reserved_at` is gone once a file is whole, so that nothing tells
-- when it came.
CREATE TABLE case_sign_list (
    desk TEXT NOT NULL,
    version BIGINT NOT NULL,
    rules TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (desk, version)
);

CREATE TABLE case_blob (
    id TEXT PRIMARY KEY,
    sealed_case TEXT NOT NULL REFERENCES sealed_case (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    reserved_at BIGINT
);

CREATE INDEX case_blob_case ON case_blob (sealed_case);
