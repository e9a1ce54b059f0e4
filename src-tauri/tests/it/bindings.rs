//! The page's types are made from the Rust types; this is where.

use std::{env, fs};

use app::{
    about::{About, Licence, Storage},
    error::ErrorView,
    picture::Picture,
    report::Report,
    settings::{Contrast, Hand, Settings, Theme},
    state::{AppState, Lang, Phase, SecretKind},
};
use device::{
    AccessRow, AddressShow, AddressStanding, AddressVersion, Awaited, BreachCase, BreachSheet, Changed, CodeCount, DeviceStanding, Done,
    Ending, EraseBasis, Erasing, Erasure, ErasureProposal, ErasureReceipt, Invited, Pending, PolicyAsked, Quarantined, Reader,
    ReleaseAsked, Releasing, Request, RevokeReason, Role, Roster, RosterDevice, SearchGroup, SearchHit, SearchPart, SearchView, SyncLine,
    SyncSheet, SyncState, WaitingItems,
    casework::{
        AppointmentView, BothVersion, BothWrote, BridgePier, CaseRow, CaseView, ConflictCard, ConflictValue, ConflictView, Dot,
        HistoryView, KindMinutes, MeetingDefaults, MeetingKind, MeetingView, NextTask, NoteSummary, NoteView, OfferChangeView, OfferKind,
        OfferStatus, OfferView, Outcome, Passage, Pier, PierState, Programme, Protection, Purpose, SalvageAct, SalvageKind, SalvageSaid,
        SalvageState, Salvaged, Stage, StageEventView, StepChoice, StepView, TaskKind, TaskView, TimelineEntry, TodayView, Who,
    },
};
use ts_rs::{Config, TS};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/src/host/bindings.ts");
const HEAD: &str = "// Made from the Rust types by `UPDATE_BINDINGS=1 cargo test -p app bindings`. Do not edit.\n";

macro_rules! declarations {
    ($($name:ty),+ $(,)?) => { vec![$(declaration::<$name>()),+] };
}

/// What the app is and has.
fn of_the_app() -> Vec<String> {
    declarations![
        Phase,
        SecretKind,
        Lang,
        AppState,
        Hand,
        Contrast,
        Theme,
        Settings,
        Storage,
        Licence,
        About,
        Report,
        StepChoice,
        HistoryView,
        SearchPart,
        SearchHit,
        SearchGroup,
        SearchView,
        ConflictCard,
        DeviceStanding,
        RosterDevice,
        Awaited,
        Roster,
        Pending,
        PolicyAsked,
        Invited,
        Request,
        RevokeReason,
        BreachCase,
        BreachSheet,
        Picture,
        SalvageAct,
        SalvageKind,
        SalvageSaid,
        SalvageState,
        Salvaged,
        Quarantined,
        Protection,
        Purpose,
        AddressVersion,
        AddressShow,
        Reader,
        ReleaseAsked,
        AddressStanding,
        AccessRow,
        Releasing,
        EraseBasis,
        Erasing,
        ErasureProposal,
        ErasureReceipt,
        Erasure,
        Ending,
    ]
}

/// What the cases hold, and sync.
fn of_the_cases() -> Vec<String> {
    declarations![
        Role,
        Programme,
        MeetingKind,
        Outcome,
        OfferKind,
        OfferStatus,
        Stage,
        TaskKind,
        Dot,
        NextTask,
        CaseRow,
        Who,
        TaskView,
        AppointmentView,
        TodayView,
        MeetingView,
        NoteSummary,
        StageEventView,
        OfferChangeView,
        TimelineEntry,
        StepView,
        OfferView,
        ConflictValue,
        ConflictView,
        Pier,
        PierState,
        BridgePier,
        CaseView,
        Passage,
        BothVersion,
        BothWrote,
        NoteView,
        KindMinutes,
        MeetingDefaults,
        Done,
        SyncState,
        SyncLine,
        WaitingItems,
        CodeCount,
        SyncSheet,
        ErrorView,
        Changed,
    ]
}

#[test]
fn bindings_are_made_from_the_rust_types() {
    let types = [of_the_app(), of_the_cases()].concat();
    let made = format!("{HEAD}{}", types.concat());
    assert_eq!(undeclared(&made), Vec::<&str>::new(), "each type that is named belongs in the list once");
    if env::var_os("UPDATE_BINDINGS").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    let kept = fs::read_to_string(FILE).unwrap();
    assert!(kept == made, "ui/src/host/bindings.ts is not what the Rust types say; UPDATE_BINDINGS=1 writes it anew");
}

/// Names of types that are not declared, or not once.
fn undeclared(made: &str) -> Vec<&str> {
    let lines = made.lines().filter(|line| !line.trim_start().starts_with('/'));
    let words = lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric()));
    let names = words.filter(|word| word.starts_with(char::is_uppercase) && *word != "Array");
    names.filter(|name| made.matches(&format!("export type {name} =")).count() != 1).collect()
}

fn declaration<T: TS>() -> String {
    format!("\nexport {}\n", laid_out(&T::decl(&Config::default())))
}

/// One field a line, with what is said of it.
fn laid_out(declaration: &str) -> String {
    let flat = declaration.replace("/**\n * ", "/** ").replace("\n */\n", " */ ").replace("\n * ", " ").replace('\n', "");
    let Some((name, rest)) = flat.split_once(" = { ").filter(|(_, rest)| rest.contains(", }")) else { return flat };
    let (mut out, mut depth, mut rest) = (format!("{name} = {{\n  "), 0, rest);
    while let Some(letter) = rest.chars().next() {
        let comment = if rest.starts_with("/*") { rest.find("*/ ") } else { None };
        let (taken, now) = match (letter, depth) {
            _ if comment.is_some() => (comment.unwrap() + 3, format!("{}\n  ", &rest[..comment.unwrap() + 2])),
            (',', 0) if rest.starts_with(", }") => return format!("{out};\n{}", rest[2..].replace(",", ";")),
            (',', 0) => (2, ";\n  ".to_owned()),
            ('{' | '[' | '}' | ']', _) => {
                depth += if matches!(letter, '{' | '[') { 1 } else { -1 };
                (1, letter.to_string())
            }
            _ if rest.starts_with(", }") => (1, String::new()),
            _ => (letter.len_utf8(), letter.to_string()),
        };
        out.push_str(&now);
        rest = &rest[taken..];
    }
    out
}
