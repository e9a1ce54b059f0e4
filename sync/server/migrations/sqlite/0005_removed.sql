-- Position of the entry that removed the member, whose log goes no further for them; 0 = none has.
ALTER TABLE membership ADD COLUMN ended_position INTEGER NOT NULL DEFAULT 0;
