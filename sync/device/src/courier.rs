//! The courier: carries out the orders of `wire::exchange` on a road, and keeps what comes before anything else happens
//! to it.

mod admitting;
mod answered;
mod away;
mod bring;
mod intake;
mod order;
mod said;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use data_encoding::BASE64URL_NOPAD;
use futures_util::StreamExt;
use tokio::sync::Mutex;
use wire::{
    cbor,
    exchange::{Event, Exchange, MAX_PAUSE_MS, Order},
    id::{CaseId, Digest},
    message::{AnswerReader, Batch, COMMIT_UNIT, FOUND_PATH, Frame, Piece, Push, REQUESTS_PATH, Resume, SYNC_PATH, VECTORS_PATH, Vectors},
    signature::sha256,
};

pub(crate) use answered::acknowledged;
use answered::refused;
use intake::Intake;
pub(crate) use said::{MOST_SAID, whole_body};
use said::{MOST_VECTORS, ending_of};

use crate::{
    again,
    compose::{compose, intend_keys},
    digest::{digest_content, digest_logs, list_by_card},
    duress, end, enrol,
    error::{DeviceError, Result},
    forced::digest_notices,
    heartbeat,
    host::Host,
    ledger,
    quarantine::digest_quarantine,
    repair::{self, Repair},
    road::{Cut, HttpRoad, Road, RoadAnswer, RoadRequest},
    session::{Changed, Device, Open},
    vault::{commit, documents, inbox, meta, outbox},
};

/// Tries of one [`Courier::sync`] that brought nothing new before it gives up.
const IDLE_TRIES: u32 = 3;
/// The code of a server that has too much to do.
const BUSY: &str = "server.busy";
/// Most items held before they are committed.
const MOST_HELD: usize = 256;
/// Most bytes taken of one answer before they are digested.
const MOST_OF_AN_ANSWER: u64 = 64 * 1024 * 1024;
/// Most requests of one [`Courier::sync`].
const MAX_REQUESTS: u32 = 4096;

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct SyncReport {
    /// Things the server acknowledged.
    pub sent: u64,
    /// Items that came whole.
    pub received: u64,
    /// Things that still wait to be sent.
    pub pending: u64,
    /// Items set aside that more of the feed may make good.
    pub parked: u64,
    /// Things that were refused, here or there.
    pub refused: u64,
    pub round_trips: u64,
    /// Bytes of bodies.
    pub bytes_up: u64,
    /// Bytes of bodies.
    pub bytes_down: u64,
    /// The organisation has not admitted this device yet.
    pub waiting_for_approval: bool,
}

/// Brings a device's post to the server and back.
pub struct Courier {
    device: Arc<Device>,
    road: Arc<dyn Road>,
    exchange: Mutex<Exchange>,
    /// When the exchange wants to be woken, Unix milliseconds by this device's clock.
    wake_at: AtomicI64,
    /// What was offered for a vault that takes nothing, and whether the server has it.
    told: Mutex<BTreeMap<Digest, bool>>,
    /// Most bytes that are kept of what cannot be taken in yet.
    most_kept: u64,
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Courier")
    }
}

/// How one request ended.
enum Ending {
    Whole,
    /// It brought more of what cannot be taken in, and there is enough of that.
    Full,
    Cut {
        progress: bool,
    },
    WrongClock {
        server_ms: i64,
    },
    Busy {
        wait_s: u32,
    },
    Refused {
        code: String,
    },
    /// This device was cut off, by this entry.
    Revoked {
        order: Option<Vec<u8>>,
        /// Changes of receive keys that this device was not told of, as entries.
        rotations: Vec<Vec<u8>>,
    },
}

/// One sync under way.
struct Walk {
    report: SyncReport,
    /// How long the server may wait for news before it answers that there is nothing, in seconds; 0 once it was asked to.
    wait_s: u64,
    /// Tries in a row that brought nothing.
    idle: u32,
    error: Option<DeviceError>,
}

