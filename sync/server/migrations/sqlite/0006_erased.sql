-- Position at which the case was erased, and with it the bytes of its envelopes and wraps; 0 = it is not.
ALTER TABLE case_log ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
-- Likewise of an envelope: how a list that was begun before keeps its length.
ALTER TABLE envelope ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
ALTER TABLE wrap ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
