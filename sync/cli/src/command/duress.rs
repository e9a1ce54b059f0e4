//! A second passphrase for whoever is forced to open the app.

use serde_json::json;

use crate::{arguments::Duress, error::Result, install::InstallArgs, say::Out, secret};

const CHOSEN: [&str; 2] = [
    "Nødkoden er valgt. Den, der åbner med den, ser en opdigtet frivilligdagbog, og alt her på enheden er væk for altid, også det, der ikke er sendt. \
     Den er ikke usynlig for en, der kender appen eller undersøger enheden. Prøv den aldrig for at se, om den virker.",
    "The duress passphrase is chosen. Whoever opens with it sees an invented volunteer's diary, and everything on this device is gone for good, what was not sent too. \
     It is not invisible to somebody who knows the app or examines the device. Never try it to see whether it works.",
];

/// Carries out a command about the second passphrase.
pub fn run(install: &InstallArgs, words: &Duress, out: &Out) -> Result<bool> {
    let (device, first) = install.unlocked_with_secret(out)?;
    match words {
        Duress::Choose { second_file } => {
            let second = match second_file {
                Some(file) => secret::from_file(file)?,
                None => secret::ask_twice(out.lang.pick("Nødkode: ", "Duress passphrase: "), out.lang)?,
            };
            device.choose_duress(&first, &second)?;
            out.say(&json!({ "chosen": true }), |lang| lang.pick(CHOSEN[0], CHOSEN[1]).to_owned());
        }
        Duress::Forget => {
            device.forget_duress(&first)?;
            out.say(&json!({ "chosen": false }), |lang| {
                lang.pick("Der er ingen nødkode mere.", "There is no duress passphrase any more.").to_owned()
            });
        }
        Duress::State => {
            let chosen = device.has_duress()?;
            out.say(&json!({ "chosen": chosen }), |lang| match chosen {
                true => lang.pick("Der er valgt en nødkode.", "A duress passphrase is chosen.").to_owned(),
                false => lang.pick("Der er ingen nødkode.", "There is no duress passphrase.").to_owned(),
            });
        }
    }
    Ok(true)
}
