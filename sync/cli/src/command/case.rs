//! Cases: new ones, lists, one case, who may read it, what happened to the course.

use std::sync::Arc;

use device::{
    Device,
    casework::{CaseRow, CaseView, Edit, PierState, TimelineEntry},
};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{find_case, find_item, open_case};
use crate::{
    arguments::{Case, Stage},
    error::Result,
    labels, parse,
    say::{Lang, Out, table},
};

/// Most entries of the timeline that a person is shown at once.
const SHOWN: usize = 30;

/// Carries out a command about cases.
pub fn run(device: &Arc<Device>, words: &Case, out: &Out) -> Result<bool> {
    match words {
        Case::New { alias, programme, birth_year } => {
            let case = device.new_case(alias, *programme, *birth_year)?;
            out.say(&json!({ "case": case }), |_| case.to_string());
        }
        Case::List => {
            let rows = device.cases()?;
            out.say(&json!({ "cases": rows }), |lang| table(&rows.iter().map(|row| listed(row, lang)).collect::<Vec<_>>()));
        }
        Case::Show { case } => show(device, case, out)?,
        Case::Assign { case, person, until } => {
            let case = find_case(device, case)?;
            let person = device.person(person)?;
            let until_ms = until.map(|day| parse::end_of(day, &device.host().time_zone())).transpose()?;
            device.assign(case, person.id, until_ms)?;
            out.say(&json!({ "case": case, "person": person.id, "until": until_ms }), |lang| {
                format!("{} {}", person.name, lang.pick("får adgang ved næste synkronisering.", "gets access with the next sync."))
            });
        }
        Case::Unassign { case, person } => {
            let (case, person) = (find_case(device, case)?, device.person(person)?);
            device.unassign(case, person.id)?;
            out.say(&json!({ "case": case, "person": person.id }), |lang| {
                format!(
                    "{} {}",
                    person.name,
                    lang.pick("er ude af forløbet ved næste synkronisering.", "is out of the case with the next sync.")
                )
            });
        }
        Case::HandOver { case, from, to, overlap } => {
            let (case, from, to) = (find_case(device, case)?, device.person(from)?, device.person(to)?);
            device.hand_over(case, from.id, to.id, *overlap)?;
            out.say(&json!({ "case": case, "from": from.id, "to": to.id, "overlap_days": overlap }), |lang| {
                format!("{} → {}: {}", from.name, to.name, lang.pick("ved næste synkronisering.", "with the next sync."))
            });
        }
        Case::Readers { case } => {
            let readers = device.readers(find_case(device, case)?)?;
            let zone = device.host().time_zone();
            out.say(&json!({ "readers": readers }), |_| {
                let until = |at: Option<i64>| at.map(|at| parse::shown(at, &zone)).unwrap_or_default();
                let row = |one: &device::Reader| vec![one.name.clone(), parse::role_word(one.role).to_owned(), until(one.until)];
                table(&readers.iter().map(row).collect::<Vec<_>>())
            });
        }
        Case::Erase { .. } | Case::Approve { .. } | Case::Hold { .. } | Case::Endings => return super::end::run(device, words, out),
        Case::Stage(words) => stage(device, words, out)?,
        Case::Correct { case, event } => {
            let (case, show) = open_case(device, case)?;
            let event = find_item(event, show.stages.keys())?;
            let done = device.edit(case, Edit::StageCorrect { corrects: event })?;
            out.say(&json!({ "event": done.id, "undo": done.undo }), |_| done.undo.clone());
        }
    }
    Ok(true)
}

fn listed(row: &CaseRow, lang: Lang) -> Vec<String> {
    let days = row.days_since.map_or_else(
        || "—".to_owned(),
        |days| counted(u32::try_from(days).unwrap_or(0), lang.pick("dag", "day"), lang.pick("dage", "days")),
    );
    let mut marks = Vec::new();
    if row.silent {
        marks.push(lang.pick("tavs", "silent").to_owned());
    }
    if row.open_promises > 0 {
        marks.push(counted(row.open_promises, lang.pick("løfte", "promise"), lang.pick("løfter", "promises")));
    }
    if row.conflicts > 0 {
        marks.push(counted(row.conflicts, lang.pick("uenighed", "conflict"), lang.pick("uenigheder", "conflicts")));
    }
    if row.waiting_for_server {
        marks.push(lang.pick("kun her", "only here").to_owned());
    }
    vec![short(&row.id.to_string()), row.alias.clone(), labels::stage(row.stage, lang).to_owned(), days, marks.join(", ")]
}

