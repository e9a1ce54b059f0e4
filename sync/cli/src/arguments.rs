//! The words of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use device::{
    AppVersion, EraseBasis, RevokeReason, Role,
    casework::{Initiator, MeetingKind, OfferKind, OfferStatus, Outcome, Programme, StageAct},
};
use jiff::civil::Date;

use crate::{demo::SeedArgs, install::InstallArgs, parse, say::Lang};

mod address;
mod duress;

pub(crate) use address::Address;
pub(crate) use duress::Duress;

/// A device of Brobygger on the command line.
#[derive(Debug, Parser)]
#[command(name = "brobygger", version, after_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong usage.")]
pub struct Arguments {
    #[command(flatten)]
    pub(crate) install: InstallArgs,
    /// One JSON document on standard output; errors as JSON on standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of what people read
    #[arg(long, global = true, value_enum, default_value = "da")]
    pub(crate) lang: Lang,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Organisations
    #[command(subcommand)]
    Org(Org),
    /// Invite a person, or a further device of a person
    Invite(Invite),
    /// Answer an invitation with this new device
    Join(Join),
    /// Who asked for admission and waits
    Requests,
    /// Admit the device that shows this REQUEST
    Approve(Approve),
    /// Who uses this device
    Whoami,
    /// Everybody in the organisation
    People,
    /// Every device of the organisation
    Devices,
    /// One device
    #[command(subcommand)]
    Device(DeviceAct),
    /// Cases
    #[command(subcommand)]
    Case(Case),
    /// Where a candidate lives
    #[command(subcommand)]
    Address(Address),
    /// A second passphrase, to be given when somebody forces you
    #[command(subcommand)]
    Duress(Duress),
    /// Notes
    #[command(subcommand)]
    Note(Note),
    /// Meetings and other contact
    #[command(subcommand)]
    Meeting(Meeting),
    /// Appointments: when somebody is to be met
    #[command(subcommand)]
    Appointment(Appointment),
    /// The nine offers and their steps
    #[command(subcommand)]
    Offer(Offer),
    /// Tasks and promises
    #[command(subcommand)]
    Task(Task),
    /// Take an act back, by the token it printed
    Undo { token: String },
    /// What is on today
    Today,
    /// Find words in everything this device holds
    Search { text: String },
    /// Bring post to the server and back
    Sync {
        /// Go on until stopped, and say what came
        #[arg(long)]
        watch: bool,
        /// Open the strongroom for it, so that what is about addresses goes too
        #[arg(long)]
        addresses: bool,
    },
    /// What devices that were cut off had written and not sent
    #[command(subcommand)]
    Quarantine(Quarantine),
    /// What is sent, what waits, what was refused
    Status,
    /// Where two people said different things
    Conflicts,
    /// Settle a conflict by keeping one of its values
    Resolve(Resolve),
    /// Who did what in a case
    History(History),
    /// Check again every signature, chain and key this device holds
    Verify,
    /// Look through the folder of this install: keyslots, every page, what an update left behind
    Doctor,
    /// Synthetic data
    #[command(subcommand)]
    Demo(Demo),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Org {
    /// Found an organisation; this device is its first coordinator's
    Create(OrgCreate),
    /// Demand that everybody has at least this version of the app; it can only be raised
    Require {
        #[arg(long, value_name = "X.Y.Z")]
        version: AppVersion,
    },
    /// What somebody asked for everybody, and a second person has to agree to
    Asked,
    /// Agree to it, as the second person
    Agree {
        /// Its id, or a unique beginning of it, as `org asked` shows it
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct OrgCreate {
    /// Address of the server: https://… (http:// only on this machine)
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// A certificate the server may show, PEM or DER; may be repeated
    #[arg(long, value_name = "FILE")]
    pub server_cert: Vec<PathBuf>,
    /// What the organisation is called
    #[arg(long, value_name = "TEXT")]
    pub name: String,
    /// What you are called
    #[arg(long, value_name = "NAME")]
    pub person: String,
    /// What this device is called
    #[arg(long, value_name = "TEXT", default_value = "CLI")]
    pub device_name: String,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    pub case: String,
    /// With everything that proves it, for somebody who has no key of the case; the file can be read by whoever has it
    #[arg(long, requires = "to")]
    pub signed: bool,
    /// The new file
    #[arg(long, value_name = "FILE", requires = "signed")]
    pub to: Option<std::path::PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Invite {
    #[arg(long, value_name = "NAME")]
    pub person: String,
    #[arg(long, value_parser = parse::role())]
    pub role: Role,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeviceAct {
    /// Cut a device off: it gets nothing more, and everything gets new keys
    Revoke {
        /// Its id, or a unique beginning of it
        device: String,
        #[arg(long, value_parser = parse::revoke_reason())]
        reason: RevokeReason,
    },
    /// What was on a device: which cases, since when, and how far the new keys have come
    Sheet {
        /// Its id, or a unique beginning of it
        device: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// What is there, thing by thing
    List,
    /// Take a thing over, or everything nobody has decided about
    Accept(Decide),
    /// Do not take it over; it stays in quarantine
    Reject(Decide),
}

#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// What one device handed in of one case: its name, or a unique beginning of it
    pub item: String,
    /// One thing of it, or a unique beginning of its key; left out: all that are open
    pub thing: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Join {
    /// The invitation, or - for standard input
    pub invitation: String,
    /// What this device should be called; the sponsor writes it when approving
    #[arg(long, value_name = "TEXT", default_value = "CLI")]
    pub device_name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The REQUEST as the other device shows it
    #[arg(required_unless_present = "sas", conflicts_with = "sas")]
    pub request: Option<String>,
    /// Of somebody far away, by name or id, whose voice you know, and who reads the seven words aloud; there is one try
    #[arg(long, value_name = "PERSON", requires = "words")]
    pub sas: Option<String>,
    /// The seven words as they were read aloud
    #[arg(long, value_name = "WORDS", requires = "sas")]
    pub words: Option<String>,
    /// What the other device shall be called
    #[arg(long, value_name = "TEXT", default_value = "CLI")]
    pub device_name: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// A new case
    New {
        #[arg(long, value_name = "TEXT")]
        alias: String,
        #[arg(long, value_parser = parse::programme())]
        programme: Programme,
        #[arg(long, value_name = "N")]
        birth_year: Option<u16>,
    },
    /// Every case on this device
    List,
    /// One case; with --json everything on which two devices with equal changes agree
    Show {
        /// Id, unique beginning of an id, or unique alias
        case: String,
    },
    /// Let a person read and write a case
    Assign {
        case: String,
        /// Name or id
        person: String,
        /// Last day
        #[arg(long, value_name = "DATE", value_parser = parse::day)]
        until: Option<Date>,
    },
    /// A person reads and writes a case no more
    Unassign {
        case: String,
        /// Name or id
        person: String,
    },
    /// Hand a case over from one person to another
    HandOver {
        case: String,
        /// Name or id of who goes
        #[arg(long, value_name = "PERSON")]
        from: String,
        /// Name or id of who comes
        #[arg(long, value_name = "PERSON")]
        to: String,
        /// For so many days both are there
        #[arg(long, value_name = "DAYS", default_value_t = 0)]
        overlap: u32,
    },
    /// Who reads a case, and until when
    Readers { case: String },
    /// Erase a case everywhere; without the candidate's own decision a second person has to agree
    Erase {
        case: String,
        #[arg(long, value_name = "WHY", value_parser = parse::erase_basis())]
        basis: EraseBasis,
    },
    /// Agree to what somebody else proposed to erase
    Approve { case: String },
    /// Nobody erases this case
    Hold {
        case: String,
        /// It may be erased again
        #[arg(long)]
        off: bool,
    },
    /// Cases that are held, proposed to be erased, or erased, with the receipts of their devices
    Endings,
    /// Something happened to the course
    Stage(Stage),
    /// Take back an event; both stay in the log
    Correct { case: String, event: String },
}

#[derive(Debug, Args)]
pub(crate) struct Stage {
    pub case: String,
    #[arg(value_parser = parse::stage_act())]
    pub event: StageAct,
    /// yyyy-mm-dd, yyyy-mm or yyyy
    #[arg(long, value_name = "DATE")]
    pub on: String,
    /// Whose wish or doing it was
    #[arg(long, value_parser = parse::initiator())]
    pub by: Option<Initiator>,
    /// Reason code
    #[arg(long, value_name = "CODE")]
    pub reason: Option<String>,
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Text {
    /// The text itself; it lands in the shell's history
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// A file with the text
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// - for standard input
    #[arg(value_name = "-", value_parser = ["-"])]
    pub input: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Note {
    /// A new note
    Add {
        case: String,
        #[command(flatten)]
        text: Text,
        /// When what it tells of took place
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// Replace the text relative to what this device holds; what others wrote meanwhile stays
    Edit {
        case: String,
        note: String,
        #[command(flatten)]
        text: Text,
        /// The base that `note show` gave with the text that was edited
        #[arg(long)]
        base: Option<String>,
    },
    /// Print a note
    Show { case: String, note: String },
    /// Mark a note as finished
    Finish { case: String, note: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Meeting {
    /// Log a meeting, a visit, a call
    Log(MeetingLog),
    /// Set when a meeting was, where its time is unknown or wrong
    Time {
        case: String,
        meeting: String,
        /// yyyy-mm-ddThh:mm, hh:mm today, or yyyy-mm-dd
        #[arg(long, value_name = "TIME")]
        at: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct MeetingLog {
    pub case: String,
    #[arg(long, value_parser = parse::meeting_kind())]
    pub kind: MeetingKind,
    /// yyyy-mm-ddThh:mm, hh:mm today, or yyyy-mm-dd; now when left out
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// As usual for the kind when left out
    #[arg(long, value_name = "N")]
    pub minutes: Option<u32>,
    #[arg(long, value_name = "TEXT")]
    pub place: Option<String>,
    #[arg(long, value_parser = parse::outcome(), default_value = "took_place")]
    pub outcome: Outcome,
    /// A note of the same time
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Appointment {
    /// Agree to meet
    Add {
        case: String,
        #[arg(long, value_parser = parse::meeting_kind())]
        kind: MeetingKind,
        /// yyyy-mm-ddThh:mm, hh:mm today, or yyyy-mm-dd
        #[arg(long, value_name = "TIME")]
        at: String,
        /// As usual for the kind when left out
        #[arg(long, value_name = "N")]
        minutes: Option<u32>,
        /// A neutral word for the place
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
    },
    /// Another time
    Move {
        case: String,
        appointment: String,
        /// yyyy-mm-ddThh:mm, hh:mm today, or yyyy-mm-dd
        #[arg(long, value_name = "TIME")]
        at: String,
    },
    /// What came of it: logged as a contact at its time
    Settle {
        case: String,
        appointment: String,
        /// As agreed when left out; no_show or cancelled_… when nobody was met
        #[arg(long, value_parser = parse::meeting_kind())]
        kind: Option<MeetingKind>,
    },
    /// It was made by mistake
    Remove { case: String, appointment: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Offer {
    /// How far an offer is
    Set {
        case: String,
        #[arg(value_parser = parse::offer())]
        offer: OfferKind,
        #[arg(value_parser = parse::offer_status())]
        status: OfferStatus,
    },
    /// Steps of an offer
    #[command(subcommand)]
    Step(Step),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Step {
    /// A new step
    Add {
        case: String,
        #[arg(value_parser = parse::offer())]
        offer: OfferKind,
        title: String,
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
        #[arg(long, value_name = "TEXT")]
        owner: Option<String>,
    },
    /// It is done
    Done {
        case: String,
        step: String,
        /// The day; today when left out
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// It is not done after all
    Open { case: String, step: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// A new task, or a promise to a person
    Add {
        case: String,
        title: String,
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
        #[arg(long, value_name = "TEXT")]
        promise_to: Option<String>,
        #[arg(long, value_name = "TEXT")]
        owner: Option<String>,
    },
    /// It is done
    Done {
        case: String,
        task: String,
        /// The day; today when left out
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// It is not done after all
    Open { case: String, task: String },
    /// Another date; none when left out
    Due {
        case: String,
        task: String,
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Resolve {
    /// Id of the conflict, or its unique beginning
    pub id: String,
    /// One of the values as `conflicts` lists them; "" for the empty one
    #[arg(long, value_name = "VALUE")]
    pub keep: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Demo {
    /// Fill a new organisation with synthetic data through ordinary acts
    Seed(SeedArgs),
}

#[cfg(test)]
mod tests;
