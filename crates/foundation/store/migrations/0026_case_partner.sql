-- Partners at a desk, who read what was disclosed to them; and rings from which somebody was taken away by one who does
-- not hold them: their next holder seals them anew. The table of members is made anew because its check names the roles.
CREATE TABLE desk_member_next (
    desk TEXT NOT NULL,
    account TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('consultant', 'supervisor', 'officer', 'partner')),
    since BIGINT NOT NULL,
    until BIGINT,
    PRIMARY KEY (desk, account, role)
);

INSERT INTO desk_member_next (desk, account, role, since, until)
    SELECT desk, account, role, since, until FROM desk_member;

DROP TABLE desk_member;

ALTER TABLE desk_member_next RENAME TO desk_member;

ALTER TABLE case_ring ADD COLUMN
    is_stale BOOLEAN NOT NULL DEFAULT FALSE;
