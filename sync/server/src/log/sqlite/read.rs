//! What the store tells: devices, and the parts of an answer as of a position.

use rusqlite::{Connection, OptionalExtension, Params, named_params, params};
use wire::{
    envelope::{Kind, Stream},
    id::{CaseId, DeviceId, Digest},
    log::{LogId, OrgState, Role},
    message::{Asked, ChainEnd, ItemKind, LogEnd},
    signature::VerifyingKey,
};

use super::{
    super::{CaseRow, DeviceRow, InvitationRow, Item, ItemRef, OrgRow, Revocation, Section, StoreError, StreamRow, Tail, View},
    compartment_code, compartment_of, id, int, kind_code, kind_of, state, uint,
};

/// The compartments the viewer reads, each with the position up to which the viewer has it.
const REACH: &str = "
    WITH reach (case_num, compartment, low) AS (
        SELECT case_num, compartment, CASE WHEN since_position > :from THEN 0 ELSE :from END
        FROM membership
        WHERE org = :org AND member = :member AND since_position <= :to AND (until_ms = 0 OR until_ms > :made)
            AND (ended_position = 0 OR ended_position > :to)
    )";

const LOGS: &str = "
    SELECT 0 AS what, e.num AS num, e.position AS position
    FROM (SELECT case_num, MAX(low) AS low FROM reach GROUP BY case_num) r
    CROSS JOIN entry e ON e.org = :org AND e.case_num = r.case_num AND e.position > r.low AND e.position <= :to
    UNION ALL
    -- Whoever was removed is told that much, and nothing after it.
    SELECT 0, e.num, e.position
    FROM membership m
    CROSS JOIN entry e ON e.org = :org AND e.case_num = m.case_num AND e.position <= m.ended_position AND e.position <= :to
        AND e.position > CASE WHEN m.since_position > :from THEN 0 ELSE :from END
    WHERE m.org = :org AND m.member = :member AND m.since_position <= :to AND m.ended_position > :from AND m.ended_position <= :to
        AND m.case_num NOT IN (SELECT case_num FROM reach)
    UNION ALL
    -- Whoever's time was over is told of the end of the case all the same, once, with all that leads to it.
    SELECT 0, e.num, e.position
    FROM membership m
    JOIN case_log c ON c.num = m.case_num AND c.erased > :from AND c.erased <= :to
    CROSS JOIN entry e ON e.org = :org AND e.case_num = m.case_num AND e.position <= :to
    WHERE m.org = :org AND m.member = :member AND m.ended_position = 0 AND m.until_ms > 0 AND m.until_ms <= :made
        AND m.case_num NOT IN (SELECT case_num FROM reach)
    UNION ALL
    SELECT 1, w.num, w.position
    FROM (SELECT case_num, MAX(low) AS low FROM reach GROUP BY case_num UNION ALL SELECT 0, :from) r
    CROSS JOIN wrap w
        ON w.org = :org AND w.device = :device AND w.case_num = r.case_num AND w.position > r.low AND w.position <= :to
        AND (w.erased = 0 OR w.erased > :to)";

const SEEN: &str = "
    SELECT 2 AS what, e.num AS num, e.position AS position
    FROM (SELECT case_num, compartment, low FROM reach UNION ALL SELECT 0, 0, :from) r
    CROSS JOIN envelope e
        ON e.org = :org AND e.case_num = r.case_num AND e.compartment = r.compartment AND e.kind IN (3, 4)
        AND e.position > r.low AND e.position <= :to
        AND e.position > (SELECT since_position FROM device WHERE id = :device)
        AND (e.replaced = 0 OR e.replaced > :to)
    WHERE e.device <> :device";

const QUARANTINE: &str = "
    SELECT 3 AS what, q.num AS num, q.position AS position FROM quarantine_recipient r
    CROSS JOIN quarantine q ON q.num = r.item AND q.org = :org AND q.position > :from AND q.position <= :to
    WHERE r.device = :device";

const DURESS: &str = "
    SELECT 4 AS what, n.num AS num, n.position AS position FROM duress n
    JOIN device d ON d.id = n.device
    WHERE n.org = :org AND n.position > :from AND n.position <= :to AND n.device <> :device AND (:any OR d.member = :member)";

