-- What a device says it has seen, and its snapshots, stand for themselves: the next one of the same device in the same stream
-- takes the place of the one before, whose bytes go. The row stays: the chain counts it, and an answer under delivery lists it.

-- Position of the envelope that took its place; 0 = none has.
ALTER TABLE envelope ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;
-- Length of the bytes it had.
ALTER TABLE envelope ADD COLUMN replaced_len INTEGER NOT NULL DEFAULT 0;
UPDATE envelope SET
    replaced = (SELECT MIN(n.position) FROM envelope n
        WHERE n.org = envelope.org AND n.case_num = envelope.case_num AND n.compartment = envelope.compartment
            AND n.kind = envelope.kind AND n.device = envelope.device AND n.seq > envelope.seq),
    replaced_len = length(bytes),
    bytes = x''
WHERE kind IN (2, 3) AND EXISTS (SELECT 1 FROM envelope n
    WHERE n.org = envelope.org AND n.case_num = envelope.case_num AND n.compartment = envelope.compartment
        AND n.kind = envelope.kind AND n.device = envelope.device AND n.seq > envelope.seq);
UPDATE organisation SET
    bytes = (SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope e WHERE e.org = organisation.num)
        + (SELECT COALESCE(SUM(length(bytes)), 0) FROM entry e WHERE e.org = organisation.num)
        + (SELECT COALESCE(SUM(length(bytes)), 0) FROM wrap w WHERE w.org = organisation.num);
