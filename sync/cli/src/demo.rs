//! Synthetic data through ordinary acts: an organisation, three devices, eight cases over 26 weeks.

mod cast;
mod clash;
mod course;
mod dice;
mod host;
mod odd;
mod plan;
mod talk;
mod text;
mod work;
mod write;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use device::{Courier, Device, Role};
use jiff::{Zoned, civil::Date};
use serde_json::{Value, json};

use crate::{
    error::{CliError, Result},
    install::{self, InstallArgs},
    parse,
    say::Out,
    secret::{self, Secret},
};
use host::DemoHost;
use plan::{Person, Plan};

/// What the demo is made of.
#[derive(Debug, clap::Args)]
pub struct SeedArgs {
    /// Address of a server that has no organisation yet
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// How much: S is one phone's worth
    #[arg(long, default_value = "S", value_parser = ["S"])]
    pub tier: String,
    /// Same seed, same choices
    #[arg(long, default_value_t = 20_261_122)]
    pub seed: u64,
    /// The day on which the demo's present lies [default: today]
    #[arg(long, value_name = "DATE", value_parser = parse::day)]
    pub anchor: Option<Date>,
    /// Folder for the coordinator's device [default: coordinator, under --data]
    #[arg(long, value_name = "DIR")]
    pub coordinator: Option<PathBuf>,
    /// Passphrase or PIN of the coordinator [default: --passphrase-file]
    #[arg(long, value_name = "FILE")]
    pub coordinator_passphrase_file: Option<PathBuf>,
    /// Keystore file of the coordinator [default: --keystore]
    #[arg(long, value_name = "FILE")]
    pub coordinator_keystore: Option<PathBuf>,
    /// Folders for the two mentors' devices, in order [default: mentor-1 and mentor-2, under --data]
    #[arg(long, value_name = "DIR")]
    pub mentor: Vec<PathBuf>,
    /// Passphrases or PINs of the mentors, in order [default: --passphrase-file]
    #[arg(long, value_name = "FILE")]
    pub mentor_passphrase_file: Vec<PathBuf>,
    /// Keystore files of the mentors, in order [default: --keystore]
    #[arg(long, value_name = "FILE")]
    pub mentor_keystore: Vec<PathBuf>,
}

/// One person with their device and its clock.
pub struct Actor {
    pub person: Person,
    pub device: Arc<Device>,
    pub host: Arc<DemoHost>,
    pub courier: Courier,
}

impl Actor {
    /// Syncs by the machine's own clock: the server knows what time it is.
    ///
    /// # Errors
    /// What the courier says.
    pub async fn sync(&self) -> Result<()> {
        self.host.unset();
        self.courier.sync().await?;
        Ok(())
    }
}

/// A person's device before it belongs to anybody.
type Prepared = (Person, Arc<Device>, Arc<DemoHost>, Secret);

/// Where a device lies and what opens it.
struct Place {
    dir: PathBuf,
    passphrase: Option<PathBuf>,
    keystore: Option<PathBuf>,
}

/// Fills an organisation.
///
/// # Errors
/// When a folder is in use, the server cannot be reached, or something did not go as planned.
pub async fn seed(words: &SeedArgs, install: &InstallArgs, out: &Out) -> Result<bool> {
    let began = Instant::now();
    let anchor = words.anchor.unwrap_or_else(|| Zoned::now().with_time_zone(host::zone()).date());
    let plan = Plan::new(words.seed, anchor);
    let actors = write::people(words, prepared(words, install, out)?).await?;
    let cases = write::cases(&actors, anchor).await?;
    write::lines(&actors, &cases, &plan, out).await?;
    let present = host::zone().to_timestamp(anchor.at(12, 0, 0, 0)).map_err(|_| CliError::DemoPlan)?.as_millisecond();
    let found = found(&actors, present)?;
    let me = actors.first().ok_or(CliError::DemoPlan)?.device.whoami()?;
    let named: Vec<Value> = cast::CASES
        .iter()
        .zip(&cases)
        .map(|(cast, id)| json!({ "key": cast.key, "case": id, "alias": cast.alias, "shared": cast.mentors.len() > 1 }))
        .collect();
    let mut counts = serde_json::to_value(plan.counts()).unwrap_or_default();
    if let (Value::Object(all), Value::Object(found)) = (&mut counts, found) {
        all.extend(found);
    }
    let manifest = json!({
        "tier": words.tier,
        "seed": words.seed,
        "anchor": anchor.to_string(),
        "organisation": me.organisation,
        "fingerprint": me.fingerprint,
        "counts": counts,
        "cases": named,
        "seconds": began.elapsed().as_secs(),
    });
    out.say(&manifest, |_| serde_json::to_string_pretty(&manifest).unwrap_or_default());
    Ok(true)
}

