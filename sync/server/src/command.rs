//! What the command line can do: serve, migrate, back up, put back, and look at what is stored.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    Config, Orgs, Server,
    backup::{self, Allowed, BackupError},
    inspect,
    limits::{Pace, Quota},
    log::{Log, StoreError, sqlite::SqliteLog},
    serve::{self, Limits, ServeError, Serving},
    system_clock, verify,
};

/// The coordinator server of Brobygger: it stores, orders and refuses, and can read nothing.
#[derive(Debug, Parser)]
#[command(name = "brobygger-server", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer devices until told to stop.
    Serve(Serve),
    /// Bring the database to this version's form.
    Migrate(Store),
    /// Copy the store into a new file and check the copy; the server may run meanwhile.
    Backup(Backup),
    /// Make a store of a backup, after checking it. The server must not run meanwhile.
    Restore(Restore),
    /// Recompute everything that the stored logs and envelopes say, and compare.
    VerifyLog(Look),
    /// Print what is stored: the proof that nothing of it can be read.
    Inspect(Look),
}

#[derive(Debug, clap::Args)]
struct Store {
    /// Where the store is: sqlite:FILE.
    #[arg(long, value_parser = sqlite_file)]
    db: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Look {
    #[command(flatten)]
    store: Store,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Backup {
    #[command(flatten)]
    look: Look,
    /// The file to write; it must not be there yet.
    #[arg(long)]
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Restore {
    #[command(flatten)]
    look: Look,
    /// The backup.
    #[arg(long)]
    from: PathBuf,
    /// Lay a store that is there aside, and keep it.
    #[arg(long)]
    replace: bool,
    /// Put back a backup of more than 35 days.
    #[arg(long)]
    even_if_old: bool,
}

#[derive(Debug, clap::Args)]
struct Serve {
    #[command(flatten)]
    store: Store,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Certificate chain in PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key in PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// TLS ends at a proxy in front of this server.
    #[arg(long, conflicts_with = "tls_cert")]
    behind_proxy: bool,
    /// Who may found an organisation here.
    #[arg(long, value_enum, default_value = "first")]
    orgs: Orgs,
    /// File to write the bound address to.
    #[arg(long)]
    port_file: Option<PathBuf>,
    /// Address on which to tell what was counted, in the format of Prometheus.
    #[arg(long)]
    metrics: Option<SocketAddr>,
    /// That address may be one that other machines reach.
    #[arg(long, requires = "metrics")]
    metrics_anywhere: bool,
    #[command(flatten)]
    bounds: Bounds,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Bounds")]
struct Bounds {
    /// Requests a second of one device, in the long run.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    device_rate: u32,
    /// Requests of one device at once.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    device_burst: u32,
    /// Requests a second from one address, in the long run.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    address_rate: u32,
    /// Requests from one address at once.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    address_burst: u32,
    /// Connections open at once.
    #[arg(long, default_value_t = 4096)]
    max_connections: usize,
    /// Of these, from one address.
    #[arg(long, default_value_t = 512)]
    max_connections_each: usize,
    /// How long a client may take to say what it wants, and be idle between two requests.
    #[arg(long, default_value_t = 10)]
    head_seconds: u64,
    /// How long a body may stand still.
    #[arg(long, default_value_t = 30)]
    body_seconds: u64,
    /// Bytes that one organisation may keep here.
    #[arg(long, default_value_t = Quota::default().bytes)]
    quota_bytes: u64,
    /// Envelopes that one organisation may keep here.
    #[arg(long, default_value_t = Quota::default().envelopes)]
    quota_envelopes: u64,
}

impl Bounds {
    const fn limits(&self) -> Limits {
        Limits {
            device: Pace { per_second: self.device_rate, burst: self.device_burst },
            address: Pace { per_second: self.address_rate, burst: self.address_burst },
            connections: self.max_connections,
            connections_each: self.max_connections_each,
            head: Duration::from_secs(self.head_seconds),
            body: Duration::from_secs(self.body_seconds),
        }
    }

    const fn quota(&self) -> Quota {
        Quota { bytes: self.quota_bytes, envelopes: self.quota_envelopes }
    }
}

fn sqlite_file(text: &str) -> Result<PathBuf, String> {
    match text.strip_prefix("sqlite:") {
        Some(file) if !file.is_empty() => Ok(PathBuf::from(file)),
        _ => Err("only sqlite:FILE is understood".to_owned()),
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("standard output is closed")]
    Output(#[source] std::io::Error),
}

impl CommandError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Serve(error) => error.code(),
            Self::Backup(error) => error.code(),
            Self::Output(_) => "srv.output",
        }
    }

    const fn exit(&self) -> u8 {
        match self {
            Self::Serve(ServeError::NotLoopback | ServeError::MetricsNotLoopback) => 2,
            _ => 1,
        }
    }
}

/// Runs the command and tells how the process ends: 0 done, 1 failed or found something wrong, 2 wrong usage.
pub fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Serve(options) => serve(options).map(|()| true),
        Command::Migrate(store) => migrate(&store).map(|()| true),
        Command::Backup(options) => take_backup(&options).map(|()| true),
        Command::Restore(options) => restore(&options).map(|()| true),
        Command::VerifyLog(look) => verify_log(&look),
        Command::Inspect(look) => inspect_store(&look).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            crate::note(&format!("{}: {error}", error.code()));
            ExitCode::from(error.exit())
        }
    }
}

fn serve(options: Serve) -> Result<(), CommandError> {
    let serving = Serving {
        listen: options.listen,
        tls: options.tls_cert.zip(options.tls_key),
        behind_proxy: options.behind_proxy,
        port_file: options.port_file,
        limits: options.bounds.limits(),
        metrics: options.metrics,
        metrics_anywhere: options.metrics_anywhere,
    };
    serving.check()?;
    let server = Server::open(Config { file: options.store.db, orgs: options.orgs, clock: system_clock() })?;
    Ok(serve::run(Arc::new(server.with_quota(options.bounds.quota())), serving)?)
}

fn migrate(store: &Store) -> Result<(), CommandError> {
    let log = SqliteLog::open(&store.db, system_clock()())?;
    Ok(log.close()?)
}

fn take_backup(options: &Backup) -> Result<(), CommandError> {
    let taken = backup::take(&options.look.store.db, &options.to, system_clock()())?;
    print(&if options.look.json { json(&taken) } else { taken.to_string() })
}

fn restore(options: &Restore) -> Result<(), CommandError> {
    let allowed = Allowed { replace: options.replace, even_if_old: options.even_if_old };
    let restored = backup::put_back(&options.from, &options.look.store.db, allowed, system_clock()())?;
    print(&if options.look.json { json(&restored) } else { restored.to_string() })
}

fn verify_log(look: &Look) -> Result<bool, CommandError> {
    let report = verify::verify(&SqliteLog::open_existing(&look.store.db)?)?;
    let text = if look.json { json(&report) } else { report.to_string() };
    print(&text)?;
    Ok(report.problems.is_empty())
}

fn inspect_store(look: &Look) -> Result<(), CommandError> {
    let stored = inspect::inspect(&SqliteLog::open_existing(&look.store.db)?)?;
    print(&if look.json { json(&stored) } else { stored.to_string() })
}

fn json(value: &impl serde::Serialize) -> String {
    // Our shapes have string keys and no floats, so they always serialise.
    serde_json::to_string(value).unwrap_or_default() + "\n"
}

fn print(text: &str) -> Result<(), CommandError> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CommandError::Output)
}
