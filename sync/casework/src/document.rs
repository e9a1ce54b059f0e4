//! The layout of a case's document: the only file that knows the keys inside it.
//!
//! Everything hangs from objects that one fixed first change makes. That change is the same on
//! every device, byte for byte, so two devices never make two objects of the same name. The
//! objects are reached by their operation ids, never by their keys, and cannot be shadowed.
//! Things in maps are keyed by the text of their [`ItemId`]; all strings are scalars, except the
//! text of a note.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use automerge::{
    ActorId, Automerge, AutomergeError, ChangeHash, LoadOptions, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, TextEncoding, Value,
    iter::MapRangeItem,
    transaction::{CommitOptions, Transactable, Transaction},
};
use wire::id::{DeviceId, ItemId, MemberId};

use crate::{
    appointment::Appointment,
    clock::{self, Clocks},
    index::Index,
    meeting::{Meeting, MeetingKind, Outcome, Spoken},
    note::{Contested, Note, Voice},
    offer::{Offer, OfferChange, OfferKind, OfferStatus, Step},
    stage::{Initiator, Programme, Stage, StageAct, StageEvent},
    task::{Task, TaskKind},
    time::{is_zone_name, parse_minute},
};

/// The actor of the fixed first change.
pub(crate) const SKELETON_ACTOR: [u8; 16] = *b"brobygger/case/1";

/// The maps of the skeleton with the counters of the operations that make them.
const MAPS: [(&str, u64); 9] =
    [(PROFILE, 2), (OFFERS, 3), (MEETINGS, 4), (NOTES, 5), (TASKS, 6), (STAGES, 7), (EVENTS, 8), (AUTHORS, 9), (OTHER, 10)];
const FIRST_OFFER: u64 = 11;

const PROFILE: &str = "profile";
const OFFERS: &str = "offers";
const MEETINGS: &str = "meetings";
const NOTES: &str = "notes";
const TASKS: &str = "tasks";
const STAGES: &str = "stages";
const EVENTS: &str = "events";
const AUTHORS: &str = "authors";
const OTHER: &str = "other";
const STEPS: &str = "steps";
const VERSION: &str = "v";
const STATUS: &str = "status";
const TEXT: &str = "text";
const VOICES: &str = "voices";
const BY: &str = "by";
const MADE: &str = "made";
const AT: &str = "at";
pub(crate) const ZONE: &str = "zone";
pub(crate) const SAID: &str = "said";
/// Which appointment a contact came of.
pub(crate) const FROM_APPOINTMENT: &str = "appointment";
const REMOVED: &str = "removed";
const DONE: &str = "done";
const DUE: &str = "due";
const NO: &str = "no";

/// One of the fixed objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Profile,
    Meetings,
    Notes,
    Tasks,
    Stages,
    Events,
    Authors,
    /// What has no place of its own: what devices say of their clocks, and things that say what they are.
    Other,
    Offer(OfferKind),
    Steps(OfferKind),
}

impl Place {
    fn object(self) -> ObjId {
        let counter = match self {
            Self::Profile => 2,
            Self::Meetings => 4,
            Self::Notes => 5,
            Self::Tasks => 6,
            Self::Stages => 7,
            Self::Events => 8,
            Self::Authors => 9,
            Self::Other => 10,
            Self::Offer(kind) => offer_counter(kind),
            Self::Steps(kind) => offer_counter(kind).saturating_add(1),
        };
        ObjId::Id(counter, ActorId::from(SKELETON_ACTOR), 0)
    }
}

fn offer_counter(kind: OfferKind) -> u64 {
    let place = OfferKind::ALL.iter().position(|k| *k == kind).unwrap_or(0) as u64;
    FIRST_OFFER.saturating_add(place.saturating_mul(2))
}

/// Unicode scalar values: the one unit for positions in text.
pub(crate) const ENCODING: TextEncoding = TextEncoding::UnicodeCodePoint;

/// How a stored document is to be read.
pub(crate) fn load_options() -> LoadOptions<'static> {
    LoadOptions::new().text_encoding(ENCODING)
}