/// What every device shows in the end; an error when it is not what was planned.
fn found(actors: &[Actor], present: i64) -> Result<Value> {
    let mut conflicts = None;
    let mut silent = 0;
    for actor in actors {
        actor.host.set(present);
        let rows = actor.device.cases()?;
        if actor.person == Person::Coordinator {
            conflicts = Some(rows.iter().map(|row| usize::try_from(row.conflicts).unwrap_or(0)).sum());
            silent = rows.iter().filter(|row| row.silent).count();
        }
        let waiting = actor.device.sync_sheet()?.line.waiting;
        actor.host.unset();
        if waiting > 0 {
            return Err(CliError::DemoPlan);
        }
    }
    if conflicts != Some(clash::CONFLICTS) || silent != 1 {
        return Err(CliError::DemoPlan);
    }
    Ok(json!({ "people": actors.len(), "devices": actors.len(), "conflicts": clash::CONFLICTS, "silent": silent }))
}

/// Makes the three vaults.
fn prepared(words: &SeedArgs, install: &InstallArgs, out: &Out) -> Result<Vec<Prepared>> {
    let mut made = Vec::new();
    for (person, place) in places(words, install) {
        if place.dir.exists() && std::fs::read_dir(&place.dir).map_err(CliError::File)?.next().is_some() {
            return Err(CliError::DemoNotEmpty);
        }
        let secret = secret_of(&place.passphrase, install, out)?;
        if let Some(parent) = place.keystore.as_deref().and_then(Path::parent) {
            std::fs::create_dir_all(parent).map_err(CliError::KeystoreFile)?;
        }
        let host = Arc::new(DemoHost::new(install::system_host(place.keystore, install.kdf)?));
        let device = Arc::new(Device::new(place.dir, Arc::clone(&host) as Arc<dyn device::Host>));
        device.create_vault(&secret)?;
        made.push((person, device, host, secret));
    }
    Ok(made)
}

fn secret_of(file: &Option<PathBuf>, install: &InstallArgs, out: &Out) -> Result<Secret> {
    match file {
        Some(file) => secret::from_file(file),
        None => secret::read(install, true, out.lang),
    }
}

fn places(words: &SeedArgs, install: &InstallArgs) -> [(Person, Place); 3] {
    let base = install.dir();
    let mentor = |at: usize, name: &str| Place {
        dir: words.mentor.get(at).cloned().unwrap_or_else(|| base.join(name)),
        passphrase: words.mentor_passphrase_file.get(at).cloned(),
        keystore: words.mentor_keystore.get(at).cloned().or_else(|| install.keystore.clone()),
    };
    let coordinator = Place {
        dir: words.coordinator.clone().unwrap_or_else(|| base.join("coordinator")),
        passphrase: words.coordinator_passphrase_file.clone(),
        keystore: words.coordinator_keystore.clone().or_else(|| install.keystore.clone()),
    };
    [(Person::Coordinator, coordinator), (Person::First, mentor(0, "mentor-1")), (Person::Second, mentor(1, "mentor-2"))]
}

/// The role of each.
const fn role(person: Person) -> Role {
    match person {
        Person::Coordinator => Role::Coordinator,
        Person::First | Person::Second => Role::Mentor,
    }
}
