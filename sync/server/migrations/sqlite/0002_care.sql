-- What a store needs over years: that it was restored, when it was last backed up, how full each organisation is.

-- Unix milliseconds at which this store was put back from a backup; 0 = never.
ALTER TABLE store ADD COLUMN restored_ms INTEGER NOT NULL DEFAULT 0;
-- Unix milliseconds of the newest backup of it; in a backup, when that was taken; 0 = never.
ALTER TABLE store ADD COLUMN backup_ms INTEGER NOT NULL DEFAULT 0;
-- Place of the last entry its log had when the store was put back, -1 = never was; entries decided since may be offered again.
ALTER TABLE organisation ADD COLUMN restored_seq INTEGER NOT NULL DEFAULT -1;
-- Envelopes kept, and bytes of envelopes, entries and wraps: what quotas are held against. verify-log counts again.
ALTER TABLE organisation ADD COLUMN envelopes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organisation ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE organisation SET
    envelopes = (SELECT COUNT(*) FROM envelope e WHERE e.org = organisation.num),
    bytes = (SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope e WHERE e.org = organisation.num)
        + (SELECT COALESCE(SUM(length(bytes)), 0) FROM entry e WHERE e.org = organisation.num)
        + (SELECT COALESCE(SUM(length(bytes)), 0) FROM wrap w WHERE w.org = organisation.num);