const ORG: &str = "
    SELECT 0 AS what, num, position FROM entry
    WHERE org = :org AND case_num = 0 AND position > :from AND position <= :to";

const SEGMENTS: &str = "
    SELECT 2 AS what, e.num AS num, e.position AS position FROM envelope e
    LEFT JOIN cover c ON c.snapshot = :snapshot AND c.device = e.device
    WHERE e.org = :org AND e.case_num = :case AND e.compartment = :compartment AND e.kind = 1
        AND e.position > :low AND e.position <= :to AND e.seq > COALESCE(c.seq, 0) AND (e.erased = 0 OR e.erased > :to)
        AND (e.replaced = 0 OR e.replaced > :to)
        -- Own ones only to whoever was out and is in again: they went with everything else.
        AND (e.device <> :device OR e.position < (SELECT m.since_position FROM membership m
            WHERE m.case_num = e.case_num AND m.compartment = e.compartment AND m.member = :member))";

pub(super) fn device(db: &Connection, device: &DeviceId) -> Result<Option<DeviceRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT org, member, request_key, revoked > 0, EXISTS (SELECT 1 FROM duress n WHERE n.device = d.id) FROM device d WHERE id = ?1",
    )?;
    let mut rows = statement.query([device.as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (member, key): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let key: [u8; 32] = key.as_slice().try_into().map_err(|_| StoreError::Corrupt("request key"))?;
    let request_key = VerifyingKey::from_bytes(key);
    let (org, revoked, forced) = (OrgRow(row.get(0)?), row.get(3)?, row.get(4)?);
    Ok(Some(DeviceRow { org, device: *device, member: id(&member)?, request_key, revoked, forced }))
}

pub(super) fn revocation(db: &Connection, device: &DeviceId) -> Result<Option<Revocation>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT e.bytes, e.stored_ms, d.org FROM device d
         JOIN entry e ON e.org = d.org AND e.case_num = 0 AND e.position = d.revoked WHERE d.id = ?1 AND d.revoked > 0",
    )?;
    let found = statement.query_row([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let Some((entry, stored_ms, row)) = found.optional()? else { return Ok(None) };
    Ok(Some(Revocation { entry, stored_ms, rotations: rotations(db, OrgRow(row))? }))
}

fn rotations(db: &Connection, row: OrgRow) -> Result<Vec<Vec<u8>>, StoreError> {
    let state = org(db, row)?;
    let admits = |device: &wire::log::DeviceState| device.revoked.is_none() && state.role_of(&device.member).is_some_and(Role::admits);
    let newest = state.devices().filter(|(_, device)| admits(device)).filter_map(|(_, device)| device.rotations.as_ref()?.last().copied());
    let mut statement = db.prepare_cached("SELECT bytes FROM entry WHERE org = ?1 AND case_num = 0 AND seq = ?2")?;
    newest.map(|rotation| Ok(statement.query_row(params![row.0, int(rotation.seq)?], |row| row.get(0))?)).collect()
}

pub(super) fn org(db: &Connection, org: OrgRow) -> Result<OrgState, StoreError> {
    let mut statement = db.prepare_cached("SELECT state FROM organisation WHERE num = ?1")?;
    let bytes: Vec<u8> = statement.query_row([org.0], |row| row.get(0))?;
    state(&bytes)
}

pub(super) fn end(db: &Connection, org: OrgRow) -> Result<u64, StoreError> {
    let mut statement = db.prepare_cached("SELECT position FROM organisation WHERE num = ?1")?;
    uint(statement.query_row([org.0], |row| row.get(0))?)
}

pub(super) fn asked(db: &Connection, org: OrgRow, now_ms: i64) -> Result<Vec<Asked>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT hash, card FROM invitation
         WHERE org = ?1 AND used = 0 AND expires_ms >= ?2 AND length(card) > 0 ORDER BY num",
    )?;
    let mut rows = statement.query(params![org.0, now_ms])?;
    let mut asked = Vec::new();
    while let Some(row) = rows.next()? {
        let (hash, card): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
        asked.push(Asked { invitation: id(&hash)?, card: state(&card)? });
    }
    Ok(asked)
}

