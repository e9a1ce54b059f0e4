//! Segments go when two people's devices have each sent the whole in their place: one snapshot is its author's word for what it
//! covers, the second is the countersignature, and a whole of its own should the first be no good. Rows stay, as the chain counts them.

use rusqlite::{Connection, named_params};
use wire::envelope::Kind;

use super::{super::StoreError, compartment_code, int, kind_code};
use crate::log::NewEnvelope;

/// Another snapshot of the stream that counts beside the new one: of somebody else's device, which is not cut off and whose owner is in.
const OTHER: &str = "other AS (
    SELECT o.num, o.epoch FROM envelope o
    JOIN device d ON d.id = o.device AND d.revoked = 0
    JOIN membership m ON m.case_num = o.case_num AND m.compartment = o.compartment AND m.member = d.member AND m.ended_position = 0
    WHERE o.org = :org AND o.case_num = :case AND o.compartment = :compartment AND o.kind = :whole AND o.replaced = 0
        AND d.member <> (SELECT member FROM device WHERE id = :device))";

/// Segments that both cover, and older wholes under an older key than both, of which the new one holds everything.
const COVERED: &str = "
    SELECT e.num FROM envelope e
    JOIN cover mine ON mine.snapshot = :snapshot AND mine.device = e.device AND e.seq <= mine.seq
    WHERE e.org = :org AND e.case_num = :case AND e.compartment = :compartment AND e.kind = :part AND e.replaced = 0 AND e.erased = 0
        AND EXISTS (SELECT 1 FROM other JOIN cover theirs ON theirs.snapshot = other.num AND theirs.device = e.device AND e.seq <= theirs.seq)
    UNION ALL
    SELECT e.num FROM envelope e
    WHERE e.org = :org AND e.case_num = :case AND e.compartment = :compartment AND e.kind = :whole AND e.replaced = 0 AND e.erased = 0
        AND e.epoch < :epoch AND EXISTS (SELECT 1 FROM other WHERE other.epoch >= :epoch)
        AND NOT EXISTS (SELECT 1 FROM cover theirs WHERE theirs.snapshot = e.num AND theirs.seq > COALESCE(
            (SELECT mine.seq FROM cover mine WHERE mine.snapshot = :snapshot AND mine.device = theirs.device), 0))";

/// Takes away the bytes of what is covered twice now that this snapshot is kept. Gives how many bytes that were.
///
/// # Errors
/// [`StoreError`].
pub(super) fn covered_twice(db: &Connection, envelope: &NewEnvelope<'_>, snapshot: i64) -> Result<i64, StoreError> {
    let (header, position) = (envelope.header, int(envelope.position)?);
    let values = named_params! {
        ":org": envelope.org.0,
        ":case": envelope.case.0,
        ":compartment": compartment_code(header.stream.compartment),
        ":whole": kind_code(Kind::Snapshot),
        ":part": kind_code(Kind::Segment),
        ":device": header.device.as_bytes(),
        ":epoch": header.epoch,
        ":snapshot": snapshot,
    };
    let covered: Vec<i64> = {
        let mut statement = db.prepare_cached(&format!("WITH {OTHER} {COVERED}"))?;
        let rows = statement.query_map(values, |row| row.get(0))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut take = db.prepare_cached(
        "UPDATE envelope SET replaced = ?2, replaced_len = length(bytes), bytes = x'' WHERE num = ?1 RETURNING replaced_len",
    )?;
    let mut freed = 0_i64;
    for num in covered {
        let len: i64 = take.query_row((num, position), |row| row.get(0))?;
        freed = freed.saturating_add(len);
    }
    Ok(freed)
}
