//! Meetings in their rhythm, and what is written about them.

use device::casework::{Edit, MeetingKind, Outcome};

use super::{
    course::AGREEMENT,
    odd,
    plan::{CastCase, Course, Draft, Person, is_christmas},
    text::Templates,
};

/// Days since the last contact in the silent case.
const SILENCE: i64 = 17;
const MINUTE_MS: i64 = 60_000;
const CAFES: [&str; 5] =
    ["Café Broen, Ådal", "Biblioteket i Sønderhavn", "Grillen ved havnen, Østerlund", "Klubhuset, Ærøskov", "Åkanten, Mølleby"];
const OFFICES: [&str; 4] = ["Jobcenter Ådal", "Rådhuset i Sønderhavn", "Lægehuset, Østerlund", "Banken i Mølleby"];

/// Kinds that are rare, so that each of them is there at all.
const RARE: [MeetingKind; 15] = [
    MeetingKind::HomeVisit,
    MeetingKind::Video,
    MeetingKind::Letter,
    MeetingKind::NetworkMeeting,
    MeetingKind::FamilyMeeting,
    MeetingKind::CrisisCall,
    MeetingKind::NoShow,
    MeetingKind::CancelledCandidate,
    MeetingKind::CancelledMentor,
    MeetingKind::Attempt,
    MeetingKind::Activity,
    MeetingKind::Accompaniment,
    MeetingKind::Message,
    MeetingKind::Phone,
    MeetingKind::Other,
];
const RARE_INSIDE: [MeetingKind; 4] =
    [MeetingKind::PrisonLeave, MeetingKind::CancelledInstitution, MeetingKind::Letter, MeetingKind::NetworkMeeting];

/// What is told, over all cases.
pub struct Talk {
    templates: Templates,
    rare: Vec<MeetingKind>,
    rare_inside: Vec<MeetingKind>,
    odd: Vec<String>,
    /// Somebody was waiting at the gate.
    picked_up: bool,
    meetings: u64,
    notes: u64,
}

impl Talk {
    /// Nothing told yet.
    pub fn new() -> Self {
        let mut odd: Vec<String> = odd::ODD.iter().map(|text| (*text).to_owned()).collect();
        odd.push(format!("Han skrev uden mellemrum: {}", odd::long_word()));
        odd.reverse();
        Self {
            templates: Templates::read(),
            rare: RARE.to_vec(),
            rare_inside: RARE_INSIDE.to_vec(),
            odd,
            picked_up: false,
            meetings: 0,
            notes: 0,
        }
    }

    /// A case's meetings and notes.
    pub fn plan(&mut self, draft: &mut Draft, at: usize, case: &CastCase) {
        let last = if case.course == Course::Silent { SILENCE } else { draft.dice.between(2, 5) };
        let first_text = "Henvendelsen er taget op. Han vil gerne i gang, og han vil gerne kaldes det, han har valgt.";
        let id = draft.dice.item();
        let opened = draft.at(case.opened, 20, 0);
        draft.add(opened, case.opener, at, Edit::AddNote { id, text: first_text.to_owned(), at_ms: opened });
        draft.add(opened.saturating_add(MINUTE_MS), case.opener, at, Edit::FinishNote { note: id, finished: true });
        let mut days_back = case.opened.saturating_sub(3);
        while days_back > last {
            let day = draft.day(days_back);
            if !is_christmas(day) || draft.dice.chance(25) {
                let kind = if is_christmas(day) { MeetingKind::CrisisCall } else { self.kind(draft, case, days_back) };
                self.meet(draft, (at, case), days_back, kind);
            }
            days_back = days_back.saturating_sub(gap(draft, case, days_back));
        }
        let kind = if case.course == Course::Inside { MeetingKind::PrisonVisit } else { MeetingKind::Meeting };
        self.meet(draft, (at, case), last, kind);
    }