pub(super) fn invitation(db: &Connection, hash: &Digest) -> Result<Option<InvitationRow>, StoreError> {
    let mut statement = db.prepare_cached("SELECT expires_ms, used, card FROM invitation WHERE hash = ?1")?;
    let row =
        statement.query_row([hash.as_bytes()], |row| Ok(InvitationRow { expires_ms: row.get(0)?, used: row.get(1)?, card: row.get(2)? }));
    Ok(row.optional()?)
}

pub(super) fn lapsed(db: &Connection, view: &View, now_ms: i64) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM membership
         WHERE org = ?1 AND member = ?2 AND until_ms > 0 AND until_ms > ?3 AND until_ms <= ?4)",
    )?;
    Ok(statement.query_row(params![view.org.0, view.member.as_bytes(), view.made_ms, now_ms], |row| row.get(0))?)
}

pub(super) fn streams(db: &Connection, view: &View) -> Result<Vec<StreamRow>, StoreError> {
    let sql = format!(
        "{REACH}
        SELECT case_num, compartment, low, newest, touched FROM (
            SELECT r.case_num, r.compartment, r.low,
                (SELECT MAX(e.position) FROM envelope e WHERE e.org = :org AND e.case_num = r.case_num
                    AND e.compartment = r.compartment AND e.kind = 2 AND e.position <= :to) AS newest,
                (SELECT MAX(e.position) FROM envelope e WHERE e.org = :org AND e.case_num = r.case_num
                    AND e.compartment = r.compartment AND e.kind = 1 AND e.position <= :to) AS touched
            FROM (SELECT case_num, compartment, low FROM reach
                WHERE case_num NOT IN (SELECT num FROM case_log WHERE org = :org AND erased > 0 AND erased <= :to)
                UNION ALL SELECT 0, 0, :from) r
        )
        WHERE touched > low OR newest > low
        ORDER BY case_num = 0 DESC, COALESCE(touched, 0) DESC, case_num, compartment"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":org": view.org.0, ":member": view.member.as_bytes(),
        ":from": int(view.from)?, ":to": int(view.to)?, ":made": view.made_ms,
    })?;
    let mut streams = Vec::new();
    while let Some(row) = rows.next()? {
        streams.push(StreamRow { case: CaseRow(row.get(0)?), compartment: compartment_of(row.get(1)?)?, low: uint(row.get(2)?)? });
    }
    Ok(streams)
}

/// Snapshots of a stream that a viewer may be given, each with its length and whether it holds everything of which the bytes are gone.
/// Nobody would take one of a device that was revoked by then, or whose owner was removed.
const WHOLES: &str = "
    WITH gone AS (
        SELECT e.device, MAX(e.seq) AS seq FROM envelope e
        WHERE e.org = :org AND e.case_num = :case AND e.compartment = :compartment AND e.kind = :part
            AND e.position <= :to AND e.replaced > :low AND e.replaced <= :to AND (e.position > :low OR :again) AND e.erased = 0
            AND (e.device <> :device OR e.position < (SELECT m.since_position FROM membership m
                WHERE m.case_num = e.case_num AND m.compartment = e.compartment AND m.member = :member))
        GROUP BY e.device)
    SELECT e.num, IIF(e.replaced > 0, e.replaced_len, length(e.bytes)), :again OR EXISTS (SELECT 1 FROM gone),
        NOT EXISTS (SELECT 1 FROM gone g WHERE g.seq > COALESCE(
            (SELECT c.seq FROM cover c WHERE c.snapshot = e.num AND c.device = g.device), 0)) AS is_all
    FROM envelope e
    WHERE e.org = :org AND e.case_num = :case AND e.compartment = :compartment AND e.kind = :whole
        AND e.position > :low AND e.position <= :to AND e.device <> :device AND (e.replaced = 0 OR e.replaced > :to)
        AND NOT EXISTS (SELECT 1 FROM device d WHERE d.id = e.device AND d.revoked > 0 AND d.revoked <= :to)
        AND NOT EXISTS (SELECT 1 FROM device d JOIN membership m ON m.case_num = e.case_num AND m.compartment = e.compartment
            AND m.member = d.member WHERE d.id = e.device AND m.ended_position > 0 AND m.ended_position <= :to)
    ORDER BY is_all DESC, e.position DESC";

