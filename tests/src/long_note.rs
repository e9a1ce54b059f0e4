//! A very long note that two people write at both its ends while they are apart: for the story, and for measuring it.

use device::{
    CaseId, ItemId, Role, SyncReport,
    casework::{Edit, Programme},
};

use crate::{Phone, Weather, World};

/// Characters of the note before anybody goes away.
pub const LENGTH: usize = 200_000;
/// Days apart.
pub const DAYS: usize = 9;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const WORDS: [&str; 16] =
    ["vi", "mødtes", "ved", "broen", "og", "talte", "længe", "om", "bolig", "gæld", "fodbold", "søsteren", "i", "Ærøskov", "næste", "uge"];

/// Two phones with the same long note.
#[derive(Debug)]
pub struct LongNote {
    world: World,
    pub hanne: Phone,
    pub aase: Phone,
    pub case: CaseId,
    pub note: ItemId,
    /// The note before anybody went away.
    pub text: String,
}

/// What one of them adds on one day: a paragraph before everything, and one after it.
pub fn paragraphs(who: &str, day: usize) -> [String; 2] {
    let said = |place: &str| format!("{who} {place} på dag {day}: {}.", WORDS[day % WORDS.len()]);
    [format!("{}\n", said("først")), format!("\n{}", said("sidst"))]
}

impl LongNote {
    /// Both have the note, and nothing waits.
    pub fn written(seed: u64) -> Self {
        let world = World::new(seed);
        let hanne = world.founder("Hanne");
        let aase = world.enrol(&hanne, "Åse", Role::Mentor);
        let case = aase.device.new_case("Falken", Programme::National, None).expect("a case");
        let mut text = String::new();
        for n in 0.. {
            let line = format!("{n}. {} {} {}. ", WORDS[n % 16], WORDS[(n / 16) % 16], WORDS[(n / 7) % 16]);
            text.push_str(&line);
            if text.chars().count() >= LENGTH {
                break;
            }
        }
        let text: String = text.chars().take(LENGTH).collect();
        let note = aase.device.new_item();
        let at_ms = aase.device.host().now_ms();
        aase.device.edit(case, Edit::AddNote { id: note, text: text.clone(), at_ms }).expect("written");
        for phone in [&aase, &hanne, &hanne, &aase] {
            phone.sync();
        }
        Self { world, hanne, aase, case, note, text }
    }

    /// The note as this phone has it.
    pub fn read(&self, phone: &Phone) -> String {
        phone.device.note(self.case, self.note, None).expect("the note").text
    }

    /// Nine days without a network; both write at both ends each day.
    pub fn apart(&self) {
        for phone in [&self.hanne, &self.aase] {
            phone.weather(Weather::Offline);
        }
        for day in 0..DAYS {
            self.world.pass(DAY_MS);
            for (phone, who) in [(&self.hanne, "Hanne"), (&self.aase, "Åse")] {
                let [before, after] = paragraphs(who, day);
                // One end, a pause, the other end: the page writes at every pause.
                let begun = format!("{before}{}", self.read(phone));
                let ended = format!("{begun}{after}");
                for text in [begun, ended] {
                    phone.device.edit(self.case, Edit::WriteNote { note: self.note, text, base: None }).expect("written");
                }
            }
        }
        for phone in [&self.hanne, &self.aase] {
            phone.weather(Weather::Clear);
        }
    }

    /// Åse's nine days reach the server.
    pub fn send(&self) -> SyncReport {
        self.aase.sync()
    }

    /// Hanne's phone sends its own nine days and takes in Åse's: the merge that a person waits for.
    pub fn merge(&self) -> SyncReport {
        self.hanne.sync()
    }

    /// Åse's phone takes in Hanne's.
    pub fn merge_back(&self) -> SyncReport {
        self.aase.sync()
    }
}
