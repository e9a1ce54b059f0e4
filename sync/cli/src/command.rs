//! From the words of a command to the one thing of `device` that it means.

mod address;
mod appointment;
mod case;
mod duress;
mod end;
mod enrol;
mod look;
mod meet;
mod note;
mod offer;
mod policy;
mod post;
mod quarantine;
mod task;
mod testify;

use std::sync::Arc;

use device::{CaseId, Device, DeviceError, ItemId, casework::CaseShow};

use crate::{
    arguments::{Arguments, Command, Demo, DeviceAct, History, Org},
    demo,
    error::{CliError, Result},
    say::Out,
};

/// Does what was asked; false when it was done and all is not well.
///
/// # Errors
/// Why it was not done.
pub async fn run(arguments: &Arguments, out: &Out) -> Result<bool> {
    let install = &arguments.install;
    match &arguments.command {
        Command::Org(Org::Create(words)) => return enrol::create(install, words, out).await,
        Command::Join(words) => return enrol::join(install, words, out).await,
        Command::Doctor => return look::doctor(install, out),
        Command::Duress(words) => return duress::run(install, words, out),
        Command::Approve(words) => return enrol::approve(install, words, out).await,
        Command::Org(Org::Agree { id }) => return policy::agree(install, id, out).await,
        Command::History(History { case, to: Some(file), .. }) => return testify::run(install, case, file, out),
        Command::Demo(Demo::Seed(words)) => return demo::seed(words, install, out).await,
        _ => {}
    }
    let device = if opens_strongroom(&arguments.command) { install.unlocked_with_addresses(out)? } else { install.unlocked(out)? };
    match &arguments.command {
        Command::Org(Org::Create(_) | Org::Agree { .. })
        | Command::Join(_)
        | Command::Demo(_)
        | Command::Doctor
        | Command::Duress(_)
        | Command::Approve(_) => Ok(true),
        Command::Org(Org::Require { version }) => policy::require(&device, *version, out).await,
        Command::Org(Org::Asked) => policy::asked(&device, out),
        Command::Invite(words) => enrol::invite(&device, words, out).await,
        Command::Requests => enrol::requests(&device, out).await,
        Command::Whoami => look::whoami(&device, out),
        Command::People => look::people(&device, out),
        Command::Devices => look::devices(&device, out),
        Command::Device(DeviceAct::Revoke { device: id, reason }) => enrol::revoke(&device, id, *reason, out).await,
        Command::Device(DeviceAct::Sheet { device: id }) => quarantine::sheet(&device, id, out),
        Command::Quarantine(words) => quarantine::run(&device, words, out),
        Command::Case(words) => case::run(&device, words, out),
        Command::Address(words) => address::run(&device, words, out),
        Command::Note(words) => note::run(&device, words, out),
        Command::Meeting(words) => meet::run(&device, words, out),
        Command::Offer(words) => offer::run(&device, words, out),
        Command::Appointment(words) => appointment::run(&device, words, out),
        Command::Task(words) => task::run(&device, words, out),
        Command::Undo { token } => task::undo(&device, token, out),
        Command::Today => look::today(&device, out),
        Command::Search { text } => look::search(&device, text, out),
        Command::Sync { watch, .. } => post::sync(&device, *watch, out).await,
        Command::Status => post::status(&device, out),
        Command::Conflicts => look::conflicts(&device, out),
        Command::Resolve(words) => look::resolve(&device, words, out),
        Command::History(words) => look::history(&device, &words.case, out),
        Command::Verify => look::verify(&device, out),
    }
}

/// Whether a command is about addresses in a way that takes the secret for them too.
const fn opens_strongroom(command: &Command) -> bool {
    match command {
        Command::Address(words) => words.opens_strongroom(),
        Command::Sync { addresses, .. } => *addresses,
        _ => false,
    }
}

/// The case that is meant: by its id, a unique beginning of it, or a unique alias.
///
/// # Errors
/// When none is meant, or more than one.
pub fn find_case(device: &Device, text: &str) -> Result<CaseId> {
    let rows = device.cases()?;
    let by_alias: Vec<CaseId> = rows.iter().filter(|row| row.alias == text).map(|row| row.id).collect();
    let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
    match (by_alias.as_slice(), beginning(text, &ids).as_slice()) {
        ([one], _) | ([], [one]) => Ok(*one),
        ([], []) => Err(DeviceError::UnknownCase.into()),
        _ => Err(CliError::AmbiguousCase),
    }
}

/// The thing of a case that is meant: by its id or a unique beginning of it.
///
/// # Errors
/// When none is meant, or more than one.
pub fn find_item<'a>(text: &str, ids: impl Iterator<Item = &'a ItemId>) -> Result<ItemId> {
    let ids: Vec<ItemId> = ids.copied().collect();
    match beginning(text, &ids).as_slice() {
        [one] => Ok(*one),
        [] => Err(CliError::UnknownItem),
        _ => Err(CliError::AmbiguousItem),
    }
}

fn beginning<T: Copy + ToString>(text: &str, ids: &[T]) -> Vec<T> {
    if text.is_empty() { Vec::new() } else { ids.iter().filter(|id| id.to_string().starts_with(text)).copied().collect() }
}

/// A case with everything in it.
fn open_case(device: &Arc<Device>, text: &str) -> Result<(CaseId, CaseShow)> {
    let case = find_case(device, text)?;
    Ok((case, device.case_show(case)?))
}
