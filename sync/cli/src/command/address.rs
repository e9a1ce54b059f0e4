//! Where a candidate lives: entered, released, looked at, and who did.

use std::sync::Arc;

use device::{
    AccessRow, AddressShow, AddressStanding, CaseId, Device, DeviceError, Releasing,
    casework::{Protection, Purpose},
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{find_case, note};
use crate::{
    arguments::Address,
    error::Result,
    parse,
    say::{Lang, Out, table},
};

/// Carries out a command about addresses. The strongroom is open where it has to be.
pub fn run(device: &Arc<Device>, words: &Address, out: &Out) -> Result<bool> {
    match words {
        Address::Set { case, text, protection, from, renew_by } => {
            let case = find(device, case)?;
            let text = Zeroizing::new(note::read_from(text.file.as_deref())?);
            let days = [from, renew_by].map(|day| day.map(|day| day.to_string()));
            device.enter_address(case, &text, *protection, days)?;
            out.say(&json!({ "case": case }), |lang| lang.pick(WAITS_DA, WAITS_EN).to_owned());
        }
        Address::Show { case, purpose } => show(device, find(device, case)?, *purpose, out)?,
        Address::Release { case, person, until, purpose, vital } => {
            let (case, person, host) = (find(device, case)?, device.person(person)?, device.host());
            let until_ms = match until.parse() {
                Ok(day) => parse::end_of(day, &host.time_zone())?,
                Err(_) => parse::time(until, host.now_ms(), &host.time_zone())?,
            };
            let releasing = device.release_address(case, person.id, until_ms, *purpose, *vital)?;
            let value = json!({ "case": case, "person": person.id, "until": until_ms, "releasing": releasing });
            out.say(&value, |lang| released(releasing, &person.name, lang));
        }
        Address::Agree { case, person } => {
            let (case, person) = (find(device, case)?, device.person(person)?);
            let asked = device.address_standing(case)?.asked.into_iter().filter(|one| one.member == person.id && !one.mine && !one.agreed);
            // Several until different times are not one question: the window shows each.
            let times: Vec<Option<i64>> = asked.map(|one| one.until).collect();
            let [until] = times.as_slice() else { return Err(DeviceError::NotAllowed.into()) };
            device.approve_release(case, person.id, *until)?;
            out.say(&json!({ "case": case, "person": person.id }), |lang| {
                lang.pick(
                    "Godkendt. En koordinator frigiver adressen ved sin næste »sync --addresses«.",
                    "Agreed. A coordinator releases the address with their next `sync --addresses`.",
                )
                .to_owned()
            });
        }
        Address::TakeBack { case, person } => {
            let (case, person) = (find(device, case)?, device.person(person)?);
            device.take_back_address(case, person.id)?;
            out.say(&json!({ "case": case, "person": person.id }), |lang| {
                lang.pick(
                    "Fra næste synkronisering ser vedkommende ikke adressen mere.",
                    "From the next sync on that person does not see the address any more.",
                )
                .to_owned()
            });
        }
        Address::State { case } => {
            let standing = device.address_standing(find(device, case)?)?;
            let zone = device.host().time_zone();
            out.say(&json!(standing), |lang| told(&standing, lang, &zone));
        }
        Address::Log { case } => {
            let rows = device.address_log(find(device, case)?)?;
            let zone = device.host().time_zone();
            out.say(&json!({ "log": rows }), |lang| table(&rows.iter().map(|row| logged(row, lang, &zone)).collect::<Vec<_>>()));
        }
    }
    Ok(true)
}

fn released(releasing: Releasing, person: &str, lang: Lang) -> String {
    match releasing {
        Releasing::Asked => lang
            .pick(
                "Spurgt. En anden koordinator, leder eller DPO skal sige ja inden syv dage.",
                "Asked. Another coordinator, programme lead or DPO has to agree within seven days.",
            )
            .to_owned(),
        Releasing::Decided => {
            format!(
                "{person} {}",
                lang.pick("ser adressen efter næste »sync --addresses«.", "sees the address after the next `sync --addresses`.")
            )
        }
    }
}

const WAITS_DA: &str = "Gemt i boksen på denne enhed. Den sendes ved næste »sync --addresses«.";
const WAITS_EN: &str = "Kept in this device's strongroom. It is sent with the next `sync --addresses`.";

/// The case that is meant; of one that only its log is here, by its whole id.
fn find(device: &Device, text: &str) -> Result<CaseId> {
    match find_case(device, text) {
        Err(error) => text.parse().map_err(|_| error),
        found => found,
    }
}

fn show(device: &Arc<Device>, case: CaseId, purpose: Purpose, out: &Out) -> Result<()> {
    let shown = device.look_at_address(case, purpose)?;
    let zone = device.host().time_zone();
    out.say(&json!(shown), |lang| seen(&shown, lang, &zone));
    Ok(())
}

fn seen(shown: &AddressShow, lang: Lang, zone: &jiff::tz::TimeZone) -> String {
    let mut lines = Vec::new();
    match &shown.address {
        Some(address) => lines.push(address.clone()),
        None => lines.push(
            lang.pick("Uafklaret: flere har skrevet forskellige adresser.", "Unresolved: people entered different addresses.").to_owned(),
        ),
    }
    if shown.disputed {
        for one in &shown.standing {
            lines.push(format!("  {}  ({}, {})", one.address, one.by, parse::shown(one.at, zone)));
        }
    }
    if let Some(protection) = shown.protection {
        lines.push(protection_word(protection, lang).to_owned());
    }
    if let Some(day) = &shown.renew_by {
        lines.push(format!("{} {day}", lang.pick("fornyes senest", "to be renewed by")));
    }
    if let Some(until) = shown.until {
        lines.push(format!("{} {}", lang.pick("frigivet til dig til", "released to you until"), parse::shown(until, zone)));
    }
    lines.push(format!("{} {} {}", lang.pick("set af", "seen by"), shown.viewer, parse::shown(shown.at, zone)));
    lines.join("\n")
}

fn told(standing: &AddressStanding, lang: Lang, zone: &jiff::tz::TimeZone) -> String {
    let mut lines = vec![match standing.is_kept {
        true => lang.pick("Der er en adresse.", "There is an address.").to_owned(),
        false => lang.pick("Der er ingen adresse.", "There is no address.").to_owned(),
    }];
    let until =
        |until: Option<i64>| until.map(|until| format!("{} {}", lang.pick("til", "until"), parse::shown(until, zone))).unwrap_or_default();
    let readers: Vec<_> = standing
        .readers
        .iter()
        .map(|reader| vec![reader.name.clone(), parse::role_word(reader.role).to_owned(), until(reader.until)])
        .collect();
    lines.push(table(&readers));
    for asked in &standing.asked {
        let state = match asked.agreed {
            true => lang.pick("godkendt, venter på en koordinators boks", "agreed, waits for a coordinator's strongroom"),
            false => lang.pick("venter på ja fra en anden", "waits for somebody else to agree"),
        };
        lines.push(format!("{} → {} {} · {state}", asked.by, asked.name, until(asked.until)));
    }
    if standing.waiting > 0 {
        lines.push(format!("{} {}", standing.waiting, lang.pick("venter på at blive sendt", "wait to be sent")));
    }
    lines.join("\n")
}

fn logged(row: &AccessRow, lang: Lang, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let what = match (&row.to, row.granted, row.alone) {
        (None, ..) => lang.pick("så adressen", "looked").to_owned(),
        (Some(to), false, _) => format!("{} {to}", lang.pick("bad om at frigive til", "asked to release to")),
        (Some(to), true, false) => format!("{} {to}", lang.pick("frigav med en anden til", "released with somebody else to")),
        (Some(to), true, true) => format!("{} {to}", lang.pick("frigav alene til", "released alone to")),
    };
    let why = row.purpose.map_or_else(|| lang.pick("ikke sagt hvorfor", "nobody said why"), |purpose| purpose_word(purpose, lang));
    let until = row.until.map(|until| parse::shown(until, zone)).unwrap_or_default();
    vec![parse::shown(row.at, zone), row.by.clone(), what, why.to_owned(), until]
}

const fn protection_word(protection: Protection, lang: Lang) -> &'static str {
    let (da, en) = match protection {
        Protection::Ordinary => ("almindelig", "ordinary"),
        Protection::NameAndAddress => ("navne- og adressebeskyttelse", "name and address protection"),
        Protection::Special => ("særlig beskyttelse", "special protection"),
    };
    lang.pick(da, en)
}

const fn purpose_word(purpose: Purpose, lang: Lang) -> &'static str {
    let (da, en) = match purpose {
        Purpose::Visit => ("besøg", "visit"),
        Purpose::Move => ("flytning", "move"),
        Purpose::Authority => ("myndighed", "authority"),
        Purpose::Danger => ("fare", "danger"),
        Purpose::Check => ("kontrol", "check"),
    };
    lang.pick(da, en)
}
