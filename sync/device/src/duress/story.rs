//! What stands in an invented vault: a volunteer's diary of the last weeks, written when it says it was.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use casework::{Edit, MeetingKind, Programme, TaskKind};
use jiff::{ToSpan as _, Zoned, civil::Time, tz::TimeZone};
use seal::keyslot::Cost;
use wire::{
    id::CaseId,
    log::AppVersion,
    message::{ItemHead, ItemKind, Push},
};

use crate::{
    compose::compose,
    courier::acknowledged,
    digest::digest_logs,
    error::Result,
    host::{Dice, Host, Keystore},
    session::{Device, Open},
    vault::{inbox, meta, outbox},
};

/// What the volunteers are called.
const GROUP: &str = "Frivilliggruppen";
const DEVICE: &str = "telefon";
/// Bytes that are sealed before they are taken for sent.
const AT_ONCE: usize = 1 << 20;

/// Another time on the same platform.
pub(super) struct Then {
    host: Arc<dyn Host>,
    now_ms: AtomicI64,
}

impl Then {
    pub fn new(host: Arc<dyn Host>) -> Self {
        let now_ms = AtomicI64::new(host.now_ms());
        Self { host, now_ms }
    }

    /// Goes to a time of day so many days ago; minutes are cast.
    fn go(&self, days: i64, hour: i8) {
        let now = self.host.now_ms();
        let [dice]: [u8; 1] = Dice(self.host.as_ref()).roll();
        let minute = i8::try_from(dice % 12).unwrap_or_default().saturating_mul(5);
        let here = jiff::Timestamp::from_millisecond(now).unwrap_or_default().to_zoned(self.host.time_zone());
        let day = here.checked_sub(days.days()).unwrap_or(here);
        let then = Time::new(hour, minute, 0, 0).ok().and_then(|time| day.with().time(time).build().ok());
        // What would lie ahead has just been.
        let then_ms = then.as_ref().map_or(now, |then: &Zoned| then.timestamp().as_millisecond()).min(now.saturating_sub(60_000));
        self.now_ms.store(then_ms, Ordering::Relaxed);
    }
}

impl Host for Then {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    fn fill_random(&self, out: &mut [u8]) {
        self.host.fill_random(out);
    }

    fn time_zone(&self) -> TimeZone {
        self.host.time_zone()
    }

    fn keystore(&self) -> Option<&dyn Keystore> {
        self.host.keystore()
    }

    fn cost(&self) -> Cost {
        self.host.cost()
    }

    fn app_version(&self) -> AppVersion {
        self.host.app_version()
    }
}