impl Courier {
    /// A courier for a device on a road.
    pub fn new(device: Arc<Device>, road: Arc<dyn Road>) -> Self {
        let (exchange, told) = (Mutex::default(), Mutex::default());
        Self { device, road, exchange, wake_at: AtomicI64::new(0), told, most_kept: inbox::MOST_BACKLOG }
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// A courier over HTTP, which trusts the certificates that this device's organisation named.
    ///
    /// # Errors
    /// [`DeviceError::Damaged`] when they are none, or what the vault says.
    pub fn over_http(device: Arc<Device>) -> Result<Self> {
        let certificates = device.with(|open, _| enrol::certificates_of(open))?;
        let certificates: Vec<Vec<u8>> = certificates.into_iter().map(Into::into).collect();
        let road = HttpRoad::new(&certificates).map_err(|Cut| DeviceError::Damaged)?;
        Ok(Self::new(device, Arc::new(road)))
    }

    /// Asks the server; nobody does for an invented vault, of which the server knows nothing.
    async fn go(&self, request: RoadRequest) -> std::result::Result<RoadAnswer, Cut> {
        let is_invented = self.device.with(|open, _| duress::is_invented(open)).unwrap_or(false);
        if is_invented { Err(Cut) } else { self.road.go(request).await }
    }

    /// Syncs until nothing waits and nothing more comes, or the road ends; tries a bad road a few times. For a vault that
    /// takes nothing, what was sealed in it before is brought to the server, and the report says how much; here everything
    /// stays as it was.
    ///
    /// # Errors
    /// [`DeviceError::Offline`] when the road ended first, [`DeviceError::Refused`] with the server's code,
    /// [`DeviceError::Backlog`] when too much has come that cannot be taken in, [`DeviceError::ReadOnly`] when the vault
    /// takes nothing and nothing in it is left to bring, or what the disk says.
    pub async fn sync(&self) -> Result<SyncReport> {
        self.walk(IDLE_TRIES, 0).await
    }

    /// As [`Self::sync`], for one who keeps the pauses: goes on only while something comes through.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub async fn round(&self) -> Result<SyncReport> {
        self.walk(1, 0).await
    }

    /// As [`Self::round`]; and when there is nothing to bring, waits with the server for something to fetch, up to `longest`.
    /// May be dropped at any time. [`Self::pause`] is zero afterwards, unless it failed or the server would not wait.
    ///
    /// # Errors
    /// As [`Self::sync`].
    pub async fn watch(&self, longest: Duration) -> Result<SyncReport> {
        let begun = Instant::now();
        let report = self.walk(1, longest.as_secs()).await?;
        if report.received > 0 || report.sent > 0 || begun.elapsed() >= longest.checked_div(2).unwrap_or_default() {
            self.wake_at.store(0, Ordering::Relaxed);
        }
        Ok(report)
    }

    /// What was begun before this is looked at once more.
    fn look_back(&self) -> Result<()> {
        // What came before this process began and was not taken in: the server will not send it again.
        if self.device.with(|open, _| inbox::has_any(open.vault.db()))? {
            self.digest()?;
        }
        self.device.with(|open, host| {
            repair::look_again(open, host.now_ms())?;
            again::look(open, host.now_ms())
        })
    }

    async fn walk(&self, tries: u32, wait_s: u64) -> Result<SyncReport> {
        if self.device.with(|open, _| duress::is_invented(open))? {
            return self.keep_away().await;
        }
        let mut walk = Walk { report: SyncReport::default(), wait_s, idle: 0, error: None };
        if self.device.with(|open, _| Ok(open.may_sync().is_err()))? {
            return self.bring().await;
        }
        let mut exchange = self.exchange.lock().await;
        // A sync that ended with an error, or was dropped, left no request behind: this one holds the lock.
        if exchange.is_under_way() {
            exchange.handle(self.device.host().now_ms(), 0, Event::LetGo);
        }
        self.look_back()?;
        let mut event = Event::Asked;
        for _ in 0..MAX_REQUESTS {
            let dice = u64::from_be_bytes(crate::host::Dice(self.device.host()).roll());
            let orders = exchange.handle(self.device.host().now_ms(), dice, event);
            let Some(batch) = self.carry_out(&orders)? else {
                if walk.error.is_some() && walk.idle < tries {
                    event = Event::Due;
                    continue;
                }
                break;
            };
            let before = (walk.report.sent, walk.report.received);
            let carried = walk.report.bytes_up.saturating_add(walk.report.bytes_down);
            let waits = walk.wait_s > 0;
            let ending = match self.request(batch, &mut walk).await {
                Ok(ending) => ending,
                Err(error) => {
                    let orders = exchange.handle(self.device.host().now_ms(), dice, Event::Refused);
                    self.carry_out(&orders)?;
                    return Err(error);
                }
            };
            if let Ending::Revoked { order, rotations } = &ending {
                return Err(self.obey(order.as_deref(), rotations, &mut walk.report).await?);
            }
            if matches!(ending, Ending::Whole) {
                exchange.carried(walk.report.bytes_up.saturating_add(walk.report.bytes_down).saturating_sub(carried));
            }
            // While the server was waited with, more may have been written here.
            let held = waits && walk.wait_s == 0;
            let moved = held || before != (walk.report.sent, walk.report.received);
            event = self.judge(&mut walk, ending, moved)?;
        }
        drop(exchange);
        let Walk { mut report, error, .. } = walk;
        if error.is_none() {
            self.leave_cases(&mut report).await?;
        }
        self.finish(&mut report)?;
        if let Some(error) = error {
            return Err(error);
        }
        self.device.settled();
        Ok(report)
    }

