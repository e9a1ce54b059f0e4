//! What devices that were cut off had not sent, and what is known of such a device.

use std::sync::Arc;

use device::{
    BreachSheet, Device, DeviceError, ItemId, Quarantined,
    casework::{SalvageState, Salvaged},
};
use serde_json::json;

use super::{case::short, find_item};
use crate::{
    arguments::{Decide, Quarantine},
    error::Result,
    labels, parse,
    say::{Lang, Out, table},
    sentences,
};

/// Lists what is in quarantine, or decides about it.
pub fn run(device: &Arc<Device>, words: &Quarantine, out: &Out) -> Result<bool> {
    match words {
        Quarantine::List => list(device, out),
        Quarantine::Accept(words) => decide(device, words, true, out),
        Quarantine::Reject(words) => decide(device, words, false, out),
    }
}

fn list(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let items = device.quarantine()?;
    let zone = device.host().time_zone();
    out.say(&json!({ "quarantine": items }), |lang| {
        if items.is_empty() {
            return lang.pick("Intet er i karantæne.", "Nothing is in quarantine.").to_owned();
        }
        let mut text = String::new();
        for item in &items {
            let came = parse::shown(item.came_at, &zone);
            text.push_str(&format!("{}  {} · {} · {} · {came}\n", short(&item.id), item.person, item.device_name, item.alias));
            if let Some(code) = &item.code {
                let (what, mend) = sentences::of(code, lang);
                text.push_str(&format!("{what} {mend}\n"));
            }
            text.push_str(&table(&item.things.iter().map(|thing| row(thing, lang)).collect::<Vec<_>>()));
            text.push('\n');
        }
        text
    });
    Ok(true)
}

fn row(thing: &Salvaged, lang: Lang) -> Vec<String> {
    let state = match thing.state {
        SalvageState::Open => lang.pick("åben", "open"),
        SalvageState::Accepted => lang.pick("overtaget", "taken over"),
        SalvageState::Rejected => lang.pick("afvist", "rejected"),
    };
    let said = thing.said.iter().map(|said| {
        let act = labels::salvage_act(said.act, lang);
        said.value.as_ref().map_or_else(|| act.to_owned(), |value| format!("{act}: {value}"))
    });
    let said = said.collect::<Vec<_>>().join(" · ");
    vec![short(&thing.key.to_string()), state.to_owned(), labels::salvage_kind(thing.kind, lang).to_owned(), thing.title.clone(), said]
}

fn decide(device: &Arc<Device>, words: &Decide, accept: bool, out: &Out) -> Result<bool> {
    let item = find(device, &words.item)?;
    let keys: Vec<ItemId> = item.things.iter().map(|thing| thing.key).collect();
    let thing = words.thing.as_deref().map(|text| find_item(text, keys.iter())).transpose()?;
    let count = if accept { device.accept_quarantined(&item.id, thing)? } else { device.reject_quarantined(&item.id, thing)? };
    let value = if accept { json!({ "accepted": count }) } else { json!({ "rejected": count }) };
    out.say(&value, |lang| match (accept, lang) {
        (true, Lang::Da) => format!("{count} overtaget, skrevet i dit navn."),
        (true, Lang::En) => format!("{count} taken over, written in your name."),
        (false, Lang::Da) => format!("{count} afvist; det bliver liggende her."),
        (false, Lang::En) => format!("{count} rejected; it stays here."),
    });
    Ok(true)
}

fn find(device: &Arc<Device>, text: &str) -> Result<Quarantined> {
    let mut meant = device.quarantine()?.into_iter().filter(|item| !text.is_empty() && item.id.starts_with(text));
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(DeviceError::UnknownItem.into()),
    }
}

/// Says what was on a device.
pub fn sheet(device: &Arc<Device>, id: &str, out: &Out) -> Result<bool> {
    let sheet = device.breach_sheet(device.device_called(id)?)?;
    let zone = device.host().time_zone();
    out.say(&serde_json::to_value(&sheet).unwrap_or_default(), |lang| {
        let time = |at: Option<i64>| at.map_or_else(|| "–".to_owned(), |at| parse::shown(at, &zone));
        let BreachSheet { person, device_name, cases, renewed, revoked_at, last_word_at, .. } = &sheet;
        let (revoked, last) = (time(*revoked_at), time(*last_word_at));
        let head = match lang {
            Lang::Da => {
                format!("{person} · {device_name}\nspærret {revoked}, sidste ord herfra {last}\nnye nøgler: {renewed} af {}", cases.len())
            }
            Lang::En => {
                format!("{person} · {device_name}\nrevoked {revoked}, last word from it {last}\nnew keys: {renewed} of {}", cases.len())
            }
        };
        let row = |case: &device::BreachCase| {
            let keys = if case.renewed { lang.pick("ny nøgle", "new key") } else { lang.pick("gammel nøgle", "old key") };
            vec![
                short(&case.case.to_string()),
                case.alias.clone(),
                case.compartments.join(" "),
                parse::shown(case.since, &zone),
                keys.to_owned(),
            ]
        };
        format!("{head}\n{}", table(&cases.iter().map(row).collect::<Vec<_>>()))
    });
    Ok(true)
}