/// A snapshot that a viewer may be given.
struct Whole {
    num: i64,
    len: i64,
    is_hollow: bool,
}

fn wholes_of(db: &Connection, view: &View, stream: &StreamRow) -> Result<Vec<Whole>, StoreError> {
    let mut statement = db.prepare_cached(WHOLES)?;
    let values = named_params! {
        ":org": view.org.0, ":case": stream.case.0, ":compartment": compartment_code(stream.compartment),
        ":part": kind_code(Kind::Segment), ":whole": kind_code(Kind::Snapshot),
        ":low": int(stream.low)?, ":to": int(view.to)?, ":device": view.device.as_bytes(), ":member": view.member.as_bytes(), ":again": view.again,
    };
    let rows = statement.query_map(values, |row| Ok(Whole { num: row.get(0)?, len: row.get(1)?, is_hollow: row.get(2)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn tail(db: &Connection, view: &View, stream: &StreamRow) -> Result<Tail, StoreError> {
    let Some(newest) = wholes_of(db, view, stream)?.into_iter().next() else { return Ok(Tail::default()) };
    let mut spared = db.prepare_cached(
        "SELECT COALESCE(SUM(length(e.bytes)), 0) FROM cover c
         JOIN envelope e ON e.org = ?1 AND e.case_num = ?2 AND e.compartment = ?3 AND e.kind = ?4 AND e.device = c.device
            AND e.seq <= c.seq
         WHERE c.snapshot = ?5 AND e.position > ?6 AND e.position <= ?7 AND e.device <> ?8",
    )?;
    let (low, to, compartment) = (int(stream.low)?, int(view.to)?, compartment_code(stream.compartment));
    let values = params![view.org.0, stream.case.0, compartment, kind_code(Kind::Segment), newest.num, low, to, view.device.as_bytes()];
    let spared_len = spared.query_row(values, |row| row.get(0))?;
    Ok(Tail {
        snapshot: Some(ItemRef::Envelope(newest.num)),
        snapshot_len: uint(newest.len)?,
        spared_len: uint(spared_len)?,
        is_hollow: newest.is_hollow,
    })
}

pub(super) fn wholes(db: &Connection, view: &View, stream: &StreamRow) -> Result<Vec<ItemRef>, StoreError> {
    let found = wholes_of(db, view, stream)?;
    Ok(found.into_iter().filter(|whole| whole.is_hollow).map(|whole| ItemRef::Envelope(whole.num)).collect())
}

pub(super) fn count(db: &Connection, view: &View, section: &Section) -> Result<u64, StoreError> {
    let select = |with: &str, list: &str| format!("{with} SELECT COUNT(*) FROM ({list})");
    run(db, view, section, select, &[], |statement, values| uint(statement.query_row(values, |row| row.get(0))?))
        .map(|found| found.unwrap_or(1))
}

pub(super) fn page(db: &Connection, view: &View, section: &Section, limit: u32, offset: u64) -> Result<Vec<ItemRef>, StoreError> {
    let select = |with: &str, list: &str| format!("{with} {list} ORDER BY position, what, num LIMIT :limit OFFSET :offset");
    let (limit, offset) = (i64::from(limit), int(offset)?);
    let found = run(db, view, section, select, &[(":limit", &limit), (":offset", &offset)], |statement, values| {
        let mut rows = statement.query(values)?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            let num = row.get(1)?;
            items.push(match row.get(0)? {
                0 => ItemRef::Entry(num),
                1 => ItemRef::Wrap(num),
                3 => ItemRef::Quarantined(num),
                4 => ItemRef::Notice(num),
                _ => ItemRef::Envelope(num),
            });
        }
        Ok(items)
    })?;
    Ok(match (found, section) {
        (Some(items), _) => items,
        (None, Section::Snapshot(item)) if limit > 0 && offset == 0 => vec![*item],
        (None, _) => Vec::new(),
    })
}

/// Runs a query over the list that a section is; `None` for the one section that is no query.
fn run<T>(
    db: &Connection,
    view: &View,
    section: &Section,
    select: impl Fn(&str, &str) -> String,
    more: &[(&str, &dyn rusqlite::ToSql)],
    take: impl FnOnce(&mut rusqlite::CachedStatement<'_>, &[(&str, &dyn rusqlite::ToSql)]) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let (org, from, to) = (view.org.0, int(view.from)?, int(view.to)?);
    let (member, device, made) = (view.member.as_bytes(), view.device.as_bytes(), view.made_ms);
    let mut values: Vec<(&str, &dyn rusqlite::ToSql)> = vec![(":org", &org), (":to", &to)];
    values.extend_from_slice(more);
    let (case, compartment, low, snapshot, any);
    let sql = match section {
        Section::Org => {
            values.push((":from", &from));
            select("", ORG)
        }
        Section::Quarantine => {
            let rest: [(&str, &dyn rusqlite::ToSql); 2] = [(":from", &from), (":device", device)];
            values.extend(rest);
            select("", QUARANTINE)
        }
        Section::Duress => {
            any = may_revoke_any(db, view)?;
            let rest: [(&str, &dyn rusqlite::ToSql); 4] = [(":from", &from), (":device", device), (":member", member), (":any", &any)];
            values.extend(rest);
            select("", DURESS)
        }
        Section::Logs | Section::Seen => {
            let rest: [(&str, &dyn rusqlite::ToSql); 4] = [(":from", &from), (":member", member), (":device", device), (":made", &made)];
            values.extend(rest);
            select(REACH, if *section == Section::Logs { LOGS } else { SEEN })
        }
        Section::Segments(stream, covering) => {
            (case, compartment, low) = (stream.case.0, compartment_code(stream.compartment), int(stream.low)?);
            snapshot = match covering {
                Some(ItemRef::Envelope(num)) => *num,
                _ => 0,
            };
            let rest: [(&str, &dyn rusqlite::ToSql); 6] = [
                (":case", &case),
                (":compartment", &compartment),
                (":low", &low),
                (":snapshot", &snapshot),
                (":device", device),
                (":member", member),
            ];
            values.extend(rest);
            select("", SEGMENTS)
        }
        Section::Snapshot(_) => return Ok(None),
    };
    let mut statement = db.prepare_cached(&sql)?;
    take(&mut statement, &values).map(Some)
}

/// Whether the viewer may revoke devices of others too. The log is read only where there is something to tell.
fn may_revoke_any(db: &Connection, view: &View) -> Result<bool, StoreError> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM duress WHERE org = ?1 AND position > ?2 AND position <= ?3)")?;
    let is_any: bool = statement.query_row(params![view.org.0, int(view.from)?, int(view.to)?], |row| row.get(0))?;
    Ok(is_any && org(db, view.org)?.role_of(&view.member).is_some_and(Role::revokes))
}

pub(super) fn log_ends(db: &Connection, view: &View) -> Result<Vec<LogEnd>, StoreError> {
    let sql = format!(
        "{REACH}, logs (case_num, id) AS (
            SELECT 0, NULL
            UNION ALL SELECT DISTINCT r.case_num, c.id FROM reach r JOIN case_log c ON c.num = r.case_num
        )
        SELECT l.id, e.seq, e.hash FROM logs l
        JOIN entry e ON e.org = :org AND e.case_num = l.case_num
            AND e.seq = (SELECT MAX(m.seq) FROM entry m WHERE m.org = :org AND m.case_num = l.case_num)
        ORDER BY l.id"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":org": view.org.0, ":member": view.member.as_bytes(),
        ":from": int(view.from)?, ":to": int(view.to)?, ":made": view.made_ms,
    })?;
    let mut ends = Vec::new();
    while let Some(row) = rows.next()? {
        let (case, hash): (Option<Vec<u8>>, Vec<u8>) = (row.get(0)?, row.get(2)?);
        let log = case.map(|bytes| id(&bytes)).transpose()?.map_or(LogId::Org, LogId::Case);
        ends.push(LogEnd { log, length: uint(row.get(1)?)?.saturating_add(1), hash: id(&hash)? });
    }
    Ok(ends)
}

