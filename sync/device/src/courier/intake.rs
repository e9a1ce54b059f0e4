//! An answer while it comes: what has been read of it and lies nowhere yet.

use std::collections::BTreeSet;

use wire::{
    id::{CaseId, Digest},
    message::{ItemHead, ItemKind, Resume},
};

use super::Courier;
use crate::{
    error::{DeviceError, Result},
    vault::inbox,
};

/// What of an answer is not committed yet.
#[derive(Default)]
pub(super) struct Intake {
    pub(super) head: Option<ItemHead>,
    /// Where in the item `bytes` begin.
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) done: Vec<(ItemHead, u64, Vec<u8>)>,
    pub(super) cursor: Option<Vec<u8>>,
    /// The item that has come whole since the last mark.
    pub(super) unmarked: Option<Resume>,
    pub(super) progress: bool,
    pub(super) ended: bool,
    /// Bytes of this answer so far.
    pub(super) taken: u64,
    /// What was sent and not yet spoken of.
    pub(super) untold: BTreeSet<Digest>,
    /// The case whose content came last.
    pub(super) content_of: Option<CaseId>,
    /// Whether the first case of this answer has been taken in.
    pub(super) looked_in: bool,
}

impl Intake {
    pub(super) fn begin(&mut self, courier: &Courier, head: ItemHead) -> Result<()> {
        if head.offset > 0 && head.offset == head.total {
            let asked = courier.device.with(|open, _| super::unmarked(open))?;
            if asked != Some(Resume { id: head.id, offset: head.offset }) {
                return Err(DeviceError::BadAnswer);
            }
        } else if head.offset > 0 {
            let here = courier.device.with(|open, _| inbox::length(open.vault.db(), &head.id))?;
            if here != head.offset {
                return Err(DeviceError::BadAnswer);
            }
        }
        if matches!(head.kind, ItemKind::Segment | ItemKind::Snapshot) {
            self.content_of = head.case;
        }
        self.offset = head.offset;
        self.head = Some(head);
        self.bytes.clear();
        Ok(())
    }

    pub(super) fn end_item(&mut self) {
        // Of one that was here whole only the mark was missing.
        if let Some(head) = self.head.take().filter(|head| head.offset < head.total || head.total == 0) {
            self.unmarked = Some(Resume { id: head.id, offset: head.total });
            self.done.push((head, self.offset, std::mem::take(&mut self.bytes)));
        }
        self.offset = 0;
    }

    pub(super) fn held(&self) -> usize {
        self.done.iter().map(|(_, _, bytes)| bytes.len()).sum::<usize>().saturating_add(self.bytes.len())
    }
}
