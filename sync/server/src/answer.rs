//! What is new for a device, told piece by piece: logs first, then content, the newest-touched case first.
//!
//! The list of an answer is a pure function of the store, the device and the cursor, so an answer that was cut goes on
//! where it stopped, from any instance of the server.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use minicbor::{Decode, Encode};
use wire::{
    cbor,
    id::IncarnationId,
    message::{Frame, ItemHead, Resume},
};

use crate::{
    crash,
    log::{DeviceRow, ItemRef, Log, Section, StoreError, StreamRow, Tail, View},
};

/// About how much is told at once, in bytes; an item is never split.
const CHUNK: usize = 64 * 1024;
/// How many items are looked up at once.
const PAGE: u32 = 128;

/// What a device has, as only the server reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct Cursor {
    #[n(0)]
    pub incarnation: IncarnationId,
    /// Everything up to here is delivered.
    #[n(1)]
    pub from: u64,
    /// Where the answer under delivery ends; 0 when none is.
    #[n(2)]
    pub to: u64,
    /// How many items of it are delivered.
    #[n(3)]
    pub done: u64,
    /// When it was begun, Unix milliseconds.
    #[n(4)]
    pub made: i64,
    /// Whether it tells segments only.
    #[cbor(n(5), default)]
    pub plain: bool,
    /// Present when segments went while it was told.
    #[n(6)]
    pub hollow: Option<bool>,
    /// Present when some went while the one before was told.
    #[n(7)]
    pub again: Option<bool>,
}

/// What a device asks for.
#[derive(Debug, Clone, Copy)]
pub struct Want<'a> {
    pub cursor: &'a [u8],
    pub resume: Option<Resume>,
    /// No snapshot may stand for segments.
    pub plain: bool,
}

impl Cursor {
    /// Reads a cursor. One that is not of this incarnation, or ahead of the store, means: from the start.
    pub fn read(bytes: &[u8], incarnation: IncarnationId, end: u64) -> Self {
        let start = Self { incarnation, from: 0, to: 0, done: 0, made: 0, plain: false, hollow: None, again: None };
        let Ok(cursor) = cbor::decode::<Self>(bytes) else { return start };
        let sound =
            cursor.incarnation == incarnation && cursor.from <= end && cursor.to <= end && (cursor.to == 0 || cursor.to > cursor.from);
        if sound { cursor } else { start }
    }

    /// The same place in the feed; a list under delivery is begun anew when it was made in the other way.
    const fn told(self, plain: bool) -> Self {
        if self.plain == plain { self } else { Self { to: 0, done: 0, made: 0, plain, ..self } }
    }
}

/// An answer under way. Holds at most one item and one chunk.
#[derive(Debug)]
pub struct Answer {
    log: Arc<dyn Log>,
    view: View,
    cursor: Cursor,
    end: u64,
    now_ms: i64,
    resume: Option<Resume>,
    opening: Option<Vec<u8>>,
    told_acks: bool,
    items: Items,
    upcoming: Option<ItemRef>,
    over: bool,
}

impl Answer {
    /// Begins the answer to a device; `replies` are the acknowledgements and refusals of its batch.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn begin(log: Arc<dyn Log>, device: &DeviceRow, want: &Want<'_>, replies: &[Frame], now_ms: i64) -> Result<Self, StoreError> {
        let end = log.end(device.org)?;
        let incarnation = log.incarnation();
        let cursor = Cursor::read(want.cursor, incarnation, end).told(want.plain);
        let mut opening = Frame::Hello { incarnation, server_ms: now_ms }.encode();
        for reply in replies {
            opening.extend_from_slice(&reply.encode());
        }
        let view = View {
            org: device.org,
            device: device.device,
            member: device.member,
            from: 0,
            to: 0,
            made_ms: cursor.made,
            again: cursor.again.is_some(),
        };
        let mut answer = Self {
            log,
            view,
            cursor,
            end,
            now_ms,
            resume: want.resume,
            opening: Some(opening),
            told_acks: false,
            items: Items::default(),
            upcoming: None,
            over: false,
        };
        answer.settle()?;
        answer.advance()?;
        Ok(answer)
    }

    /// Whether there is no item to deliver.
    pub const fn is_empty(&self) -> bool {
        self.upcoming.is_none()
    }

    /// Fixes what the next list covers, unless one is under delivery and still means what it meant when it was begun.
    fn settle(&mut self) -> Result<(), StoreError> {
        self.view.from = self.cursor.from;
        let known_time = self.cursor.made <= self.now_ms;
        if self.cursor.to == 0 || !known_time || self.log.lapsed(&self.view, self.now_ms)? {
            let again = self.cursor.hollow.or(self.cursor.again.filter(|_| self.cursor.to > 0));
            self.cursor = Cursor { to: self.end, done: 0, made: self.now_ms, hollow: None, again, ..self.cursor };
        }
        self.view = View { to: self.cursor.to, made_ms: self.cursor.made, again: self.cursor.again.is_some(), ..self.view };
        self.items = Items::default();
        if self.cursor.from < self.cursor.to {
            self.items.sections =
                VecDeque::from([Part::Section(Section::Org), Part::Section(Section::Duress), Part::Section(Section::Logs), Part::Streams]);
            self.items.skip = self.cursor.done;
        }
        Ok(())
    }

    /// Finds the next item; when a list is told to its end, goes on with what came after it.
    fn advance(&mut self) -> Result<(), StoreError> {
        loop {
            self.upcoming = self.items.next(self.log.as_ref(), &self.view, self.cursor.plain)?;
            if self.upcoming.is_some() {
                return Ok(());
            }
            self.cursor = Cursor { from: self.cursor.to.max(self.cursor.from), to: 0, done: 0, made: 0, ..self.cursor };
            if self.cursor.from >= self.end {
                return Ok(());
            }
            self.settle()?;
        }
    }

    fn fill(&mut self) -> Result<Vec<u8>, StoreError> {
        let mut out = Vec::new();
        if let Some(opening) = self.opening.take() {
            crash::point("answer.before_acks");
            out = opening;
        } else if !self.told_acks {
            self.told_acks = true;
            crash::point("answer.after_acks");
        }
        while out.len() < CHUNK && !self.over {
            let Some(next) = self.upcoming else {
                self.over = true;
                out.extend_from_slice(&self.mark());
                out.extend_from_slice(&Frame::End.encode());
                break;
            };
            self.tell(next, &mut out)?;
            self.cursor.done = self.cursor.done.saturating_add(1);
            self.advance()?;
            if self.upcoming.is_some() {
                out.extend_from_slice(&self.mark());
            }
        }
        Ok(out)
    }

    fn tell(&mut self, item: ItemRef, out: &mut Vec<u8>) -> Result<(), StoreError> {
        let item = self.log.item(item)?;
        // Its case was erased since the list was made, or two snapshots took its place: it is counted, and nothing is told of it.
        if item.bytes.is_empty() {
            self.cursor.hollow = Some(true);
            return Ok(());
        }
        let total = u64::try_from(item.bytes.len()).map_err(|_| StoreError::Corrupt("length"))?;
        let asked = self.resume.take().filter(|resume| resume.id == item.id && resume.offset <= total);
        let offset = asked.map_or(0, |resume| resume.offset);
        let head = ItemHead { kind: item.kind, position: item.position, case: item.case, id: item.id, total, offset };
        out.extend_from_slice(&Frame::Item(head).encode());
        let kept = usize::try_from(offset).map_err(|_| StoreError::Corrupt("offset"))?;
        out.extend_from_slice(item.bytes.get(kept..).unwrap_or_default());
        Ok(())
    }

    fn mark(&self) -> Vec<u8> {
        Frame::Mark(cbor::encode(&self.cursor)).encode()
    }
}