/// A document that holds the fixed first change and nothing else.
pub(crate) fn skeleton() -> Result<Automerge, AutomergeError> {
    let mut doc = Automerge::new_with_encoding(ENCODING).with_actor(ActorId::from(SKELETON_ACTOR));
    let mut tx = doc.transaction();
    tx.put(ROOT, VERSION, 1_i64)?;
    let mut offers = ROOT;
    for (key, _) in MAPS {
        let object = tx.put_object(ROOT, key, ObjType::Map)?;
        if key == OFFERS {
            offers = object;
        }
    }
    for kind in OfferKind::ALL {
        let offer = tx.put_object(&offers, kind.word(), ObjType::Map)?;
        tx.put_object(&offer, STEPS, ObjType::Map)?;
    }
    tx.commit_with(CommitOptions::default().with_time(0));
    Ok(doc)
}

/// The hash of the fixed first change.
pub(crate) fn skeleton_hash(doc: &Automerge) -> Option<ChangeHash> {
    doc.hash_for_opid(&Place::Profile.object())
}

/// Where a value comes from, by the order of operations: a Lamport counter, then the actor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp {
    pub counter: u64,
    pub actor: ActorId,
    /// Sequence number of the change among those of its actor, from 1.
    pub seq: u64,
    /// The claimed time of the change, Unix seconds.
    pub at_s: i64,
}

/// Who made a thing, when they say they did, and in which change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub by: MemberId,
    pub device: DeviceId,
    /// Unix milliseconds.
    pub at_ms: i64,
    pub stamp: Stamp,
}

/// All values that a field has because nobody who wrote knew of the others, oldest operation first.
#[derive(Debug, Clone)]
pub(crate) struct Reg<T>(pub Vec<(T, Stamp)>);

impl<T> Default for Reg<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: PartialEq> Reg<T> {
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(value, _)| value)
    }

    /// The value of the latest operation: the same on every device, and no clock has a say in it.
    pub fn latest(&self) -> Option<&T> {
        self.0.last().map(|(value, _)| value)
    }

    pub fn is_disputed(&self) -> bool {
        self.0.first().is_some_and(|(first, _)| self.values().any(|v| v != first))
    }
}

/// The few facts of the person the case is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Profile {
    pub alias: Reg<String>,
    pub programme: Reg<Programme>,
    /// 0 means: none.
    pub birth_year: Reg<i64>,
}

/// All that a document says, read once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub profile: Profile,
    pub offers: BTreeMap<OfferKind, Offer>,
    pub offer_changes: BTreeMap<ItemId, OfferChange>,
    pub meetings: BTreeMap<ItemId, Meeting>,
    pub notes: BTreeMap<ItemId, Note>,
    pub tasks: BTreeMap<ItemId, Task>,
    pub appointments: BTreeMap<ItemId, Appointment>,
    pub stages: BTreeMap<ItemId, StageEvent>,
    pub authors: Authors,
    pub clocks: Clocks,
}

/// Who writes under which actor.
pub(crate) type Authors = BTreeMap<ActorId, (MemberId, DeviceId)>;

/// Reads a document. What does not have the expected shape is left out, never an error.
pub(crate) struct Reader<'a> {
    doc: &'a Automerge,
    index: &'a Index,
    /// Who is who, by something better than their own word.
    proven: &'a Authors,
    /// The fields of the thing that was read last: one walk through it instead of one for each field.
    last: RefCell<Option<(ObjId, Rc<[Field]>)>>,
}

/// What one key of a map holds.
struct Field {
    key: String,
    value: Value<'static>,
    id: ObjId,
    /// Several wrote it without knowing of each other: this is one of the values.
    conflict: bool,
}

impl<'a> Reader<'a> {
    pub const fn new(doc: &'a Automerge, index: &'a Index, proven: &'a Authors) -> Self {
        Self { doc, index, proven, last: RefCell::new(None) }
    }

