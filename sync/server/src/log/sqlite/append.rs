//! What the store does inside one appending transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use wire::{
    cbor,
    envelope::{Compartment, Kind},
    id::{CaseId, DeviceId, Digest, MemberId, OrgId},
    log::{CaseState, DeviceState, GrantState, InvitationState, OrgState},
    signature::sha256,
};

use super::{
    super::{
        Append, CaseRow, Chain, DeviceRow, Fill, InvitationRow, Kept, NewEntry, NewEnvelope, NewNotice, NewQuarantined, NewWrap, OrgRow,
        StoreError,
    },
    WATCHER, compact, compartment_code, erased, id, int, kind_code, read, state, uint,
};
use crate::admit::{HEALING_MS, Healing};

pub(super) struct Appending<'t> {
    pub(super) tx: &'t Transaction<'t>,
    /// Whether a case was erased in this transaction.
    pub(super) erased: bool,
}

impl Appending<'_> {
    /// Counts what an organisation takes up.
    fn count(&self, org: OrgRow, envelopes: i64, bytes: &[u8]) -> Result<(), StoreError> {
        let mut statement =
            self.tx.prepare_cached("UPDATE organisation SET envelopes = envelopes + ?2, bytes = bytes + ?3 WHERE num = ?1")?;
        statement.execute(params![org.0, envelopes, i64::try_from(bytes.len()).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// Takes the bytes of what this one replaces: others of the same device, kind and stream. Their rows stay, so that the
    /// chain counts them and a list under delivery keeps its length. A snapshot that covers less than one before takes not its place.
    fn replace_those_before(&self, envelope: &NewEnvelope<'_>, new: i64) -> Result<(), StoreError> {
        let header = envelope.header;
        let (compartment, kind, seq) = (compartment_code(header.stream.compartment), kind_code(header.kind), int(header.seq)?);
        let before = "org = ?1 AND case_num = ?2 AND compartment = ?3 AND kind = ?4 AND device = ?5 AND seq < ?6 AND replaced = 0
            AND NOT EXISTS (SELECT 1 FROM cover c WHERE c.snapshot = envelope.num AND c.seq > COALESCE(
                (SELECT n.seq FROM cover n WHERE n.snapshot = ?7 AND n.device = c.device), 0))";
        let mut freed = self.tx.prepare_cached(&format!("SELECT COALESCE(SUM(length(bytes)), 0) FROM envelope WHERE {before}"))?;
        let (org, case, device) = (envelope.org.0, envelope.case.0, header.device.as_bytes());
        let freed: i64 = freed.query_row(params![org, case, compartment, kind, device, seq, new], |row| row.get(0))?;
        let mut replace = self
            .tx
            .prepare_cached(&format!("UPDATE envelope SET replaced = ?8, replaced_len = length(bytes), bytes = x'' WHERE {before}"))?;
        replace.execute(params![org, case, compartment, kind, device, seq, new, int(envelope.position)?])?;
        self.freed(envelope.org, freed)
    }

    fn freed(&self, org: OrgRow, bytes: i64) -> Result<(), StoreError> {
        let mut count = self.tx.prepare_cached("UPDATE organisation SET bytes = bytes - ?2 WHERE num = ?1")?;
        count.execute(params![org.0, bytes])?;
        Ok(())
    }

    fn kept(&self, sql: &str, values: impl rusqlite::Params) -> Result<Option<Kept>, StoreError> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let found: Option<(Vec<u8>, i64)> = statement.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found.map(|(bytes, position)| Ok(Kept { id: id(&bytes)?, position: uint(position)? })).transpose()
    }
}

impl Append for Appending<'_> {
    fn org_count(&mut self) -> Result<u64, StoreError> {
        uint(self.tx.query_row("SELECT COUNT(*) FROM organisation", [], |row| row.get(0))?)
    }

    fn find_org(&mut self, org: &OrgId) -> Result<Option<OrgRow>, StoreError> {
        let mut statement = self.tx.prepare_cached("SELECT num FROM organisation WHERE id = ?1")?;
        Ok(statement.query_row([org.as_bytes()], |row| row.get(0)).optional()?.map(OrgRow))
    }

    fn org(&mut self, org: OrgRow) -> Result<OrgState, StoreError> {
        read::org(self.tx, org)
    }

    fn healing(&mut self, org: OrgRow, now_ms: i64) -> Result<Option<Healing>, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT o.restored_seq FROM organisation o CROSS JOIN store s ON s.id = 1
             WHERE o.num = ?1 AND o.restored_seq >= 0 AND s.restored_ms > ?2",
        )?;
        let found: Option<i64> = statement.query_row(params![org.0, now_ms.saturating_sub(HEALING_MS)], |row| row.get(0)).optional()?;
        found.map(|seq| Ok(Healing { since_seq: uint(seq)? })).transpose()
    }

    fn fill(&mut self, org: OrgRow) -> Result<Fill, StoreError> {
        let mut statement = self.tx.prepare_cached("SELECT bytes, envelopes FROM organisation WHERE num = ?1")?;
        Ok(statement.query_row([org.0], |row| Ok(Fill { bytes: row.get(0)?, envelopes: row.get(1)? }))?)
    }

    fn new_org(&mut self, state: &OrgState, now_ms: i64) -> Result<OrgRow, StoreError> {
        self.tx.execute(
            "INSERT INTO organisation (id, position, state, created_ms) VALUES (?1, 0, ?2, ?3)",
            params![state.org().as_bytes(), cbor::encode(state), now_ms],
        )?;
        Ok(OrgRow(self.tx.last_insert_rowid()))
    }

    fn put_org(&mut self, org: OrgRow, state: &OrgState) -> Result<(), StoreError> {
        self.tx.execute("UPDATE organisation SET state = ?2 WHERE num = ?1", params![org.0, cbor::encode(state)])?;
        Ok(())
    }

    fn case(&mut self, org: OrgRow, case: &CaseId) -> Result<Option<(CaseRow, CaseState)>, StoreError> {
        let mut statement = self.tx.prepare_cached("SELECT num, state FROM case_log WHERE org = ?1 AND id = ?2")?;
        let found: Option<(i64, Vec<u8>)> =
            statement.query_row(params![org.0, case.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        found.map(|(num, bytes)| Ok((CaseRow(num), state(&bytes)?))).transpose()
    }

    fn new_case(&mut self, org: OrgRow, state: &CaseState) -> Result<CaseRow, StoreError> {
        self.tx.execute(
            "INSERT INTO case_log (org, id, state) VALUES (?1, ?2, ?3)",
            params![org.0, state.case().as_bytes(), cbor::encode(state)],
        )?;
        Ok(CaseRow(self.tx.last_insert_rowid()))
    }

    fn is_erased(&mut self, case: CaseRow) -> Result<bool, StoreError> {
        let mut statement = self.tx.prepare_cached("SELECT erased > 0 FROM case_log WHERE num = ?1")?;
        Ok(statement.query_row([case.0], |row| row.get(0)).optional()?.unwrap_or(false))
    }

    fn erase(&mut self, org: OrgRow, case: CaseRow, position: u64) -> Result<(), StoreError> {
        self.erased = true;
        erased::blank(self.tx, org.0, case.0, int(position)?)
    }

    fn put_watcher(&mut self, org: OrgRow, case: CaseRow, member: &MemberId, position: u64) -> Result<(), StoreError> {
        let mut statement = self.tx.prepare_cached(
            "INSERT INTO membership (org, case_num, compartment, member, since_position) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (case_num, compartment, member) DO NOTHING",
        )?;
        statement.execute(params![org.0, case.0, WATCHER, member.as_bytes(), int(position)?])?;
        Ok(())
    }

    fn put_case(&mut self, case: CaseRow, state: &CaseState) -> Result<(), StoreError> {
        self.tx.execute("UPDATE case_log SET state = ?2 WHERE num = ?1", params![case.0, cbor::encode(state)])?;
        Ok(())
    }

    fn next_position(&mut self, org: OrgRow) -> Result<u64, StoreError> {
        let mut statement = self.tx.prepare_cached("UPDATE organisation SET position = position + 1 WHERE num = ?1 RETURNING position")?;
        uint(statement.query_row([org.0], |row| row.get(0))?)
    }

    fn find_entry(&mut self, org: OrgRow, hash: &Digest) -> Result<Option<Kept>, StoreError> {
        self.kept("SELECT hash, position FROM entry WHERE org = ?1 AND hash = ?2", params![org.0, hash.as_bytes()])
    }

    fn find_envelope(&mut self, org: OrgRow, id: &Digest) -> Result<Option<Kept>, StoreError> {
        self.kept("SELECT id, position FROM envelope WHERE org = ?1 AND id = ?2", params![org.0, id.as_bytes()])
    }

    fn in_chain(&mut self, chain: &Chain, seq: u64) -> Result<Option<Kept>, StoreError> {
        self.kept(
            "SELECT id, position FROM envelope
             WHERE org = ?1 AND case_num = ?2 AND compartment = ?3 AND kind = ?4 AND device = ?5 AND seq = ?6",
            params![
                chain.org.0,
                chain.case.0,
                compartment_code(chain.compartment),
                kind_code(chain.kind),
                chain.device.as_bytes(),
                // No chain is ever that long, so nothing stands there.
                int(seq).unwrap_or(i64::MAX),
            ],
        )
    }

    fn chain_end(&mut self, chain: &Chain) -> Result<u64, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT COALESCE(MAX(seq), 0) FROM envelope
             WHERE org = ?1 AND case_num = ?2 AND compartment = ?3 AND kind = ?4 AND device = ?5",
        )?;
        let values =
            params![chain.org.0, chain.case.0, compartment_code(chain.compartment), kind_code(chain.kind), chain.device.as_bytes()];
        uint(statement.query_row(values, |row| row.get(0))?)
    }

    fn segment_ends(&mut self, org: OrgRow, case: CaseRow, compartment: Compartment) -> Result<Vec<(DeviceId, u64)>, StoreError> {
        let mut statement = self.tx.prepare_cached(
            "SELECT device, MAX(seq) FROM envelope
             WHERE org = ?1 AND case_num = ?2 AND compartment = ?3 AND kind = ?4 GROUP BY device ORDER BY device",
        )?;
        let values = params![org.0, case.0, compartment_code(compartment), kind_code(Kind::Segment)];
        let rows = statement.query_map(values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))?;
        rows.map(|row| {
            let (device, end) = row?;
            Ok((id(&device)?, uint(end)?))
        })
        .collect()
    }

    fn device(&mut self, device: &DeviceId) -> Result<Option<DeviceRow>, StoreError> {
        read::device(self.tx, device)
    }

    fn put_entry(&mut self, entry: &NewEntry<'_>) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO entry (org, case_num, seq, position, hash, stored_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![entry.org.0, entry.case.0, int(entry.seq)?, int(entry.position)?, entry.hash.as_bytes(), entry.now_ms, entry.bytes],
        )?;
        self.count(entry.org, 0, entry.bytes)
    }

    fn put_wrap(&mut self, wrap: &NewWrap<'_>) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO wrap (org, case_num, position, device, id, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![wrap.org.0, wrap.case.0, int(wrap.position)?, wrap.device.as_bytes(), sha256(&[wrap.bytes]).as_bytes(), wrap.bytes],
        )?;
        self.count(wrap.org, 0, wrap.bytes)
    }

    fn put_envelope(&mut self, envelope: &NewEnvelope<'_>) -> Result<(), StoreError> {
        let header = envelope.header;
        self.tx.execute(
            "INSERT INTO envelope (org, case_num, compartment, kind, epoch, device, seq, position, id, stored_ms, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                envelope.org.0,
                envelope.case.0,
                compartment_code(header.stream.compartment),
                kind_code(header.kind),
                header.epoch,
                header.device.as_bytes(),
                int(header.seq)?,
                int(envelope.position)?,
                envelope.id.as_bytes(),
                envelope.now_ms,
                envelope.bytes
            ],
        )?;
        let snapshot = self.tx.last_insert_rowid();
        let mut statement = self.tx.prepare_cached("INSERT INTO cover (snapshot, device, seq) VALUES (?1, ?2, ?3)")?;
        for (device, seq) in envelope.covers {
            statement.execute(params![snapshot, device.as_bytes(), int(*seq)?])?;
        }
        if header.kind != Kind::Segment {
            self.replace_those_before(envelope, snapshot)?;
        }
        if header.kind == Kind::Snapshot {
            self.freed(envelope.org, compact::covered_twice(self.tx, envelope, snapshot)?)?;
        }
        self.count(envelope.org, 1, envelope.bytes)
    }

    fn put_device(&mut self, org: OrgRow, device: &DeviceState, position: u64) -> Result<bool, StoreError> {
        let changed = self.tx.execute(
            "INSERT INTO device (id, org, member, request_key, since_position, revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (id) DO UPDATE SET revoked = excluded.revoked
             WHERE org = excluded.org AND request_key = excluded.request_key",
            params![
                device.card.device.as_bytes(),
                org.0,
                device.member.as_bytes(),
                device.card.request.as_bytes(),
                int(position)?,
                if device.revoked.is_some() { int(position)? } else { 0 }
            ],
        )?;
        Ok(changed > 0)
    }

    fn put_member(
        &mut self,
        org: OrgRow,
        case: CaseRow,
        compartment: Compartment,
        member: &MemberId,
        grant: &GrantState,
        position: u64,
    ) -> Result<(), StoreError> {
        let mut statement = self.tx.prepare_cached(
            "INSERT INTO membership (org, case_num, compartment, member, since_position, until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (case_num, compartment, member) DO UPDATE SET until_ms = excluded.until_ms, ended_position = 0,
                since_position = IIF(ended_position > 0, excluded.since_position, since_position)",
        )?;
        statement.execute(params![org.0, case.0, compartment_code(compartment), member.as_bytes(), int(position)?, until(grant)])?;
        Ok(())
    }

    fn end_member(&mut self, case: CaseRow, compartment: Compartment, member: &MemberId, position: u64) -> Result<(), StoreError> {
        let mut statement =
            self.tx.prepare_cached("UPDATE membership SET ended_position = ?4 WHERE case_num = ?1 AND compartment = ?2 AND member = ?3")?;
        statement.execute(params![case.0, compartment_code(compartment), member.as_bytes(), int(position)?])?;
        Ok(())
    }

    fn put_invitation(&mut self, org: OrgRow, hash: &Digest, invitation: &InvitationState) -> Result<bool, StoreError> {
        let changed = self.tx.execute(
            "INSERT INTO invitation (hash, org, expires_ms, used) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO UPDATE SET used = excluded.used WHERE org = excluded.org",
            params![hash.as_bytes(), org.0, invitation.expires_ms, invitation.used],
        )?;
        Ok(changed > 0)
    }

    fn invitation(&mut self, hash: &Digest) -> Result<Option<InvitationRow>, StoreError> {
        read::invitation(self.tx, hash)
    }

    fn find_quarantined(&mut self, org: OrgRow, name: &Digest) -> Result<Option<Kept>, StoreError> {
        self.kept("SELECT id, position FROM quarantine WHERE org = ?1 AND id = ?2", params![org.0, name.as_bytes()])
    }

    fn quarantined_of(&mut self, device: &DeviceId, since_ms: i64) -> Result<(u64, usize), StoreError> {
        let sql = "SELECT COUNT(*), COALESCE(SUM(length(bytes)), 0) FROM quarantine WHERE device = ?1 AND stored_ms >= ?2";
        let counted = self.tx.query_row(sql, params![device.as_bytes(), since_ms], |row| Ok((row.get(0)?, row.get(1)?)));
        let (items, bytes): (i64, i64) = counted?;
        Ok((uint(items)?, usize::try_from(bytes).map_err(|_| StoreError::Corrupt("length"))?))
    }

    fn put_quarantined(&mut self, item: &NewQuarantined<'_>) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO quarantine (org, device, position, id, stored_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![item.org.0, item.device.as_bytes(), int(item.position)?, item.id.as_bytes(), item.now_ms, item.bytes],
        )?;
        let num = self.tx.last_insert_rowid();
        let mut statement = self.tx.prepare_cached("INSERT INTO quarantine_recipient (item, device) VALUES (?1, ?2)")?;
        for recipient in item.recipients {
            statement.execute(params![num, recipient.as_bytes()])?;
        }
        Ok(())
    }

    fn find_notice(&mut self, device: &DeviceId) -> Result<Option<Kept>, StoreError> {
        self.kept("SELECT id, position FROM duress WHERE device = ?1", [device.as_bytes()])
    }

    fn put_notice(&mut self, notice: &NewNotice<'_>) -> Result<(), StoreError> {
        self.tx.execute(
            "INSERT INTO duress (org, device, position, id, stored_ms, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![notice.org.0, notice.device.as_bytes(), int(notice.position)?, notice.id.as_bytes(), notice.now_ms, notice.bytes],
        )?;
        Ok(())
    }

    fn put_card(&mut self, hash: &Digest, card: &[u8]) -> Result<(), StoreError> {
        self.tx.execute("UPDATE invitation SET card = ?2 WHERE hash = ?1", params![hash.as_bytes(), card])?;
        Ok(())
    }
}

/// The end of a grant as the column keeps it, in which 0 means none.
fn until(grant: &GrantState) -> i64 {
    grant.until_ms.map_or(0, |until| until.max(1))
}
