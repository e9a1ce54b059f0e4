//! Writing in notes: the difference is carried onto what the note holds now, in pieces that every
//! device will take.

use automerge::{ChangeHash, ObjId, PatchAction, ReadDoc, transaction::Transactable};
use wire::id::ItemId;

use super::{Author, Base, Done, Edit, EditError, Touched};
use crate::{
    Case,
    document::Place,
    note::NOTE_LIMIT,
    text::{self, Shift, Splice},
};

/// Most letters that one change deletes, so that its cost stays in proportion to its size.
const DELETES_PER_CHANGE: usize = 12_000;
/// Most letters that one change writes: every device has to hold what it stands for while it takes it in.
const LETTERS_PER_CHANGE: usize = 32_768;

impl Case {
    pub(super) fn write_note(
        &mut self,
        note: ItemId,
        text: &str,
        base: Option<&Base>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let (object, text_object) = self.note_objects(note)?;
        let wanted = text::long(text, NOTE_LIMIT)?;
        let current = self.doc.text(&text_object)?;
        let splices = match base.map(|b| self.base_heads(b)).transpose()? {
            Some(heads) if heads != self.doc.get_heads() => self.carried(&text_object, &heads, &wanted)?,
            _ => Shift::none(current.chars().count()).carry(&text::diff(&current, &wanted)),
        };
        self.splice(note, &object, &text_object, current, splices, by, now_ms)
    }

    pub(super) fn splice_note(
        &mut self,
        note: ItemId,
        at: u64,
        delete: u64,
        insert: &str,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        let (object, text_object) = self.note_objects(note)?;
        let insert = text::long(insert, NOTE_LIMIT)?;
        let length = self.doc.length(&text_object);
        let at = usize::try_from(at).map_err(|_| EditError::BadPosition)?;
        let delete = usize::try_from(delete).map_err(|_| EditError::BadPosition)?;
        if at.checked_add(delete).is_none_or(|end| end > length) {
            return Err(EditError::BadPosition);
        }
        if length.saturating_sub(delete).saturating_add(insert.chars().count()) > NOTE_LIMIT {
            return Err(EditError::TextTooLong);
        }
        let current = self.doc.text(&text_object)?;
        self.splice(note, &object, &text_object, current, vec![Splice { at, delete, insert }], by, now_ms)
    }

    #[expect(clippy::too_many_arguments, reason = "one place, called from two")]
    fn splice(
        &mut self,
        note: ItemId,
        object: &ObjId,
        text_object: &ObjId,
        before: String,
        splices: Vec<Splice>,
        by: &Author,
        now_ms: i64,
    ) -> Result<Done, EditError> {
        if splices.iter().all(|s| s.delete == 0 && s.insert.is_empty()) {
            return Ok(Done { id: Some(note), ..Done::default() });
        }
        for batch in batches(splices) {
            self.change(by, now_ms, &format!("note.write {note}"), |w| {
                for splice in &batch {
                    let delete = isize::try_from(splice.delete).unwrap_or(0);
                    w.tx.splice_text(text_object, splice.at, delete, &splice.insert)?;
                }
                w.voice(object)
            })?;
        }
        let undo = Edit::WriteNote { note, text: before, base: Some(self.base()) };
        let touched = Touched { notes: [note].into(), ..Touched::default() };
        Ok(Done { id: Some(note), undo: Some(undo), touched })
    }

    fn note_objects(&self, note: ItemId) -> Result<(ObjId, ObjId), EditError> {
        let reader = self.reader();
        let object = reader.find(Place::Notes, note).ok_or(EditError::UnknownNote)?;
        let text = reader.text_object(&object).ok_or(EditError::UnknownNote)?;
        Ok((object, text))
    }

    /// What the document is now, to be given back with a later write.
    pub fn base(&self) -> Base {
        Base(self.doc.get_heads().iter().map(ToString::to_string).collect::<Vec<_>>().join("."))
    }

    /// The heads that a base names. Fails with `case.unknown_base` when this device never had them.
    pub(crate) fn base_heads(&self, base: &Base) -> Result<Vec<ChangeHash>, EditError> {
        let mut heads = Vec::new();
        for part in base.0.split('.') {
            let hash: ChangeHash = part.parse().map_err(|_| EditError::UnknownBase)?;
            if !self.index.contains(&hash) {
                return Err(EditError::UnknownBase);
            }
            heads.push(hash);
        }
        heads.sort_unstable();
        heads.dedup();
        Ok(heads)
    }

    /// The way from the text at `heads` to the wanted one, as acts on the present text.
    fn carried(&self, text_object: &ObjId, heads: &[ChangeHash], wanted: &str) -> Result<Vec<Splice>, EditError> {
        let old = self.doc.text_at(text_object, heads)?;
        let hunks = text::diff(&old, wanted);
        Ok(self.shift_between(text_object, heads, &self.doc.get_heads())?.carry(&hunks))
    }

    /// How the text of one state lies in that of a later one.
    pub(crate) fn shift_between(&self, text_object: &ObjId, from: &[ChangeHash], to: &[ChangeHash]) -> Result<Shift, EditError> {
        let mut shift = Shift::none(self.doc.text_at(text_object, from)?.chars().count());
        for patch in self.doc.diff_obj(text_object, from, to, false)? {
            match patch.action {
                PatchAction::SpliceText { index, value, .. } => shift.insert(index, value.make_string().chars().count()),
                PatchAction::DeleteSeq { index, length } => shift.delete(index, length),
                PatchAction::Insert { index, values } => shift.insert(index, values.len()),
                _ => {}
            }
        }
        Ok(shift)
    }
}

/// The beginning of a text that one change may write, and the rest.
pub(super) fn first_part(text: &str) -> (&str, &str) {
    let end = text.char_indices().nth(LETTERS_PER_CHANGE).map_or(text.len(), |(at, _)| at);
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Cuts a long insertion into pieces, each of which goes behind the one before; the first takes what is deleted with it.
fn pieces(splice: Splice) -> Vec<Splice> {
    let mut out = Vec::new();
    let (mut at, mut delete, mut rest) = (splice.at, splice.delete, splice.insert.as_str());
    loop {
        let (now, later) = first_part(rest);
        out.push(Splice { at, delete, insert: now.to_owned() });
        if later.is_empty() {
            return out;
        }
        at = at.saturating_add(now.chars().count());
        (delete, rest) = (0, later);
    }
}

/// Cuts what is long, so that no change deletes or writes more than its share.
fn batches(splices: Vec<Splice>) -> Vec<Vec<Splice>> {
    let mut out = Vec::new();
    let mut batch = Vec::new();
    let mut room = DELETES_PER_CHANGE;
    let mut letters = LETTERS_PER_CHANGE;
    for mut splice in splices.into_iter().flat_map(pieces) {
        let written = splice.insert.chars().count();
        if written > letters {
            out.push(std::mem::take(&mut batch));
            (room, letters) = (DELETES_PER_CHANGE, LETTERS_PER_CHANGE);
        }
        letters = letters.saturating_sub(written);
        while splice.delete > room {
            let keep = splice.delete.saturating_sub(room);
            // from the end backwards, so that earlier positions stay as they are
            batch.push(Splice { at: splice.at.saturating_add(keep), delete: room, insert: String::new() });
            splice.delete = keep;
            out.push(std::mem::take(&mut batch));
            (room, letters) = (DELETES_PER_CHANGE, LETTERS_PER_CHANGE.saturating_sub(written));
        }
        room = room.saturating_sub(splice.delete);
        batch.push(splice);
    }
    if !batch.is_empty() {
        out.push(batch);
    }
    out
}