    pub fn model(&self) -> Model {
        Model {
            profile: self.profile(),
            offers: OfferKind::ALL.iter().map(|kind| (*kind, self.offer(*kind))).collect(),
            offer_changes: self.items(Place::Events, |id, object| self.offer_change(id, object)),
            meetings: self.items(Place::Meetings, |id, object| self.meeting(id, object)),
            notes: self.items(Place::Notes, |id, object| self.note(id, object)),
            tasks: self.items(Place::Tasks, |id, object| self.task(id, object)),
            appointments: self.items(Place::Other, |id, object| self.appointment(id, object)),
            stages: self.stages(),
            authors: self.authors(),
            clocks: self.clocks(),
        }
    }

    pub fn profile(&self) -> Profile {
        let object = Place::Profile.object();
        Profile {
            alias: self.register(&object, "alias", string),
            programme: self.register(&object, "programme", |v| string(v).and_then(|w| Programme::from_word(&w))),
            birth_year: self.register(&object, "birth_year", int),
        }
    }

    pub fn offer(&self, kind: OfferKind) -> Offer {
        Offer { status: self.offer_status(kind), steps: self.items(Place::Steps(kind), |id, object| self.step(id, object)) }
    }

    pub fn offer_status(&self, kind: OfferKind) -> Reg<OfferStatus> {
        self.register(&Place::Offer(kind).object(), STATUS, |v| string(v).and_then(|w| OfferStatus::from_word(&w)))
    }

    pub fn stages(&self) -> BTreeMap<ItemId, StageEvent> {
        self.items(Place::Stages, |id, object| self.stage_event(id, object))
    }

    pub fn meetings(&self) -> BTreeMap<ItemId, Meeting> {
        self.items(Place::Meetings, |id, object| self.meeting(id, object))
    }

    pub fn authors(&self) -> Authors {
        let object = Place::Authors.object();
        let keys: Vec<String> = self.doc.keys(&object).collect();
        let mut out = Authors::new();
        for key in keys {
            let Ok(actor) = ActorId::try_from(key.as_str()) else { continue };
            let own = self.register(&object, &key, bytes);
            // only what an actor says of itself counts
            let said = own.0.iter().rev().find(|(_, stamp)| stamp.actor == actor);
            if let Some(author) = said.and_then(|(value, _)| author(value)) {
                out.insert(actor, author);
            }
        }
        out.extend(self.proven.iter().map(|(actor, author)| (actor.clone(), *author)));
        out
    }

    /// What devices have said of their clocks, each of its own only.
    pub fn clocks(&self) -> Clocks {
        let object = Place::Other.object();
        let keys: Vec<String> = self.doc.keys(&object).collect();
        let mut out = Clocks::default();
        for key in keys {
            let Some((actor, from)) = clock::parse_key(&key) else { continue };
            let own = self.register(&object, &key, string);
            let said = own.0.iter().rev().find(|(_, stamp)| stamp.actor == actor);
            if let Some((upto, ahead_ms)) = said.and_then(|(text, _)| clock::parse(text)) {
                out.add(actor, from, upto, ahead_ms);
            }
        }
        out
    }

    /// The object of a thing, if there is one.
    pub fn find(&self, place: Place, id: ItemId) -> Option<ObjId> {
        self.object(&place.object(), &id.to_string(), ObjType::Map).map(|(object, _)| object)
    }

    /// The object of a note's text.
    pub fn text_object(&self, note: &ObjId) -> Option<ObjId> {
        self.object(note, TEXT, ObjType::Text).map(|(object, _)| object)
    }

    pub fn flag(&self, object: &ObjId, key: &str) -> bool {
        self.register(object, key, boolean).latest().copied().unwrap_or(false)
    }

    /// Whether a thing is taken away. Where one took it away and another put it back, it is there.
    pub fn removed(&self, object: &ObjId) -> bool {
        let said = self.register(object, REMOVED, boolean);
        !said.0.is_empty() && said.values().all(|removed| *removed)
    }

