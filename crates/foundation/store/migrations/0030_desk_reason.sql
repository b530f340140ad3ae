-- Why somebody joined a desk, in the words of whoever added them; empty where nobody was asked. Everybody of the desk
-- reads it.
ALTER TABLE desk_member ADD COLUMN
    reason TEXT NOT NULL DEFAULT '';