    fn kind(&mut self, draft: &mut Draft, case: &CastCase, days_back: i64) -> MeetingKind {
        self.meetings = self.meetings.saturating_add(1);
        let days_in = case.opened.saturating_sub(days_back);
        if case.course == Course::Released && days_in >= AGREEMENT && !self.picked_up {
            self.picked_up = true;
            return MeetingKind::PickupRelease;
        }
        let rare = if case.course == Course::Inside { &mut self.rare_inside } else { &mut self.rare };
        if self.meetings.is_multiple_of(3)
            && let Some(kind) = rare.pop()
        {
            return kind;
        }
        let inside = case.course == Course::Inside;
        match draft.dice.below(100) {
            0..45 if inside => MeetingKind::PrisonVisit,
            0..45 => MeetingKind::Meeting,
            45..63 => MeetingKind::Phone,
            63..77 => MeetingKind::Message,
            77..86 if inside => MeetingKind::PrisonLeave,
            77..86 => MeetingKind::Activity,
            86..92 if inside => MeetingKind::Video,
            86..92 => MeetingKind::Accompaniment,
            92..97 if inside => MeetingKind::CancelledInstitution,
            92..95 => MeetingKind::NoShow,
            95..97 => MeetingKind::CancelledCandidate,
            _ => MeetingKind::Other,
        }
    }

    fn meet(&mut self, draft: &mut Draft, (at, case): (usize, &CastCase), days_back: i64, kind: MeetingKind) {
        let hour = i8::try_from(draft.dice.between(9, 17)).unwrap_or(12);
        let minute = draft.dice.pick(&[0_i8, 15, 30, 45]);
        let at_ms = draft.at(days_back, hour, minute);
        let by = if case.mentors.len() > 1 && draft.dice.chance(40) { Person::Second } else { case.owner() };
        let usual = kind.usual_minutes();
        let more = u32::try_from(draft.dice.between(0, 3)).unwrap_or(0).saturating_mul(15);
        let minutes = if usual >= 60 { usual.saturating_add(more) } else { usual };
        let outcome = if kind.two_way() { Outcome::TookPlace } else { Outcome::Not };
        let place = place(draft, kind);
        let edit = Edit::LogMeeting { id: draft.dice.item(), meeting: kind, at_ms, minutes, place, outcome, zone: None, said: None };
        let late = draft.dice.between(5, 90).saturating_add(i64::from(minutes)).saturating_mul(MINUTE_MS);
        let logged = at_ms.saturating_add(late);
        draft.add(logged, by, at, edit);
        if draft.dice.chance(60) {
            self.note(draft, (at, by), (at_ms, logged.saturating_add(MINUTE_MS)), days_back);
        }
    }

    fn note(&mut self, draft: &mut Draft, (case, by): (usize, Person), (at_ms, written): (i64, i64), days_back: i64) {
        self.notes = self.notes.saturating_add(1);
        let mut text = self.templates.note(&mut draft.dice);
        if self.notes.is_multiple_of(4)
            && let Some(odd) = self.odd.pop()
        {
            text = format!("{text}\n\n{odd}");
        }
        let note = draft.dice.item();
        draft.add(written, by, case, Edit::AddNote { id: note, text: text.clone(), at_ms });
        if draft.dice.chance(15) {
            let more = self.templates.line(&mut draft.dice);
            let edit = Edit::WriteNote { note, text: format!("{text}\n\n{more}"), base: None };
            draft.add(written.saturating_add(MINUTE_MS.saturating_mul(12)), by, case, edit);
        }
        if days_back > 6 || draft.dice.chance(50) {
            draft.add(written.saturating_add(MINUTE_MS.saturating_mul(15)), by, case, Edit::FinishNote { note, finished: true });
        }
    }
}

/// Days until they meet again.
fn gap(draft: &mut Draft, case: &CastCase, days_back: i64) -> i64 {
    let days_in = case.opened.saturating_sub(days_back);
    let since_agreement = days_in.saturating_sub(AGREEMENT);
    if draft.day(days_back).month() == 7 {
        return draft.dice.between(9, 13);
    }
    match case.course {
        Course::Released if (0..42).contains(&since_agreement) => draft.dice.between(2, 3),
        Course::FollowUp if since_agreement > 120 => draft.dice.between(10, 13),
        _ => draft.dice.between(5, 8),
    }
}

fn place(draft: &mut Draft, kind: MeetingKind) -> Option<String> {
    let place = match kind {
        MeetingKind::PrisonVisit | MeetingKind::CancelledInstitution => "Fængslet Granbakken",
        MeetingKind::PickupRelease => "Udslusningen Fyrtårnet",
        MeetingKind::Accompaniment | MeetingKind::NetworkMeeting => draft.dice.pick(&OFFICES),
        MeetingKind::Meeting | MeetingKind::Activity | MeetingKind::FamilyMeeting | MeetingKind::PrisonLeave => draft.dice.pick(&CAFES),
        _ => return None,
    };
    Some(place.to_owned())
}
