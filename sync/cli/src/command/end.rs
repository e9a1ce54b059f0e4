//! The end of a case: held, proposed, erased, and proven gone.

use std::sync::Arc;

use device::{CaseId, Device, Ending, EraseBasis, Erasing, Erasure};
use serde_json::json;

use super::{beginning, case::short, find_case};
use crate::{
    arguments::Case,
    error::Result,
    parse,
    say::{Lang, Out, table},
};

/// Carries out what is about the end of a case; nothing for other commands.
pub fn run(device: &Arc<Device>, words: &Case, out: &Out) -> Result<bool> {
    match words {
        Case::Erase { case, basis } => erase(device, find_case(device, case)?, *basis, out)?,
        Case::Approve { case } => {
            let case = find_ending(device, case)?;
            device.approve_erasure(case)?;
            out.say(&json!({ "case": case }), |lang| {
                lang.pick("Forløbet slettes ved næste synkronisering.", "The case is erased with the next sync.").to_owned()
            });
        }
        Case::Hold { case, off } => {
            let case = find_case(device, case).or_else(|_| find_ending(device, case))?;
            device.hold_case(case, !off)?;
            out.say(&json!({ "case": case, "held": !off }), |lang| match off {
                false => lang
                    .pick("Fra næste synkronisering kan ingen slette forløbet.", "From the next sync on nobody can erase the case.")
                    .to_owned(),
                true => lang
                    .pick("Fra næste synkronisering kan forløbet slettes igen.", "From the next sync on the case can be erased again.")
                    .to_owned(),
            });
        }
        Case::Endings => {
            let endings = device.endings()?;
            let zone = device.host().time_zone();
            out.say(&json!({ "endings": endings }), |lang| {
                if endings.is_empty() {
                    return lang
                        .pick(
                            "Intet forløb er tilbageholdt, foreslået slettet eller slettet.",
                            "No case is held, proposed to be erased, or erased.",
                        )
                        .to_owned();
                }
                endings.iter().map(|ending| told(ending, lang, &zone)).collect::<Vec<_>>().join("\n")
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn erase(device: &Arc<Device>, case: CaseId, basis: EraseBasis, out: &Out) -> Result<()> {
    let erasing = device.erase(case, basis)?;
    // What no erasing reaches is said beforehand, whoever asks for it.
    out.say(&json!({ "case": case, "erasing": erasing, "residual": RESIDUAL_EN }), |lang| {
        let done = match erasing {
            Erasing::Gone => lang.pick("Forløbet var kun her og er slettet.", "The case was only here, and is erased."),
            Erasing::Decided => lang.pick(
                "Forløbet slettes overalt: her ved næste synkronisering, på andre enheder ved deres næste.",
                "The case is erased everywhere: here with the next sync, on other devices with theirs.",
            ),
            Erasing::Proposed => lang.pick(
                "Foreslået. En anden koordinator, leder eller DPO skal godkende inden syv dage.",
                "Proposed. Another coordinator, programme lead or DPO has to agree within seven days.",
            ),
        };
        format!("{done}\n{}", residual(lang))
    });
    Ok(())
}

const RESIDUAL_EN: &str = "Left without a hardware keystore: an image of a device that was taken before, together with its passphrase.";

fn residual(lang: Lang) -> &'static str {
    lang.pick("Tilbage uden en nøgleboks i enheden: et aftryk af en enhed fra før sletningen sammen med dens adgangssætning.", RESIDUAL_EN)
}

fn told(ending: &Ending, lang: Lang, zone: &jiff::tz::TimeZone) -> String {
    let mut lines = vec![format!("{}  {}", short(&ending.case.to_string()), ending.alias.clone().unwrap_or_default())];
    if ending.held {
        lines.push(lang.pick("tilbageholdt: kan ikke slettes", "held: cannot be erased").to_owned());
    }
    for proposal in &ending.proposals {
        let (what, until) = (lang.pick("foreslået slettet af", "proposed to be erased by"), lang.pick("gælder til", "open until"));
        lines.push(format!(
            "{what} {} ({}) · {until} {}",
            proposal.by,
            basis_word(proposal.basis, lang),
            parse::shown(proposal.expires, zone)
        ));
    }
    if let Some(erased) = &ending.erased {
        lines.push(told_erased(erased, lang, zone));
    }
    lines.join("\n")
}

fn told_erased(erased: &Erasure, lang: Lang, zone: &jiff::tz::TimeZone) -> String {
    let mut text = format!("{} {} ({})\n", lang.pick("slettet", "erased"), parse::shown(erased.at, zone), basis_word(erased.basis, lang));
    if erased.unsent > 0 {
        text.push_str(&format!(
            "{} {}\n",
            erased.unsent,
            lang.pick("ændringer herfra nåede ikke af sted og er væk", "changes from here were not sent and are gone")
        ));
    }
    if erased.renewing {
        text.push_str(lang.pick(
            "Her mangler databasen endnu sin nye nøgle: synkronisér, og sørg for plads på disken.\n",
            "Here the database still lacks its new key: sync, and see that the disk has room.\n",
        ));
    }
    let row = |one: &device::ErasureReceipt| {
        let state = match (one.at, one.revoked) {
            (Some(at), _) => format!("{} {}", lang.pick("tømt", "emptied"), parse::shown(at, zone)),
            (None, true) => lang.pick("spærret inden", "revoked before").to_owned(),
            (None, false) => lang.pick("venter", "waits").to_owned(),
        };
        vec![one.person.clone(), one.device_name.clone(), state]
    };
    text.push_str(&table(&erased.devices.iter().map(row).collect::<Vec<_>>()));
    let lapse = lang.pick("serverens sikkerhedskopier udløber senest", "backups of the server lapse by");
    text.push_str(&format!("\n{lapse} {}\n{}", parse::shown(erased.backups_lapse, zone), residual(lang)));
    text
}

const fn basis_word(basis: EraseBasis, lang: Lang) -> &'static str {
    let (da, en) = match basis {
        EraseBasis::Candidate => ("kandidatens beslutning", "the candidate's decision"),
        EraseBasis::Retention => ("fristen er udløbet", "its time is over"),
        EraseBasis::Mistake => ("oprettet ved en fejl", "registered by mistake"),
    };
    lang.pick(da, en)
}

/// A case that is meant among those of which only the end is known here.
fn find_ending(device: &Device, text: &str) -> Result<CaseId> {
    let known: Vec<CaseId> = device.endings()?.into_iter().map(|ending| ending.case).collect();
    match beginning(text, &known).as_slice() {
        [one] => Ok(*one),
        _ => find_case(device, text),
    }
}