    /// What a request's ending means for the rules of the road, and for whoever asked.
    fn judge(&self, walk: &mut Walk, ending: Ending, moved: bool) -> Result<Event> {
        let fails = |walk: &mut Walk, code: String| {
            (walk.idle, walk.error) = (u32::MAX, Some(DeviceError::Refused { code }));
        };
        Ok(match ending {
            Ending::Whole => {
                (walk.idle, walk.error) = (0, None);
                self.device.with(|open, _| end::retire(open))?;
                self.device.renew()?;
                // What the server will not have now would be refused again: the next sync tries it.
                Event::Answered { waiting: moved && self.device.with(something_waits)? }
            }
            Ending::Full => {
                (walk.idle, walk.error) = (u32::MAX, Some(DeviceError::Backlog));
                Event::Answered { waiting: moved && self.device.with(something_waits)? }
            }
            Ending::Cut { progress } => {
                walk.idle = if progress { 0 } else { walk.idle.saturating_add(1) };
                walk.error = Some(DeviceError::Offline);
                Event::Cut
            }
            Ending::WrongClock { server_ms } => {
                walk.idle = walk.idle.saturating_add(1);
                walk.error = Some(DeviceError::Refused { code: "auth.clock".to_owned() });
                Event::WrongClock { server_ms }
            }
            Ending::Busy { wait_s } => {
                fails(walk, BUSY.to_owned());
                Event::Busy { wait_s }
            }
            Ending::Refused { code } if code == "auth.unknown_device" && self.device.pending_request()?.is_some() => {
                walk.report.waiting_for_approval = true;
                Event::Refused
            }
            // It was obeyed before anybody judges.
            Ending::Revoked { .. } => Event::Refused,
            Ending::Refused { code } => {
                let set_back = code == "auth.unknown_device" && self.device.with(|open, _| repair::forgotten(open))?;
                fails(walk, if set_back { repair::SET_BACK.to_owned() } else { code });
                Event::Refused
            }
        })
    }

    fn carry_out(&self, orders: &[Order]) -> Result<Option<usize>> {
        let mut batch = None;
        for order in orders {
            match order {
                Order::Request { batch: bytes } => batch = Some(*bytes),
                Order::ClockOffset(offset) => {
                    self.device.with(|open, _| meta::set_number(open.vault.db(), meta::CLOCK_OFFSET, *offset))?;
                }
                Order::WakeAt(at_ms) => self.wake_at.store(*at_ms, Ordering::Relaxed),
            }
        }
        Ok(batch)
    }

