//! What stable words are called when a person reads them.

use device::casework::{MeetingKind, OfferStatus, SalvageAct, SalvageKind, Stage, StageAct};

use crate::say::Lang;

/// Where a course is.
pub const fn stage(stage: Stage, lang: Lang) -> &'static str {
    let (da, en) = match stage {
        Stage::Inquiry => ("Henvendelse", "Inquiry"),
        Stage::Screening => ("Visitation", "Screening"),
        Stage::ScreeningEnded => ("Visitation afsluttet uden aftale", "Screening ended without agreement"),
        Stage::CourseActive => ("Exitforløb i gang", "Course under way"),
        Stage::CoursePaused => ("På pause", "Paused"),
        Stage::Completed => ("Gennemført", "Completed"),
        Stage::BrokenOff => ("Afbrudt", "Broken off"),
        Stage::FollowUp => ("Opfølgning", "Follow-up"),
        Stage::Closed => ("Lukket", "Closed"),
        Stage::UnresolvedEnd => ("Uafklaret afslutning", "End not settled"),
    };
    lang.pick(da, en)
}

/// What happened to a course.
pub const fn stage_act(act: StageAct, lang: Lang) -> &'static str {
    let (da, en) = match act {
        StageAct::InquiryReceived => ("Henvendelse modtaget", "Inquiry received"),
        StageAct::ScreeningStarted => ("Visitation begyndt", "Screening started"),
        StageAct::InquiryClosed => ("Henvendelse lukket", "Inquiry closed"),
        StageAct::ScreeningInterrupted => ("Visitation afbrudt", "Screening interrupted"),
        StageAct::AgreementSigned => ("Aftale underskrevet", "Agreement signed"),
        StageAct::Paused => ("Sat på pause", "Paused"),
        StageAct::Resumed => ("Genoptaget", "Resumed"),
        StageAct::Completed => ("Gennemført", "Completed"),
        StageAct::BrokenOff => ("Afbrudt", "Broken off"),
        StageAct::FollowUpStarted => ("Opfølgning begyndt", "Follow-up started"),
        StageAct::Reinstated => ("Genindsat", "Reinstated"),
        StageAct::HandedOver => ("Overdraget", "Handed over"),
        StageAct::Deceased => ("Død", "Deceased"),
        StageAct::Emigrated => ("Udrejst", "Emigrated"),
        StageAct::FollowUpEnded => ("Opfølgning slut", "Follow-up ended"),
        StageAct::Voided => ("Annulleret", "Voided"),
        StageAct::Corrected => ("Rettet", "Corrected"),
    };
    lang.pick(da, en)
}

/// What kind of thing is in quarantine.
pub const fn salvage_kind(kind: SalvageKind, lang: Lang) -> &'static str {
    let (da, en) = match kind {
        SalvageKind::Note => ("note", "note"),
        SalvageKind::Meeting => ("møde", "meeting"),
        SalvageKind::Task => ("opgave", "task"),
        SalvageKind::Appointment => ("aftale", "appointment"),
        SalvageKind::Offer => ("indsats", "offer"),
        SalvageKind::Step => ("trin", "step"),
        SalvageKind::Stage => ("forløbstrin", "stage"),
        SalvageKind::Profile => ("stamoplysning", "profile"),
        SalvageKind::Case => ("helt nyt forløb", "whole new case"),
    };
    lang.pick(da, en)
}

/// What else would be done with a thing that is in quarantine.
pub const fn salvage_act(act: SalvageAct, lang: Lang) -> &'static str {
    let (da, en) = match act {
        SalvageAct::Finished => ("gøres færdig", "finished"),
        SalvageAct::Unfinished => ("åbnes igen", "opened again"),
        SalvageAct::Removed => ("slettes", "removed"),
        SalvageAct::Restored => ("hentes tilbage", "restored"),
        SalvageAct::Moved => ("flyttes hertil", "moved to this time"),
        SalvageAct::Minutes => ("minutter", "minutes"),
        SalvageAct::Place => ("sted", "place"),
        SalvageAct::Owner => ("ansvarlig", "responsible"),
        SalvageAct::PromisedTo => ("lovet til", "promised to"),
        SalvageAct::Due => ("frist", "due"),
        SalvageAct::Done => ("gjort", "done"),
        SalvageAct::Undone => ("ikke gjort", "not done"),
        SalvageAct::Reason => ("grund", "reason"),
        SalvageAct::Text => ("tekst", "text"),
        SalvageAct::By => ("på initiativ af", "initiated by"),
        SalvageAct::Corrected => ("retter et tidligere trin", "corrects an earlier stage"),
        SalvageAct::Programme => ("program", "programme"),
        SalvageAct::BirthYear => ("fødselsår", "year of birth"),
    };
    lang.pick(da, en)
}

