//! Founding, inviting, joining, admitting.

use std::{io::Read, path::Path, sync::Arc};

use data_encoding::BASE64;
use device::{Courier, Device, DeviceError, HttpRoad, RevokeReason, SyncReport, is_allowed_url};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};
use serde_json::json;

use crate::{
    arguments::{Approve, Invite, Join, OrgCreate},
    error::{CliError, Result},
    install::{InstallArgs, courier},
    parse,
    say::{Out, table},
};

/// Founds an organisation; what can be seen to be wrong is refused before there is a vault.
pub async fn create(install: &InstallArgs, words: &OrgCreate, out: &Out) -> Result<bool> {
    if !is_allowed_url(&words.server) {
        return Err(DeviceError::Refused { code: "net.insecure".to_owned() }.into());
    }
    let mut certificates = Vec::new();
    for file in &words.server_cert {
        certificates.extend(certificates_in(file)?);
    }
    HttpRoad::new(&certificates).map_err(|_| CliError::BadCertificate)?;
    let device = install.fresh(out)?;
    let org = device.found_organisation(&words.server, certificates, &words.name, &words.person, &words.device_name)?;
    let sent = try_to_sync(&courier(&device)?, out).await?.is_some();
    let fingerprint = device.whoami()?.fingerprint;
    out.say(&json!({ "org": org, "fingerprint": fingerprint, "sent": sent }), |lang| {
        format!("{}\n{}", lang.pick("Organisationen er oprettet. Fingeraftryk:", "The organisation is founded. Fingerprint:"), fingerprint)
    });
    Ok(true)
}

/// Invites a person, and tells the server.
pub async fn invite(device: &Arc<Device>, words: &Invite, out: &Out) -> Result<bool> {
    let invited = device.invite(&words.person, words.role)?;
    let sent = try_to_sync(&courier(device)?, out).await?.is_some();
    let until = parse::shown(invited.expires, &device.host().time_zone());
    out.say(&json!({ "invitation": invited.invitation, "expires": invited.expires, "sent": sent }), |lang| {
        let picture = picture(&invited.invitation);
        format!("{picture}{}\n{} {until}", invited.invitation, lang.pick("Gælder til", "Good until"))
    });
    Ok(true)
}

/// Answers an invitation.
pub async fn join(install: &InstallArgs, words: &Join, out: &Out) -> Result<bool> {
    let invitation = match words.invitation.as_str() {
        "-" => from_input()?,
        text => text.to_owned(),
    };
    let device = install.fresh(out)?;
    let request = match device.pending_request()? {
        Some(request) => request,
        None => device.join(&invitation)?,
    };
    let seven = device.pending_words()?.join(" ");
    let sent = try_to_sync(&courier(&device)?, out).await?.is_some();
    out.say(&json!({ "request": request, "sent": sent }), |lang| {
        let say = lang.pick("Vis denne anmodning til den, der inviterede dig:", "Show this request to the person who invited you:");
        format!("{say}\n{request}\n{seven}\nbrobygger approve {request} --device-name '{}'", words.device_name)
    });
    Ok(true)
}

/// Lists those who wait.
pub async fn requests(device: &Arc<Device>, out: &Out) -> Result<bool> {
    let requests = courier(device)?.requests().await?;
    out.say(&json!({ "requests": requests }), |_| {
        table(&requests.iter().map(|one| vec![one.id.clone(), one.person.clone(), one.words.join(" ")]).collect::<Vec<_>>())
    });
    Ok(true)
}

/// Admits a device.
pub async fn approve(install: &InstallArgs, words: &Approve, out: &Out) -> Result<bool> {
    let (device, secret) = install.unlocked_with_secret(out)?;
    let courier = courier(&device)?;
    let approved = match (&words.request, &words.sas) {
        (Some(request), _) => {
            courier.approve(request, &words.device_name, &secret).await?;
            request
        }
        (None, Some(person)) => {
            courier.approve_spoken(person, words.words.as_deref().unwrap_or_default(), &words.device_name, &secret).await?;
            person
        }
        (None, None) => return Err(DeviceError::NoSuchRequest.into()),
    };
    let sent = try_to_sync(&courier, out).await?.is_some();
    out.say(&json!({ "approved": approved, "sent": sent }), |lang| lang.pick("Enheden er godkendt.", "The device is admitted.").to_owned());
    Ok(true)
}

/// Cuts a device off.
pub async fn revoke(device: &Arc<Device>, id: &str, reason: RevokeReason, out: &Out) -> Result<bool> {
    let id = device.device_called(id)?;
    device.revoke(id, reason)?;
    let sent = try_to_sync(&courier(device)?, out).await?.is_some();
    out.say(&json!({ "revoked": id, "sent": sent }), |lang| {
        lang.pick("Enheden er spærret, og alt får nye nøgler.", "The device is revoked, and everything gets new keys.").to_owned()
    });
    Ok(true)
}

/// Syncs if there is a way; without one, says that it waits.
pub async fn try_to_sync(courier: &Courier, out: &Out) -> Result<Option<SyncReport>> {
    match courier.sync().await {
        Ok(report) => Ok(Some(report)),
        Err(DeviceError::Offline) => {
            out.hint(
                "Serveren kan ikke nås nu. Det venter her og sendes ved næste synkronisering.",
                "The server cannot be reached now. It waits here and goes with the next sync.",
            );
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn from_input() -> Result<String> {
    const MOST: u64 = 64 * 1024;
    let mut text = String::new();
    std::io::stdin().take(MOST).read_to_string(&mut text).map_err(CliError::File)?;
    Ok(text.trim().to_owned())
}

fn picture(text: &str) -> String {
    QrCode::with_error_correction_level(text, EcLevel::L)
        .map(|code| {
            // Light blocks on a dark terminal, as readers of such pictures expect.
            code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build()
        })
        .map_or_else(|_| String::new(), |drawn| format!("{drawn}\n"))
}

/// The certificates of a file: DER, or all of a PEM file.
fn certificates_in(file: &Path) -> Result<Vec<Vec<u8>>> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let bytes = std::fs::read(file).map_err(CliError::File)?;
    let Some(text) = std::str::from_utf8(&bytes).ok().filter(|text| text.contains("-----BEGIN ")) else {
        return if bytes.first() == Some(&0x30) { Ok(vec![bytes]) } else { Err(CliError::BadCertificate) };
    };
    let mut found = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let (body, _) = block.split_once(END).ok_or(CliError::BadCertificate)?;
        let plain: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        found.push(BASE64.decode(plain.as_bytes()).map_err(|_| CliError::BadCertificate)?);
    }
    if found.is_empty() { Err(CliError::BadCertificate) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_read_as_pem_and_der() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("cert");
        let pem = "x\n-----BEGIN CERTIFICATE-----\nMAED\nBAU=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n";
        std::fs::write(&file, pem).unwrap();
        assert_eq!(certificates_in(&file).unwrap(), [vec![0x30, 1, 3, 4, 5], vec![0x30]]);
        std::fs::write(&file, [0x30, 0x82, 0xff]).unwrap();
        assert_eq!(certificates_in(&file).unwrap(), [vec![0x30, 0x82, 0xff]]);
        std::fs::write(&file, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----").unwrap();
        assert!(certificates_in(&file).is_err());
    }

    #[test]
    fn an_invitation_fits_a_picture() {
        assert!(picture(&"b".repeat(400)).contains('█'));
    }
}