    /// How long to wait before the next [`Self::sync`] when nothing else asks for one: longer after every failure.
    pub fn pause(&self) -> Duration {
        let wait_ms = self.wake_at.load(Ordering::Relaxed).saturating_sub(self.device.host().now_ms());
        let longest = u64::try_from(MAX_PAUSE_MS).unwrap_or(u64::MAX);
        Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0).min(longest))
    }

    fn finish(&self, report: &mut SyncReport) -> Result<()> {
        self.device.with(|open, host| {
            let db = open.vault.db();
            if report.sent > 0 {
                let offset = meta::number(db, meta::CLOCK_OFFSET)?.unwrap_or(0);
                outbox::tidy_daily(db, host.now_ms().saturating_add(offset))?;
            }
            report.pending = outbox::count(db)?;
            let aside = inbox::set_aside_codes(db)?;
            let (parked, refused): (Vec<_>, Vec<_>) = aside.into_iter().partition(|(code, _)| inbox::may_heal(code));
            report.parked = parked.iter().map(|(_, n)| n).sum();
            report.refused = refused.iter().map(|(_, n)| n).sum::<u64>().saturating_add(outbox::refusals(db)?.iter().map(|(_, n)| n).sum());
            Ok(())
        })
    }

    async fn request(&self, batch: usize, walk: &mut Walk) -> Result<Ending> {
        let Walk { report, wait_s, .. } = walk;
        if let Some(ending) = self.introduce(report).await? {
            return Ok(ending);
        }
        if let Some(ending) = self.compare(report).await? {
            return Ok(ending);
        }
        let (request, untold) = self.device.with(|open, host| {
            compose(open, host)?;
            let held = Repair::read(open.vault.db())?.held_cases();
            let items = outbox::waiting(open.vault.db(), batch, &held)?;
            let plain = begin_plainly(open)?;
            let cursor = meta::get(open.vault.db(), meta::CURSOR)?.unwrap_or_default();
            let resume = inbox::partial(open.vault.db())?.or(unmarked(open)?);
            let untold = items.iter().map(Push::id).collect();
            // With something to bring there is no waiting, nor in the middle of something.
            let wait_s = if items.is_empty() && resume.is_none() { std::mem::take(wait_s) } else { 0 };
            Ok((sync_request(open, host.now_ms(), Batch { cursor, resume, items, plain: plain.then_some(true) }, wait_s)?, untold))
        })?;
        crate::crash::point("request", "before");
        report.round_trips = report.round_trips.saturating_add(1);
        report.bytes_up = report.bytes_up.saturating_add(length(request.body.as_deref().unwrap_or_default()));
        let Ok(answer) = self.go(request).await else { return Ok(Ending::Cut { progress: false }) };
        crate::crash::point("request", "after");
        match answer.status {
            204 => {
                self.device.with(fetched_all)?;
                Ok(Ending::Whole)
            }
            200 => self.read_answer(answer, untold, report).await,
            _ => {
                let Ok((_, body)) = whole_body(answer, MOST_SAID).await else { return Ok(Ending::Cut { progress: false }) };
                Ok(ending_of(&body))
            }
        }
    }

    /// What comes before the first sync: founding the organisation there, or asking for admission.
    async fn introduce(&self, report: &mut SyncReport) -> Result<Option<Ending>> {
        let (founding, request) = self.device.with(|open, host| {
            if let Some(founding) = meta::get(open.vault.db(), meta::FOUNDING)? {
                return Ok((true, Some(signed(open, host.now_ms(), "POST", FOUND_PATH, Some(founding))?)));
            }
            let Some(admission) = enrol::admission(open)? else { return Ok((false, None)) };
            Ok((false, Some(signed(open, host.now_ms(), "POST", REQUESTS_PATH, Some(cbor::encode(&admission)))?)))
        })?;
        let Some(request) = request else { return Ok(None) };
        report.round_trips = report.round_trips.saturating_add(1);
        report.bytes_up = report.bytes_up.saturating_add(length(request.body.as_deref().unwrap_or_default()));
        let Ok(answer) = self.go(request).await else { return Ok(Some(Ending::Cut { progress: false })) };
        let Ok((status, body)) = whole_body(answer, MOST_SAID).await else { return Ok(Some(Ending::Cut { progress: false })) };
        match (founding, status) {
            (true, 200..=299) => {
                self.device.with(|open, _| meta::remove(open.vault.db(), meta::FOUNDING))?;
                Ok(None)
            }
            // Whether admitted, still waiting or asked before: only the sync that follows can tell.
            (false, 200..=299 | 404 | 409) => Ok(None),
            _ => Ok(Some(ending_of(&body))),
        }
    }

    /// After the server was put back: asks how far it reaches, so that it is offered what it lost.
    async fn compare(&self, report: &mut SyncReport) -> Result<Option<Ending>> {
        let request = self.device.with(|open, host| {
            if open.org().is_err() || !Repair::read(open.vault.db())?.asks() {
                return Ok(None);
            }
            Ok(Some(signed(open, host.now_ms(), "GET", VECTORS_PATH, None)?))
        })?;
        let Some(request) = request else { return Ok(None) };
        report.round_trips = report.round_trips.saturating_add(1);
        let Ok(answer) = self.go(request).await else { return Ok(Some(Ending::Cut { progress: false })) };
        let Ok((status, body)) = whole_body(answer, MOST_VECTORS).await else { return Ok(Some(Ending::Cut { progress: false })) };
        report.bytes_down = report.bytes_down.saturating_add(length(&body));
        match status {
            200 => {
                let vectors: Vectors = cbor::decode(&body).map_err(|_| DeviceError::BadAnswer)?;
                let cases = self.device.with(|open, host| repair::compare(open, host, &vectors))?;
                self.device.tell(Changed { cases, sync: true, locked: false });
                Ok(None)
            }
            404 => self.device.with(|open, _| repair::cannot_tell(open.vault.db())).map(|()| None),
            _ => Ok(Some(ending_of(&body))),
        }
    }

    async fn read_answer(&self, mut answer: RoadAnswer, untold: BTreeSet<Digest>, report: &mut SyncReport) -> Result<Ending> {
        let is_full = self.device.with(|open, _| Ok(inbox::backlog(open.vault.db())? > self.most_kept))?;
        let mut intake = Intake { untold, ..Intake::default() };
        let mut reader = AnswerReader::default();
        while let Some(chunk) = answer.body.next().await {
            let Ok(chunk) = chunk else {
                let progress = self.cut(&mut intake, report)?;
                return Ok(Ending::Cut { progress });
            };
            report.bytes_down = report.bytes_down.saturating_add(length(&chunk));
            intake.taken = intake.taken.saturating_add(length(&chunk));
            if intake.taken > MOST_OF_AN_ANSWER {
                // What is longer is taken in parts: the next request goes on where this one is left.
                let progress = self.cut(&mut intake, report)?;
                return Ok(Ending::Cut { progress });
            }
            let Ok(pieces) = reader.feed(&chunk) else {
                self.cut(&mut intake, report)?;
                return Err(DeviceError::BadAnswer);
            };
            for piece in pieces {
                // What was said of the batch came before. The cursor stays, so that all of it is told again.
                if is_full && matches!(piece, Piece::Frame(Frame::Item(_))) {
                    return Ok(Ending::Full);
                }
                self.take(&mut intake, piece, report)?;
            }
        }
        if !intake.ended {
            let progress = self.cut(&mut intake, report)?;
            return Ok(Ending::Cut { progress });
        }
        Ok(Ending::Whole)
    }

    fn cut(&self, intake: &mut Intake, report: &mut SyncReport) -> Result<bool> {
        self.keep(intake, report)?;
        self.digest()?;
        Ok(intake.progress)
    }

    fn take(&self, intake: &mut Intake, piece: Piece, report: &mut SyncReport) -> Result<()> {
        match piece {
            Piece::Frame(Frame::Hello { incarnation, server_ms }) => self.device.with(|open, host| {
                // A new incarnation starts its positions anew; what it lost is found by vectors.
                let known = meta::get(open.vault.db(), meta::INCARNATION)?;
                let same = known.as_deref() == Some(incarnation.as_bytes());
                repair::met(open.vault.db(), known.is_some() && !same)?;
                if !same {
                    meta::set(open.vault.db(), meta::INCARNATION, incarnation.as_bytes())?;
                }
                let offset = server_ms.saturating_sub(host.now_ms());
                meta::set_number(open.vault.db(), meta::CLOCK_OFFSET, offset)
            }),
            Piece::Frame(Frame::Ack { id, .. }) => {
                // The server may have it under the name that it had before it was sealed again.
                let id = self.device.with(|open, _| outbox::present_name(open.vault.db(), &id))?;
                intake.untold.remove(&id);
                report.sent = report.sent.saturating_add(u64::from(self.device.with(|open, host| acknowledged(open, host.now_ms(), &id))?));
                intake.progress = true;
                Ok(())
            }
            Piece::Frame(Frame::Refused { id, code }) => {
                intake.untold.remove(&id);
                self.device.with(|open, host| refused(open, host.now_ms(), &id, &code))
            }
            Piece::Frame(Frame::Item(head)) => {
                self.look_in(intake, head.case, report)?;
                intake.begin(self, head)
            }
            Piece::Bytes(bytes) => {
                intake.bytes.extend_from_slice(&bytes);
                if intake.held() >= COMMIT_UNIT { self.keep(intake, report) } else { Ok(()) }
            }
            Piece::ItemEnd => {
                intake.end_item();
                if intake.done.len() >= MOST_HELD { self.keep(intake, report) } else { Ok(()) }
            }
            Piece::Frame(Frame::Mark(cursor)) => {
                intake.cursor = Some(cursor);
                intake.unmarked = None;
                if intake.held() >= COMMIT_UNIT { self.keep(intake, report) } else { Ok(()) }
            }
            Piece::Frame(Frame::End) => {
                intake.ended = true;
                // In the place of these the server holds something else: a copy of this device has written there.
                for id in std::mem::take(&mut intake.untold) {
                    self.device.with(|open, host| refused(open, host.now_ms(), &id, "env.fork"))?;
                }
                if intake.looked_in {
                    self.look_in(intake, None, report)?;
                }
                self.keep(intake, report)?;
                self.digest()?;
                self.device.with(fetched_all)
            }
        }
    }

    /// Commits what has come so far, with the cursor that goes with it.
    fn keep(&self, intake: &mut Intake, report: &mut SyncReport) -> Result<()> {
        self.device.with(|open, _| {
            let transaction = open.vault.write()?;
            let (mut whole, mut all_true) = (0_u64, true);
            for (head, offset, bytes) in intake.done.drain(..) {
                inbox::keep(&transaction, &head, offset, &bytes)?;
                whole = whole.saturating_add(1);
                if inbox::is_whole_and_true(&transaction, &head.id)? {
                    continue;
                }
                if head.offset > 0 {
                    // It was put together from two answers: fetched once more from its beginning.
                    inbox::forget(&transaction, &head.id)?;
                    all_true = false;
                } else {
                    inbox::set_aside_item(&transaction, &head.id, "env.bad_hash")?;
                }
            }
            let grows = !intake.bytes.is_empty();
            if let Some(head) = &intake.head
                && grows
            {
                inbox::keep(&transaction, head, intake.offset, &intake.bytes)?;
                intake.offset = intake.offset.saturating_add(length(&intake.bytes));
                intake.bytes.clear();
            }
            if let Some(cursor) = intake.cursor.take()
                && all_true
            {
                meta::set(&transaction, meta::CURSOR, &cursor)?;
                meta::remove(&transaction, meta::UNMARKED)?;
            }
            if let Some(last) = intake.unmarked.take().filter(|_| all_true) {
                // Until its mark comes the server would send it again: it is asked to go on behind it.
                meta::set(&transaction, meta::UNMARKED, &cbor::encode(&last))?;
            }
            commit(transaction, "inbox")?;
            if !all_true {
                return Err(DeviceError::BadAnswer);
            }
            report.received = report.received.saturating_add(whole);
            intake.progress |= whole > 0 || grows;
            Ok(())
        })
    }

    /// When the content of one case is over and that of another begins, or nothing more: lists it by its card, and takes
    /// the first one in at once, so that somebody can begin to read while the rest is on its way.
    fn look_in(&self, intake: &mut Intake, next: Option<CaseId>, report: &mut SyncReport) -> Result<()> {
        let Some(ended) = intake.content_of.filter(|case| Some(*case) != next) else { return Ok(()) };
        intake.content_of = None;
        self.keep(intake, report)?;
        let is_first = !std::mem::replace(&mut intake.looked_in, true);
        let mut cases = if is_first { self.device.with(digest_logs)? } else { Vec::new() };
        let shown = self.device.with(|open, host| {
            let listed = list_by_card(open, host, ended)?;
            Ok(if is_first { digest_content(open, host, ended)? } else { listed })
        })?;
        if shown && !cases.contains(&ended) {
            cases.push(ended);
        }
        if !cases.is_empty() {
            self.device.tell(Changed { cases, sync: true, locked: false });
        }
        Ok(())
    }

    /// Takes in everything that has come whole, one case at a time: between two of them others get at the vault.
    fn digest(&self) -> Result<()> {
        let cases = self.device.with(|open, host| {
            let cases = digest_logs(open, host)?;
            digest_quarantine(open, host)?;
            digest_notices(open)?;
            Ok(cases)
        })?;
        self.device.tell(Changed { cases, sync: true, locked: false });
        for case in self.device.with(|open, _| inbox::cases(open.vault.db()))? {
            if self.device.with(|open, host| digest_content(open, host, case))? {
                self.device.tell(Changed { cases: vec![case], sync: true, locked: false });
            }
        }
        Ok(())
    }
}