pub(super) fn chain_ends(db: &Connection, view: &View) -> Result<Vec<ChainEnd>, StoreError> {
    // With MAX, the other columns are those of the row that has it.
    let sql = format!(
        "{REACH}
        SELECT c.id, e.compartment, e.kind, e.device, MAX(e.seq), e.id FROM envelope e
        LEFT JOIN case_log c ON c.num = e.case_num
        WHERE e.org = :org AND e.erased = 0 AND (e.device = :device OR e.kind = 1 AND (
            e.case_num = 0 OR (e.case_num, e.compartment) IN (SELECT case_num, compartment FROM reach)))
        GROUP BY e.case_num, e.compartment, e.kind, e.device
        ORDER BY c.id, e.compartment, e.kind, e.device"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":org": view.org.0, ":member": view.member.as_bytes(), ":device": view.device.as_bytes(),
        ":from": int(view.from)?, ":to": int(view.to)?, ":made": view.made_ms,
    })?;
    let mut ends = Vec::new();
    while let Some(row) = rows.next()? {
        let (case, device, name): (Option<Vec<u8>>, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(3)?, row.get(5)?);
        let case = case.map(|bytes| id(&bytes)).transpose()?;
        let stream = Stream { case, compartment: compartment_of(row.get(1)?)? };
        let (kind, seq) = (kind_of(row.get(2)?)?, uint(row.get(4)?)?);
        ends.push(ChainEnd { stream, kind, device: id(&device)?, seq, id: id(&name)? });
    }
    Ok(ends)
}