impl Iterator for Answer {
    type Item = Result<Bytes, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over && self.opening.is_none() {
            if !self.told_acks {
                self.told_acks = true;
                crash::point("answer.after_acks");
            }
            return None;
        }
        let filled = self.fill();
        self.over |= filled.is_err();
        Some(filled.map(Bytes::from))
    }
}

#[derive(Debug)]
enum Part {
    Section(Section),
    /// The streams, not looked up yet.
    Streams,
    /// A stream, of which it is not decided yet whether its snapshot is worth sending.
    Stream(StreamRow),
}

/// The items of one list, looked up page by page.
#[derive(Debug, Default)]
struct Items {
    sections: VecDeque<Part>,
    page: VecDeque<ItemRef>,
    offset: u64,
    skip: u64,
}

impl Items {
    fn next(&mut self, log: &dyn Log, view: &View, plain: bool) -> Result<Option<ItemRef>, StoreError> {
        loop {
            if let Some(item) = self.page.pop_front() {
                return Ok(Some(item));
            }
            let section = match self.sections.front() {
                None => return Ok(None),
                Some(Part::Section(section)) => *section,
                Some(Part::Streams) => {
                    self.sections = log.streams(view)?.into_iter().map(Part::Stream).collect();
                    self.sections.push_back(Part::Section(Section::Seen));
                    self.sections.push_back(Part::Section(Section::Quarantine));
                    continue;
                }
                Some(Part::Stream(stream)) => {
                    let stream = *stream;
                    let (wholes, segments) = match plain || view.again {
                        // One that was no good stands for nothing that is here, and another may be.
                        true => (log.wholes(view, &stream)?, Section::Segments(stream, None)),
                        false => sections_of(&stream, &log.tail(view, &stream)?),
                    };
                    self.sections.pop_front();
                    self.sections.push_front(Part::Section(segments));
                    for whole in wholes.into_iter().rev() {
                        self.sections.push_front(Part::Section(Section::Snapshot(whole)));
                    }
                    continue;
                }
            };
            self.load(log, view, &section)?;
        }
    }

    fn load(&mut self, log: &dyn Log, view: &View, section: &Section) -> Result<(), StoreError> {
        if self.skip > 0 {
            let count = log.count(view, section)?;
            if self.skip >= count {
                self.skip = self.skip.saturating_sub(count);
                self.sections.pop_front();
                return Ok(());
            }
            self.offset = std::mem::take(&mut self.skip);
        }
        self.page = log.page(view, section, PAGE, self.offset)?.into();
        let loaded = u64::try_from(self.page.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(loaded);
        if loaded < u64::from(PAGE) {
            self.sections.pop_front();
            self.offset = 0;
        }
        Ok(())
    }
}

/// A snapshot is sent to a viewer to whom the whole stream is new, when it is smaller than what it spares, or holds what nothing else does.
fn sections_of(stream: &StreamRow, tail: &Tail) -> (Vec<ItemRef>, Section) {
    let snapshot = tail.snapshot.filter(|_| stream.low == 0 || tail.is_hollow || tail.spared_len > tail.snapshot_len);
    (snapshot.into_iter().collect(), Section::Segments(*stream, snapshot))
}