/// The item that has come whole, if the mark behind it has not.
fn unmarked(open: &Open) -> Result<Option<Resume>> {
    let kept = meta::get(open.vault.db(), meta::UNMARKED)?;
    Ok(kept.and_then(|kept| cbor::decode(&kept).ok()))
}

/// Whether another request would carry something.
fn something_waits(open: &mut Open, host: &dyn Host) -> Result<bool> {
    if open.org().is_err() {
        return Ok(false);
    }
    if open.is_outdated(host) || open.is_restored() {
        return Ok(outbox::count(open.vault.db())? > 0);
    }
    // What others agreed to is carried out while the strongroom is open, not the next time.
    if open.strongroom().is_some() {
        intend_keys(open, host)?;
    }
    let db = open.vault.db();
    let sendable = documents::unsealed(db)?.into_iter().any(|case| crate::vault::logs::case(db, case).is_ok_and(|state| state.is_some()));
    let repair = Repair::read(db)?;
    let can_go =
        |intent: &outbox::Intended| intent.refused.is_none() && !repair.holds(&intent.what) && !ledger::is_shut(open, &intent.what);
    let intended = outbox::intents(db)?.iter().any(can_go);
    let again = meta::get(db, meta::PLAIN)?.is_some();
    let sendable = sendable || ledger::something_waits(open, host)?;
    Ok(again || repair.asks() || outbox::count(db)? > 0 || (intended && outbox::entries_waiting(db)? == 0) || sendable)
}