pub(super) fn item(db: &Connection, item: ItemRef) -> Result<Item, StoreError> {
    match item {
        ItemRef::Entry(num) => one(
            db,
            "SELECT e.position, c.id, e.hash, e.bytes, 0, e.case_num FROM entry e
             LEFT JOIN case_log c ON c.num = e.case_num WHERE e.num = ?1",
            [num],
        ),
        ItemRef::Wrap(num) => one(
            db,
            "SELECT w.position, c.id, w.id, w.bytes, -1, w.case_num FROM wrap w
             LEFT JOIN case_log c ON c.num = w.case_num WHERE w.num = ?1",
            [num],
        ),
        ItemRef::Envelope(num) => one(
            db,
            // What was replaced since the list was made is told as what took its place.
            "SELECT e.position, c.id, e.id, e.bytes, e.kind, e.case_num FROM envelope l
             JOIN envelope e ON e.org = l.org AND e.case_num = l.case_num AND e.compartment = l.compartment AND e.kind = l.kind
                AND e.device = l.device AND (e.num = l.num OR (l.replaced > 0 AND l.kind <> 1))
             LEFT JOIN case_log c ON c.num = e.case_num WHERE l.num = ?1 ORDER BY e.seq DESC LIMIT 1",
            [num],
        ),
        ItemRef::Quarantined(num) => one(db, "SELECT position, NULL, id, bytes, -2, 0 FROM quarantine WHERE num = ?1", [num]),
        ItemRef::Notice(num) => one(db, "SELECT position, NULL, id, bytes, -3, 0 FROM duress WHERE num = ?1", [num]),
    }
}

fn one(db: &Connection, sql: &str, values: impl Params) -> Result<Item, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    let row = rows.next()?.ok_or(StoreError::Corrupt("an item that is gone"))?;
    let (case, name): (Option<Vec<u8>>, Vec<u8>) = (row.get(1)?, row.get(2)?);
    let (what, in_case): (i64, i64) = (row.get(4)?, row.get(5)?);
    let kind = match (what, in_case) {
        (0, 0) => ItemKind::OrgEntry,
        (0, _) => ItemKind::CaseEntry,
        (-1, _) => ItemKind::Wrap,
        (-2, _) => ItemKind::Quarantine,
        (-3, _) => ItemKind::Duress,
        (1, _) => ItemKind::Segment,
        (2, _) => ItemKind::Snapshot,
        (3 | 4, _) => ItemKind::Seen,
        _ => return Err(StoreError::Corrupt("kind")),
    };
    Ok(Item {
        kind,
        position: uint(row.get(0)?)?,
        case: case.map(|bytes| id::<CaseId>(&bytes)).transpose()?,
        id: id(&name)?,
        bytes: row.get(3)?,
    })
}
