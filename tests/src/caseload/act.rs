//! One line of the workload, and the edits that carry all of its text.

use std::{fs, path::Path};

use device::{
    CaseId, Device, DeviceError, ItemId,
    casework::{Edit, MeetingKind, OfferKind, OfferStatus, Outcome, Programme, TaskKind},
};
use serde_json::Value;

/// Who writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writer {
    Mentor,
    Coordinator,
}

impl Writer {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Mentor => Self::Coordinator,
            Self::Coordinator => Self::Mentor,
        }
    }
}

/// One line of the workload.
#[derive(Debug, Clone)]
pub struct Act {
    /// Like `case-07`.
    pub case: String,
    pub by: Writer,
    /// Written without having seen the act before it in this case.
    pub concurrent: bool,
    /// Unix milliseconds.
    pub at_ms: i64,
    op: String,
    id: String,
    value: Value,
}

const OFFERS: [(&str, OfferKind); 9] = [
    ("bopæl", OfferKind::Relocation),
    ("økonomi", OfferKind::FinancialAid),
    ("netværk", OfferKind::OutsideContacts),
    ("myndigheder", OfferKind::AuthorityCooperation),
    ("familie", OfferKind::FamilyReconnection),
    ("fritid", OfferKind::SocialActivities),
    ("terapi", OfferKind::Therapy),
    ("misbrug", OfferKind::SubstanceTreatment),
    ("job-uddannelse", OfferKind::WorkEducation),
];

/// What an offer's status is called in the workload.
fn status(word: &str) -> OfferStatus {
    match word {
        "foreslået" => OfferStatus::Need,
        "drøftet" | "ansøgt" => OfferStatus::Offered,
        "afventer" | "pause" => OfferStatus::Waiting,
        "bevilget" => OfferStatus::Accepted,
        "startet" | "genoptaget" => OfferStatus::Running,
        "afsluttet" => OfferStatus::Done,
        _ => OfferStatus::Declined,
    }
}

fn meeting(word: &str) -> MeetingKind {
    match word {
        "telefon" => MeetingKind::Phone,
        "ledsagelse" => MeetingKind::Accompaniment,
        "netværksmøde" => MeetingKind::NetworkMeeting,
        "krise" => MeetingKind::CrisisCall,
        _ => MeetingKind::Meeting,
    }
}

/// The id of a thing, made from its name in the workload; `of` tells apart the things that one act makes.
fn item(name: &str, of: &str) -> ItemId {
    let hash = server::sha256(format!("{name}/{of}").as_bytes());
    ItemId::from_bytes(hash[..ItemId::LEN].try_into().expect("a hash is longer than an id"))
}

fn millis(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("the workload's times are ISO 8601").as_millisecond()
}

/// Reads a file of the workload.
pub fn read(file: &Path) -> Vec<Act> {
    let text = fs::read_to_string(file).expect("the workload is there: run gen.mjs first");
    text.lines().map(|line| Act::parse(&serde_json::from_str(line).expect("a line of JSON"))).collect()
}

impl Act {
    /// Reads one line.
    pub fn parse(line: &Value) -> Self {
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        Self {
            case: word("c"),
            by: if line["a"] == "coordinator" { Writer::Coordinator } else { Writer::Mentor },
            concurrent: line["conc"] == 1,
            at_ms: millis(&word("t")),
            op: word("op"),
            id: word("id"),
            value: line["v"].clone(),
        }
    }

    /// Whether it begins its case.
    pub fn begins_case(&self) -> bool {
        self.op == "case.create"
    }

    fn text(&self, key: &str) -> String {
        self.value[key].as_str().unwrap_or_default().to_owned()
    }

    fn number(&self, key: &str) -> u64 {
        self.value[key].as_u64().unwrap_or_default()
    }