/// Whether no snapshot may come; from the beginning, when that was just decided.
fn begin_plainly(open: &mut Open) -> Result<bool> {
    let plain = meta::number(open.vault.db(), meta::PLAIN)?;
    if plain == Some(meta::WANTED) {
        let transaction = open.vault.write()?;
        meta::remove(&transaction, meta::CURSOR)?;
        meta::set_number(&transaction, meta::PLAIN, meta::UNDER_WAY)?;
        commit(transaction, "compose")?;
    }
    Ok(plain.is_some())
}

/// Everything there was is here.
fn fetched_all(open: &mut Open, host: &dyn Host) -> Result<()> {
    if meta::number(open.vault.db(), meta::PLAIN)? == Some(meta::UNDER_WAY) {
        meta::remove(open.vault.db(), meta::PLAIN)?;
    }
    heartbeat::compare(open, host)?;
    meta::set_number(open.vault.db(), meta::LAST_FETCHED, host.now_ms())
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn sync_request(open: &Open, now_ms: i64, batch: Batch, wait_s: u64) -> Result<RoadRequest> {
    if !batch.items.is_empty() {
        return signed(open, now_ms, "POST", SYNC_PATH, Some(cbor::encode(&batch)));
    }
    let mut path = format!("{SYNC_PATH}?c={}", BASE64URL_NOPAD.encode(&batch.cursor));
    if let Some(resume) = batch.resume {
        path.push_str(&format!("&o={}.{}", resume.id, resume.offset));
    }
    if wait_s > 0 {
        path.push_str(&format!("&w={wait_s}"));
    }
    if batch.plain == Some(true) {
        path.push_str("&p=1");
    }
    signed(open, now_ms, "GET", &path, None)
}

fn signed(open: &Open, now_ms: i64, method: &'static str, path: &str, body: Option<Vec<u8>>) -> Result<RoadRequest> {
    let offset = meta::number(open.vault.db(), meta::CLOCK_OFFSET)?.unwrap_or(0);
    signed_at(open, now_ms.saturating_add(offset), method, path, body)
}

/// As [`signed`], at this time by the server's clock, Unix milliseconds.
fn signed_at(open: &Open, server_ms: i64, method: &'static str, path: &str, body: Option<Vec<u8>>) -> Result<RoadRequest> {
    let server = enrol::server_of(open)?;
    if !crate::road::is_allowed_url(&server) {
        return Err(DeviceError::Refused { code: "net.insecure".to_owned() });
    }
    let url = format!("{}{path}", server.trim_end_matches('/'));
    let signature = open.keys.sign_request(method, &url, body.as_deref(), server_ms.div_euclid(1000));
    let mut headers = vec![("signature-input", signature.signature_input), ("signature", signature.signature)];
    if let Some(digest) = signature.content_digest {
        headers.push(("content-digest", digest));
    }
    Ok(RoadRequest { method, url, headers, body })
}

/// The name of an item, from its bytes.
pub(crate) fn item_name(bytes: &[u8]) -> Digest {
    sha256(&[bytes])
}
