//! Looking: people, devices, today, search, conflicts, history, and whether all of it holds.

use std::sync::Arc;

use device::{
    CaseId, Device, DeviceError,
    casework::{ConflictView, Edit, EditError},
};
use serde_json::{Value, json};

use super::{
    case::{short, shown_value},
    find_case,
};
use crate::{
    arguments::Resolve,
    error::{CliError, Result},
    install::InstallArgs,
    parse,
    say::{Out, table},
    sentences,
};

/// Says who this is.
pub fn whoami(device: &Arc<Device>, out: &Out) -> Result<bool> {
    if let Some(request) = device.pending_request()? {
        out.say(&json!({ "request": request }), |lang| {
            format!("{} {request}", lang.pick("Venter på godkendelse af", "Waits for approval of"))
        });
        return Ok(true);
    }
    let me = device.whoami()?;
    let value = serde_json::to_value(&me).unwrap_or_default();
    out.say(&value, |lang| {
        table(&[
            vec![lang.pick("organisation", "organisation").to_owned(), me.organisation.clone()],
            vec![lang.pick("fingeraftryk", "fingerprint").to_owned(), me.fingerprint.clone()],
            vec![lang.pick("person", "person").to_owned(), me.person.clone()],
            vec![lang.pick("rolle", "role").to_owned(), parse::role_word(me.role).to_owned()],
            vec![lang.pick("enhed", "device").to_owned(), me.device_name.clone()],
        ])
    });
    Ok(true)
}

/// Lists everybody.
pub fn people(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let people = device.people()?;
    out.say(&json!({ "people": people }), |_| {
        let row = |one: &device::Person| vec![short(&one.id.to_string()), one.name.clone(), parse::role_word(one.role).to_owned()];
        table(&people.iter().map(row).collect::<Vec<_>>())
    });
    Ok(true)
}

/// Lists every device.
pub fn devices(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let devices = device.devices()?;
    out.say(&json!({ "devices": devices }), |lang| {
        let row = |one: &device::DeviceRow| {
            let this = if one.this { lang.pick("denne", "this one") } else { "" };
            let forced = if one.forced { lang.pick("åbnet under tvang", "opened under duress") } else { "" };
            let row = [&short(&one.id.to_string()), &one.person, &one.name, one.state, this, forced];
            row.map(str::to_owned).to_vec()
        };
        table(&devices.iter().map(row).collect::<Vec<_>>())
    });
    Ok(true)
}

/// Says what is on today.
pub fn today(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let today = device.today()?;
    let value = serde_json::to_value(&today).unwrap_or_default();
    out.say(&value, |lang| {
        let task = |one: &device::casework::TaskView| vec![one.due.clone().unwrap_or_default(), one.alias.clone(), one.title.clone()];
        let zone = device.host().time_zone();
        let agreed = |one: &device::casework::AppointmentView| {
            vec![parse::shown(one.at, &zone), one.alias.clone(), one.meeting.to_string(), one.label.clone().unwrap_or_default()]
        };
        let silent = |row: &device::casework::CaseRow| vec![row.alias.clone(), row.days_since.map(|n| n.to_string()).unwrap_or_default()];
        let part =
            |title: &str, rows: Vec<Vec<String>>| if rows.is_empty() { String::new() } else { format!("\n{title}\n{}", table(&rows)) };
        format!(
            "{}{}{}{}{}",
            today.date,
            part(lang.pick("Aftaler", "Appointments"), today.appointments.iter().map(agreed).collect()),
            part(lang.pick("Løfter", "Promises"), today.promises.iter().map(task).collect()),
            part(lang.pick("Opgaver", "Tasks"), today.tasks.iter().map(task).collect()),
            part(lang.pick("Tavse", "Silent"), today.silent.iter().map(silent).collect()),
        )
    });
    Ok(true)
}

/// Finds words.
pub fn search(device: &Arc<Device>, text: &str, out: &Out) -> Result<bool> {
    let hits = device.search(text)?;
    out.say(&json!({ "hits": hits }), |_| {
        let row = |hit: &device::Hit| vec![short(&hit.case.to_string()), hit.kind.clone(), short(&hit.id), hit.snippet.clone()];
        table(&hits.iter().map(row).collect::<Vec<_>>())
    });
    Ok(true)
}

fn all_conflicts(device: &Arc<Device>) -> Result<Vec<(CaseId, String, ConflictView)>> {
    Ok(device.conflicts()?.into_iter().map(|card| (card.conflict.case, card.alias, card.conflict)).collect())
}

/// Lists every conflict.
pub fn conflicts(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let all = all_conflicts(device)?;
    let values: Vec<&ConflictView> = all.iter().map(|(_, _, conflict)| conflict).collect();
    let zone = device.host().time_zone();
    out.say(&json!({ "conflicts": values }), |lang| {
        let mut rows = Vec::new();
        for (_, alias, conflict) in &all {
            rows.push(vec![short(&conflict.id), alias.clone(), conflict.field.clone()]);
            for one in &conflict.values {
                let who = format!("{}, {}", one.who, one.device);
                rows.push(vec![String::new(), shown_value(&one.value, lang), who, parse::shown(one.at, &zone)]);
            }
        }
        table(&rows)
    });
    Ok(true)
}