/// One line of the diary: so many days ago, at this hour, with this one.
struct Line(i64, i8, &'static str, What);

enum What {
    New,
    Met(MeetingKind, &'static str),
    Note(&'static str),
    Todo(&'static str),
    Done(&'static str),
}

use What::{Done, Met, New, Note, Todo};

const DIARY: [Line; 23] = [
    Line(53, 10, "Ketty", New),
    Line(53, 10, "Ketty", Met(MeetingKind::Phone, "")),
    Line(49, 14, "Ketty", Met(MeetingKind::Meeting, "Caféen")),
    Line(49, 16, "Ketty", Note("Første kop kaffe. Hun har boet alene siden foråret og savner nogen at spille kort med.")),
    Line(46, 9, "Lektiecaféen", New),
    Line(45, 16, "Lektiecaféen", Met(MeetingKind::Meeting, "Biblioteket")),
    Line(45, 18, "Lektiecaféen", Note("Fem børn. Brøker for de store, læsning for de små. Husk flere blyanter.")),
    Line(42, 14, "Ketty", Met(MeetingKind::Meeting, "Caféen")),
    Line(38, 16, "Lektiecaféen", Met(MeetingKind::Meeting, "Biblioteket")),
    Line(35, 14, "Ketty", Met(MeetingKind::NoShow, "")),
    Line(34, 11, "Ketty", Met(MeetingKind::Phone, "")),
    Line(34, 11, "Ketty", Note("Hun havde glemt dagen. Vi ringer aftenen før fra nu af.")),
    Line(30, 9, "Gåholdet", New),
    Line(29, 10, "Gåholdet", Met(MeetingKind::Meeting, "Søen")),
    Line(28, 14, "Ketty", Met(MeetingKind::Meeting, "Caféen")),
    Line(24, 16, "Lektiecaféen", Met(MeetingKind::Meeting, "Biblioteket")),
    Line(22, 10, "Gåholdet", Met(MeetingKind::Meeting, "Søen")),
    Line(22, 12, "Gåholdet", Note("Otte med, en med stok. Den korte tur er lang nok.")),
    Line(17, 16, "Lektiecaféen", Todo("Låne lokalet til foråret")),
    Line(14, 14, "Ketty", Met(MeetingKind::Meeting, "Caféen")),
    Line(8, 10, "Gåholdet", Met(MeetingKind::Meeting, "Søen")),
    Line(4, 9, "Lektiecaféen", Done("Købe blyanter")),
    Line(3, 14, "Ketty", Todo("Finde et spil kort med store tal")),
];

/// Writes the diary, and takes all of it for sent a while ago.
pub(super) fn tell(device: &Device, then: &Then, (person, server): (&str, &str), certificates: Vec<Vec<u8>>) -> Result<()> {
    let mut cases: Vec<(&str, CaseId)> = Vec::new();
    for (number, Line(days, hour, whom, what)) in DIARY.iter().enumerate() {
        then.go(*days, *hour);
        if number == 0 {
            device.found_organisation(server, certificates.clone(), GROUP, person, DEVICE)?;
        }
        if matches!(what, New) {
            cases.push((whom, device.new_case(whom, Programme::Ngo, None)?));
            continue;
        }
        if let Some((_, case)) = cases.iter().find(|(known, _)| known == whom) {
            write(device, *case, what)?;
        }
    }
    then.go(1, 19);
    device.with(|open, host| all_sent(open, host))
}

fn write(device: &Device, case: CaseId, what: &What) -> Result<()> {
    let task = |title: &str| Edit::AddTask {
        id: device.new_item(),
        title: title.to_owned(),
        due: None,
        owner: None,
        task: TaskKind::Task,
        promised_to: None,
    };
    match what {
        New => Ok(()),
        Met(kind, place) => {
            let place = (!place.is_empty()).then(|| (*place).to_owned());
            device.log_meeting(case, *kind, None, None, place).map(drop)
        }
        Note(text) => {
            let id = device.new_item();
            device.edit(case, Edit::AddNote { id, text: (*text).to_owned(), at_ms: device.host().now_ms() })?;
            device.edit(case, Edit::FinishNote { note: id, finished: true }).map(drop)
        }
        Todo(title) => device.edit(case, task(title)).map(drop),
        Done(title) => {
            let made = device.edit(case, task(title))?;
            let Ok(task) = made.id.parse() else { return Ok(()) };
            device.edit(case, Edit::SetTaskDone { task, done: true, on: None }).map(drop)
        }
    }
}

/// Everything is sealed and taken for sent: the cases have begun, each word was received.
fn all_sent(open: &mut Open, host: &dyn Host) -> Result<()> {
    meta::remove(open.vault.db(), meta::FOUNDING)?;
    loop {
        compose(open, host)?;
        let waiting = outbox::waiting(open.vault.db(), AT_ONCE, &std::collections::BTreeSet::new())?;
        if waiting.is_empty() {
            break;
        }
        for push in &waiting {
            let case = outbox::find(open.vault.db(), &push.id())?.and_then(|sent| sent.case);
            if let (Push::Log { entry, .. }, Some(case)) = (push, case) {
                let total = u64::try_from(entry.len()).unwrap_or(u64::MAX);
                let head = ItemHead { kind: ItemKind::CaseEntry, position: 0, case: Some(case), id: push.id(), total, offset: 0 };
                inbox::keep(open.vault.db(), &head, 0, entry)?;
            }
            acknowledged(open, host.now_ms(), &push.id())?;
        }
        digest_logs(open, host)?;
    }
    meta::set_number(open.vault.db(), meta::LAST_FETCHED, host.now_ms())
}