    /// The words in a removed note of which those who removed it did not know, if there are any.
    pub fn contested(&self, note: &ObjId) -> Option<Contested> {
        let removals: Vec<Stamp> = self.register(note, REMOVED, boolean).0.into_iter().map(|(_, stamp)| stamp).collect();
        if !self.removed(note) {
            return None;
        }
        let known: Vec<ChangeHash> = removals.iter().filter_map(|s| self.index.of_op(&s.actor, s.counter)).map(|k| k.hash).collect();
        let (voices, _) = self.object(note, VOICES, ObjType::Map)?;
        let keys: Vec<String> = self.doc.keys(&voices).collect();
        let mut unseen = Vec::new();
        for key in keys {
            let then: Vec<ObjId> = self.doc.get_all_at(&voices, &key, &known).ok()?.into_iter().map(|(_, id)| id).collect();
            for (_, id) in self.doc.get_all(&voices, &key).ok()? {
                unseen.extend(self.stamp(&id).filter(|_| !then.contains(&id)));
            }
        }
        unseen.sort();
        if unseen.is_empty() { None } else { Some(Contested { removals, unseen }) }
    }

    pub fn finished(&self, object: &ObjId) -> bool {
        self.flag(object, "finished")
    }

    pub fn done(&self, object: &ObjId) -> Reg<Option<String>> {
        self.register(object, DONE, optional)
    }

    pub fn at(&self, object: &ObjId) -> Reg<i64> {
        self.register(object, AT, int)
    }

    /// The zone of a contact, when it was said.
    pub fn zone(&self, object: &ObjId) -> Option<String> {
        self.text(object, ZONE).filter(|zone| is_zone_name(zone))
    }

    /// The time of a contact as it was said, where no clock showed it.
    pub fn said(&self, object: &ObjId) -> Option<String> {
        self.text(object, SAID).and_then(|said| parse_minute(&said))
    }

    pub fn due(&self, object: &ObjId) -> Reg<Option<String>> {
        self.register(object, DUE, optional)
    }