/// How far an offer is.
pub const fn offer_status(status: OfferStatus, lang: Lang) -> &'static str {
    let (da, en) = match status {
        OfferStatus::NotAssessed => ("ikke vurderet", "not assessed"),
        OfferStatus::NoNeed => ("intet behov", "no need"),
        OfferStatus::Need => ("behov", "need"),
        OfferStatus::Offered => ("tilbudt", "offered"),
        OfferStatus::Accepted => ("taget imod", "accepted"),
        OfferStatus::Declined => ("afslået", "declined"),
        OfferStatus::Waiting => ("venter", "waiting"),
        OfferStatus::Running => ("i gang", "running"),
        OfferStatus::Done => ("færdig", "done"),
        OfferStatus::Stopped => ("stoppet", "stopped"),
    };
    lang.pick(da, en)
}

/// What kind of contact it was.
pub const fn meeting_kind(kind: MeetingKind, lang: Lang) -> &'static str {
    let (da, en) = match kind {
        MeetingKind::Meeting => ("Møde", "Meeting"),
        MeetingKind::PrisonVisit => ("Fængselsbesøg", "Prison visit"),
        MeetingKind::PrisonLeave => ("Udgang (ledsaget)", "Prison leave (accompanied)"),
        MeetingKind::Accompaniment => ("Ledsagelse", "Accompaniment"),
        MeetingKind::Activity => ("Aktivitet sammen", "Activity together"),
        MeetingKind::HomeVisit => ("Hjemmebesøg", "Home visit"),
        MeetingKind::Phone => ("Telefon", "Phone"),
        MeetingKind::Video => ("Video", "Video"),
        MeetingKind::Message => ("Besked", "Message"),
        MeetingKind::Letter => ("Brev", "Letter"),
        MeetingKind::NetworkMeeting => ("Netværksmøde", "Network meeting"),
        MeetingKind::FamilyMeeting => ("Familiemøde", "Family meeting"),
        MeetingKind::CrisisCall => ("Krisekald", "Crisis call"),
        MeetingKind::PickupRelease => ("Afhentning ved løsladelse", "Pick-up at release"),
        MeetingKind::NoShow => ("Udeblev", "No-show"),
        MeetingKind::CancelledCandidate => ("Afbud", "Cancelled by the candidate"),
        MeetingKind::CancelledInstitution => ("Aflyst af fængsel eller myndighed", "Cancelled by prison or authority"),
        MeetingKind::CancelledMentor => ("Aflyst af mentor", "Cancelled by the mentor"),
        MeetingKind::Attempt => ("Forsøgt kontakt", "Attempted contact"),
        MeetingKind::Other => ("Andet", "Other"),
    };
    lang.pick(da, en)
}

/// By how much a clock was off, in the unit a person would say.
pub fn clock_off(ahead_ms: i64, lang: Lang) -> String {
    const MINUTE: u64 = 60_000;
    let units = [
        (365 * 24 * 60 * MINUTE, ("år", "år"), ("year", "years")),
        (24 * 60 * MINUTE, ("dag", "dage"), ("day", "days")),
        (60 * MINUTE, ("time", "timer"), ("hour", "hours")),
        (MINUTE, ("minut", "minutter"), ("minute", "minutes")),
    ];
    let off = ahead_ms.unsigned_abs();
    // Not quite three days are three days.
    let fits = |length: u64| off.saturating_add(length / 20) >= length;
    let (length, da, en) =
        units.iter().find(|(length, ..)| fits(*length)).copied().unwrap_or((MINUTE, ("minut", "minutter"), ("minute", "minutes")));
    let n = off.saturating_add(length / 2).checked_div(length).unwrap_or(0).max(1);
    let unit = if n == 1 { lang.pick(da.0, en.0) } else { lang.pick(da.1, en.1) };
    let side = if ahead_ms > 0 { lang.pick("foran", "ahead") } else { lang.pick("bagud", "behind") };
    format!("{} {n} {unit} {side}", lang.pick("uret var", "the clock was"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_off_is_off_by_what_a_person_would_say() {
        const HOUR: i64 = 3_600_000;
        let both = |ahead_ms: i64| [clock_off(ahead_ms, Lang::Da), clock_off(ahead_ms, Lang::En)];
        assert_eq!(both(72 * HOUR), ["uret var 3 dage foran", "the clock was 3 days ahead"]);
        assert_eq!(both(24 * HOUR - 60_000), ["uret var 1 dag foran", "the clock was 1 day ahead"]);
        assert_eq!(both(-2 * 365 * 24 * HOUR), ["uret var 2 år bagud", "the clock was 2 years behind"]);
        assert_eq!(both(-HOUR), ["uret var 1 time bagud", "the clock was 1 hour behind"]);
        assert_eq!(both(-7 * 60_000), ["uret var 7 minutter bagud", "the clock was 7 minutes behind"]);
        assert_eq!(clock_off(i64::MIN, Lang::En), "the clock was 292471209 years behind");
    }
}
