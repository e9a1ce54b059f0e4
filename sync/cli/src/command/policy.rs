//! What holds for everybody's app: demanded, asked, and agreed to.

use std::sync::Arc;

use device::{AppVersion, Device, PolicyAsked};
use serde_json::json;

use super::{beginning, enrol::try_to_sync};
use crate::{
    error::{CliError, Result},
    install::{InstallArgs, courier},
    parse,
    say::{Lang, Out, table},
};

/// Demands a version of the app, and tells the server.
pub async fn require(device: &Arc<Device>, version: AppVersion, out: &Out) -> Result<bool> {
    let alone = device.demand_version(version)?;
    let sent = try_to_sync(&courier(device)?, out).await?.is_some();
    let requiring = if alone { "decided" } else { "asked" };
    out.say(&json!({ "version": version.to_string(), "requiring": requiring, "sent": sent }), |lang| match alone {
        true => format!("{} {version}", lang.pick("Alle skal have mindst udgave", "Everybody needs at least version")),
        false => lang
            .pick(
                "Foreslået. En anden koordinator, leder eller DPO skal godkende inden syv dage.",
                "Proposed. Another coordinator, programme lead or DPO has to agree within seven days.",
            )
            .to_owned(),
    });
    Ok(true)
}

/// Lists what waits for a second person.
pub fn asked(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let asked = device.policies_asked()?;
    let zone = device.host().time_zone();
    out.say(&json!({ "asked": asked }), |lang| {
        if asked.is_empty() {
            return lang.pick("Intet venter på en anden person.", "Nothing waits for a second person.").to_owned();
        }
        let row = |one: &PolicyAsked| {
            let id: String = one.id.to_string().chars().take(8).collect();
            vec![id, what(one, lang), one.by.clone(), parse::shown(one.expires, &zone)]
        };
        table(&asked.iter().map(row).collect::<Vec<_>>())
    });
    Ok(true)
}

/// Agrees to what somebody else asked for everybody.
pub async fn agree(install: &InstallArgs, id: &str, out: &Out) -> Result<bool> {
    let (device, secret) = install.unlocked_with_secret(out)?;
    let asked = device.policies_asked()?;
    let ids: Vec<_> = asked.iter().map(|one| one.id).collect();
    let id = match beginning(id, &ids).as_slice() {
        [one] => *one,
        [] => return Err(CliError::UnknownItem),
        _ => return Err(CliError::AmbiguousItem),
    };
    device.agree_to_policy(id, &secret)?;
    let sent = try_to_sync(&courier(&device)?, out).await?.is_some();
    out.say(&json!({ "agreed": id, "sent": sent }), |lang| {
        lang.pick("Godkendt. Det gælder for alle fra næste synkronisering.", "Agreed. It holds for everybody from the next sync on.")
            .to_owned()
    });
    Ok(true)
}

fn what(one: &PolicyAsked, lang: Lang) -> String {
    match (&one.version, &one.server) {
        (Some(version), _) => format!("{} {version}", lang.pick("alle skal have mindst udgave", "everybody needs at least version")),
        (None, Some(url)) => format!("{} {url}", lang.pick("serveren er", "the server is")),
        (None, None) => String::new(),
    }
}
