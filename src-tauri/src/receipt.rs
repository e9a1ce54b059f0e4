//! The receipt of a device that was cut off, for whoever has to judge how bad it is: made by the person, never sent. Its
//! name says nothing of anybody; what stands in it was on the screen.

use std::fmt::Write as _;

use device::{BreachCase, BreachSheet, Device, DeviceId, RevokeReason};

use crate::{report::Report, state::Lang};

/// Every word of a receipt.
struct Words {
    name: &'static str,
    title: &'static str,
    labels: [&'static str; 6],
    reasons: [&'static str; 4],
    cases: &'static str,
    renewed: [&'static str; 2],
    parts: fn(&str) -> &str,
    since: &'static str,
    none: &'static str,
    said: &'static str,
}

const DA: Words = Words {
    name: "kvittering",
    title: "Kvittering",
    labels: ["Person", "Enhed", "Spærret", "Årsag", "Sidste ord herfra", "Nye nøgler"],
    reasons: ["ikke spærret", "mistet", "stoppet", "i andres hænder"],
    cases: "Forløb, som enheden har haft nøgle til",
    renewed: ["ny nøgle", "gammel nøgle"],
    parts: |word| if word == "core" { "hele forløbet" } else { word },
    since: "siden",
    none: "–",
    said: "Tiderne er enhedernes egne. Filen er ikke sendt til nogen.",
};

const EN: Words = Words {
    name: "receipt",
    title: "Receipt",
    labels: ["Person", "Device", "Blocked", "Reason", "Last word from it", "New keys"],
    reasons: ["not blocked", "lost", "left", "in somebody else's hands"],
    cases: "Cases of which the device had a key",
    renewed: ["new key", "old key"],
    parts: |word| if word == "core" { "the whole case" } else { word },
    since: "since",
    none: "–",
    said: "The times are the devices' own. The file was sent to nobody.",
};

/// The receipt of a device as it stands now, in the language of the page.
///
/// # Errors
/// As [`Device::breach_sheet`].
pub fn of(device: &Device, about: DeviceId) -> device::Result<Report> {
    let words = if Lang::chosen(device.dir()) == Some(Lang::En) { &EN } else { &DA };
    let sheet = device.breach_sheet(about)?;
    let today = device.day_done(true).unwrap_or_default();
    let time = |at: Option<i64>| at.map_or_else(|| words.none.to_owned(), |at| device.time_shown(at));
    Ok(Report { name: format!("{}-{today}.txt", words.name), text: text(words, &sheet, &time) })
}

fn text(words: &Words, sheet: &BreachSheet, time: &dyn Fn(Option<i64>) -> String) -> String {
    let reason = match sheet.reason {
        None => 0,
        Some(RevokeReason::Lost) => 1,
        Some(RevokeReason::Left) => 2,
        Some(RevokeReason::Compromised) => 3,
    };
    let values = [
        sheet.person.clone(),
        sheet.device_name.clone(),
        time(sheet.revoked_at),
        words.reasons.get(reason).copied().unwrap_or_default().to_owned(),
        time(sheet.last_word_at),
        format!("{} / {}", sheet.renewed, sheet.cases.len()),
    ];
    let mut out = format!("{}\n{}\n\n", words.title, words.said);
    for (label, value) in words.labels.iter().zip(values) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{label}: {value}");
    }
    let _ = writeln!(out, "\n{}", words.cases);
    for case in &sheet.cases {
        let _ = writeln!(out, "{}", line(words, case, time));
    }
    if sheet.cases.is_empty() {
        let _ = writeln!(out, "{}", words.none);
    }
    out
}

fn line(words: &Words, case: &BreachCase, time: &dyn Fn(Option<i64>) -> String) -> String {
    let parts: Vec<&str> = case.compartments.iter().map(|part| (words.parts)(part)).collect();
    let [new, old] = words.renewed;
    let key = if case.renewed { new } else { old };
    format!("{} · {} · {} {} · {key}", case.alias, parts.join(", "), words.since, time(Some(case.since)))
}
