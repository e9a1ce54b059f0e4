//! What the server says of what was sent: taken, or refused with a code.

use rusqlite::Connection;
use wire::id::{CaseId, Digest};

use crate::{
    again,
    error::Result,
    repair::{self, Repair},
    session::Open,
    vault::{commit, documents, logs, meta, outbox, projections},
};

/// The server has it.
pub(crate) fn acknowledged(open: &mut Open, now_ms: i64, id: &Digest) -> Result<bool> {
    let transaction = open.vault.write()?;
    let Some(sent) = outbox::find(&transaction, id)? else { return Ok(false) };
    if let Some(intent) = sent.intent {
        outbox::carried_out(&transaction, intent)?;
    }
    if let Some(case) = sent.case
        && sent.changes > 0
    {
        documents::raise_acked(&transaction, case, sent.changes)?;
        projections::all_received(&transaction, case)?;
    }
    if sent.is_entry {
        repair::entry_taken(&transaction)?;
    }
    // The server's clock: what is kept for some time is not lost to a clock that was set wrong here.
    let offset = meta::number(&transaction, meta::CLOCK_OFFSET)?.unwrap_or(0);
    outbox::received(&transaction, id, now_ms.saturating_add(offset))?;
    meta::set_number(&transaction, meta::LAST_SENT, now_ms)?;
    commit(transaction, "ack")?;
    Ok(true)
}

/// Refusals after which the same is tried again, once what others did meanwhile is here.
const LOST_RACES: [&str; 8] = [
    "log.conflict",
    "log.org_head",
    "log.wrong_members",
    "log.stale_epoch",
    "log.bad_cut",
    "case.unknown",
    "env.seq_gap",
    "env.stale_epoch",
];

/// Whether a refusal says that the server lacks what it had told: an author's last words, or a whole case.
fn lacks_what_it_had(db: &Connection, case: Option<CaseId>, code: &str) -> Result<bool> {
    let told = || case.map_or(Ok(false), |case| logs::case(db, case).map(|state| state.is_some()));
    Ok(code == "env.seq_gap" || (code == "case.unknown" && told()?))
}

/// An entry that lost a race is decided again; anything else stays here, set aside with the server's code.
pub(super) fn refused(open: &mut Open, now_ms: i64, id: &Digest, code: &str) -> Result<()> {
    let transaction = open.vault.write()?;
    let Some(sent) = outbox::find(&transaction, id)? else { return Ok(()) };
    let lost_race = LOST_RACES.contains(&code);
    let excused = code != "env.fork" && Repair::read(&transaction)?.excuses(sent.case);
    match sent.intent {
        Some(intent) => {
            // Whose time is over is judged by the server's clock: it is looked at again then.
            let done = code == "log.already" || (code == "log.not_allowed" && outbox::is_removal(&transaction, intent)?);
            if done {
                outbox::carried_out(&transaction, intent)?
            } else if !excused {
                outbox::failed(&transaction, intent, code, !lost_race)?
            }
            outbox::remove(&transaction, id)?;
        }
        None if !excused && lacks_what_it_had(&transaction, sent.case, code)? => again::doubt(&transaction, now_ms)?,
        None if lost_race || excused => {}
        None => outbox::set_aside(&transaction, id, code)?,
    }
    commit(transaction, "refused")
}