/// Settles a conflict.
pub fn resolve(device: &Arc<Device>, words: &Resolve, out: &Out) -> Result<bool> {
    let all = all_conflicts(device)?;
    let mut meant = all.iter().filter(|(_, _, conflict)| !words.id.is_empty() && conflict.id.starts_with(&words.id));
    let (case, conflict) = match (meant.next(), meant.next()) {
        (Some((case, _, conflict)), None) => (*case, conflict.id.clone()),
        (None, _) => return Err(DeviceError::from(EditError::UnknownConflict).into()),
        _ => return Err(CliError::AmbiguousItem),
    };
    let done = device.edit(case, Edit::Resolve { conflict: conflict.clone(), keep: words.keep.clone() })?;
    out.say(&json!({ "resolved": conflict, "case": case, "kept": words.keep, "undo": done.undo }), |lang| {
        lang.pick("Afgjort.", "Settled.").to_owned()
    });
    Ok(true)
}

/// Says who did what.
pub fn history(device: &Arc<Device>, case: &str, out: &Out) -> Result<bool> {
    let case = find_case(device, case)?;
    let mut entries = Vec::new();
    let zone = device.host().time_zone();
    let mut rows = Vec::new();
    let disputed = device.disputed()?;
    for entry in device.history(case)? {
        let who = match (entry.member, entry.device) {
            (Some(member), Some(by)) => device.who(member, by)?,
            _ => {
                entries.push(serde_json::to_value(&entry).unwrap_or_default());
                continue;
            }
        };
        let mut value = serde_json::to_value(&entry).unwrap_or_default();
        if let Value::Object(fields) = &mut value {
            fields.insert("who".to_owned(), who.name.clone().into());
            fields.insert("device_name".to_owned(), who.device.clone().into());
            fields.insert("disputed".to_owned(), entry.device.is_some_and(|by| disputed.contains(&by)).into());
        }
        entries.push(value);
        let item = entry.item.map(|id| short(&id.to_string())).unwrap_or_default();
        let is_disputed = entry.device.is_some_and(|by| disputed.contains(&by));
        rows.push((is_disputed, vec![parse::shown(entry.at_ms, &zone), who.name, who.device, entry.act, item, entry.detail]));
    }
    out.say(&json!({ "case": case, "history": entries }), |lang| {
        let doubt = |is_disputed: bool| if is_disputed { lang.pick("enheden blev spærret", "the device was blocked") } else { "" };
        table(&rows.iter().map(|(is_disputed, row)| [row.as_slice(), &[doubt(*is_disputed).to_owned()]].concat()).collect::<Vec<_>>())
    });
    Ok(true)
}

/// Checks everything; false when something is wrong.
pub fn verify(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let found = device.verify()?;
    let value = serde_json::to_value(&found).unwrap_or_default();
    out.say(&value, |lang| {
        let row = |da: &str, en: &str, n: u64| vec![lang.pick(da, en).to_owned(), n.to_string()];
        let counted = table(&[
            row("organisationens poster", "organisation entries", found.org_entries),
            row("sager", "cases", found.cases),
            row("sagernes poster", "case entries", found.case_entries),
            row("erklæringer", "statements", found.statements),
            row("kun vidnet", "vouched for only", found.vouched),
            row("nøgler", "epoch keys", found.epoch_keys),
        ]);
        let verdict = match found.problems.as_slice() {
            [] => lang.pick("Alt holder.", "All of it holds.").to_owned(),
            problems => format!("{} {}", lang.pick("Noget er galt:", "Something is wrong:"), problems.join(", ")),
        };
        format!("{counted}{verdict}")
    });
    Ok(found.problems.is_empty())
}

/// Looks through the folder; false when something is wrong. It says what it can also when the vault does not open.
pub fn doctor(install: &InstallArgs, out: &Out) -> Result<bool> {
    let (device, refused) = install.unlocked_if_it_goes(out)?;
    let mut found = device.doctor()?;
    found.problems.extend(refused.map(|error| error.code()));
    found.problems.sort();
    found.problems.dedup();
    let value = serde_json::to_value(&found).unwrap_or_default();
    out.say(&value, |lang| {
        let mut rows: Vec<Vec<String>> = found.files.iter().map(|file| vec![file.name.clone(), file.bytes.to_string()]).collect();
        let schema = found.schema.map_or_else(|| "—".to_owned(), |schema| schema.to_string());
        rows.push(vec![lang.pick("skema", "schema").to_owned(), format!("{schema} ({})", found.writes)]);
        if !found.leftovers.is_empty() {
            rows.push(vec![lang.pick("fra en opdatering", "from an update").to_owned(), found.leftovers.join(", ")]);
        }
        let verdict = match found.problems.as_slice() {
            [] => lang.pick("Alt er, som det skal være.", "All is as it should be.").to_owned(),
            problems => {
                let told = problems.iter().map(|code| {
                    let (message, mend) = sentences::of(code, lang);
                    format!("{message} {mend} ({code})")
                });
                told.collect::<Vec<_>>().join("\n")
            }
        };
        format!("{}{verdict}", table(&rows))
    });
    Ok(found.problems.is_empty())
}
