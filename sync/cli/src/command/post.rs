//! Sync, and what is known about it.

use std::{sync::Arc, time::Duration};

use device::{Courier, Device, DeviceError, SyncReport, SyncSheet, SyncState};

use crate::{
    error::Result,
    install::courier,
    parse,
    say::{Lang, Out, table},
    sentences,
};

/// How long the server may wait for news.
const WAIT: Duration = Duration::from_secs(25);
/// How often a server that is busy is asked again before this gives up.
const BUSY_TRIES: u32 = 3;

/// Syncs once, or until stopped.
pub async fn sync(device: &Arc<Device>, watch: bool, out: &Out) -> Result<bool> {
    let courier = courier(device)?;
    let mut last = courier.sync().await;
    if !watch {
        for _ in 0..BUSY_TRIES {
            let busy = last.as_ref().is_err_and(|error| error.code() == "server.busy");
            if !busy {
                break;
            }
            tokio::time::sleep(courier.pause()).await;
            last = courier.sync().await;
        }
        say(&last?, out);
        return Ok(true);
    }
    loop {
        match &last {
            Ok(report) if report.sent > 0 || report.received > 0 || report.refused > 0 => say(report, out),
            Ok(_) => {}
            Err(DeviceError::Offline) => out.hint("Serveren kan ikke nås. Prøver igen.", "The server cannot be reached. Trying again."),
            Err(DeviceError::Refused { code }) if code.starts_with("server.") => {
                let (da, en) = (sentences::of(code, Lang::Da), sentences::of(code, Lang::En));
                out.hint(&format!("{} {}", da.0, da.1), &format!("{} {}", en.0, en.1));
            }
            Err(_) => {
                last?;
                return Ok(false);
            }
        }
        let rest = if last.is_ok() { Duration::ZERO } else { courier.pause() };
        last = tokio::select! {
            next = later(&courier, rest) => next,
            _ = tokio::signal::ctrl_c() => return Ok(true),
        };
    }
}

/// Rests, then waits with the server for news. A server that does not wait is asked when the rules of the road say so.
async fn later(courier: &Courier, rest: Duration) -> device::Result<SyncReport> {
    tokio::time::sleep(rest).await;
    let report = courier.watch(WAIT).await?;
    tokio::time::sleep(courier.pause()).await;
    Ok(report)
}

fn say(report: &SyncReport, out: &Out) {
    let value = serde_json::to_value(report).unwrap_or_default();
    out.say(&value, |lang| {
        let row = |da: &str, en: &str, n: u64| vec![lang.pick(da, en).to_owned(), n.to_string()];
        let mut text = table(&[
            row("sendt", "sent", report.sent),
            row("modtaget", "received", report.received),
            row("venter", "pending", report.pending),
            row("lagt til side", "parked", report.parked),
            row("afvist", "refused", report.refused),
            row("ture", "round trips", report.round_trips),
            row("byte op", "bytes up", report.bytes_up),
            row("byte ned", "bytes down", report.bytes_down),
        ]);
        if report.waiting_for_approval {
            text.push_str(lang.pick("Venter på godkendelse.", "Waits for approval."));
        }
        text
    });
}

/// Says what is known about sync without a way to the server.
pub fn status(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let sheet = device.sync_sheet()?;
    let mut value = serde_json::to_value(&sheet).unwrap_or_default();
    if let serde_json::Value::Object(fields) = &mut value {
        fields.insert("read_only".to_owned(), device.read_only().into());
        fields.insert("pending".to_owned(), serde_json::to_value(device.pending()?).unwrap_or_default());
    }
    let zone = device.host().time_zone();
    out.say(&value, |lang| drawn(&sheet, lang, &zone));
    Ok(true)
}

fn drawn(sheet: &SyncSheet, lang: Lang, zone: &jiff::tz::TimeZone) -> String {
    let state = match sheet.line.state {
        SyncState::AllSent => lang.pick("Alt er sendt.", "Everything is sent."),
        SyncState::Waiting => lang.pick("Noget venter på at blive sendt.", "Something waits to be sent."),
        SyncState::Never => lang.pick("Aldrig synkroniseret.", "Never synced."),
        SyncState::Unheard => lang
            .pick("I en uge er intet kommet fra en koordinator. Ring og hør.", "For a week nothing came from a coordinator. Call and ask."),
        SyncState::Stale72h => lang.pick("Ingen forbindelse i over 72 timer.", "No connection for more than 72 hours."),
        SyncState::Sending => lang.pick("Sender nu.", "Sending now."),
    };
    let when = |at: Option<i64>| at.map_or_else(|| "—".to_owned(), |at| parse::shown(at, zone));
    let mut rows = vec![
        vec![lang.pick("sidst hentet", "last fetched").to_owned(), when(sheet.line.last_fetched_at)],
        vec![lang.pick("sidst sendt", "last sent").to_owned(), when(sheet.last_sent_at)],
        vec![lang.pick("lagt til side", "parked").to_owned(), sheet.parked.to_string()],
    ];
    rows.extend(sheet.items.iter().map(|item| vec![format!("{} {}", item.alias, item.kind), item.count.to_string()]));
    rows.extend(sheet.refused.iter().map(|one| vec![format!("{} {}", lang.pick("afvist", "refused"), one.code), one.count.to_string()]));
    format!("{state}\n{}", table(&rows))
}