fn counted(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// The beginning of an id, enough for a person to tell things apart.
pub fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

fn show(device: &Arc<Device>, case: &str, out: &Out) -> Result<()> {
    let case = find_case(device, case)?;
    if out.is_json() {
        let show = device.case_show(case)?;
        let value = serde_json::to_value(&show).unwrap_or_default();
        out.say(&value, |_| String::new());
    } else {
        let view = device.case(case)?;
        let zone = device.host().time_zone();
        out.say(&json!(null), |lang| drawn(&view, lang, &zone));
        if view.timeline.iter().any(|entry| matches!(entry, TimelineEntry::Meeting(one) if one.time_unknown)) {
            out.hint(
                "Uret var nulstillet, da et møde blev skrevet. Skriv, hvornår det var, med »meeting time«, når du ved det.",
                "The clock had been reset when a meeting was entered. Say when it was with `meeting time`, once you know.",
            );
        }
    }
    Ok(())
}

fn drawn(view: &CaseView, lang: Lang, zone: &TimeZone) -> String {
    let mut text = format!("{}  {}  {}\n", view.alias, labels::stage(view.stage, lang), view.id);
    let piers = view.bridge.iter().map(|pier| match pier.state {
        PierState::Done => "●",
        PierState::Now => "◉",
        PierState::Ahead => "○",
    });
    text.push_str(&format!("{}\n", piers.collect::<Vec<_>>().join("──")));
    let team: Vec<&str> = view.team.iter().map(|who| who.name.as_str()).collect();
    text.push_str(&format!("{}: {}\n", lang.pick("Hold", "Team"), team.join(", ")));
    if let Some(days) = view.days_since {
        text.push_str(&format!("{}: {days}\n", lang.pick("Dage siden kontakt", "Days since contact")));
    }
    for conflict in &view.conflicts {
        let values: Vec<String> = conflict.values.iter().map(|one| format!("{} ({})", shown_value(&one.value, lang), one.who)).collect();
        text.push_str(&format!("⚡ {}  {}  {}\n", short(&conflict.id), conflict.field, values.join(" / ")));
    }
    let work = drawn_work(view, lang);
    if !work.is_empty() {
        text.push_str(&format!("\n{work}"));
    }
    let lines: Vec<Vec<String>> = view.timeline.iter().take(SHOWN).map(|entry| timeline(entry, lang, zone)).collect();
    text.push('\n');
    text.push_str(&table(&lines));
    text
}

fn drawn_work(view: &CaseView, lang: Lang) -> String {
    let mut text = String::new();
    for offer in view.offers.iter().filter(|offer| offer.status.word() != "not_assessed" || !offer.steps.is_empty()) {
        let name = lang.pick(offer.kind.danish(), offer.kind.english());
        text.push_str(&format!("{name}: {}\n", labels::offer_status(offer.status, lang)));
        for step in &offer.steps {
            text.push_str(&format!("  {} {}  {}\n", if step.done { "☑" } else { "☐" }, step.title, short(&step.id.to_string())));
        }
    }
    let tasks: Vec<Vec<String>> = view
        .tasks
        .iter()
        .map(|task| {
            let to = task.promised_to.as_deref().map(|to| format!("→ {to}")).unwrap_or_default();
            let mark = if task.done { "☑" } else { "☐" };
            vec![mark.to_owned(), task.due.clone().unwrap_or_default(), task.title.clone(), to, short(&task.id.to_string())]
        })
        .collect();
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(&table(&tasks));
    text
}

fn timeline(entry: &TimelineEntry, lang: Lang, zone: &TimeZone) -> Vec<String> {
    let (when, what, who, id) = match entry {
        TimelineEntry::Meeting(one) => {
            let place = one.place.as_deref().unwrap_or_default();
            let mut what = format!("{} {place}", labels::meeting_kind(one.kind, lang));
            if let Some(ahead_ms) = one.clock_ahead.filter(|_| !one.time_unknown) {
                what.push_str(&format!(" ({})", labels::clock_off(ahead_ms, lang)));
            }
            let unknown = || lang.pick("tid ukendt", "time unknown").to_owned();
            (if one.time_unknown { unknown() } else { parse::shown(one.at, zone) }, what, &one.by, one.id.to_string())
        }
        TimelineEntry::Note(one) => (parse::shown(one.at, zone), format!("„{}“", one.first_line), &one.by, one.id.to_string()),
        TimelineEntry::Stage(one) => {
            let act = device::casework::StageAct::from_word(&one.event).map_or(one.event.as_str(), |act| labels::stage_act(act, lang));
            (one.on.clone(), act.to_owned(), &one.by, one.id.to_string())
        }
        TimelineEntry::Offer(one) => {
            let name = lang.pick(one.offer.danish(), one.offer.english());
            (parse::shown(one.at, zone), format!("{name}: {}", labels::offer_status(one.to, lang)), &one.by, String::new())
        }
    };
    vec![when, short(&id), who.name.clone(), what]
}

/// A value of a conflict; the empty one has a name too.
pub fn shown_value(value: &str, lang: Lang) -> String {
    if value.is_empty() { lang.pick("(ingen)", "(none)").to_owned() } else { value.to_owned() }
}

fn stage(device: &Arc<Device>, words: &Stage, out: &Out) -> Result<()> {
    let case = find_case(device, &words.case)?;
    let edit = Edit::StageEvent {
        id: device.new_item(),
        event: words.event,
        on: words.on.clone(),
        reason: words.reason.clone(),
        text: words.text.clone(),
        by: words.by,
    };
    let done = device.edit(case, edit)?;
    let stage = device.case_show(case)?.stage;
    out.say(&json!({ "event": done.id, "stage": stage, "undo": done.undo }), |lang| labels::stage(stage, lang).to_owned());
    Ok(())
}

#[cfg(test)]
mod tests {
    use device::{
        ItemId, MemberId,
        casework::{Dot, MeetingKind, MeetingView, Outcome, Who},
    };

    use super::*;

    #[test]
    fn a_meeting_by_a_wrong_clock_says_by_how_much_and_one_by_a_lost_clock_has_no_time() {
        let (id, member) = (ItemId::from_bytes([0; ItemId::LEN]), MemberId::from_bytes([0; MemberId::LEN]));
        let met = |at: i64, clock_ahead: Option<i64>, time_unknown: bool| {
            TimelineEntry::Meeting(MeetingView {
                id,
                kind: MeetingKind::Phone,
                at,
                minutes: 10,
                place: None,
                outcome: Outcome::TookPlace,
                zone: None,
                said: None,
                by: Who { member, name: "Åse".to_owned(), device: String::new() },
                dot: Dot::Here,
                clock_doubt: true,
                clock_ahead,
                time_unknown,
            })
        };
        let shown = |entry: &TimelineEntry, lang: Lang| timeline(entry, lang, &TimeZone::UTC);
        let ahead = met(1_763_800_000_000, Some(3 * 86_400_000), false);
        assert_eq!(shown(&ahead, Lang::Da), ["2025-11-22 08:26", "aaaaaaaa", "Åse", "Telefon  (uret var 3 dage foran)"]);
        assert_eq!(shown(&ahead, Lang::En)[3], "Phone  (the clock was 3 days ahead)");
        let lost = met(18_000_000, Some(-1_763_800_000_000), true);
        assert_eq!(shown(&lost, Lang::Da), ["tid ukendt", "aaaaaaaa", "Åse", "Telefon "]);
        assert_eq!(shown(&lost, Lang::En)[0], "time unknown");
    }
}
