//! What this device holds, over all cases: conflicts, counts, bytes. Read from lists, never from documents.

use std::{fs, path::Path};

use casework::{ConflictCard, ConflictValue, HeldConflict, Listed};
use wire::id::CaseId;

use crate::{
    act::{Called, Glass},
    error::{DeviceError, Result},
    host::Host,
    session::{Device, Open},
    vault::projections,
};

/// How much this device holds. Things taken away are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stock {
    /// Bytes of the vault and what lies beside it.
    pub bytes: u64,
    pub cases: u64,
    pub notes: u64,
    pub meetings: u64,
    pub tasks: u64,
}

impl Device {
    /// Every conflict of every case here, the oldest disagreement first.
    ///
    /// # Errors
    /// When locked, or the database fails.
    pub fn conflicts(&self) -> Result<Vec<ConflictCard>> {
        let unwritten = self.bring_rows_up()?;
        let mut cards = self.with(|open, _| {
            let names = Called::read(open)?;
            let mut held = projections::conflicts(open.vault.db())?;
            held.extend(unwritten.into_iter().map(|one| (one.row.id, one.row.alias, one.held.conflicts)));
            let cards = held.into_iter().flat_map(|(case, alias, conflicts)| {
                let card = |one: HeldConflict| one.card(case, alias.clone(), &names);
                conflicts.into_iter().map(card).collect::<Vec<_>>()
            });
            Ok(cards.collect::<Vec<_>>())
        })?;
        cards.sort_by_cached_key(|card| (since(&card.conflict.values), card.conflict.id.clone()));
        Ok(cards)
    }

    /// How much this device holds.
    ///
    /// # Errors
    /// When locked, or the database or the folder cannot be read.
    pub fn stock(&self) -> Result<Stock> {
        let unwritten = self.bring_rows_up()?;
        let [cases, mut notes, mut meetings, mut tasks] = self.with(|open, _| projections::counts(open.vault.db()))?;
        for held in unwritten.into_iter().map(|one| one.held) {
            notes = notes.saturating_add(held.notes.into());
            meetings = meetings.saturating_add(held.meetings.into());
            tasks = tasks.saturating_add(held.tasks.into());
        }
        Ok(Stock { bytes: bytes_in(self.dir())?, cases, notes, meetings, tasks })
    }

    /// Rows of lists that an older version wrote are made anew, once; a vault that takes nothing gets them back unwritten.
    pub(crate) fn bring_rows_up(&self) -> Result<Vec<Listed>> {
        self.with(|open, host| {
            let mut unwritten = Vec::new();
            for case in projections::outdated(open.vault.db())? {
                match bring_row_up(open, host, case) {
                    Ok(listed) => unwritten.extend(listed),
                    // A document that does not load keeps its row as it is; the others go on.
                    Err(DeviceError::Document(_) | DeviceError::UnknownCase) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(unwritten)
        })
    }
}

fn bring_row_up(open: &mut Open, host: &dyn Host, case: CaseId) -> Result<Option<Listed>> {
    let glass = Glass::new(open, host, case)?;
    let listed = open.read_case(case, |case, _| Ok(glass.look(|lens| case.listed(lens))))?;
    if open.may_sync().is_err() {
        return Ok(Some(listed));
    }
    let transaction = open.vault.write()?;
    projections::replace(&transaction, case, &listed)?;
    transaction.commit()?;
    Ok(None)
}

/// When people began to disagree, Unix milliseconds.
fn since(values: &[ConflictValue]) -> i64 {
    values.iter().map(|value| value.at).max().unwrap_or(0)
}

/// Bytes of the files in a folder and the folders in it.
fn bytes_in(dir: &Path) -> Result<u64> {
    let mut bytes = 0_u64;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let more = match entry.metadata() {
            Ok(what) if what.is_dir() => bytes_in(&entry.path())?,
            Ok(what) if what.is_file() => what.len(),
            // A file that was there a moment ago, such as one the database makes and removes.
            _ => 0,
        };
        bytes = bytes.saturating_add(more);
    }
    Ok(bytes)
}

#[cfg(test)]
pub(crate) mod tests;
