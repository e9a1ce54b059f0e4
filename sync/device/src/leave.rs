//! Whoever is a reader of a case no more keeps nothing of it: what was not sent goes to the coordinators first.

use wire::{envelope::Compartment, id::CaseId};

use crate::{
    courier::{Courier, SyncReport},
    error::Result,
    hand_in::{self, Of},
    session::{Changed, Open},
    vault::{commit, documents, forget, logs},
};

/// Cases of which something is here, and whose readers this person is not among any more.
fn left(open: &Open) -> Result<Vec<CaseId>> {
    let Ok(me) = open.me() else { return Ok(Vec::new()) };
    let mut left = Vec::new();
    for case in logs::cases(open.vault.db())? {
        let is_in = logs::case(open.vault.db(), case)?.is_some_and(|state| state.is_member(Compartment::Core, &me.member));
        if !is_in && (documents::has(open.vault.db(), case)? || forget::is_listed(open.vault.db(), case)?) {
            left.push(case);
        }
    }
    Ok(left)
}

impl Courier {
    /// Hands in what was not sent of cases that this person is out of, and forgets them. What the server does not take stays
    /// here, so that nothing is lost.
    ///
    /// # Errors
    /// What the disk says.
    pub(crate) async fn leave_cases(&self, report: &mut SyncReport) -> Result<()> {
        for case in self.device().with(|open, _| left(open))? {
            let handed = self.device().with(|open, host| hand_in::items(open, host, &[case], &[]))?;
            let mut all_taken = handed.is_all;
            for item in &handed.items {
                all_taken &= self.hand_in(item.to_vec(), report).await? == Some(true);
            }
            if !all_taken {
                continue;
            }
            self.device().with(|open, _| {
                // Somebody may have written, or been let in again, while it was on its way.
                if !handed.is_still_all(open, Of::TheseCases)? || !left(open)?.contains(&case) {
                    return Ok(());
                }
                drop(open.take_case(case));
                let me = open.keys.device();
                let transaction = open.vault.write()?;
                forget::case(&transaction, case, me)?;
                commit(transaction, "leave")
            })?;
            self.device().tell(Changed { cases: vec![case], sync: true, locked: false });
        }
        Ok(())
    }
}