    pub fn meeting(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<Meeting> {
        let at = self.at(&object);
        Some(Meeting {
            id,
            kind: MeetingKind::from_word(&self.text(&object, "kind")?).unwrap_or(MeetingKind::Other),
            at_ms: *at.latest()?,
            at,
            minutes: u32::try_from(self.int(&object, "minutes")?).ok()?,
            place: self.text(&object, "place"),
            outcome: Outcome::from_word(&self.text(&object, "outcome")?)?,
            zone: self.zone(&object),
            said: self.said(&object),
            appointment: self.text(&object, FROM_APPOINTMENT).and_then(|id| id.parse().ok()),
            removed: self.removed(&object),
            origin: self.origin(&object, stamp)?,
        })
    }

    pub fn note(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<Note> {
        let (text_object, _) = self.object(&object, TEXT, ObjType::Text)?;
        let contested = self.contested(&object);
        Some(Note {
            id,
            text: self.doc.text(&text_object).ok()?,
            text_object,
            at_ms: self.int(&object, AT)?,
            finished: self.finished(&object),
            removed: self.removed(&object) && contested.is_none(),
            contested,
            voices: self.voices(&object),
            origin: self.origin(&object, stamp)?,
        })
    }

    pub fn task(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<Task> {
        Some(Task {
            id,
            title: self.text(&object, "title")?,
            kind: TaskKind::from_word(&self.text(&object, "kind")?)?,
            promised_to: self.text(&object, "promised_to"),
            owner: self.text(&object, "owner"),
            due: self.due(&object),
            done: self.done(&object),
            removed: self.removed(&object),
            origin: self.origin(&object, stamp)?,
        })
    }

    fn step(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<Step> {
        Some(Step {
            id,
            title: self.text(&object, "title")?,
            template: self.text(&object, "template"),
            owner: self.text(&object, "owner"),
            due: self.text(&object, DUE),
            done: self.done(&object),
            removed: self.removed(&object),
            origin: self.origin(&object, stamp)?,
        })
    }

    fn offer_change(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<OfferChange> {
        Some(OfferChange {
            id,
            offer: OfferKind::from_word(&self.text(&object, "offer")?)?,
            from: OfferStatus::from_word(&self.text(&object, "from")?)?,
            to: OfferStatus::from_word(&self.text(&object, "to")?)?,
            origin: self.origin(&object, stamp)?,
        })
    }

    fn stage_event(&self, id: ItemId, (object, stamp): (ObjId, Stamp)) -> Option<StageEvent> {
        Some(StageEvent {
            id,
            act: StageAct::from_word(&self.text(&object, "act")?)?,
            to: Stage::from_word(&self.text(&object, "to")?)?,
            on: self.text(&object, "on")?,
            reason: self.text(&object, "reason"),
            text: self.text(&object, TEXT),
            initiated_by: self.text(&object, "initiated_by").and_then(|w| Initiator::from_word(&w)),
            after: self.text(&object, "after").unwrap_or_default().split_whitespace().filter_map(|id| id.parse().ok()).collect(),
            corrects: self.text(&object, "corrects").and_then(|id| id.parse().ok()),
            origin: self.origin(&object, stamp)?,
        })
    }

    fn voices(&self, note: &ObjId) -> BTreeMap<MemberId, Voice> {
        let Some((object, _)) = self.object(note, VOICES, ObjType::Map) else { return BTreeMap::new() };
        let keys: Vec<String> = self.doc.keys(&object).collect();
        let mut out = BTreeMap::new();
        for key in keys {
            let Ok(member) = key.parse() else { continue };
            let mut said = self.register(&object, &key, int).0;
            // Nobody speaks for another.
            said.retain(|(_, stamp)| self.proven.get(&stamp.actor).is_none_or(|(proven, _)| *proven == member));
            let at_ms = said.iter().map(|(at, _)| *at).max();
            if let (Some(at_ms), Some((_, stamp))) = (at_ms, said.last()) {
                out.insert(member, Voice { at_ms, stamp: stamp.clone() });
            }
        }
        out
    }

    /// Everything in one of the fixed maps. Where a key has several objects, the first made counts.
    fn items<T>(&self, place: Place, read: impl Fn(ItemId, (ObjId, Stamp)) -> Option<T>) -> BTreeMap<ItemId, T> {
        let map = place.object();
        let mut out = BTreeMap::new();
        for field in self.fields(&map).iter() {
            let Ok(id) = field.key.parse::<ItemId>() else { continue };
            let object = match field.value {
                _ if field.conflict => self.object(&map, &field.key, ObjType::Map),
                Value::Object(ObjType::Map) => self.stamp(&field.id).map(|stamp| (field.id.clone(), stamp)),
                _ => None,
            };
            if let Some(item) = object.and_then(|found| read(id, found)) {
                out.insert(id, item);
            }
        }
        out
    }

    /// Reads each thing in one of the fixed maps, also where several have one key.
    pub fn each<T>(&self, place: Place, read: impl Fn(&ObjId) -> Option<T>) -> Vec<T> {
        let map = place.object();
        let keys: Vec<String> = self.doc.keys(&map).collect();
        let objects = keys.iter().flat_map(|key| self.doc.get_all(&map, key.as_str()).unwrap_or_default());
        let maps = objects.filter(|(value, _)| matches!(value, Value::Object(ObjType::Map)));
        maps.filter_map(|(_, object)| read(&object)).collect()
    }

    pub fn origin(&self, object: &ObjId, stamp: Stamp) -> Option<Origin> {
        let said = || self.register(object, BY, bytes).0.first().and_then(|(value, _)| author(value));
        let (by, device) = self.proven.get(&stamp.actor).copied().or_else(said)?;
        let at_ms = self.register(object, MADE, int).0.first().map(|(at, _)| *at)?;
        Some(Origin { by, device, at_ms, stamp })
    }

    fn object(&self, parent: &ObjId, key: &str, kind: ObjType) -> Option<(ObjId, Stamp)> {
        let all = self.doc.get_all(parent, key).ok()?;
        let mut found: Vec<(ObjId, Stamp)> = all
            .into_iter()
            .filter(|(value, _)| matches!(value, Value::Object(k) if *k == kind))
            .filter_map(|(_, id)| self.stamp(&id).map(|stamp| (id, stamp)))
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        found.into_iter().next()
    }

    /// Everything in a map, each key with one of its values.
    fn fields(&self, object: &ObjId) -> Rc<[Field]> {
        if let Some((_, fields)) = self.last.borrow().as_ref().filter(|(last, _)| last == object) {
            return Rc::clone(fields);
        }
        let field =
            |item: MapRangeItem<'_>| Field { id: item.id(), conflict: item.conflict, key: item.key.into_owned(), value: item.value.into() };
        let fields: Rc<[Field]> = self.doc.map_range(object, ..).map(field).collect();
        *self.last.borrow_mut() = Some((object.clone(), Rc::clone(&fields)));
        fields
    }

    fn register<T>(&self, object: &ObjId, key: &str, read: impl Fn(&ScalarValue) -> Option<T>) -> Reg<T> {
        let fields = self.fields(object);
        let Some(field) = fields.iter().find(|field| field.key == key) else { return Reg(Vec::new()) };
        if !field.conflict {
            let Value::Scalar(scalar) = &field.value else { return Reg(Vec::new()) };
            return Reg(read(scalar).zip(self.stamp(&field.id)).into_iter().collect());
        }
        let mut out: Vec<(T, Stamp)> = Vec::new();
        for (value, id) in self.doc.get_all(object, key).unwrap_or_default() {
            if let (Value::Scalar(scalar), Some(stamp)) = (value, self.stamp(&id))
                && let Some(value) = read(&scalar)
            {
                out.push((value, stamp));
            }
        }
        out.sort_by(|a, b| a.1.cmp(&b.1));
        Reg(out)
    }

    /// The stamp of an operation.
    pub fn stamp(&self, id: &ObjId) -> Option<Stamp> {
        let ObjId::Id(counter, actor, _) = id else { return None };
        let known = self.index.of_op(actor, *counter)?;
        Some(Stamp { counter: *counter, actor: actor.clone(), seq: known.seq, at_s: known.at_s })
    }

    pub fn text(&self, object: &ObjId, key: &str) -> Option<String> {
        self.register(object, key, string).0.pop().map(|(value, _)| value)
    }

    pub fn int(&self, object: &ObjId, key: &str) -> Option<i64> {
        self.register(object, key, int).0.pop().map(|(value, _)| value)
    }
}

/// Writes a thing field by field.
pub(crate) struct Writer<'a, 'd> {
    pub tx: &'a mut Transaction<'d>,
    pub by: (MemberId, DeviceId),
    pub now_ms: i64,
}

impl Writer<'_, '_> {
    /// Makes a thing with its origin and these fields; a `None` leaves a field out.
    pub fn item(&mut self, place: Place, id: ItemId, fields: &[(&str, Option<ScalarValue>)]) -> Result<ObjId, AutomergeError> {
        let object = self.tx.put_object(place.object(), id.to_string(), ObjType::Map)?;
        self.tx.put(&object, BY, ScalarValue::Bytes(author_bytes(self.by)))?;
        self.tx.put(&object, MADE, self.now_ms)?;
        for (key, value) in fields {
            if let Some(value) = value {
                self.tx.put(&object, *key, value.clone())?;
            }
        }
        Ok(object)
    }

    /// Makes the text and the voices of a new note.
    pub fn note_text(&mut self, note: &ObjId, text: &str) -> Result<(), AutomergeError> {
        let object = self.tx.put_object(note, TEXT, ObjType::Text)?;
        self.tx.splice_text(&object, 0, 0, text)?;
        let voices = self.tx.put_object(note, VOICES, ObjType::Map)?;
        self.tx.put(&voices, self.by.0.to_string(), self.now_ms)
    }

    /// Notes that this person wrote in a note now.
    pub fn voice(&mut self, note: &ObjId) -> Result<(), AutomergeError> {
        if let Some((_, voices)) = self.tx.get(note, VOICES)? {
            self.tx.put(&voices, self.by.0.to_string(), self.now_ms)?;
        }
        Ok(())
    }

    /// Sets when a contact took place, and how that was said. An empty text takes away what was said of another time.
    pub fn spoken(&mut self, object: &ObjId, spoken: &Spoken<'_>, said: Option<&str>) -> Result<(), AutomergeError> {
        self.tx.put(object, AT, spoken.at_ms)?;
        for (key, text) in [(ZONE, spoken.zone), (SAID, said)] {
            if text.is_some() || self.tx.get(object, key)?.is_some() {
                self.tx.put(object, key, text.unwrap_or(""))?;
            }
        }
        Ok(())
    }

    /// States how far ahead this actor's clock was in its changes from one number to another.
    pub fn clock(&mut self, actor: &ActorId, from: u64, upto: u64, ahead_ms: i64) -> Result<(), AutomergeError> {
        self.tx.put(Place::Other.object(), clock::key(actor, from), clock::said(upto, ahead_ms))
    }

    pub fn put(&mut self, object: &ObjId, key: &str, value: impl Into<ScalarValue>) -> Result<(), AutomergeError> {
        self.tx.put(object, key, value)
    }

    pub fn profile(&mut self, key: &str, value: impl Into<ScalarValue>) -> Result<(), AutomergeError> {
        self.tx.put(Place::Profile.object(), key, value)
    }

    pub fn offer_status(&mut self, kind: OfferKind, status: OfferStatus) -> Result<(), AutomergeError> {
        self.tx.put(Place::Offer(kind).object(), STATUS, status.word())
    }

    pub fn remove(&mut self, object: &ObjId, removed: bool) -> Result<(), AutomergeError> {
        let said = self.tx.get(object, REMOVED)?;
        if said.is_some_and(|(value, _)| value.as_bool() == Some(removed)) {
            // It is said again by somebody who knows more; the same value alone would not be written.
            self.tx.put(object, REMOVED, !removed)?;
        }
        self.tx.put(object, REMOVED, removed)
    }

    pub fn done(&mut self, object: &ObjId, on: Option<&str>) -> Result<(), AutomergeError> {
        self.tx.put(object, DONE, on.unwrap_or(NO))
    }

    pub fn due(&mut self, object: &ObjId, due: Option<&str>) -> Result<(), AutomergeError> {
        self.tx.put(object, DUE, due.unwrap_or(NO))
    }

    /// States once under which actor this person writes.
    pub fn author(&mut self, actor: &ActorId) -> Result<(), AutomergeError> {
        self.tx.put(Place::Authors.object(), actor.to_hex_string(), ScalarValue::Bytes(author_bytes(self.by)))
    }
}

/// A scalar that means a date or the absence of one.
pub(crate) fn optional_date(date: Option<&str>) -> ScalarValue {
    date.unwrap_or(NO).into()
}

fn author_bytes((member, device): (MemberId, DeviceId)) -> Vec<u8> {
    [member.as_bytes().as_slice(), device.as_bytes()].concat()
}

fn author(bytes: &[u8]) -> Option<(MemberId, DeviceId)> {
    let (member, device) = bytes.split_at_checked(MemberId::LEN)?;
    Some((member.try_into().ok()?, device.try_into().ok()?))
}

fn string(value: &ScalarValue) -> Option<String> {
    if let ScalarValue::Str(text) = value { Some(text.to_string()) } else { None }
}

fn optional(value: &ScalarValue) -> Option<Option<String>> {
    string(value).map(|text| if text == NO { None } else { Some(text) })
}

fn int(value: &ScalarValue) -> Option<i64> {
    if let ScalarValue::Int(number) = value { Some(*number) } else { None }
}

fn boolean(value: &ScalarValue) -> Option<bool> {
    if let ScalarValue::Boolean(flag) = value { Some(*flag) } else { None }
}

fn bytes(value: &ScalarValue) -> Option<Vec<u8>> {
    if let ScalarValue::Bytes(bytes) = value { Some(bytes.clone()) } else { None }
}

#[cfg(test)]
mod tests;