    /// Begins the case: its profile, and everything else the workload says of a person as a note.
    ///
    /// # Errors
    /// What the device says.
    pub fn begin(&self, device: &Device) -> Result<CaseId, DeviceError> {
        let born = u16::try_from(self.number("born")).ok();
        let case = device.new_case(&self.text("alias"), Programme::National, born)?;
        let rest = ["opened", "phase", "contact", "safeword", "background"].map(|key| self.text(key));
        let text = format!("{}\n{}", rest.join("\n"), self.number("risk"));
        device.edit(case, Edit::AddNote { id: item(&self.id, "background"), text, at_ms: self.at_ms })?;
        Ok(case)
    }

    /// Does it on a device. Gives how many edits that were.
    ///
    /// # Errors
    /// What the device says.
    pub fn apply(&self, device: &Device, case: CaseId) -> Result<usize, DeviceError> {
        let edits = self.edits(device, case)?;
        let n = edits.len();
        for edit in edits {
            device.edit(case, edit)?;
        }
        Ok(n)
    }

    fn edits(&self, device: &Device, case: CaseId) -> Result<Vec<Edit>, DeviceError> {
        Ok(match self.op.as_str() {
            "offer.add" => {
                let kind = self.text("kind");
                let offer = OFFERS.iter().find(|(word, _)| *word == kind).map(|(_, kind)| *kind).expect("a known offer");
                let set = Edit::SetOfferStatus { offer, status: status(&self.text("status")) };
                vec![set, step(offer, item(&self.id, "goal"), self.text("goal"))]
            }
            "offer.status" => {
                let place: usize = self.id.rsplit('-').next().and_then(|n| n.parse().ok()).expect("o-CASE-N");
                let (offer, at) = (OFFERS[place].1, self.text("at"));
                let set = Edit::SetOfferStatus { offer, status: status(&self.text("status")) };
                vec![set, step(offer, item(&self.id, &format!("{at}/{}", self.text("why"))), self.text("why"))]
            }
            "meeting.add" => self.meeting(),
            "note.add" => vec![Edit::AddNote { id: item(&self.id, "note"), text: self.text("text"), at_ms: self.at_ms }],
            "note.edit" => vec![self.splice(device, case)?],
            "task.add" => {
                let due = Some(self.text("due").get(..10).unwrap_or_default().to_owned());
                let (id, title) = (item(&self.id, "task"), self.text("text"));
                vec![Edit::AddTask { id, title, due, owner: None, task: TaskKind::Task, promised_to: None }]
            }
            other => panic!("the workload has no {other}"),
        })
    }

    fn meeting(&self) -> Vec<Edit> {
        let mut text = self.text("summary");
        for line in self.value["followups"].as_array().into_iter().flatten() {
            text.push('\n');
            text.push_str(line.as_str().unwrap_or_default());
        }
        let at_ms = millis(&self.text("start"));
        let log = Edit::LogMeeting {
            id: item(&self.id, "meeting"),
            meeting: meeting(&self.text("kind")),
            at_ms,
            minutes: u32::try_from(self.number("minutes")).unwrap_or_default(),
            place: Some(self.text("place")),
            outcome: if self.value["attended"] == true { Outcome::TookPlace } else { Outcome::Not },
            zone: None,
            said: None,
        };
        vec![log, Edit::AddNote { id: item(&self.id, "summary"), text, at_ms }]
    }

    /// Where the text is shorter than the workload thinks, because something concurrent is not here yet, at its end.
    fn splice(&self, device: &Device, case: CaseId) -> Result<Edit, DeviceError> {
        let note = item(&self.id, "note");
        let length = device.note(case, note, None)?.text.chars().count() as u64;
        let at = self.number("pos").min(length);
        Ok(Edit::SpliceNote { note, at, delete: self.number("del").min(length - at), insert: self.text("ins") })
    }
}

fn step(offer: OfferKind, id: ItemId, title: String) -> Edit {
    Edit::AddStep { offer, id, title, template: None, owner: None, due: None }
}
